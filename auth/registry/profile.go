package registry

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/scim"
)

func (s Settings) profile() (scim.Profile, error) {
	var p scim.Profile
	switch s.Profile {
	case "", "default":
		p = scim.DefaultProfile()
	case "strict":
		p = scim.StrictProfile()
	default:
		return p, invalid("profile", s.Profile, "default or strict")
	}
	switches := switchesOf(&p)
	if err := checkNames("switch", switches, s.Switches); err != nil {
		return p, err
	}
	for _, f := range switches {
		if on, set := s.Switches[f.name]; set && on != *f.at {
			*f.at = on
			p.Name += map[bool]string{true: "+", false: "-"}[on] + f.name
		}
	}
	return p, nil
}

func (s Settings) limits() (scim.Limits, error) {
	l := scim.DefaultLimits()
	fields := limitsOf(&l)
	if err := checkNames("limit", fields, s.Limits); err != nil {
		return l, err
	}
	for _, f := range fields {
		n, set := s.Limits[f.name]
		if !set {
			continue
		}
		// More would let one request exhaust the server, which every account shares.
		if most := 100 * *f.at; n < 1 || n > most {
			return l, invalid("limit "+f.name, fmt.Sprint(n), fmt.Sprintf("1 to %d", most))
		}
		*f.at = n
	}
	if l.PageSize > l.MaxPageSize {
		return l, fmt.Errorf("limit pageSize %d is %w: use at most maxPageSize, which is %d", l.PageSize, ErrInvalid, l.MaxPageSize)
	}
	return l, nil
}

// field is one setting by its name.
type field[T any] struct {
	name string
	at   *T
}

func switchesOf(p *scim.Profile) []field[bool] {
	return []field[bool]{
		{"createFromFilter", &p.CreateFromFilter},
		{"unknownReferences", &p.UnknownReferences},
		{"duplicateNames", &p.DuplicateNames},
		{"stringBooleans", &p.StringBooleans},
		{"ignoreUnknown", &p.IgnoreUnknown},
		{"ignoreUnknownPath", &p.IgnoreUnknownPath},
		{"looseNames", &p.LooseNames},
		{"looseSchemas", &p.LooseSchemas},
		{"patchWithoutPath", &p.PatchWithoutPath},
		{"wrapValues", &p.WrapValues},
		{"unknownGrants", &p.UnknownGrants},
		{"oktaGrants", &p.OktaGrants},
	}
}

func limitsOf(l *scim.Limits) []field[int] {
	return []field[int]{
		{"body", &l.Body},
		{"bulkBody", &l.BulkBody},
		{"bulkOps", &l.BulkOps},
		{"resource", &l.Resource},
		{"elements", &l.Elements},
		{"patchOps", &l.PatchOps},
		{"patchMembers", &l.PatchMembers},
		{"filter", &l.Filter},
		{"filterDepth", &l.FilterDepth},
		{"checks", &l.Checks},
		{"pageSize", &l.PageSize},
		{"maxPageSize", &l.MaxPageSize},
		{"groupClosure", &l.GroupClosure},
		{"membersPerBody", &l.MembersPerBody},
	}
}

// checkNames refuses a value under a name that no field has.
func checkNames[T any](what string, fields []field[T], values map[string]T) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(fields, func(f field[T]) bool { return f.name == name }) {
			return invalid(what, name, names(fields))
		}
	}
	return nil
}

func names[T any](fields []field[T]) string {
	sorted := slices.SortedFunc(slices.Values(fields), func(a, b field[T]) int { return cmp.Compare(a.name, b.name) })
	var list []string
	for _, f := range sorted {
		list = append(list, f.name)
	}
	return strings.Join(list, ", ")
}
