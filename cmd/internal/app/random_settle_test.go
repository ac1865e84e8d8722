package app_test

import (
	"strings"

	"github.com/stretchr/testify/require"

	"roster/scim"
)

// settle holds the counters, and the last status of every user in the history, to
// what is served.
func (r *randomHistory) settle() {
	users := r.list("Users", "")
	last := map[string]string{}
	for _, e := range r.events(0) {
		for _, change := range e.Get("changes").Elements() {
			if change.Get("attribute").Text() == accountUser+":status" {
				last[e.Get("subject").Text()] = change.Get("value").Text()
			}
		}
	}
	administrators, userNames := 0, map[string]bool{}
	for id, user := range users {
		userNames[user.Get("userName").Text()] = true
		status := user.Get(accountUser).Get("status").Text()
		require.Equal(r.t, status, last[id], "the history of %s leads to its status", id)
		delete(last, id)
		if status == "active" && in("account-admin", user.Get("roles"), "value") {
			administrators++
		}
	}
	require.Len(r.t, userNames, len(users), "each has a name of its own")
	for id, status := range last {
		require.Equal(r.t, "removed", status, id)
	}
	r.recountRoles(users)
	r.recountUnits(users)
	r.t.Logf("%d requests, %d users, %d administrators, %d events", len(r.trail), len(users), administrators, len(r.events(0)))
}

// recountRoles compares seats, and deletes what nobody has.
func (r *randomHistory) recountRoles(users map[string]scim.Value) {
	groups := r.list("Groups", "")
	for _, endpoint := range []string{"Roles", "Entitlements"} {
		attribute := strings.ToLower(endpoint)
		catalogue := r.list(endpoint, "attributes=value,contains,totalAssignmentsUsed")
		for id, e := range catalogue {
			value, holders, others := e.Get("value").Text(), 0, 0
			for _, user := range users {
				if in(value, user.Get(attribute), "value") {
					holders++
				}
				for _, unit := range user.Get(accountUser).Get("orgUnits").Elements() {
					if endpoint == "Roles" && in(value, unit.Get("roles"), "") {
						others++
					}
				}
			}
			for _, group := range groups {
				member := map[string]string{"Entitlements": "value"}[endpoint]
				if in(value, group.Get(accountGroup).Get(attribute), member) {
					others++
				}
			}
			for _, container := range catalogue {
				if in(value, container.Get("contains"), "") {
					others++
				}
			}
			if endpoint == "Roles" {
				require.Equal(r.t, holders, must(e.Get("totalAssignmentsUsed").Int()), "seats of %s", value)
			}
			r.requireFree(endpoint, id, holders+others == 0 && value != "account-admin")
			if holders+others == 0 {
				delete(catalogue, id)
			}
		}
	}
}

// recountUnits deletes the org units that nobody is in, leaves first, and finds
// that those that stay are a tree.
func (r *randomHistory) recountUnits(users map[string]scim.Value) {
	units := r.list("OrgUnits", "")
	for again := true; again; {
		again = false
		for id := range units {
			used := false
			for _, user := range users {
				used = used || in(id, user.Get(accountUser).Get("orgUnits"), "value")
			}
			for _, unit := range units {
				used = used || unit.Get("parent").Get("value").Text() == id
			}
			r.requireFree("OrgUnits", id, !used)
			if !used {
				delete(units, id)
				again = true
			}
		}
	}
	for id := range units {
		for above, height := id, 0; above != ""; above = units[above].Get("parent").Get("value").Text() {
			height++
			require.Contains(r.t, units, above)
			require.LessOrEqual(r.t, height, len(units), "no circle")
		}
	}
}

// requireFree deletes something, or finds that it cannot be deleted.
func (r *randomHistory) requireFree(endpoint, id string, free bool) {
	status, answer := r.ask("DELETE", "/scim/v2/"+endpoint+"/"+id, "")
	require.Equal(r.t, map[bool]int{true: 204, false: 409}[free], status, "%s %s: %s", endpoint, id, answer)
}

// in reports whether a list has a name, in some case.
func in(name string, list scim.Value, member string) bool {
	for _, e := range list.Elements() {
		if member != "" {
			e = e.Get(member)
		}
		if strings.EqualFold(e.Text(), name) {
			return true
		}
	}
	return false
}
