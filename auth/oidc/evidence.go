package oidc

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"roster/auth/federation"
)

// evidence is what of a verified token decides who calls with it.
type evidence struct {
	Issuer    string            `json:"iss"`
	Algorithm string            `json:"alg"`
	Audience  []string          `json:"aud"`
	Claims    federation.Claims `json:"claims"`
}

// handle is the evidence as text, with only what that trust looks at: if another
// claim is asked for later, it is not there.
func (e evidence) handle(trust federation.Trust) string {
	e.Audience, e.Claims = []string{trust.Audience}, relevant(trust, e.Claims)
	text, _ := json.Marshal(e) // claims are JSON already
	return base64.RawURLEncoding.EncodeToString(text)
}

func readEvidence(handle string) (e evidence, err error) {
	text, err := base64.RawURLEncoding.DecodeString(handle)
	if err != nil {
		return e, fmt.Errorf("read handle: %w", err)
	}
	return e, json.Unmarshal(text, &e)
}

// relevant leaves out of claims what a trust does not look at, also of lists: of
// groups there may be hundreds.
func relevant(trust federation.Trust, claims federation.Claims) federation.Claims {
	names := []string{trust.Where.Claim, cmp.Or(trust.Subject, "sub"), trust.Name, trust.User.Claim}
	wanted := []string{trust.Where.Value}
	for _, g := range trust.Scopes {
		names, wanted = append(names, g.Claim), append(wanted, g.Value)
	}
	kept := federation.Claims{}
	for _, name := range names {
		value, told := claims[name]
		if list, isList := value.([]any); isList {
			value = slices.DeleteFunc(slices.Clone(list), func(v any) bool { return !mentions(v, wanted) })
		}
		if told {
			kept[name] = value
		}
	}
	return kept
}

// mentions reports whether a member of a list is one of those that are wanted, or
// a list of scopes in one text that has one.
func mentions(value any, wanted []string) bool {
	text, isText := value.(string)
	if !isText {
		return false
	}
	return slices.ContainsFunc(wanted, func(w string) bool { return w == text || slices.Contains(strings.Fields(text), w) })
}

// instant is the time of so many seconds since 1970, the last one that has a text
// in years of four digits if it is later.
func instant(seconds float64) time.Time {
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	return time.Unix(int64(math.Min(seconds, float64(last.Unix()))), 0)
}
