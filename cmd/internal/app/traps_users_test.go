package app_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTrap8Idempotent: SCIM may say what is so already, and then nothing is written;
// a verb may not.
func TestTrap8Idempotent(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		for status, verbs := range map[string][]string{"active": nil, "inactive": {"deactivate"}, "locked": {"lock"}} {
			id := s.user(status)
			for _, verb := range verbs {
				s.api("POST", "/users/"+id+"/"+verb, "").is(200)
				s.api("POST", "/users/"+id+"/"+verb, "").is(409)
			}
			before := s.scim("GET", "/Users/"+id, "").is(200)
			events := s.api("GET", "/users/"+id+"/events", "").text
			active, locked := before.Get("active").String(), before.a("locked").String()
			for _, change := range []reply{
				s.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"replace","path":"active","value":`+active+`},{"op":"add","path":"A:locked","value":`+locked+`}]}`),
				s.bulk("PATCH", "/Users/"+id, `{"Operations":[{"op":"replace","value":{"active":`+active+`}}]}`),
				s.scim("PUT", "/Users/"+id, before.text),
			} {
				require.Contains(t, []int{200, 204}, change.status, change.text)
				now := s.scim("GET", "/Users/"+id, "").is(200)
				require.Equal(t, before.text, now.text)
				require.Equal(t, before.header.Get("ETag"), now.header.Get("ETag"))
			}
			require.Equal(t, events, s.api("GET", "/users/"+id+"/events", "").text, "no event")
		}
		id := s.user("ada")
		s.api("POST", "/users/"+id+"/reactivate", "").is(409, "not_inactive")
		s.api("POST", "/users/"+id+"/unlock", "").is(409, "not_locked")
		s.api("POST", "/users/"+id+"/restore", "").is(409, "not_removed")
		s.api("POST", "/users/"+id+"/password/initialize", `{"password":"correct horse"}`).is(409, "already_initialised")
	})
}

// TestTrap25Kinds: what is for humans refuses machines, and the other way round;
// a machine needs no name of a person.
func TestTrap25Kinds(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		human, robot := s.user("ada"), s.machine("robot")
		s.api("POST", "/users", `{"kind":"machine","userName":"sweeper","displayName":"Sweeper"}`).is(201)
		s.api("POST", "/users", `{"emailAddress":"x@example.com"}`).is(400)
		for _, call := range [][3]string{
			{"GET", "/profile"}, {"PUT", "/profile", `{"givenName":"A","familyName":"B","displayName":"C"}`}, {"GET", "/email"}, {"PUT", "/email", `{"emailAddress":"r@example.com"}`},
			{"POST", "/email/resend-verification"}, {"GET", "/phone"}, {"PUT", "/phone", `{"phoneNumber":"+4930123456"}`}, {"DELETE", "/phone"}, {"POST", "/phone/resend-verification"},
			{"DELETE", "/avatar"}, {"PUT", "/password", `{"password":"correct horse"}`}, {"POST", "/password/initialize", `{"password":"correct horse"}`}, {"POST", "/password/reset"},
			{"PUT", "/mfa-skip", `{"until":"2099-01-01T00:00:00Z"}`}, {"GET", "/auth-factors"}, {"POST", "/auth-factors/otp"}, {"POST", "/auth-factors/otp-sms"}, {"POST", "/auth-factors/otp-email"},
			{"POST", "/auth-factors/recovery-codes"}, {"POST", "/auth-factors/u2f/registrations"}, {"GET", "/passkeys"}, {"POST", "/passkeys/registrations"}, {"POST", "/passkeys/registration-links"},
		} {
			s.api(call[0], "/users/"+robot+call[1], call[2]).is(409, "wrong_type")
		}
		for _, call := range [][3]string{{"PUT", "/secret"}, {"DELETE", "/secret"}, {"GET", "/keys"}, {"POST", "/keys", `{"type":"json"}`}, {"GET", "/tokens"}, {"POST", "/tokens", `{}`}} {
			s.api(call[0], "/users/"+human+call[1], call[2]).is(409, "wrong_type")
		}
		for _, body := range []string{`{"emailAddress":"r@example.com"}`, `{"phoneNumber":"+4930123456"}`, `{"givenName":"R"}`} {
			s.api("PATCH", "/users/"+robot, body).is(409, "wrong_type")
		}
		s.api("PATCH", "/users/"+human, `{"machine":{"description":"x"}}`).is(409, "wrong_type")
		for attribute, value := range map[string]string{"password": `"correct horse"`, "emails": `[{"value":"r@example.com"}]`, "phoneNumbers": `[{"value":"+4930123456"}]`, "name": `{"givenName":"R"}`} {
			s.scim("PATCH", "/Users/"+robot, `{"Operations":[{"op":"add","path":"`+attribute+`","value":`+value+`}]}`).refused(attribute, 409)
			s.scim("PUT", "/Users/"+robot, `{"userName":"robot","`+attribute+`":`+value+`}`).refused(attribute, 409)
			s.bulk("PATCH", "/Users/"+robot, `{"Operations":[{"op":"add","value":{"`+attribute+`":`+value+`}}]}`).refused(attribute, 409)
			s.scim("POST", "/Users", `{"userName":"r2","`+attribute+`":`+value+`,"A":{"kind":"machine"}}`).refused(attribute, 409)
		}
		s.scim("PATCH", "/Users/"+robot, `{"Operations":[{"op":"replace","path":"A:kind","value":"human"}]}`).is(400, "mutability")
		s.api("POST", "/authenticate", `{"loginName":"robot","password":"correct horse"}`).is(403, "authentication_failed")
	})
}

// TestTrap27Active: what is absent is not false, on any way in.
func TestTrap27Active(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.user("ada")
		for name, change := range map[string]func() reply{
			"PUT": func() reply {
				return s.scim("PUT", "/Users/"+id, `{"userName":"ada@example.com","title":"`+s.fresh()+`"}`)
			},
			"PUT null":        func() reply { return s.scim("PUT", "/Users/"+id, `{"userName":"ada@example.com","active":null}`) },
			"PUT A":           func() reply { return s.scim("PUT", "/Users/"+id, `{"userName":"ada@example.com","A":{"gender":"f"}}`) },
			"PUT in Bulk":     func() reply { return s.bulk("PUT", "/Users/"+id, `{"userName":"ada@example.com"}`) },
			"PUT Me":          func() reply { return s.as(id).scim("PUT", "/Me", `{"userName":"ada@example.com"}`) },
			"companion PATCH": func() reply { return s.api("PATCH", "/users/"+id, `{}`) },
			"companion PUT":   func() reply { return s.api("PUT", "/users/"+id, `{"roles":[]}`) },
		} {
			for status, verbs := range map[string][2]string{"active": {}, "inactive": {"deactivate", "reactivate"}, "locked": {"lock", "unlock"}} {
				if verbs[0] != "" {
					s.api("POST", "/users/"+id+"/"+verbs[0], "").is(200)
				}
				r := change()
				if name == "PUT Me" && status != "active" {
					r.is(401)
				} else {
					require.Less(t, r.status, 300, "%s %s: %s", name, status, r.text)
				}
				now := s.scim("GET", "/Users/"+id, "").is(200)
				require.Equal(t, status, now.a("status").Text(), name)
				require.Equal(t, status == "inactive", now.Get("active").String() == "false", "%s: %s", name, now.text)
				if verbs[1] != "" {
					s.api("POST", "/users/"+id+"/"+verbs[1], "").is(200)
				}
			}
		}
		require.Equal(t, "active", s.scim("POST", "/Users", `{"userName":"absent"}`).is(201).a("status").Text())
		s.scim("PUT", "/Users/"+id, `{"userName":"ada@example.com","active":false}`).is(200)
		require.Equal(t, "inactive", s.scim("GET", "/Users/"+id, "").a("status").Text())
		off := s.scim("POST", "/Users", `{"userName":"off","active":false}`).is(201)
		require.Equal(t, "inactive", off.a("status").Text())
	})
}

// TestTrap28Removed: on no path is there anything of a removed user.
func TestTrap28Removed(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		s.scim("POST", "/Roles", `{"value":"pro","limitedAssignmentsPermitted":true,"totalAssignmentsPermitted":1}`).is(201)
		id := s.user("ada", `"roles":[{"value":"pro"}],"A":{"metadata":[{"key":"k","value":"AAE="}]}`)
		group := s.scim("POST", "/Groups", `{"displayName":"g","members":[{"value":"`+id+`"}]}`).is(201).Get("id").Text()
		mine := s.as(id)
		mine.scim("GET", "/Me", "").is(200)
		s.scim("DELETE", "/Users/"+id, "").is(204)
		walked, bodies := 0, accessBodies(t)
		for _, route := range s.routes("/users/{userId}") {
			if strings.HasSuffix(route.Pattern, "/restore") {
				continue
			}
			path := strings.ReplaceAll(strings.TrimPrefix(route.Pattern, "/v1/account"), "{userId}", id)
			path = regexp.MustCompile(`\{[a-zA-Z]+\}`).ReplaceAllString(path, "k")
			body := bodies[route.Method+" "+route.Pattern]
			s.api(route.Method, path, body).is(404, "not_found")
			walked++
		}
		require.Greater(t, walked, 50)
		for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			body := map[string]string{"PUT": `{"userName":"ada@example.com"}`, "PATCH": `{"Operations":[{"op":"replace","path":"active","value":true}]}`}[method]
			s.scim(method, "/Users/"+id, body).is(404)
			if method != "GET" {
				s.bulk(method, "/Users/"+id, body+map[bool]string{true: "null"}[body == ""]).is(404)
			}
		}
		for _, filter := range []string{`userName eq "ada@example.com"`, `id eq "` + id + `"`, `A:status eq "removed"`, `A:metadata.key eq "k"`, `roles.value eq "pro"`, `groups.value eq "` + group + `"`, `id pr`} {
			require.Zero(t, s.total(filter), filter)
		}
		require.Zero(t, s.scim("GET", "/Groups/"+group, "").is(200).Get("members").Len())
		require.Equal(t, "0", s.scim("GET", "/Roles?filter=value+eq+%22pro%22&attributes=totalAssignmentsUsed", "").Get("Resources").At(0).Get("totalAssignmentsUsed").String())
		s.scim("PATCH", "/Groups/"+group, `{"Operations":[{"op":"add","path":"members","value":[{"value":"`+id+`"}]}]}`).is(400)
		require.Equal(t, `{"unique":true,"conflicts":[]}`, strings.TrimSpace(s.api("GET", "/users/uniqueness?userName=ada@example.com&email=ada@example.com", "").text))
		require.Equal(t, "0", s.api("GET", "/users", "").Get("rowCount").String())
		require.Equal(t, "1", s.api("GET", "/users?status=removed", "").Get("rowCount").String())
		mine.scim("GET", "/Me", "").is(401)
		s.user("ada")
	})
}
