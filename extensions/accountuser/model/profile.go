package model

import (
	"context"
	"net/http"
	"strings"

	"golang.org/x/text/language"

	"roster/scim"
	"roster/scim/provider"
)

// Profile is what a human user is called and the like.
type Profile struct {
	GivenName, FamilyName, DisplayName string // required
	NickName                           string
	PreferredLanguage                  string // a tag of RFC 5646
	Gender                             string
}

// Profile returns the profile of a user; what nobody gave is empty.
func (v View) Profile() Profile {
	name := v.Get("name")
	return Profile{
		GivenName: name.Get("givenName").Text(), FamilyName: name.Get("familyName").Text(),
		DisplayName: v.Get("displayName").Text(), NickName: v.Get("nickName").Text(),
		PreferredLanguage: v.Get("preferredLanguage").Text(), Gender: v.A("gender").Text(),
	}
}

// ReplaceProfile sets the whole profile of a human user.
func (u *Users) ReplaceProfile(ctx context.Context, c provider.Call, id string, p Profile, pre provider.Precondition) (View, error) {
	return u.Edit(ctx, c, id, "", pre, func(_ context.Context, d *Draft) error {
		if err := d.MustBe(Human); err != nil {
			return err
		}
		if err := p.check(); err != nil {
			return err
		}
		d.setName(p.GivenName, p.FamilyName)
		d.View = d.
			WithCore("displayName", text(p.DisplayName)).
			WithCore("nickName", text(p.NickName)).
			WithCore("preferredLanguage", text(p.PreferredLanguage)).
			With("gender", text(p.Gender))
		return nil
	})
}

func (p Profile) check() error {
	for _, name := range []string{p.GivenName, p.FamilyName, p.DisplayName} {
		if strings.TrimSpace(name) == "" {
			return scim.BadRequest(scim.InvalidValue, "givenName, familyName and displayName are required; send a value for each")
		}
	}
	return checkLanguage(p.PreferredLanguage)
}

func checkLanguage(tag string) error {
	if _, err := language.Parse(tag); err != nil && tag != "" {
		return scim.BadRequest(scim.InvalidValue, "the preferred language is no language tag; send one such as en or pt-BR")
	}
	return nil
}

// setName sets both names. The formatted one of before goes with them.
func (d *Draft) setName(given, family string) {
	name := d.Get("name")
	next := name.With("givenName", text(given)).With("familyName", text(family))
	if !next.Equal(name) {
		next = next.With("formatted", scim.Value{})
	}
	d.View = d.WithCore("name", assigned(next))
}

// RemoveAvatar removes the photo of a user.
func (u *Users) RemoveAvatar(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (View, error) {
	return u.Edit(ctx, c, id, "", pre, func(_ context.Context, d *Draft) error {
		if err := d.MustBe(Human); err != nil {
			return err
		}
		var kept []scim.Value
		photos := d.Get("photos")
		for _, e := range photos.Elements() {
			if !strings.EqualFold(e.Get("type").Text(), "photo") {
				kept = append(kept, e)
			}
		}
		if len(kept) == photos.Len() {
			return Refuse(http.StatusNotFound, NotFound, "the user has no photo")
		}
		d.View = d.WithCore("photos", list(kept))
		return nil
	})
}

// text is a string, and no value if it is empty.
func text(s string) scim.Value {
	if s == "" {
		return scim.Value{}
	}
	return scim.StringValue(s)
}

// assigned is a value, and null for an empty object or list.
func assigned(v scim.Value) scim.Value {
	if v.IsUnassigned() {
		return scim.Value{}
	}
	return v
}
