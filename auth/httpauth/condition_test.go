package httpauth_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/httpauth"
)

func TestCondition(t *testing.T) {
	const present = `W/"b"`
	for _, c := range []struct {
		header, values string
		wants          bool
		excludes       bool
	}{
		{"If-Match", `W/"b"`, true, false},
		{"If-Match", `"b"`, true, false},
		{"If-Match", `W/"a", W/"b"`, true, false},
		{"If-Match", ` * `, true, false},
		{"If-Match", `W/"a"`, false, false},
		{"If-Match", `"a", *`, false, false},
		{"If-Match", `"a,*,b"`, false, false},
		{"If-Match", ``, false, false},
		{"If-None-Match", `"a",W/"b"`, true, true},
		{"If-None-Match", `*`, true, true},
		{"If-None-Match", `W/"a"`, true, false},
	} {
		t.Run(c.header+": "+c.values, func(t *testing.T) {
			r := httptest.NewRequest("PUT", "/", nil)
			r.Header.Set(c.header, c.values)
			condition := httpauth.ConditionOf(r)
			require.False(t, condition.IsNone())
			require.Equal(t, c.wants, condition.Wants(present))
			require.Equal(t, c.excludes, condition.Excludes(present))
		})
	}

	none := httpauth.ConditionOf(httptest.NewRequest("PUT", "/", nil))
	require.True(t, none.IsNone() && none.Wants(present) && !none.Excludes(present))
}

func TestConditionInSeveralHeaders(t *testing.T) {
	r := httptest.NewRequest("PUT", "/", nil)
	r.Header["If-Match"] = []string{`W/"a"`, `W/"b"`}
	require.True(t, httpauth.ConditionOf(r).Wants(`W/"b"`))
	require.False(t, httpauth.ConditionOf(r).Wants(`W/"c"`))
}

func TestSendsJSON(t *testing.T) {
	for header, want := range map[string]bool{
		"":                                       true,
		"application/json":                       true,
		"Application/SCIM+JSON; charset=UTF-8":   true,
		`application/json; charset="utf-8"`:      true,
		"application/json; charset=latin1":       false,
		"text/plain":                             false,
		"application/json, text/plain":           false,
		"application/x-www-form-urlencoded":      false,
		"application/json; charset=utf-8; bound": false,
	} {
		t.Run(header, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", nil)
			r.Header.Set("Content-Type", header)
			require.Equal(t, want, httpauth.SendsJSON(r, "application/json", "application/scim+json"))
		})
	}
}
