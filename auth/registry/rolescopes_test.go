package registry_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
)

func TestRoleScopes(t *testing.T) {
	many := map[string][]auth.Scope{}
	for i := range 101 {
		many[fmt.Sprint("role-", i)] = []auth.Scope{auth.UserRead}
	}
	for name, tt := range map[string]struct {
		set     map[string][]auth.Scope
		problem string // "" if they are valid
	}{
		"a help desk":            {map[string][]auth.Scope{"help-desk": {auth.UserRead, auth.UserCredential}}, ""},
		"SCIM":                   {map[string][]auth.Scope{"sync": {auth.SCIM}}, ""},
		"other accounts":         {map[string][]auth.Scope{"help-desk": {auth.UserGlobal}}, `scope of role help-desk "user:global" is not valid`},
		"the server":             {map[string][]auth.Scope{"help-desk": {auth.PlatformAdmin}}, `"platform:admin" is not valid`},
		"what other roles allow": {map[string][]auth.Scope{"help-desk": {auth.Roles}}, `"roles" is not valid`},
		"nothing":                {map[string][]auth.Scope{"help-desk": {}}, "without scopes is not valid"},
		"no role":                {map[string][]auth.Scope{"": {auth.UserRead}}, "1 to 200 bytes"},
		"too many":               {many, "use at most 100"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := registry.Settings{RoleScopes: tt.set}.Normalised()
			if tt.problem != "" {
				require.ErrorIs(t, err, registry.ErrInvalid)
				require.ErrorContains(t, err, tt.problem)
				return
			}
			require.NoError(t, err)
			for role, scopes := range tt.set {
				require.ElementsMatch(t, scopes, got.RoleScopes[role])
			}
		})
	}
}
