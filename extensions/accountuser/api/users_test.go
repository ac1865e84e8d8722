package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
)

func TestCreate(t *testing.T) {
	w := newWorld(t)
	w.resource("Role", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Role"],"value":"viewer"}`)
	a := w.send("POST", "/users", `{"emailAddress":"ada@example.com","givenName":"Ada","familyName":"Lovelace","roles":["viewer"],
		"secondaryEmailAddress":"ada@example.org","phoneNumber":"+4930123456","title":"Countess","employee":{"employeeNumber":"7","department":"Engines"}}`).is(201)
	require.Equal(t, "/v1/account/users/"+a.text("userId"), a.header.Get("Location"))
	for path, want := range map[string]any{
		"userName": "ada@example.com", "displayName": "Ada Lovelace", "status": "invited", "invitationStatus": "pending", "kind": "human",
		"roles": []any{"viewer"}, "isSsoUser": false, "identity": nil, "source": "api", "accountId": w.acme,
		"emails.1.value": "ada@example.org", "emails.1.type": "secondary", "phoneNumber": "+4930123456", "emailVerified": false,
		"employee.department": "Engines", "title": "Countess", "passkeyRegistration": nil,
	} {
		require.Equal(t, want, a.get(path), path)
	}
	require.Contains(t, w.token(), "roster_once_invitation_")

	w.send("POST", "/users", `{"kind":"machine","userName":"robot","displayName":"Robot","machine":{"description":"sweeps","accessTokenType":"jwt"}}`).is(201)
	w.send("POST", "/users", `{"emailAddress":"b@example.com","givenName":"B","familyName":"B","sendInvitation":false,"roles":[]}`).is(201)
	require.Len(t, w.letters(notify.Mail), 1)

	person := `"givenName":"X","familyName":"Y","emailAddress":"x@example.com"`
	for body, code := range map[string]string{
		`{"givenName":"X","familyName":"Y"}`: "invalid_value", `{"emailAddress":"x@example.com","givenName":"X"}`: "invalid_value",
		`{"kind":"machine","userName":"r2"}`: "invalid_value", `{"kind":"robot","userName":"r2"}`: "invalid_value",
		`{` + person + `,"password":"short"}`:                                                     "password_policy",
		`{` + person + `,"password":"` + strings.Repeat("ä", 37) + `"}`:                           "password_policy",
		`{` + person + `,"password":"correct horse","hashedPassword":"$2a$10$x"}`:                 "invalid_value",
		`{` + person + `,"hashedPassword":"plain"}`:                                               "password_hash",
		`{` + person + `,"roles":["nobody"]}`:                                                     "unknown_role",
		`{` + person + `,"entitlements":["nothing"]}`:                                             "unknown_entitlement",
		`{` + person + `,"orgUnits":[{"id":"nowhere"}]}`:                                          "unknown_org_unit",
		`{` + person + `,"machine":{"description":"x"}}`:                                          "wrong_type",
		`{` + person + `,"secondaryEmailAddress":"X@example.com"}`:                                "invalid_value",
		`{` + person + `,"phoneNumber":"030 123"}`:                                                "invalid_value",
		`{` + person + `,"mfaSkipUntil":1}`:                                                       "invalid_value",
		`{` + person + `,"mfaSkipUntil":"0001-01-01T00:00:00Z"}`:                                  "invalid_value",
		`{` + person + `,"userName":"ADA@example.com"}`:                                           "uniqueness",
		`{"givenName":"X","familyName":"Y","emailAddress":"x@sub.example.com"}`:                   "mail_domain",
		`{"kind":"machine","userName":"r3","displayName":"R","emailAddress":"r3@example.com"}`:    "wrong_type",
		`{"kind":"machine","userName":"r3","displayName":"R","password":"correct horse"}`:         "wrong_type",
		`{"kind":"machine","userName":"r3","displayName":"R","otpSecret":"JBSWY3DPEHPK3PXPJBSW"}`: "wrong_type",
		`{"emailAddress":null,"givenName":"X","familyName":"Y"}`:                                  "invalid_value",
		`{` + person + `,"roles":"viewer"}`:                                                       "invalid_value",
		`{` + person + `,"idpLinks":[{"idpId":"google"}]}`:                                        "invalid_value",
	} {
		require.Equal(t, code, w.send("POST", "/users", body).get("code"), body)
	}
}

// TestImport: what a user brings works here (T8).
func TestImport(t *testing.T) {
	w := newWorld(t)
	a := w.send("POST", "/users", `{"emailAddress":"ada@example.com","givenName":"Ada","familyName":"L","emailVerified":true,
		"hashedPassword":"$2a$04$7HZbAvXUCVyvNbAElTvfHuWuMu5SJEK2nHVa7hkB2ZUrHnWHoNV8y","recoveryCodes":["abcd-efgh-1"],
		"idpLinks":[{"idpId":"google","display":"Google","externalUserId":"118","externalUserName":"ada@gmail.com"}],"requestPasskeyLink":true}`).is(201)
	require.Equal(t, "active", a.get("status"))
	require.Equal(t, true, a.get("passwordSet"))
	require.Equal(t, true, a.get("isSsoUser"))
	require.Equal(t, "118", a.get("identity"))
	require.Equal(t, "google", a.get("idpLinks.0.idpId"))
	require.Contains(t, a.text("passkeyRegistration.token"), "roster_once_")
	w.send("POST", "/passkey-registration/begin", `{"token":"`+a.text("passkeyRegistration.token")+`"}`, "token: ").is(200)
}

func TestViews(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	basic := []string{"identity", "userId", "emailAddress", "roles", "invitationStatus", "isSsoUser"}
	a := w.send("GET", ada+"?view=basic", "").is(200)
	require.Len(t, a.value(), len(basic))
	for _, name := range basic {
		require.Contains(t, a.value(), name)
	}
	require.Contains(t, w.send("GET", ada+"?view=list", "").value(), "userName")
	full := w.send("GET", ada, "").is(200)
	require.Equal(t, full.header.Get("ETag"), full.get("version"))
	w.send("GET", ada, "", "If-None-Match: "+full.header.Get("ETag")).is(304)
	w.send("GET", ada+"?view=all", "").is(400, "invalid_parameter")
	require.Contains(t, w.send("GET", "/users?view=full", "").text("results.0.version"), `W/"`)
}

// TestReplaceRoles is D5.
func TestReplaceRoles(t *testing.T) {
	w := newWorld(t)
	w.resource("Role", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Role"],"value":"viewer"}`)
	ada := w.human("ada", `,"title":"Countess"`)
	a := w.send("PUT", ada, `{"roles":["viewer"]}`).is(202)
	require.Empty(t, a.body)
	now := w.send("GET", ada, "")
	require.Equal(t, now.header.Get("ETag"), a.header.Get("ETag"))
	require.Equal(t, []any{"viewer"}, now.get("roles"))
	require.Equal(t, "Countess", now.get("title"))
	for _, body := range []string{`{"roles":null}`, `{}`, ``} {
		w.send("PUT", ada, body).is(400, "invalid_value")
	}
	w.send("PUT", ada, `{"roles":["viewer","nobody"]}`).is(400, "unknown_role")
	w.send("PUT", ada, `{"roles":["viewer"],"title":"x"}`).is(400, "invalid_syntax")
	w.send("PUT", ada, `{"roles":[]}`, `If-Match: W/"old"`).is(412, "precondition_failed")
	w.send("PUT", ada, `{"roles":[]}`, "If-Match: "+now.header.Get("ETag")).is(202)
	require.Equal(t, []any{}, w.send("GET", ada, "").get("roles"))
}

func TestUpdate(t *testing.T) {
	w := newWorld(t)
	ada, manager := w.human("ada", `,"title":"Countess","nickName":"A"`), w.human("boss")
	before := w.send("GET", ada, "").header.Get("ETag")
	require.Equal(t, before, w.send("PATCH", ada, `{}`).is(200).header.Get("ETag"))
	require.Equal(t, before, w.send("PATCH", ada, `{"userName":"ada@example.com"}`).is(200).header.Get("ETag"))

	a := w.send("PATCH", ada, `{"title":null,"gender":"female","employee":{"department":"Engines","managerId":"`+idOf(manager)+`"},
		"mfaSkipUntil":"2100-01-01T00:00:00Z","phoneNumber":"+4930123456","userName":"countess"}`).is(200)
	for path, want := range map[string]any{
		"title": nil, "nickName": "A", "gender": "female", "employee.department": "Engines", "employee.manager.userId": idOf(manager),
		"mfaSkipUntil": "2100-01-01T00:00:00.000Z", "phoneNumber": "+4930123456", "phoneVerified": false, "userName": "countess",
	} {
		require.Equal(t, want, a.get(path), path)
	}
	require.Len(t, w.letters(notify.SMS), 1)
	a = w.send("PATCH", ada, `{"emailAddress":"lovelace@example.org","mfaSkipUntil":null,"phoneNumber":null}`).is(200)
	require.Equal(t, false, a.get("emailVerified"))
	require.Nil(t, a.get("mfaSkipUntil"))
	require.Nil(t, a.get("phoneNumber"))
	require.Contains(t, w.letters(notify.Mail)[0], "code")
	require.Equal(t, "2100-01-01T00:00:00.000Z", w.send("PATCH", ada, `{"mfaSkipUntil":4102444800}`).get("mfaSkipUntil"))

	for body, code := range map[string]string{
		`{"emailAddress":"x@elsewhere.com"}`: "mail_domain", `{"emailAddress":null}`: "invalid_value", `{"userName":null}`: "invalid_value",
		`{"userName":"boss@example.com"}`: "uniqueness", `{"roles":null}`: "invalid_value", `{"kind":"machine"}`: "invalid_syntax",
		`{"password":"correct horse"}`: "invalid_syntax", `{"machine":{"description":"x"}}`: "wrong_type", `{"mfaSkipUntil":"2001-01-01T00:00:00Z"}`: "invalid_value",
		`{"preferredLanguage":"no language"}`: "invalid_value",
	} {
		require.Equal(t, code, w.send("PATCH", ada, body).get("code"), body)
	}
	w.send("PATCH", w.invited("new"), `{"emailAddress":"newer@example.com"}`).is(409, "not_initialised")
}

// TestLifecycle goes round the state machine by its verbs.
func TestLifecycle(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada", `,"employee":{"employeeNumber":"7"}`)
	for _, step := range []struct {
		verb   string
		status int
		want   string // status of the user, or code
	}{
		{"unlock", 409, "not_locked"}, {"reactivate", 409, "not_inactive"}, {"restore", 409, "not_removed"},
		{"lock", 200, "locked"}, {"lock", 409, "already_locked"}, {"unlock", 200, "active"},
		{"lock", 200, "locked"}, {"deactivate", 200, "inactive"}, {"deactivate", 409, "already_inactive"}, {"lock", 409, "not_active"},
		{"reactivate", 200, "active"},
	} {
		a := w.send("POST", ada+"/"+step.verb, "").is(step.status)
		if step.status != 200 {
			require.Equal(t, step.want, a.get("code"), step)
			continue
		}
		require.Equal(t, step.want, a.get("status"))
		require.Equal(t, step.want == "locked", a.get("locked"))
		require.Equal(t, step.want != "inactive", a.get("active"))
		require.Equal(t, a.get("version"), a.header.Get("ETag"))
	}
	w.send("DELETE", ada, "", `If-Match: W/"old"`).is(412, "precondition_failed")
	require.Empty(t, w.send("DELETE", ada, "").is(204).body)
	w.send("GET", ada, "").is(404, "not_found")
	gone := w.send("GET", "/users?status=removed&view=full", "").is(200)
	require.Equal(t, idOf(ada), gone.get("results.0.userId"))
	require.NotNil(t, gone.get("results.0.removedAt"))
	back := w.send("POST", ada+"/restore", "").is(200)
	require.Equal(t, "7", back.get("employee.employeeNumber"))
	require.Equal(t, false, back.get("passwordSet"))
	w.send("POST", ada+"/restore", "").is(409, "not_removed")

	w.send("DELETE", ada, "").is(204)
	w.human("ada")
	w.send("POST", ada+"/restore", "").is(409, "uniqueness")
}

// TestAdministrators: the last one stays, and nobody locks itself out (trap 10).
func TestAdministrators(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada", `,"roles":["account-admin"]`)
	for _, r := range []struct{ method, path, body string }{
		{"DELETE", "", ""}, {"POST", "/deactivate", ""}, {"POST", "/lock", ""}, {"PUT", "", `{"roles":[]}`}, {"PATCH", "", `{"roles":[]}`},
	} {
		w.send(r.method, ada+r.path, r.body).is(409, "last_administrator")
	}
	bob := w.human("bob", `,"roles":["account-admin"]`)
	w.user = idOf(ada)
	w.send("DELETE", ada, "", "token: user").is(409, "self_lockout")
	a := w.send("POST", "/users/bulk-update", `{"userIds":["`+idOf(ada)+`","`+idOf(bob)+`"],"remove":{"roles":["account-admin"]}}`).is(200)
	require.EqualValues(t, 200, a.get("results.0.status"))
	require.Equal(t, "last_administrator", a.get("results.1.problem.code"))
}

func TestBulkUpdate(t *testing.T) {
	w := newWorld(t)
	for _, role := range []string{"viewer", "editor"} {
		w.resource("Role", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Role"],"value":"`+role+`"}`)
	}
	ada, bob := w.human("ada", `,"roles":["editor"]`), w.human("bob")
	ids := `"userIds":["` + idOf(ada) + `","nobody","` + idOf(bob) + `","` + idOf(ada) + `"]`
	a := w.send("POST", "/users/bulk-update", `{`+ids+`,"add":{"roles":["viewer"]}}`).is(200)
	require.Len(t, a.get("results"), 3)
	require.Equal(t, []any{"editor", "viewer"}, a.get("results.0.user.roles"))
	require.Equal(t, "active", a.get("results.0.user.status"))
	require.Equal(t, "not_found", a.get("results.1.problem.code"))
	require.EqualValues(t, 404, a.get("results.1.status"))
	require.Equal(t, []any{"viewer"}, a.get("results.2.user.roles"))
	a = w.send("POST", "/users/bulk-update", `{`+ids+`,"set":{"roles":["nobody"]}}`).is(200)
	require.Equal(t, "unknown_role", a.get("results.0.problem.code"))
	a = w.send("POST", "/users/bulk-update", `{`+ids+`,"set":{"roles":[]}}`).is(200)
	require.Equal(t, []any{}, a.get("results.0.user.roles"))
	for _, body := range []string{`{` + ids + `}`, `{"userIds":[],"add":{"roles":["viewer"]}}`, `{` + ids + `,"set":{"roles":[]},"add":{"roles":["viewer"]}}`,
		`{"userIds":["` + strings.Repeat(`x","`, 1000) + `"],"add":{"roles":["viewer"]}}`} {
		w.send("POST", "/users/bulk-update", body).is(400, "invalid_value")
	}
}

func TestUniqueness(t *testing.T) {
	w := newWorld(t)
	w.human("ada")
	w.invited("bob")
	w.send("DELETE", w.human("gone"), "").is(204)
	for query, conflicts := range map[string][]any{
		"userName=ADA@example.com": {"userName"}, "email=Ada@Example.com": {"email"}, "email=bob@example.com": {"email"},
		"userName=new&email=ada@example.com":                          {"email"},
		"userName=ada@example.com&email=new@example.com":              {"userName"},
		"userName=ada@example.com&email=ada@example.com":              {"userName", "email"},
		"userName=gone@example.com&email=gone@example.com":            {},
		"userName=" + strings.Repeat("x", 200) + "&email=x@x.example": {},
	} {
		a := w.send("GET", "/users/uniqueness?"+query, "").is(200)
		require.Equal(t, conflicts, a.get("conflicts"), query)
		require.Equal(t, len(conflicts) == 0, a.get("unique"))
	}
	w.send("GET", "/users/uniqueness", "").is(400, "invalid_parameter")
	w.send("GET", "/users/uniqueness?email=", "").is(400, "invalid_parameter")
}

func TestByLoginName(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	foreign := w.send("POST", "/users", `{"kind":"machine","userName":"Robot","displayName":"Robot"}`, "token: other").is(201).text("userId")
	const path = "/users/by-login-name?loginName="
	a := w.send("GET", path+"ada@example.com", "").is(200)
	require.Equal(t, idOf(ada), a.get("userId"))
	require.Equal(t, "active", a.get("user.status"))
	w.send("GET", path+"ADA@example.com", "").is(404, "not_found")
	w.send("GET", path+"Robot", "").is(404, "not_found")
	w.send("GET", path+"Robot&scope=global", "", "token: user.read").is(403, "insufficient_scope")
	global := w.send("GET", path+"Robot&scope=global", "").is(200)
	require.Equal(t, map[string]any{"accountId": w.beta, "userId": foreign, "loginName": "Robot"}, global.value())
	require.Equal(t, idOf(ada), w.send("GET", path+"ada@example.com&scope=global", "").get("userId"))
	w.send("GET", "/users/by-login-name", "").is(400, "invalid_parameter")
}

func TestMe(t *testing.T) {
	w := newWorld(t)
	a := w.send("GET", "/me", "").is(200)
	require.Nil(t, a.get("user"))
	require.Equal(t, w.acme, a.get("account.id"))
	require.Equal(t, []any{}, a.get("roles"))
	w.user = idOf(w.human("ada", `,"roles":["account-admin"]`))
	a = w.send("GET", "/me", "", "token: user").is(200)
	require.Equal(t, w.user, a.get("user.userId"))
	require.Equal(t, []any{"account-admin"}, a.get("roles"))
}

func TestHistory(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	w.human("bob")
	w.send("POST", ada+"/lock", "", "x-correlation-id: c-1").is(200)
	w.send("POST", ada+"/unlock", "").is(200)
	a := w.send("GET", ada+"/events", "").is(200)
	require.Len(t, a.get("results"), 3)
	require.Equal(t, "user.created", a.get("results.0.type"))
	require.Equal(t, "user.locked", a.get("results.1.type"))
	require.Equal(t, "c-1", a.get("results.1.correlationId"))
	require.Equal(t, "test", a.get("results.1.actor.name"))
	require.Nil(t, a.get("next"))
	_, err := time.Parse(time.RFC3339, a.text("results.0.at"))
	require.NoError(t, err)
	require.NotContains(t, string(a.body), "correct horse")
	require.NotContains(t, string(a.body), "$argon2")

	first := w.send("GET", ada+"/events?limit=2", "").is(200)
	require.Len(t, first.get("results"), 2)
	next := strings.TrimSuffix(strings.TrimPrefix(string(mustJSON(t, first.get("next"))), `"`), `"`)
	rest := w.send("GET", ada+"/events?limit=2&after="+next, "").is(200)
	require.Equal(t, "user.unlocked", rest.get("results.0.type"))
	w.send("GET", ada+"/events?limit=2", "", "If-None-Match: "+first.header.Get("ETag")).is(304)
	require.Equal(t, "user.unlocked", w.send("GET", ada+"/events?order=desc&limit=1", "").get("results.0.type"))
	require.Equal(t, "user.locked", w.send("GET", ada+"/events?type=user.locked", "").get("results.0.type"))
	for _, bad := range []string{"limit=0", "limit=1001", "after=-1", "order=up", "limit=x"} {
		w.send("GET", ada+"/events?"+bad, "").is(400, "invalid_parameter")
	}

	w.send("DELETE", ada, "").is(204)
	w.send("GET", ada+"/events", "").is(404, "not_found")
	kept := w.send("GET", "/events?order=desc&limit=1&subject="+idOf(ada), "").is(200)
	require.Equal(t, "user.removed", kept.get("results.0.type"))
}
