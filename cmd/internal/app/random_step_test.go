package app_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// step makes one random request for a change, and tells whether it was for several
// changes.
func (r *randomHistory) step() (several bool) {
	switch n := r.IntN(12); {
	case n == 0:
		var ops []string
		for range 3 {
			method, path, body := r.change()
			if body == "" {
				body = "{}"
			}
			ops = append(ops, fmt.Sprintf(`{"method":%q,"path":%q,"bulkId":"x%d","data":%s}`, method, path, len(ops), body))
		}
		r.ask("POST", "/scim/v2/Bulk", `{"Operations":[`+strings.Join(ops, ",")+`]}`)
		return true
	case n == 1:
		r.ask("POST", "/v1/account/users/bulk-update", fmt.Sprintf(`{"userIds":[%q,%q],%q:{"roles":[%q]}}`,
			r.id("Users"), r.id("Users"), r.one("set", "add", "remove"), r.one("r0", "r1", "seat", "account-admin")))
		return true
	case n < 5:
		r.ask(r.verb())
	default:
		method, path, body := r.change()
		r.ask(method, "/scim/v2"+path, body)
	}
	return false
}

func (r *randomHistory) one(of ...string) string { return of[r.IntN(len(of))] }

// id is that of something that is there, or was.
func (r *randomHistory) id(endpoint string) string {
	ids := slices.Sorted(maps.Keys(r.list(endpoint, "attributes=id")))
	if len(ids) == 0 {
		return "none"
	}
	return r.one(ids...)
}

// removed is the id of a user that was removed.
func (r *randomHistory) removed() string {
	_, page := r.ask("GET", "/v1/account/users?status=removed&take=1000", "")
	list := page.Get("results")
	if list.Len() == 0 {
		return "none"
	}
	return list.At(r.IntN(list.Len())).Get("userId").Text()
}

// verb is a change by the companion API.
func (r *randomHistory) verb() (method, path, body string) {
	user := "/v1/account/users/" + r.id("Users")
	switch r.IntN(9) {
	case 0, 1:
		return "POST", "/v1/account/users/" + r.removed() + "/restore", ""
	case 2:
		return "PUT", user, fmt.Sprintf(`{"roles":[%q,%q]}`, r.one("r0", "R1", "seat", "account-admin"), r.one("r0", "seat"))
	case 3:
		return r.one("PUT", "POST"), user + "/org-units", fmt.Sprintf(`{"orgUnits":[{"id":%q,"roles":[%q]}]}`, r.id("OrgUnits"), r.one("r0", "r1", "seat"))
	case 4:
		return "PATCH", user, fmt.Sprintf(`{"nickName":%q,"entitlements":[%q]}`, r.one("a", "b"), r.one("e0", "e1"))
	case 5:
		return "PUT", user + "/metadata/k", r.one(`{"value":"AAE="}`, `{"value":"AAI="}`)
	case 6:
		return "DELETE", user, ""
	}
	return "POST", user + "/" + r.one("lock", "unlock", "deactivate", "reactivate"), ""
}

// change is a change by SCIM, its path below the root.
func (r *randomHistory) change() (method, path, body string) {
	endpoint := r.one("Users", "Users", "Users", "Groups", "Roles", "Entitlements", "OrgUnits")
	path = "/" + endpoint
	n := r.IntN(12)
	if n > 3 {
		path += "/" + r.id(endpoint)
	}
	switch {
	case n <= 3:
		return "POST", path, r.resource(endpoint)
	case n == 4:
		return "DELETE", path, ""
	case n == 5:
		return "PUT", path, r.resource(endpoint)
	case n < 9 || endpoint == "Users" && n < 10:
		return "PATCH", path, `{"Operations":[{"op":"replace","value":` + r.resource(endpoint) + `}]}`
	}
	return "PATCH", path, `{"Operations":[{"op":"remove","path":"` + r.one("roles", "entitlements", "contains", "parent", "members",
		accountUser+":orgUnits", accountUser+":locked", accountGroup+":roles", accountUser+`:metadata[key eq \"k\"]`) + `"}]}`
}

const (
	accountUser  = "urn:ietf:params:scim:schemas:extension:account:2.0:User"
	accountGroup = "urn:ietf:params:scim:schemas:extension:account:2.0:Group"
)

// resource is the body of a resource, with some of its attributes.
func (r *randomHistory) resource(endpoint string) string {
	var members []string
	add := func(format string, args ...any) {
		if r.IntN(2) == 0 {
			members = append(members, fmt.Sprintf(format, args...))
		}
	}
	role, entitlement := r.one("r0", "R1", "r2", "seat", "unknown", "account-admin"), r.one("e0", "E1", "e2")
	switch endpoint {
	case "Users":
		members = append(members, fmt.Sprintf(`"userName":"u%d"`, r.IntN(30)))
		add(`"active":%t`, r.IntN(3) > 0)
		add(`"roles":[{"value":%q},{"value":"r0"},{"value":"R0"}]`, role)
		add(`"entitlements":[{"value":%q}]`, entitlement)
		add(`%q:{"locked":%t,"orgUnits":[{"value":%q,"roles":[%q]}],"metadata":[{"key":%q,"value":%q}]}`,
			accountUser, r.IntN(3) == 0, r.id("OrgUnits"), role, r.one("k", "l"), r.one("AAE=", "AAI="))
	case "Groups":
		members = append(members, fmt.Sprintf(`"displayName":"g%d"`, r.IntN(10)))
		add(`"members":[{"value":%q},{"value":%q}]`, r.id("Users"), r.id("Users"))
		add(`%q:{"roles":[%q],"entitlements":[{"value":%q}]}`, accountGroup, role, entitlement)
	case "OrgUnits":
		members = append(members, fmt.Sprintf(`"name":"o%d"`, r.IntN(10)))
		add(`"parent":{"value":%q}`, r.id("OrgUnits"))
		add(`"active":%t`, r.IntN(4) > 0)
	case "Roles":
		members = append(members, fmt.Sprintf(`"value":%q`, role))
		add(`"contains":[%q]`, r.one("r0", "r1", "r2"))
		add(`"limitedAssignmentsPermitted":%t,"totalAssignmentsPermitted":%d`, r.IntN(2) == 0, r.IntN(4))
		add(`"supported":true`)
	default:
		members = append(members, fmt.Sprintf(`"value":%q`, entitlement))
		add(`"contains":[%q]`, r.one("e0", "e1", "e2"))
		add(`"supported":%t`, r.IntN(4) > 0)
	}
	return "{" + strings.Join(members, ",") + "}"
}
