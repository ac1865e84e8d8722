package oidc

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"roster/auth"
)

// Bounds of what is looked at before anything is known of who sends it.
const (
	maxToken    = 16 << 10 // bytes
	maxAudience = 10
)

// token is what an unverified JSON Web Token says of itself.
type token struct {
	text             string
	algorithm, keyID string
	issuer           string
	audience         audience
}

// parse tells a JSON Web Token (RFC 7519 section 3) from everything else. All that
// it returns is what anybody may write.
func parse(credential auth.Secret) (token, bool) {
	text := credential.Reveal()
	// What decodes base64 passes over line breaks, so two texts would be one token.
	if len(text) > maxToken || strings.Count(text, ".") != 2 || strings.ContainsAny(text, "\r\n") {
		return token{}, false
	}
	parts := strings.Split(text, ".")
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	var payload struct {
		Issuer   string   `json:"iss"`
		Audience audience `json:"aud"`
	}
	if !decode(parts[0], &header) || !decode(parts[1], &payload) || len(payload.Audience) > maxAudience {
		return token{}, false
	}
	return token{text, header.Algorithm, header.KeyID, payload.Issuer, payload.Audience}, true
}

func decode(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}

// audience is one text, or a list (RFC 7519 section 4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}
