package audit_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/audit"
)

// called is the context of a request of Ann's in the account acme.
func called(ctx context.Context) context.Context {
	ctx = auth.WithPrincipal(ctx, &auth.Principal{
		Account: "acme", Subject: "token-1", Name: "Okta <1>", User: "ann", Method: auth.ByPAT, Scopes: []auth.Scope{auth.AccountWrite},
	})
	ctx = auth.WithOrigin(ctx, auth.Origin{Address: netip.MustParseAddr("::ffff:192.0.2.7"), Host: "example.com"})
	return auth.WithCorrelation(ctx, "request-1")
}

func TestEvent(t *testing.T) {
	actor := `"actor":{"id":"token-1","name":"Okta <1>","user":"ann","method":"pat"},"address":"192.0.2.7","correlationId":"request-1"`
	for _, tt := range []struct {
		name, subject string
		ctx           context.Context
		detail        any
		want          string
	}{
		{"who calls", "acme", called(t.Context()), nil, `{` + actor + `,"outcome":"success"}`},
		{"nobody", "acme", t.Context(), nil, `{"actor":{"id":""},"outcome":"success"}`},
		{"who calls is of another account", "other", called(t.Context()), nil,
			`{"actor":{"id":"token-1","name":"Okta <1>","user":"ann","account":"acme","method":"pat"},"address":"192.0.2.7","correlationId":"request-1","outcome":"success"}`},
		{"about no account", "", t.Context(), nil, `{"actor":{"id":""},"outcome":"success"}`},
		{"a detail", "acme", t.Context(), map[string]any{"form": "bearer", "scopes": []auth.Scope{"scim"}},
			`{"actor":{"id":""},"outcome":"success","detail":{"form":"bearer","scopes":["scim"]}}`},
		{"a secret is none", "acme", t.Context(), map[string]any{"secret": auth.Secret("hunter2")},
			`{"actor":{"id":""},"outcome":"success","detail":{"secret":"[secret]"}}`},
		{"too much", "acme", t.Context(), strings.Repeat("x", 17<<10), `{"actor":{"id":""},"outcome":"success","truncated":true}`},
		{"no JSON", "acme", t.Context(), func() {}, `{"actor":{"id":""},"outcome":"success","truncated":true}`},
		{"no JSON either", "acme", t.Context(), json.RawMessage("{"), `{"actor":{"id":""},"outcome":"success","truncated":true}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := audit.Event(tt.ctx, "token.created", tt.subject, tt.detail)
			require.Equal(t, tt.want, string(e.Data))
			require.Equal(t, "token.created", e.Type)
			require.Equal(t, tt.subject, e.Subject)
			require.Equal(t, time.UTC, e.Time.Location())
			require.Equal(t, e.Time, e.Time.Truncate(time.Millisecond))
			require.WithinDuration(t, time.Now(), e.Time, time.Minute)
		})
	}
}

// TestLongTextsOfACaller: what comes with a request cannot fill an event.
func TestLongTextsOfACaller(t *testing.T) {
	long := strings.Repeat("é\xff\x00", 10_000)
	ctx := auth.WithPrincipal(t.Context(), &auth.Principal{Account: long, Subject: long, Name: long, User: long, Method: auth.Method(long)})
	e := audit.Event(auth.WithCorrelation(ctx, long), "x", "acme", map[string]string{"a": "b"})
	require.Less(t, len(e.Data), 10<<10)
	var d audit.Data
	require.NoError(t, json.Unmarshal(e.Data, &d))
	require.JSONEq(t, `{"a":"b"}`, string(d.Detail))
	require.False(t, d.Truncated)
}
