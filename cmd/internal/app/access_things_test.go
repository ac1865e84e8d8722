package app_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/factor/factortest"
	"roster/storage"
)

// things are what an account has, by the names that the tables have for them: the
// parameters of routes, and others.
type things map[string]string

// settle gives an account one of everything. Its own texts begin with mark.
func (s *site) settle(mark string) things {
	s.set(`{"links":{"passkey":"https://app.example.com/passkey#{token}"}}`)
	id := func(path, body string) string {
		return s.scim("POST", path, strings.ReplaceAll(body, "~", mark)).is(201).Get("id").Text()
	}
	n := things{"login": mark + "-user@example.com", "key": mark + "-key", "idpId": mark + "-idp", "externalUserId": mark + "-sub",
		"externalId": mark + "-external", "role": mark + "-role", "entitlement": mark + "-entitlement", "accountName": s.account}
	n["unit"] = id("/OrgUnits", `{"name":"~-unit"}`)
	n["roleId"] = id("/Roles", `{"value":"~-role"}`)
	n["entitlementId"] = id("/Entitlements", `{"value":"~-entitlement","type":"admin"}`)
	user := s.scim("POST", "/Users", strings.NewReplacer("~", mark, "{unit}", n["unit"]).Replace(`{"userName":"~-user@example.com","externalId":"~-external","password":"correct horse","displayName":"~ user",
		"emails":[{"value":"~-user@example.com","primary":true}],"phoneNumbers":[{"value":"+442012345678","primary":true}],"photos":[{"value":"https://example.com/~.png","type":"photo"}],
		"roles":[{"value":"~-role"}],"entitlements":[{"value":"~-entitlement"}],"A":{"emailVerified":true,"phoneVerified":true,"orgUnits":[{"value":"{unit}"}],
		"metadata":[{"key":"~-key","value":"c2VjcmV0"}],"idpLinks":[{"value":"~-idp","externalUserId":"~-sub"}]}}`)).is(201)
	n["user"] = user.Get("id").Text()
	n["machine"] = id("/Users", `{"userName":"~-machine","A":{"kind":"machine"}}`)
	n["group"] = id("/Groups", `{"displayName":"~-group","members":[{"value":"`+n["user"]+`"}]}`)
	n["device"] = id("/Devices", `{"displayName":"~-device","serialNumber":"~-1","users":[{"value":"`+n["user"]+`"}],"owner":{"value":"`+n["user"]+`"}}`)
	n["invited"] = s.api("POST", "/invitation/invite", `{"emailAddress":"`+mark+`-invited@example.com"}`).is(201).Get("userId").Text()
	s.equip(n)
	n["account"] = s.api("GET", "/me", "").is(200).Get("account").Get("id").Text()
	n["version"] = s.scim("GET", "/Users/"+n["user"], "").is(200).header.Get("ETag")
	n["escapedVersion"] = strings.ReplaceAll(n["version"], `"`, `\"`)
	n["cursor"] = s.scim("GET", "/Users?count=1&cursor", "").is(200).Get("nextCursor").Text()
	n["auditCursor"] = s.api("GET", "/audit?limit=1", "").is(200).Get("next").Text()
	for name, value := range n {
		require.NotEmpty(s.t, value, name)
	}
	return n
}

// equip gives the user and the machine, and the account, what lets them in.
func (s *site) equip(n things) {
	register := func(path string) (factor string) {
		begun := s.api("POST", "/users/"+n["user"]+path, "").is(201)
		credential, err := factortest.New(origin).Register([]byte(begun.Get("publicKey").String()))
		require.NoError(s.t, err)
		return s.api("POST", "/users/"+n["user"]+path+"/"+begun.Get("registrationId").Text(), `{"credential":`+string(credential)+`}`).is(201).Get("id").Text()
	}
	begin := func(path string) string {
		return s.api("POST", "/users/"+n["user"]+path, "").is(201).Get("registrationId").Text()
	}
	n["factorId"], n["passkeyId"] = register("/auth-factors/u2f/registrations"), register("/passkeys/registrations")
	n["securityRegistration"], n["registrationId"] = begin("/auth-factors/u2f/registrations"), begin("/passkeys/registrations")
	for _, factor := range []string{"otp-sms", "otp-email", "recovery-codes", "otp"} {
		s.api("POST", "/users/"+n["user"]+"/auth-factors/"+factor, "").is(201)
	}
	n["transaction"] = s.api("POST", "/authenticate", `{"loginName":"`+n["login"]+`","password":"correct horse"}`).is(200).Get("transaction").Text()
	secret := s.api("PUT", "/users/"+n["machine"]+"/secret", "{}").is(200)
	n["machineClient"], n["machineSecret"] = secret.Get("clientId").Text(), secret.Get("clientSecret").Text()
	n["keyId"] = s.api("POST", "/users/"+n["machine"]+"/keys", `{"type":"json"}`).is(201).Get("id").Text()
	n["tokenId"] = s.api("POST", "/users/"+n["machine"]+"/tokens", `{}`).is(201).Get("id").Text()
	client := s.api("POST", "/tokens", `{"name":"client","form":"secret","scopes":["scim"]}`).is(201)
	n["clientToken"], n["client"], n["clientSecret"] = client.Get("id").Text(), client.Get("clientId").Text(), client.Get("secret").Text()
}

// nowhere is what has the form of things and is none of anybody.
func (n things) nowhere() things {
	absent, ids := things{}, map[string]string{}
	another := func(id string) string {
		if ids[id] == "" {
			ids[id] = storage.NewID()
		}
		return ids[id]
	}
	for name, value := range n {
		switch {
		case anID.MatchString(value):
			absent[name] = anID.ReplaceAllStringFunc(value, another)
		case strings.Contains(value, "guarded"):
			absent[name] = strings.ReplaceAll(value, "guarded", "nowhere")
		default:
			at := len(value) - 3 // before what ends a version
			absent[name] = value[:at] + map[bool]string{true: "B", false: "A"}[value[at] == 'A'] + value[at+1:]
		}
	}
	return absent
}

var anID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// fill puts things into a text that names them in braces, with "" before the name,
// or "own.".
func (n things) fill(text, whose string) string {
	for name, value := range n {
		text = strings.ReplaceAll(text, "{"+whose+name+"}", value)
	}
	return text
}

// mask puts the names in the place of things, the longest first.
func (n things) mask(text string) string {
	var names []string
	for name := range n {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := len(n[b]) - len(n[a]); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		text = strings.ReplaceAll(text, n[name], "{"+name+"}")
	}
	return text
}

// path is that of a route, to these things: those of the machine where it is about
// what machines have.
func (r accessRoute) path(n things) string {
	text := r.pattern
	for _, part := range []string{"/secret", "/keys", "/tokens"} {
		text = strings.ReplaceAll(text, "/users/{userId}"+part, "/users/{machine}"+part)
	}
	text = strings.ReplaceAll(text, "/account/tokens/{tokenId}", "/account/tokens/{clientToken}")
	text = strings.ReplaceAll(text, "/{account}/tokens/{tokenId}", "/{account}/tokens/{clientToken}")
	text = strings.ReplaceAll(text, "u2f/registrations/{registrationId}", "u2f/registrations/{securityRegistration}")
	text = strings.ReplaceAll(text, "{userId}", "{user}")
	for endpoint, name := range map[string]string{"Users": "user", "Groups": "group", "Roles": "roleId", "Entitlements": "entitlementId", "OrgUnits": "unit", "Devices": "device"} {
		text = strings.ReplaceAll(text, "/"+endpoint+"/{id}", "/"+endpoint+"/{"+name+"}")
	}
	return n.fill(text, "")
}

// accessBodies reads what routes take, by method and pattern.
func accessBodies(t testing.TB) map[string]string {
	bodies := map[string]string{}
	for _, line := range accessLines(t, "bodies.txt") {
		words := strings.SplitN(line, " ", 3)
		require.Len(t, words, 3, line)
		bodies[words[0]+" "+words[1]] = words[2]
	}
	return bodies
}
