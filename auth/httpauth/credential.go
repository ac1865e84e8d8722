package httpauth

import (
	"encoding/base64"
	"net/http"
	"strings"

	"roster/auth"
)

// maxHeader bounds the Authorization header. It leaves room for a signed token of
// 16 KiB, also as the password of Basic.
const maxHeader = 24 << 10

// leastBare is how many characters a header must have to be a token by itself, so
// that the name of a scheme is none.
const leastBare = 24

// credentialOf returns the bearer credential of a request, "" if it has none.
//
// The scheme is Bearer, in any case (RFC 9110 section 11.1). Basic is taken too,
// with the token as the password and any user name, and a long token without a
// scheme, as Okta sends what is called an API token: some connectors can send
// nothing else.
func credentialOf(r *http.Request) (auth.Secret, *refusal) {
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) == 0:
		return "", nil
	case len(headers) > 1:
		return "", malformed("send only one Authorization header")
	case len(headers[0]) > maxHeader:
		return "", malformed("the Authorization header is too long")
	}
	if len(headers[0]) >= leastBare && isToken68(headers[0]) {
		return auth.Secret(headers[0]), nil
	}
	scheme, rest, _ := strings.Cut(headers[0], " ")
	rest = strings.Trim(rest, " ")
	switch strings.ToLower(scheme) {
	case "bearer":
		return bearer(rest)
	case "basic":
		return basic(rest)
	}
	return "", missing()
}

func bearer(token string) (auth.Secret, *refusal) {
	if !isToken68(token) {
		return "", malformed("the Authorization header must read 'Bearer', a space, and the token")
	}
	return auth.Secret(token), nil
}

func basic(encoded string) (auth.Secret, *refusal) {
	// Decoding skips line breaks, but net/http lets none through.
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	_, token, found := strings.Cut(string(decoded), ":")
	if err != nil || !found || !isToken68(token) {
		return "", malformed("the Authorization header must read 'Basic', a space, and the base64 of any user name, a colon, and the token")
	}
	return auth.Secret(token), nil
}

// isToken68 checks the characters that a bearer token may have (b64token of RFC
// 6750 section 2.1, token68 of RFC 9110 section 11.2).
func isToken68(s string) bool {
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~+/"
	body := strings.TrimRight(s, "=")
	return body != "" && strings.Trim(body, characters) == ""
}
