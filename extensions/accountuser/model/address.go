package model

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// maxAddress bounds an e-mail address in bytes (RFC 5321 section 4.5.3.1 leaves
// no room for more).
const maxAddress = 320

var errNoAddress = errors.New("not an e-mail address")

// checkAddress refuses an e-mail address that another user has, where the account
// itself brings it: by its verbs, and at a restoration. Identity providers may
// give several users the same address.
//
// Two verbs at once are kept apart by a claim on the address. It stays with the
// user as long as the address does.
func checkAddress(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	v, before := Of(c.After), Of(c.Before)
	email := schema.Fold(v.Email())
	claim := storage.Claim{Attribute: emailIndex, Value: []byte(email), ID: c.ID}
	switch {
	case email == "":
		return nil
	case c.Way == provider.Restore, !overSCIM(c) && email != schema.Fold(before.Email()):
		taken, err := hasEmail(ctx, s, email, c.ID)
		if err != nil {
			return err
		}
		if taken {
			return takenAddress()
		}
	case !holds(c.Document, claim):
		return nil
	}
	c.Claims = append(c.Claims, claim)
	return nil
}

func takenAddress() error {
	return Refuse(http.StatusConflict, Uniqueness, "another user has this e-mail address; use another one")
}

// holds reports whether a document has a claim.
func holds(d *storage.Document, claim storage.Claim) bool {
	if d == nil {
		return false
	}
	for _, held := range d.Claims {
		if held.Attribute == claim.Attribute && string(held.Value) == string(claim.Value) {
			return true
		}
	}
	return false
}

// emailIndex is the index over e-mail addresses of users.
const emailIndex = User + ":emails.value"

// hasEmail reports whether a user, other than the one with that id, has the
// address, given in its normal form.
func hasEmail(ctx context.Context, s storage.Snapshot, email, except string) (bool, error) {
	page, err := s.Query(ctx, storage.Query{Type: User, Limit: 2, Where: &storage.Leaf{
		Index: emailIndex, Op: storage.Equal, Value: []byte(email), Text: emailIndex + " eq",
		Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
			for _, e := range query.Resource(d).Get("emails").Elements() {
				if schema.Fold(e.Get("value").Text()) == email {
					return true, nil
				}
			}
			return false, nil
		},
	}})
	if err != nil {
		return false, err
	}
	for _, d := range page.Documents {
		if d.ID != except {
			return true, nil
		}
	}
	return false, nil
}

// checkSyntax refuses what is no e-mail address at all. What the mail server makes
// of it is found out when mail is sent.
func checkSyntax(address string) error {
	if _, err := domainOf(address); err != nil || strings.ContainsFunc(address, unprintable) {
		return scim.BadRequest(scim.InvalidValue, "this is no e-mail address; send one such as ada@example.com")
	}
	return nil
}

func unprintable(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }
