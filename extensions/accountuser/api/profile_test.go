package api_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
)

func TestProfile(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada", `,"gender":"female"`)
	require.Equal(t, map[string]any{"givenName": "ada", "familyName": "Test", "displayName": "ada Test", "gender": "female"}, w.send("GET", ada+"/profile", "").is(200).value())
	const whole = `{"givenName":"Ada","familyName":"Lovelace","displayName":"Ada L","preferredLanguage":"en-GB"}`
	a := w.send("PUT", ada+"/profile", whole).is(200)
	require.JSONEq(t, whole, string(a.body))
	require.Equal(t, a.header.Get("ETag"), w.send("PUT", ada+"/profile", whole).header.Get("ETag"))
	for _, body := range []string{`{}`, `{"givenName":"A","familyName":"B"}`, `{"givenName":"","familyName":"B","displayName":"C"}`,
		`{"givenName":"A","familyName":"B","displayName":"C","preferredLanguage":"?"}`, `{"givenName":null,"familyName":"B","displayName":"C"}`} {
		w.send("PUT", ada+"/profile", body).is(400, "invalid_value")
	}
	robot := w.machine("robot")
	for _, path := range []string{"/profile", "/email", "/phone"} {
		w.send("GET", robot+path, "").is(409, "wrong_type")
	}
	w.send("PUT", robot+"/profile", whole).is(409, "wrong_type")
	w.send("PUT", robot+"/email", `{"emailAddress":"r@example.com"}`).is(409, "wrong_type")
}

func TestEmail(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	require.Equal(t, map[string]any{"emailAddress": "ada@example.com", "verified": true}, w.send("GET", ada+"/email", "").is(200).value())
	w.send("POST", ada+"/email/resend-verification", "").is(409, "already_verified")
	a := w.send("PUT", ada+"/email", `{"emailAddress":"ada@example.org"}`).is(200)
	require.Equal(t, false, a.get("verified"))
	first := w.token()
	require.Empty(t, w.send("POST", ada+"/email/resend-verification", "").is(202).body)
	second := w.token()
	w.send("POST", "/verification/complete", `{"token":"`+first+`"}`, "token: ").is(410, "expired")
	done := w.send("POST", "/verification/complete", `{"token":"`+second+`"}`, "token: ").is(200)
	require.Equal(t, map[string]any{"accountId": w.acme, "userId": idOf(ada), "status": "active"}, done.value())
	require.Equal(t, true, w.send("GET", ada+"/email", "").get("verified"))
	w.send("POST", "/verification/complete", `{"token":"`+second+`"}`, "token: ").is(410, "expired")

	mails := len(w.letters(notify.Mail))
	require.Equal(t, true, w.send("PUT", ada+"/email", `{"emailAddress":"a@example.org","verified":true}`).is(200).get("verified"))
	require.Len(t, w.letters(notify.Mail), mails, "nobody asks for what is verified")
	w.send("PUT", ada+"/email", `{"emailAddress":"a@elsewhere.org"}`).is(400, "mail_domain")
	w.send("PUT", ada+"/email", `{"emailAddress":"no address"}`).is(400)
	eve := w.invited("eve")
	w.send("PUT", eve+"/email", `{"emailAddress":"eva@example.com"}`).is(409, "not_initialised")
	w.send("POST", eve+"/email/resend-verification", "").is(409, "not_initialised")
}

func TestPhone(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	for _, r := range [][2]string{{"GET", ""}, {"DELETE", ""}, {"POST", "/resend-verification"}} {
		w.send(r[0], ada+"/phone"+r[1], "").is(404, "not_found")
	}
	require.Equal(t, map[string]any{"phoneNumber": "+4930123456", "verified": false}, w.send("PUT", ada+"/phone", `{"phoneNumber":"+4930123456"}`).is(200).value())
	code := w.last(notify.SMS, `\b\d{6}\b`)
	typed := func(code, user string) answer {
		return w.send("POST", "/verification/complete", `{"accountId":"`+w.acme+`","userId":"`+user+`","channel":"phone","code":"`+code+`"}`, "token: ")
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	typed(wrong, idOf(ada)).is(400, "invalid_code")
	typed(code, w.acme).is(400, "invalid_code")
	typed(code, idOf(ada)).is(200)
	typed(code, idOf(ada)).is(400, "invalid_code")
	require.Equal(t, true, w.send("GET", ada+"/phone", "").get("verified"))
	w.send("POST", ada+"/phone/resend-verification", "").is(409, "already_verified")
	for _, number := range []string{"030123", "+", "+49 30 123", "+" + strings.Repeat("1", 50)} {
		w.send("PUT", ada+"/phone", `{"phoneNumber":"`+number+`"}`).is(400, "invalid_value")
	}
	require.NotEmpty(t, w.send("DELETE", ada+"/phone", "").is(204).header.Get("ETag"))
	w.send("GET", ada+"/phone", "").is(404, "not_found")
	for _, body := range []string{`{}`, `{"token":"x","code":"1"}`, `{"accountId":"x","code":"1"}`, `{"accountId":"a","userId":"b","channel":"post","code":"1"}`} {
		w.send("POST", "/verification/complete", body, "token: ").is(400, "invalid_value")
	}
	w.send("POST", "/verification/complete", `{"token":"x"}`, "token: ").is(400, "invalid_token")
}

func TestAvatar(t *testing.T) {
	w := newWorld(t)
	id := w.resource("User", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada","photos":[{"value":"https://x.example/1","type":"photo"}]}`)
	w.send("DELETE", "/users/"+id+"/avatar", "").is(204)
	w.send("DELETE", "/users/"+id+"/avatar", "").is(404, "not_found")
}

// TestMetadata is trap 15.
func TestMetadata(t *testing.T) {
	w := newWorld(t)
	ada := w.human("ada")
	at := func(key string) string { return ada + "/metadata/" + key }
	first := w.send("PUT", at("a%2Fb"), `{"value":"AAE="}`).is(204).header.Get("ETag")
	require.Equal(t, first, w.send("PUT", at("a%2Fb"), `{"value":"AAE="}`).is(204).header.Get("ETag"), "the same value is no change")
	require.Equal(t, map[string]any{"key": "a/b", "value": "AAE="}, w.send("GET", at("a%2Fb"), "").is(200).value())
	w.send("PUT", at("_bulk"), `{"value":"AA=="}`).is(204)
	w.send("PUT", at("%C3%A4%20x"), `{"value":"AA=="}`).is(204)
	w.send("PUT", at("100%25"), `{"value":"AA=="}`).is(204)
	for _, bad := range []string{`{"value":""}`, `{"value":"AAE"}`, `{"value":"__8="}`, `{"value":"AA E="}`, `{"value":null}`, `{}`, `{"value":1}`,
		`{"value":"` + base64.StdEncoding.EncodeToString(make([]byte, 500_001)) + `"}`} {
		w.send("PUT", at("k"), bad).is(400, "invalid_value")
	}
	w.send("PUT", at("k"), `{"value":"`+base64.StdEncoding.EncodeToString(make([]byte, 500_000))+`"}`).is(204)
	w.send("PUT", at("k"), `{"value":"`+strings.Repeat("A", 1<<20)+`"}`).is(413, "too_large")
	w.send("PUT", at(strings.Repeat("k", 201)), `{"value":"AA=="}`).is(400, "invalid_value")
	w.send("GET", at("none"), "").is(404, "not_found")
	w.send("DELETE", at("none"), "").is(404, "not_found")
	w.send("DELETE", at("k"), "").is(204)
	require.NotContains(t, string(w.send("GET", ada, "").body), "metadata")

	for query, keys := range map[string]string{
		"": "100% _bulk a/b ä x", "key=a/b": "a/b", "key=A/B": "", "key=A/B&ignoreCase=true": "a/b", "key=a&op=startsWith": "a/b", "key=/&op=contains": "a/b",
		"key=b&op=endsWith": "a/b", "key=x&op=endsWith": "ä x", "take=1&from=1": "_bulk", "take=0": "",
	} {
		found := []string{}
		for _, m := range w.send("GET", ada+"/metadata?"+query, "").is(200).get("results").([]any) {
			found = append(found, follow(m, "key").(string))
		}
		require.Equal(t, keys, strings.Join(found, " "), query)
	}
	w.send("GET", ada+"/metadata?op=like", "").is(400, "invalid_parameter")

	before := w.send("GET", ada+"/metadata", "")
	for body, code := range map[string]string{
		`{"set":[{"key":"n","value":"AA=="}],"delete":["none"]}`:          "not_found",
		`{"set":[{"key":"n","value":"AA=="},{"key":"n","value":"AQ=="}]}`: "invalid_value",
		`{"set":[{"key":"a/b","value":"AA=="}],"delete":["a/b"]}`:         "invalid_value",
		`{"set":[{"key":"n","value":"AA=="},{"key":"m","value":"?"}]}`:    "invalid_value",
		`{"set":[{"key":"","value":"AA=="}]}`:                             "invalid_value",
		`{}`:                                                              "invalid_value", `{"set":[],"delete":[]}`: "invalid_value", `{"set":null}`: "invalid_value",
	} {
		require.Equal(t, code, w.send("PATCH", ada+"/metadata", body).get("code"), body)
	}
	require.Equal(t, before.value(), w.send("GET", ada+"/metadata", "").value())
	require.Equal(t, before.header.Get("ETag"), w.send("GET", ada+"/metadata", "").header.Get("ETag"))
	large := base64.StdEncoding.EncodeToString(make([]byte, 500_000))
	w.send("PATCH", ada+"/metadata", `{"set":[{"key":"n","value":"`+large+`"},{"key":"m","value":"`+large+`"}],"delete":["a/b"]}`).is(204)
	require.EqualValues(t, 5, w.send("GET", ada+"/metadata", "").get("rowCount"))
}
