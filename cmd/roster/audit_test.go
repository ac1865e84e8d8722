package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/audit"
)

// TestAuditTexts: the list says of a refusal what was refused and why, and how many
// were only counted.
func TestAuditTexts(t *testing.T) {
	who := audit.Actor{ID: "t1", Name: "okta"}
	for _, row := range []struct {
		data                 audit.Data
		outcome, actor, what string
	}{
		{audit.Data{}, "success", "the server", ""},
		{audit.Data{Actor: who, Detail: []byte(`{"credential": "t2", "name": "hr"}`)}, "success", "okta", "t2 hr"},
		{audit.Data{Outcome: audit.Refused, Status: 401, Reason: "missing_credential", Operation: "list User"},
			"refused 401", "nobody", "list User: missing_credential"},
		{audit.Data{Actor: who, Outcome: audit.Refused, Status: 403, Scope: "scim:write", Reason: "insufficient_scope", Operation: "create User"},
			"refused 403 scim:write", "okta", "create User: insufficient_scope"},
		{audit.Data{Outcome: audit.Refused, Omitted: 156}, "refused", "the server", "156 refusals that have no record of their own"},
	} {
		require.Equal(t, row.outcome, outcome(row.data))
		require.Equal(t, row.actor, actorText(row.data))
		require.Equal(t, row.what, what(row.data))
	}
}
