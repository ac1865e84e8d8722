package api_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/factor/factortest"
	"roster/extensions/notify"
)

// login tries a login name and a password.
func (w *world) login(name, password string) answer {
	w.t.Helper()
	return w.send("POST", "/authenticate", `{"loginName":"`+name+`@example.com","password":"`+password+`"}`)
}

// factor answers the second factor of a login.
func (w *world) factor(login answer, id, code string) answer {
	w.t.Helper()
	return w.send("POST", "/authenticate/factor", `{"transaction":"`+login.text("transaction")+`","factorId":"`+id+`","code":"`+code+`"}`)
}

func TestPassword(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	require.Equal(t, map[string]any{"status": "authenticated", "userId": idOf(ada), "passwordChangeRequired": false}, w.login("ada", "correct horse").is(200).value())
	w.send("PUT", ada+"/password", `{"password":"battery staple"}`).is(204)
	require.Equal(t, true, w.send("GET", ada, "").get("passwordChangeRequired"))
	require.Equal(t, true, w.login("ada", "battery staple").get("passwordChangeRequired"))
	w.send("PUT", ada+"/password", `{"password":"battery staple","changeRequired":false}`).is(204)
	require.Equal(t, false, w.send("GET", ada, "").get("passwordChangeRequired"))
	w.send("PUT", ada+"/password", `{"password":"short"}`).is(400, "password_policy")
	w.send("PUT", w.machine("robot")+"/password", `{"password":"correct horse"}`).is(409, "wrong_type")
	w.send("PUT", w.invited("eve")+"/password", `{"password":"correct horse"}`).is(409, "not_initialised")
}

// TestFailures: all of them look alike, and lock the user in the end.
func TestFailures(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	w.machine("robot")
	w.invited("eve")
	w.send("POST", w.human("idle")+"/deactivate", "").is(200)
	same := func(a answer) string { return a.is(403, "authentication_failed").text("detail") }
	detail := same(w.login("nobody", "correct horse"))
	for _, name := range []string{"robot", "eve", "idle"} {
		require.Equal(t, detail, same(w.login(name, "correct horse")))
	}
	for range 3 {
		require.Equal(t, detail, same(w.login("ada", "wrong horse")))
	}
	require.Equal(t, "locked", w.send("GET", ada, "").get("status"))
	require.Equal(t, detail, same(w.login("ada", "correct horse")))
	w.send("POST", ada+"/unlock", "").is(200)
	w.login("ada", "correct horse").is(200)
	w.send("POST", "/authenticate", `{"loginName":"ada@example.com"}`).is(400, "invalid_value")
	w.send("POST", "/authenticate", `{"loginName":"a","password":"b"}`, "token: user.read").is(403, "insufficient_scope")
}

func TestReset(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	w.send("POST", ada+"/password/reset", `{"channel":"sms"}`).is(409, "no_channel")
	require.Equal(t, "email", w.send("POST", ada+"/password/reset", "").is(202).get("channel"))
	token := w.token()
	w.login("ada", "correct horse").is(200)
	w.send("POST", "/password-reset/complete", `{"token":"`+token+`","password":"short"}`, "token: ").is(400, "password_policy")
	w.send("POST", "/password-reset/complete", `{"token":"`+token+`","password":"battery staple"}`, "token: ").is(200)
	w.send("POST", "/password-reset/complete", `{"token":"`+token+`","password":"battery staple"}`, "token: ").is(410, "expired")
	w.login("ada", "battery staple").is(200)
	w.send("POST", ada+"/password/reset", `{"invalidate":true}`).is(202)
	w.login("ada", "battery staple").is(403)
	w.send("POST", "/password-reset/complete", `{"token":"nonsense","password":"battery staple"}`, "token: ").is(400, "invalid_token")
	w.send("POST", "/verification/complete", `{"token":"`+w.token()+`"}`, "token: ").is(400, "invalid_token")
	w.send("POST", ada+"/password/reset", `{"channel":"post"}`).is(400, "invalid_value")
	w.send("POST", w.invited("eve")+"/password/reset", "").is(409, "not_initialised")
	w.send("POST", w.machine("robot")+"/password/reset", "").is(409, "wrong_type")
}

func TestInvitation(t *testing.T) {
	w := newWorld(t)
	a := w.send("POST", "/invitation/invite", `{"emailAddress":"eve@example.com","roles":null}`).is(201)
	eve := "/users/" + a.text("userId")
	require.Equal(t, "/v1/account"+eve, a.header.Get("Location"))
	require.Equal(t, "pending", a.get("invitationStatus"))
	expiry, err := time.Parse(time.RFC3339, a.text("expiryDate"))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(time.Hour), expiry, time.Minute)
	first := w.token()
	for body, code := range map[string]string{
		`{"emailAddress":null}`: "invalid_value", `{}`: "invalid_value", `{"emailAddress":"x@elsewhere.com"}`: "mail_domain", `{"emailAddress":"no address"}`: "invalid_value",
		`{"emailAddress":"x@example.com","roles":["nobody"]}`: "unknown_role", `{"emailAddress":"EVE@example.com"}`: "uniqueness",
	} {
		require.Equal(t, code, w.send("POST", "/invitation/invite", body).get("code"), body)
	}
	resent := w.send("POST", "/invitation/resend", `{"userId":"`+idOf(eve)+`","emailAddress":"eva@example.com"}`).is(201)
	require.Equal(t, "eva@example.com", resent.get("emailAddress"))
	second := w.token()
	accept := func(token string) answer {
		return w.send("POST", "/invitation/accept", `{"token":"`+token+`","password":"correct horse","givenName":"Eva"}`, "token: ")
	}
	accept(first).is(410, "expired")
	require.Equal(t, "revoked", w.send("POST", "/invitation/revoke", `{"userId":"`+idOf(eve)+`"}`).is(200).get("invitationStatus"))
	w.send("POST", "/invitation/revoke", `{"userId":"`+idOf(eve)+`"}`).is(404, "not_found")
	accept(second).is(410, "expired")
	w.send("POST", "/invitation/resend", `{"userId":"`+idOf(eve)+`"}`).is(201)
	third := w.token()
	require.Equal(t, "active", accept(third).is(200).get("status"))
	accept(third).is(410, "expired")
	now := w.send("GET", eve, "")
	require.Equal(t, "Eva", now.get("givenName"))
	require.Equal(t, "accepted", now.get("invitationStatus"))
	require.Equal(t, true, now.get("emailVerified"))
	w.send("POST", "/invitation/resend", `{"userId":"`+idOf(eve)+`"}`).is(409, "already_initialised")
	w.send("POST", "/invitation/resend", `{"userId":"`+w.beta+`"}`).is(404, "not_found")

	fay := w.invited("fay")
	require.Equal(t, "active", w.send("POST", fay+"/password/initialize", `{"password":"correct horse"}`).is(200).get("status"))
	w.send("POST", fay+"/password/initialize", `{"password":"correct horse"}`).is(409, "already_initialised")
	accept(w.token()).is(409, "already_initialised")
}

func TestTOTP(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	w.send("POST", ada+"/auth-factors/otp/confirm", `{"code":"123456"}`).is(404, "not_found")
	begun := w.send("POST", ada+"/auth-factors/otp", "").is(201)
	require.Contains(t, begun.text("uri"), "otpauth://totp/")
	require.Equal(t, "notReady", w.send("GET", ada+"/auth-factors", "").get("results.0.state"))
	w.login("ada", "correct horse").is(200)
	secret := begun.text("secret")
	w.send("POST", ada+"/auth-factors/otp/confirm", `{"code":"x"}`).is(400, "invalid_code")
	require.Equal(t, "ready", w.send("POST", ada+"/auth-factors/otp/confirm", `{"code":"`+codeOf(t, secret, 0)+`"}`).is(200).get("state"))
	w.send("POST", ada+"/auth-factors/otp", "").is(409, "already_enrolled")

	login := w.login("ada", "correct horse").is(200)
	require.Equal(t, "factor_required", login.get("status"))
	require.Equal(t, "otp", login.get("factors.0.id"))
	w.factor(login, "otp", "x").is(403, "authentication_failed")
	require.Equal(t, "authenticated", w.factor(login, "otp", codeOf(t, secret, 30*time.Second)).is(200).get("status"))
	w.factor(login, "otp", codeOf(t, secret, 30*time.Second)).is(410, "expired")
	for _, body := range []string{`{"transaction":"x"}`, `{"transaction":"x","code":"1"}`, `{"transaction":"x","factorId":"otp","code":"1","credential":{}}`} {
		w.send("POST", "/authenticate/factor", body).is(400, "invalid_value")
	}

	require.Equal(t, "2100-01-01T00:00:00.000Z", w.send("PUT", ada+"/mfa-skip", `{"until":4102444800}`).is(200).get("mfaSkipUntil"))
	require.Equal(t, "authenticated", w.login("ada", "correct horse").get("status"))
	w.send("DELETE", ada+"/mfa-skip", "").is(204)
	w.send("DELETE", ada+"/mfa-skip", "").is(204)
	for _, body := range []string{`{"until":"2001-01-01T00:00:00Z"}`, `{"until":0}`, `{"until":"soon"}`, `{"until":null}`, `{}`} {
		w.send("PUT", ada+"/mfa-skip", body).is(400, "invalid_value")
	}
	require.Equal(t, "factor_required", w.login("ada", "correct horse").get("status"))
	w.send("DELETE", ada+"/auth-factors/otp", "").is(204)
	w.send("DELETE", ada+"/auth-factors/otp", "").is(404, "not_found")
	require.Equal(t, "authenticated", w.login("ada", "correct horse").get("status"))
}

// codeOf is what the app shows at that time from now on (RFC 6238).
func codeOf(t *testing.T, secret string, later time.Duration) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	require.NoError(t, err)
	mac := hmac.New(sha1.New, key)
	require.NoError(t, binary.Write(mac, binary.BigEndian, time.Now().Add(later).Unix()/30))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}

func TestChannels(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	w.send("POST", ada+"/auth-factors/otp-sms", "").is(409, "not_verified")
	w.send("PUT", ada+"/phone", `{"phoneNumber":"+4930123456","verified":true}`).is(200)
	require.Equal(t, "otpSms", w.send("POST", ada+"/auth-factors/otp-sms", "").is(201).get("type"))
	w.send("POST", ada+"/auth-factors/otp-sms", "").is(409, "already_enrolled")
	require.Equal(t, "otp-email", w.send("POST", ada+"/auth-factors/otp-email", "").is(201).get("id"))
	codes := w.send("POST", ada+"/auth-factors/recovery-codes", "").is(201)
	require.Len(t, codes.get("codes"), 10)

	login := w.login("ada", "correct horse").is(200)
	sent := w.send("POST", "/authenticate/challenge", `{"transaction":"`+login.text("transaction")+`","factorId":"otp-sms"}`).is(200)
	require.NotContains(t, sent.text("sentTo"), "30123456")
	w.factor(login, "otp-sms", w.last(notify.SMS, `\b\d{6}\b`)).is(200)
	login = w.login("ada", "correct horse")
	w.send("POST", "/authenticate/challenge", `{"transaction":"`+login.text("transaction")+`","factorId":"otp"}`).is(404, "not_found")
	w.factor(login, "recovery-codes", codes.text("codes.0")).is(200)
	for _, f := range w.send("GET", ada+"/auth-factors", "").get("results").([]any) {
		if follow(f, "id") == "recovery-codes" {
			require.EqualValues(t, 9, follow(f, "remaining"))
		}
	}
	for _, id := range []string{"otp-sms", "otp-email", "recovery-codes"} {
		w.send("DELETE", ada+"/auth-factors/"+id, "").is(204)
	}
	w.send("GET", w.machine("robot")+"/auth-factors", "").is(409, "wrong_type")
}

// register registers an authenticator and returns its id.
func (w *world) register(a *factortest.Authenticator, path string) string {
	w.t.Helper()
	begun := w.send("POST", path, "").is(201)
	response, err := a.Register(mustJSON(w.t, begun.get("publicKey")))
	require.NoError(w.t, err)
	body := `{"name":"Laptop","credential":` + string(response) + `}`
	made := w.send("POST", path+"/"+begun.text("registrationId"), body).is(201)
	w.send("POST", path+"/"+begun.text("registrationId"), body).is(404, "not_found")
	require.Equal(w.t, "Laptop", made.get("display"))
	return made.text("id")
}

func TestSecurityKey(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.human("ada"), w.human("bob")
	device := factortest.New(origin)
	id := w.register(device, ada+"/auth-factors/u2f/registrations")
	login := w.login("ada", "correct horse").is(200)
	asked := w.send("POST", "/authenticate/challenge", `{"transaction":"`+login.text("transaction")+`","factorId":"`+id+`"}`).is(200)
	response, err := device.Login(mustJSON(t, asked.get("publicKey")))
	require.NoError(t, err)
	w.send("POST", "/authenticate/factor", `{"transaction":"`+login.text("transaction")+`","credential":`+string(response)+`}`).is(200)
	w.send("DELETE", bob+"/auth-factors/"+id, "").is(404, "not_found")
	w.send("DELETE", ada+"/passkeys/"+id, "").is(404, "not_found")
	w.send("DELETE", ada+"/auth-factors/"+id, "").is(204)

	begun := w.send("POST", ada+"/auth-factors/u2f/registrations", "").is(201)
	w.send("POST", ada+"/auth-factors/u2f/registrations/"+begun.text("registrationId"), `{"credential":{"id":"x"}}`).is(400, "invalid_credential")
	w.send("POST", ada+"/passkeys/registrations/"+begun.text("registrationId"), `{"credential":{"id":"x"}}`).is(404, "not_found")
}

func TestPasskey(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	device := factortest.New(origin)
	id := w.register(device, ada+"/passkeys/registrations")
	require.Equal(t, id, w.send("GET", ada+"/passkeys", "").get("results.0.id"))
	require.Equal(t, []any{}, w.send("GET", ada+"/auth-factors", "").get("results"))
	asked := w.send("POST", "/authenticate/passkey", `{"loginName":"ada@example.com"}`).is(200)
	response, err := device.Login(mustJSON(t, asked.get("publicKey")))
	require.NoError(t, err)
	require.Equal(t, "authenticated", w.send("POST", "/authenticate/factor", `{"transaction":"`+asked.text("transaction")+`","credential":`+string(response)+`}`).is(200).get("status"))
	unknown := w.send("POST", "/authenticate/passkey", `{"loginName":"nobody"}`).is(200)
	require.Len(t, unknown.get("publicKey"), len(asked.get("publicKey").(map[string]any)))

	link := w.send("POST", ada+"/passkeys/registration-links", "").is(201)
	token := link.text("token")
	other := factortest.New(origin)
	begun := w.send("POST", "/passkey-registration/begin", `{"token":"`+token+`"}`, "token: ").is(200)
	require.Equal(t, "passkey", begun.get("type"))
	response, err = other.Register(mustJSON(t, begun.get("publicKey")))
	require.NoError(t, err)
	finish := `{"token":"` + token + `","registrationId":"` + begun.text("registrationId") + `","credential":` + string(response) + `}`
	require.Equal(t, "passkey", w.send("POST", "/passkey-registration/finish", finish, "token: ").is(201).get("type"))
	w.send("POST", "/passkey-registration/finish", finish, "token: ").is(410, "expired")
	w.send("POST", "/passkey-registration/begin", `{"token":"`+token+`"}`, "token: ").is(410, "expired")
	w.send("POST", "/passkey-registration/begin", `{"token":"x"}`, "token: ").is(400, "invalid_token")

	mailed := w.send("POST", ada+"/passkeys/registration-links", `{"delivery":"email","type":"u2f"}`).is(201)
	require.Len(t, mailed.value(), 1)
	require.Equal(t, "u2f", w.send("POST", "/passkey-registration/begin", `{"token":"`+w.token()+`"}`, "token: ").is(200).get("type"))
	w.send("DELETE", ada+"/passkeys/"+id, "").is(204)
	require.Len(t, w.send("GET", ada+"/passkeys", "").get("results"), 1)
}

func TestMachine(t *testing.T) {
	w := newWorld(t)
	robot, human := w.machine("robot"), w.human("ada")
	secret := w.send("PUT", robot+"/secret", "").is(200)
	require.Equal(t, strings.TrimPrefix(robot, "/users/")+"@"+w.acme, secret.get("clientId"))
	require.NotEqual(t, secret.text("clientSecret"), w.send("PUT", robot+"/secret", `{"expiresAt":"2100-01-01T00:00:00Z"}`).is(200).get("clientSecret"))
	require.Equal(t, true, w.send("GET", robot, "").get("machine.hasSecret"))
	w.send("PUT", robot+"/secret", `{"expiresAt":"2001-01-01T00:00:00Z"}`).is(400, "invalid_value")
	w.send("DELETE", robot+"/secret", "").is(204)
	w.send("DELETE", robot+"/secret", "").is(404, "not_found")

	key := w.send("POST", robot+"/keys", `{"expiresAt":"2100-01-01T00:00:00Z"}`).is(201)
	require.NotEmpty(t, key.text("keyDetails"))
	at := robot + "/keys/" + key.text("id")
	require.Equal(t, "/v1/account"+at, key.header.Get("Location"))
	require.Equal(t, "2100-01-01T00:00:00Z", w.send("GET", at, "").is(200).get("expiresAt"))
	require.NotContains(t, w.send("GET", at, "").value(), "keyDetails")
	require.EqualValues(t, 1, w.send("GET", robot+"/keys?take=0", "").get("rowCount"))
	w.send("POST", robot+"/keys", `{"publicKey":"no key"}`).is(400, "invalid_key")
	w.send("POST", robot+"/keys", `{"expiresAt":"2001-01-01T00:00:00Z"}`).is(400, "invalid_value")
	for _, member := range []string{"secret", "keys", "tokens"} { // Go's zero time does not mean never
		method := map[bool]string{true: "PUT", false: "POST"}[member == "secret"]
		w.send(method, robot+"/"+member, `{"expiresAt":"0001-01-01T00:00:00.0001Z"}`).is(400, "invalid_value")
	}
	w.send("GET", w.machine("other")+"/keys/"+key.text("id"), "").is(404, "not_found")
	w.send("DELETE", at, "").is(204)
	w.send("DELETE", at, "").is(404, "not_found")

	token := w.send("POST", robot+"/tokens", `{"name":"nightly"}`).is(201)
	require.Contains(t, token.text("token"), "roster_pat_")
	require.Equal(t, []any{"scim"}, token.get("scopes"))
	at = robot + "/tokens/" + token.text("id")
	require.Equal(t, "nightly", w.send("GET", at, "").is(200).get("name"))
	require.NotContains(t, string(w.send("GET", robot+"/tokens", "").body), token.text("token"))
	w.send("POST", robot+"/tokens", `{"scopes":["user:read"]}`, "token: user.credential+user.read").is(201)
	w.send("POST", robot+"/tokens", `{"scopes":["user:delete"]}`, "token: user.credential+user.read").is(403, "insufficient_scope")
	w.send("POST", robot+"/tokens", `{"scopes":["platform:admin"]}`).is(400, "invalid_value")
	w.send("DELETE", at, "").is(204)

	for _, path := range []string{"/keys", "/tokens"} {
		w.send("GET", human+path, "").is(409, "wrong_type")
		w.send("POST", human+path, "").is(409, "wrong_type")
	}
	w.send("PUT", human+"/secret", "").is(409, "wrong_type")
}

// TestAnswersAreJSON: an answer says that nobody shall keep it.
func TestAnswersAreJSON(t *testing.T) {
	w := newWorld(t)
	a := w.send("GET", "/users", "").is(200)
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	require.Equal(t, "no-store", a.header.Get("Cache-Control"))
	require.True(t, json.Valid(a.body))
}
