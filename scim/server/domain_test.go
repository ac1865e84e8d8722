package server_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
)

// TestDomainOfTheToken: the token says whose external ids are meant (RFC 7643
// section 3.1), in every answer that holds a resource.
func TestDomainOfTheToken(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	as := func(domain string) string { return "\nAuthorization: Bearer a~" + domain }
	w := send(t, s, "POST /Users"+as("okta"), `{"userName":"anna","externalId":"00u1"}`)
	require.Equal(t, 201, w.Code, w.Body)
	one := strings.TrimPrefix(w.Header().Get("Location"), "https://scim.example.com/scim/v2")
	w = send(t, s, "PATCH "+one+as("hr"), `{"Operations":[{"op":"add","path":"externalId","value":"701984"}]}`)
	require.Equal(t, 200, w.Code, w.Body)
	id := one[strings.LastIndex(one, "/")+1:]
	for domain, own := range map[string]string{"okta": "00u1", "hr": "701984", "": ""} {
		for request, body := range map[string]string{
			"GET " + one: "",
			"GET /Me":    "",
			"GET " + one + "?attributes=externalId,externalIds": "",
			"GET " + one + "?excludedAttributes=userName":       "",
			"GET /Users":                          "",
			"GET /?filter=userName+eq+%22anna%22": "",
			"POST /Users/.search":                 `{"schemas":["` + scim.MessageSearchRequest + `"],"sortBy":"externalId"}`,
			"PATCH " + one:                        `{"Operations":[{"op":"replace","path":"title","value":"x"}]}`,
		} {
			token := as(domain)
			if request == "GET /Me" {
				token = "\nAuthorization: Bearer a/" + id + "~" + domain
			}
			w := send(t, s, request+token, body)
			require.Equal(t, 200, w.Code, "%s: %s", request, w.Body)
			for _, value := range []string{"00u1", "701984"} {
				require.Equal(t, value == own, strings.Contains(w.Body.String(), `"externalId":"`+value+`"`), "%s in %q", request, domain)
				require.Equal(t, value == own, strings.Contains(w.Body.String(), value), "%s in %q", request, domain)
			}
			require.NotContains(t, w.Body.String(), "externalIds", request)
		}
		for _, value := range []string{"00u1", "701984"} {
			w := send(t, s, "GET /Users?filter=externalId+eq+%22"+value+"%22"+as(domain), "")
			require.Equal(t, value == own, strings.Contains(w.Body.String(), `"totalResults":1`), "%s in %q", value, domain)
		}
	}
}

// TestHiddenIsNotDescribed: discovery does not tell where the external ids of other
// domains are.
func TestHiddenIsNotDescribed(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	for _, path := range []string{"/Schemas", "/ResourceTypes", "/ServiceProviderConfig"} {
		require.NotContains(t, send(t, s, "GET "+path, "").Body.String(), "externalIds", path)
	}
}
