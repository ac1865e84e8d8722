package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"roster/auth"
	"roster/auth/federation"
	"roster/scim"
)

// Bounds of what an account trusts.
const (
	maxIssuers    = 20
	maxGrants     = 100 // of an issuer
	maxClaim      = 255 // bytes, of names and values
	maxIdentifier = 512 // bytes, of issuers and audiences
)

func normaliseIssuers(issuers []federation.Issuer) ([]federation.Issuer, error) {
	if len(issuers) > maxIssuers {
		return nil, tooMany("issuers", len(issuers), maxIssuers)
	}
	issuers = slices.Clone(issuers)
	for n := range issuers {
		i := &issuers[n]
		if err := checkIssuer(*i); err != nil {
			return nil, fmt.Errorf("issuer %q: %w", scim.Abbreviate(i.URL), err)
		}
		same := func(other federation.Issuer) bool { return isSameTrust(*i, other) }
		if slices.ContainsFunc(issuers[:n], same) {
			return nil, repeated("issuer", i.URL)
		}
		i.Algorithms, i.Scopes = slices.Clone(i.Algorithms), slices.Clone(i.Scopes)
		for g := range i.Scopes {
			i.Scopes[g].Grants = slices.Clone(i.Scopes[g].Grants)
		}
	}
	return issuers, nil
}

// isSameTrust reports whether two take the same tokens.
func isSameTrust(a, b federation.Issuer) bool {
	return a.URL == b.URL && a.Audience == b.Audience && a.Where == b.Where
}

func checkIssuer(i federation.Issuer) error {
	problems := []error{checkIssuerURL(i.URL), checkAlgorithms(i.Algorithms), checkWhere(i.Where), checkIssuerUser(i.User),
		checkGrants(i.Scopes, i.User != federation.User{}), checkDomain(i.Domain)}
	if !printable(i.Audience, maxIdentifier) {
		problems = append(problems, invalid("audience", i.Audience, "what the issuer writes into aud for this server: 1 to 512 bytes of text"))
	}
	for name, claim := range map[string]string{"subject": i.Subject, "name": i.Name} {
		if claim != "" && !printable(claim, maxClaim) {
			problems = append(problems, invalid("claim of "+name, claim, aClaim))
		}
	}
	return errors.Join(problems...)
}

const aClaim = "the name of a claim: 1 to 255 bytes of text"

// checkIssuerURL takes what a token's iss may be (OpenID Connect Discovery 1.0
// section 3) and keys are fetched from privately. It is compared to the letter, so
// nothing is made of it.
func checkIssuerURL(url string) error {
	if len(url) > maxIdentifier || !isURL(url) || strings.ContainsAny(url, "?#") || !printable(url, maxIdentifier) {
		return invalid("issuer", url, "what the issuer writes into iss: an https URL without query and fragment")
	}
	return nil
}

func checkAlgorithms(algorithms []string) error {
	for n, a := range algorithms {
		if !slices.Contains(federation.Algorithms(), a) {
			return invalid("algorithm", a, "one or more of "+strings.Join(federation.Algorithms(), ", "))
		}
		if slices.Contains(algorithms[:n], a) {
			return repeated("algorithm", a)
		}
	}
	return nil
}

func checkWhere(m federation.Match) error {
	if m != (federation.Match{}) && !(printable(m.Claim, maxClaim) && printable(m.Value, maxClaim)) {
		return invalid("where", m.Claim, "a claim and its value, of 1 to 255 bytes of text each")
	}
	return nil
}

func checkIssuerUser(u federation.User) error {
	switch {
	case u == federation.User{}:
		return nil
	case !printable(u.Claim, maxClaim):
		return invalid("claim of user", u.Claim, aClaim)
	case u.Attribute != federation.ExternalID && u.Attribute != federation.UserName:
		return invalid("attribute of user", u.Attribute, federation.ExternalID+" or "+federation.UserName)
	}
	return nil
}

func checkGrants(grants []federation.Grant, ofUsers bool) error {
	if len(grants) > maxGrants {
		return tooMany("scopes of an issuer", len(grants), maxGrants)
	}
	for _, g := range grants {
		if err := checkGrant(g, ofUsers); err != nil {
			return err
		}
	}
	return nil
}

// checkGrant keeps an account from giving what is not its own: the platform. Only
// users have roles.
func checkGrant(g federation.Grant, ofUsers bool) error {
	everybody := g.Claim == "" && g.Value == ""
	if !everybody && !(printable(g.Claim, maxClaim) && printable(g.Value, maxClaim)) {
		return invalid("claim of scopes", g.Claim, "a claim and its value, of 1 to 255 bytes of text each; or neither, for every token")
	}
	valid := append([]auth.Scope{auth.SCIM}, auth.AccountScopes()...)
	if ofUsers {
		valid = append(valid, auth.Roles)
	}
	if len(g.Grants) == 0 {
		return fmt.Errorf("scopes that grant nothing are %w: use one or more of %s", ErrInvalid, join(valid))
	}
	for _, s := range g.Grants {
		switch {
		case s == auth.Roles && !ofUsers:
			return errRolesOfNobody
		case !slices.Contains(valid, s):
			return invalid("scope", string(s), "one or more of "+join(valid))
		}
	}
	return nil
}
