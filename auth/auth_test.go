package auth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
)

func TestHas(t *testing.T) {
	tests := []struct {
		granted []auth.Scope
		asked   auth.Scope
		has     bool
	}{
		{nil, auth.Open, true},
		{nil, auth.SCIMRead, false},
		{[]auth.Scope{auth.SCIMRead}, auth.SCIMRead, true},
		{[]auth.Scope{auth.SCIMRead}, auth.SCIMWrite, false},
		{[]auth.Scope{auth.SCIMWrite}, auth.SCIMRead, false},
		{[]auth.Scope{auth.SCIM}, auth.SCIMRead, true},
		{[]auth.Scope{auth.SCIM}, auth.SCIMWrite, true},
		{[]auth.Scope{auth.SCIM}, auth.UserRead, false},
		{[]auth.Scope{auth.SCIM}, auth.PlatformAdmin, false},
		{[]auth.Scope{auth.PlatformAdmin}, auth.SCIMRead, false},
		{[]auth.Scope{auth.UserRead, auth.UserWrite}, auth.UserWrite, true},
		{auth.AccountScopes(), auth.SCIMWrite, true},
		{auth.AccountScopes(), auth.AccountWrite, true},
		{auth.AccountScopes(), auth.PlatformAdmin, false},
	}
	for _, tt := range tests {
		p := &auth.Principal{Scopes: tt.granted}
		require.Equal(t, tt.has, p.Has(tt.asked), "%v asks %q", tt.granted, tt.asked)
	}
}

// TestSecretIsNotPrinted: no verb, no log and no JSON shows it, also as a part
// of something else.
func TestSecretIsNotPrinted(t *testing.T) {
	const text = "hunter2"
	type login struct {
		Name     string
		Password auth.Secret
	}
	s := auth.Secret(text)
	values := map[string]any{
		"secret": s, "pointer": &s, "slice": []auth.Secret{s},
		"struct": login{"babs", s}, "pointer to struct": &login{"babs", s},
		"error": fmt.Errorf("sign in %v: %w", login{"babs", s}, errors.New("no")),
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X"} {
				require.NotContains(t, fmt.Sprintf(verb, value), text, verb)
				require.NotContains(t, fmt.Sprintf(verb, value), fmt.Sprintf("%x", text), verb)
			}
			var logs bytes.Buffer
			slog.New(slog.NewTextHandler(&logs, nil)).Info("x", "value", value)
			slog.New(slog.NewJSONHandler(&logs, nil)).Info("x", "value", value)
			require.NotContains(t, logs.String(), text)
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			require.NotContains(t, string(encoded), text)
		})
	}
	require.Equal(t, text, s.Reveal())
}

func TestPrincipalInContext(t *testing.T) {
	require.Nil(t, auth.PrincipalFrom(context.Background()))
	p := &auth.Principal{Account: "a", Subject: "s"}
	require.Same(t, p, auth.PrincipalFrom(auth.WithPrincipal(t.Context(), p)))
}
