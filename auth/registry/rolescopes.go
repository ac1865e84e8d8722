package registry

import (
	"fmt"
	"maps"
	"slices"

	"roster/auth"
)

const maxRoleScopes = 100

// normaliseRoleScopes returns what roles allow as it is kept.
func normaliseRoleScopes(all map[string][]auth.Scope) (map[string][]auth.Scope, error) {
	if len(all) > maxRoleScopes {
		return nil, tooMany("roles with scopes", len(all), maxRoleScopes)
	}
	valid := append([]auth.Scope{auth.SCIM}, auth.AdministratorScopes()...)
	kept := maps.Clone(all)
	for _, role := range slices.Sorted(maps.Keys(all)) {
		if !printable(role, 200) {
			return nil, invalid("role of roleScopes", role, "the value of a role: 1 to 200 bytes of text")
		}
		if len(all[role]) == 0 {
			return nil, fmt.Errorf("role %q without scopes is %w: use one or more of %s, or leave it out", role, ErrInvalid, join(valid))
		}
		for _, s := range all[role] {
			if !slices.Contains(valid, s) {
				return nil, invalid("scope of role "+role, string(s), "one or more of "+join(valid))
			}
		}
		kept[role] = slices.Clone(all[role])
	}
	return kept, nil
}
