package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTrap1MailDomains: by every way in, before anything is changed.
func TestTrap1MailDomains(t *testing.T) {
	onSites(t, `{"mailDomains":["example.com","bücher.example"]}`, func(t *testing.T, s *site) {
		id := s.user("ada")
		invited := s.api("POST", "/invitation/invite", `{"emailAddress":"bob@example.com"}`).is(201).Get("userId").Text()
		ways := map[string]func(address string) reply{
			"companion POST": func(a string) reply {
				return s.api("POST", "/users", `{"emailAddress":"`+a+`","givenName":"X","familyName":"Y","userName":"`+s.fresh()+`"}`)
			},
			"import": func(a string) reply {
				return s.api("POST", "/users", `{"emailAddress":"`+a+`","givenName":"X","familyName":"Y","userName":"`+s.fresh()+`","emailVerified":true,"hashedPassword":"$2a$04$7HZbAvXUCVyvNbAElTvfHuWuMu5SJEK2nHVa7hkB2ZUrHnWHoNV8y"}`)
			},
			"companion PATCH": func(a string) reply { return s.api("PATCH", "/users/"+id, `{"emailAddress":"`+a+`"}`) },
			"secondary":       func(a string) reply { return s.api("PATCH", "/users/"+id, `{"secondaryEmailAddress":"2`+a+`"}`) },
			"PUT email":       func(a string) reply { return s.api("PUT", "/users/"+id+"/email", `{"emailAddress":"`+a+`"}`) },
			"invite":          func(a string) reply { return s.api("POST", "/invitation/invite", `{"emailAddress":"`+a+`"}`) },
			"resend": func(a string) reply {
				return s.api("POST", "/invitation/resend", `{"userId":"`+invited+`","emailAddress":"`+a+`"}`)
			},
		}
		for name, way := range s.scimWays(id, "ada@example.com", "emails") {
			ways["SCIM "+name] = func(a string) reply { return way(`[{"value":"` + a + `","primary":true}]`) }
		}
		for name, way := range s.scimWays(id, "ada@example.com", "userName") {
			if strings.HasPrefix(name, "PATCH") {
				ways["user name by "+name] = func(a string) reply { return way(`"` + a + `"`) }
			}
		}
		state := func() string {
			return fmt.Sprint(s.total("id pr"), s.scim("GET", "/Users/"+id, "").text, s.scim("GET", "/Users/"+invited, "").text)
		}
		before := state()
		for _, domain := range []string{"evil.org", "sub.example.com", "example.com.evil.org", "myexample.com", "xn--bcher-kva.example.org"} {
			for name, way := range ways {
				r := way("x@" + domain)
				require.Equal(t, 400, r.status, "%s %s: %s", name, domain, r.text)
				require.Contains(t, r.text, "domain", name)
				require.Equal(t, before, state(), name)
			}
		}
		for _, domain := range []string{"EXAMPLE.com", "BÜCHER.example", "xn--BCHER-kva.example"} {
			for name, way := range ways {
				r := way(s.fresh() + "@" + domain)
				require.Less(t, r.status, 300, "%s %s: %s", name, domain, r.text)
			}
		}
	})
}

// TestTrap7Seats: whatever gives a role, by both faces, takes a seat, and no more
// are given than there are, also at once.
func TestTrap7Seats(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		role := s.scim("POST", "/Roles", `{"value":"pro","limitedAssignmentsPermitted":true,"totalAssignmentsPermitted":1}`).is(201).Get("id").Text()
		used := func() int {
			n, _ := s.scim("GET", "/Roles/"+role+"?attributes=totalAssignmentsUsed", "").Get("totalAssignmentsUsed").Int()
			return n
		}
		holder, id := s.user("holder", `"roles":[{"value":"pro"}]`), s.user("ada")
		ways := map[string]func() reply{
			"companion POST": func() reply {
				return s.api("POST", "/users", `{"emailAddress":"`+s.fresh()+`@example.com","givenName":"X","familyName":"Y","roles":["pro"]}`)
			},
			"invite": func() reply {
				return s.api("POST", "/invitation/invite", `{"emailAddress":"`+s.fresh()+`@example.com","roles":["pro"]}`)
			},
			"PUT roles":       func() reply { return s.api("PUT", "/users/"+id, `{"roles":["Pro"]}`) },
			"companion PATCH": func() reply { return s.api("PATCH", "/users/"+id, `{"roles":["pro"]}`) },
			"bulk update, add": func() reply {
				return resultOf(s.api("POST", "/users/bulk-update", `{"userIds":["`+id+`"],"add":{"roles":["pro"]}}`))
			},
			"bulk update, set": func() reply {
				return resultOf(s.api("POST", "/users/bulk-update", `{"userIds":["`+id+`"],"set":{"roles":["pro"]}}`))
			},
		}
		for name, way := range s.scimWays(id, "ada@example.com", "roles") {
			ways["SCIM "+name] = func() reply { return way(`[{"value":"pro"}]`) }
		}
		for name, way := range ways {
			r := way()
			require.Equal(t, 409, r.status, "%s: %s", name, r.text)
			require.Contains(t, r.text, "seats", name)
			require.Equal(t, 1, used(), name)
		}
		s.api("PUT", "/users/"+holder, `{"roles":[]}`).is(202)
		for name, way := range ways {
			require.Less(t, way().status, 300, name)
			require.Equal(t, 1, used(), name)
			for _, user := range s.scim("GET", "/Users?filter=roles.value+eq+%22pro%22", "").Get("Resources").Elements() {
				s.api("PUT", "/users/"+user.Get("id").Text(), `{"roles":[]}`).is(202)
			}
			require.Zero(t, used(), name)
		}

		s.scim("PATCH", "/Roles/"+role, `{"Operations":[{"op":"replace","path":"totalAssignmentsPermitted","value":3}]}`).is(200)
		const callers = 24
		var users []string
		for range callers {
			users = append(users, s.user(s.fresh()))
		}
		outcomes := atOnce(callers, func(i int) reply {
			switch id := users[i]; i % 4 {
			case 0:
				return s.api("PUT", "/users/"+id, `{"roles":["pro"]}`)
			case 1:
				return s.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"add","path":"roles","value":[{"value":"pro"}]}]}`)
			case 2:
				return resultOf(s.api("POST", "/users/bulk-update", `{"userIds":["`+id+`"],"add":{"roles":["pro"]}}`))
			}
			return s.api("POST", "/invitation/invite", `{"emailAddress":"`+s.fresh()+`@example.com","roles":["pro"]}`)
		})
		require.Equal(t, callers-3, outcomes[409], outcomes)
		require.Equal(t, 3, used())
		require.Equal(t, 3, s.total(`roles.value eq "pro"`))
	})
}

// TestTrap10LastAdministrator: neither somebody else nor the administrator, nor a
// change of the role itself, leaves an account without one.
func TestTrap10LastAdministrator(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		s.scim("POST", "/Roles", `{"value":"other"}`).is(201)
		id := s.user("ada", `"roles":[{"value":"account-admin"}]`)
		role := s.scim("GET", "/Roles?filter=value+eq+%22account-admin%22", "").Get("Resources").At(0).Get("id").Text()
		ways := map[string]reply{
			"delete the role":            s.scim("DELETE", "/Roles/"+role, ""),
			"delete the role by Bulk":    s.bulk("DELETE", "/Roles/"+role, "null"),
			"rename the role":            s.scim("PATCH", "/Roles/"+role, `{"Operations":[{"op":"replace","path":"value","value":"boss"}]}`),
			"rename the role by PUT":     s.scim("PUT", "/Roles/"+role, `{"value":"boss"}`),
			"give it to a group":         s.scim("POST", "/Groups", `{"displayName":"g","urn:ietf:params:scim:schemas:extension:account:2.0:Group":{"roles":["account-admin"]}}`),
			"make another of the name":   s.scim("POST", "/Roles", `{"value":"Account-Admin"}`),
			"bulk update, remove":        resultOf(s.api("POST", "/users/bulk-update", `{"userIds":["`+id+`"],"remove":{"roles":["account-admin"]}}`)),
			"bulk update, set, of a few": resultOf(s.api("POST", "/users/bulk-update", `{"userIds":["`+id+`","`+s.user("bob")+`"],"set":{"roles":[]}}`)),
		}
		for who, by := range map[string]*site{"another": s, "oneself": s.as(id)} {
			ways[who+": DELETE"] = by.api("DELETE", "/users/"+id, "")
			ways[who+": deactivate"] = by.api("POST", "/users/"+id+"/deactivate", "")
			ways[who+": lock"] = by.api("POST", "/users/"+id+"/lock", "")
			ways[who+": PUT roles"] = by.api("PUT", "/users/"+id, `{"roles":["other"]}`)
			ways[who+": no roles"] = by.api("PUT", "/users/"+id, `{"roles":[]}`)
			ways[who+": PATCH roles"] = by.api("PATCH", "/users/"+id, `{"roles":[]}`)
			ways[who+": SCIM DELETE"] = by.scim("DELETE", "/Users/"+id, "")
			ways[who+": SCIM DELETE by Bulk"] = by.bulk("DELETE", "/Users/"+id, "null")
			ways[who+": active"] = by.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"replace","path":"active","value":"False"}]}`)
			ways[who+": locked"] = by.bulk("PATCH", "/Users/"+id, `{"Operations":[{"op":"add","path":"A:locked","value":true}]}`)
			ways[who+": PUT"] = by.scim("PUT", "/Users/"+id, `{"userName":"ada@example.com"}`)
		}
		me := s.as(id)
		ways["DELETE Me"] = me.scim("DELETE", "/Me", "")
		ways["PUT Me"] = me.scim("PUT", "/Me", `{"userName":"ada@example.com"}`)
		ways["PATCH Me"] = me.scim("PATCH", "/Me", `{"Operations":[{"op":"remove","path":"roles"}]}`)
		for name, r := range ways {
			t.Log(name, r.status, r.text[:min(len(r.text), 190)])
			r.refused(name, 400, 403, 409, 501)
		}
		now := s.scim("GET", "/Users/"+id, "").is(200)
		require.Equal(t, "active", now.a("status").Text())
		require.Equal(t, "account-admin", now.Get("roles").At(0).Get("value").Text())
		require.Equal(t, 1, s.total(`roles.value eq "account-admin" and A:status eq "active"`))

		empty := s.other("globex")
		unused := empty.scim("GET", "/Roles?filter=value+eq+%22account-admin%22", "").Get("Resources").At(0).Get("id").Text()
		empty.scim("DELETE", "/Roles/"+unused, "").is(409)
		empty.scim("GET", "/Roles/"+unused, "").is(200)
	})
}

// resultOf is what came of the first user of a bulk update.
func resultOf(r reply) reply {
	r.is(200)
	result := r.Get("results").At(0)
	status, _ := result.Get("status").Int()
	return reply{t: r.t, Value: result.Get("problem"), status: status, text: r.text}
}

// TestTrap13Uniqueness: of many who take a name at once, by both faces and in any
// case, one gets it.
func TestTrap13Uniqueness(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		for round := range 5 {
			name := fmt.Sprintf("ada%d@example.com", round)
			outcomes := atOnce(12, func(i int) reply {
				name := name
				if i%2 == 0 {
					name = strings.ToUpper(name)
				}
				switch i % 4 {
				case 0:
					return s.scim("POST", "/Users", `{"userName":"`+name+`"}`)
				case 1:
					return s.api("POST", "/users", `{"emailAddress":"`+name+`","givenName":"A","familyName":"L"}`)
				case 2:
					return s.api("POST", "/invitation/invite", `{"emailAddress":"`+name+`"}`)
				}
				return s.bulk("POST", "/Users", `{"userName":"`+name+`"}`)
			})
			require.Equal(t, map[int]int{201: 1, 409: 11}, outcomes)
			require.Equal(t, 1, s.total(`userName eq "`+name+`"`))
			taken := s.api("GET", "/users/uniqueness?userName="+strings.ToUpper(name)+"&email=free@example.com", "").is(200)
			require.Equal(t, `{"unique":false,"conflicts":["userName"]}`, strings.TrimSpace(taken.text))
		}
	})
}
