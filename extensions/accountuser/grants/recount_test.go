package grants_test

import (
	"context"
	"strings"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/query"
	"roster/storage"
)

// recount holds every counter that was ever stepped to what the documents say.
func (f *fixture) recount(store *recorder) {
	require.NoError(f.t, f.Store.View(context.Background(), "a", func(s storage.Snapshot) error {
		want := map[string]int64{}
		for _, count := range []struct {
			typeName string
			names    func(scim.Value) []string
		}{
			{model.User, countUser}, {model.Group, countGroup}, {model.Role, countRole},
			{model.Entitlement, countEntitlement}, {model.OrgUnit, countUnit},
		} {
			page, err := s.Query(context.Background(), storage.Query{Type: count.typeName, Limit: 1 << 20})
			require.NoError(f.t, err)
			for _, d := range page.Documents {
				once := map[string]bool{}
				for _, name := range count.names(query.Resource(d)) {
					once[name] = true
				}
				for name := range once {
					want[name]++
				}
			}
		}
		for name := range store.counters {
			if strings.HasPrefix(name, "failures:") {
				continue
			}
			n, err := s.Counter(context.Background(), name)
			require.NoError(f.t, err)
			require.Equal(f.t, want[name], n, name)
			delete(want, name)
		}
		require.Empty(f.t, want, "counted nowhere")
		return nil
	}))
}

func prefixed(prefix string, list scim.Value, member string) (names []string) {
	for _, e := range list.Elements() {
		if member != "" {
			e = e.Get(member)
		}
		names = append(names, prefix+strings.ToLower(e.Text()))
	}
	return names
}

func countUser(r scim.Value) []string {
	names := append(prefixed("role:", r.Get("roles"), "value"), prefixed("entitlement:", r.Get("entitlements"), "value")...)
	for _, unit := range r.Get(model.UserURN).Get("orgUnits").Elements() {
		names = append(append(names, "orgUnitUsers:"+unit.Get("value").Text()), prefixed("roleIndirect:", unit.Get("roles"), "")...)
	}
	return names
}

func countGroup(r scim.Value) []string {
	own := r.Get(model.GroupURN)
	return append(prefixed("roleIndirect:", own.Get("roles"), ""), prefixed("entitlement:", own.Get("entitlements"), "value")...)
}

func countRole(r scim.Value) []string {
	names := prefixed("roleIndirect:", r.Get("contains"), "")
	value := strings.ToLower(r.Get("value").Text())
	if r.Get("limitedAssignmentsPermitted").Bool() && !r.Get("totalAssignmentsPermitted").IsNull() || value == grants.Administrator {
		names = append(names, "roleReserved:"+value)
	}
	return names
}

func countEntitlement(r scim.Value) []string {
	return prefixed("entitlement:", r.Get("contains"), "")
}

func countUnit(r scim.Value) []string {
	if parent := r.Get("parent").Get("value").Text(); parent != "" {
		return []string{"orgUnitChildren:" + parent}
	}
	return nil
}
