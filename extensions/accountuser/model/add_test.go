package model_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/storage"
)

func TestAdd(t *testing.T) {
	s := newServer(t)
	s.Grants = known{"viewer", "editor", "badge"}
	s.settings.DefaultRoles = []string{"viewer"}
	v := s.added(func(n *model.NewUser) {
		n.ExternalID, n.Title, n.Phone, n.PhoneVerified = model.Say("e1"), model.Say("Dr"), model.Say("+4930123456"), model.Say(true)
		n.SecondaryEmail, n.ManagerID, n.Source = model.Say("second@example.com"), model.Say("m1"), "import"
		n.Entitlements = model.Say([]string{"badge"})
		n.OrgUnits = model.Say([]model.OrgUnitAssignment{{ID: "u1", Roles: model.Say([]string{"editor"})}, {ID: "u2"}})
		n.IdPLinks = []model.IdPLink{{IdP: "google", ExternalUserID: "sub1", Display: "Google", Type: "oidc"}}
		n.MFASkipUntil = model.Say(s.Now().Add(time.Hour))
	})
	want := body(t, `{"userName":"ada@example.com","displayName":"Ada Lovelace","name":{"givenName":"Ada","familyName":"Lovelace"},
		"externalId":"e1","title":"Dr","emails":[{"value":"ada@example.com","primary":true},{"value":"second@example.com","type":"secondary"}],
		"phoneNumbers":[{"value":"+4930123456","primary":true}],"roles":[{"value":"viewer"}],"entitlements":[{"value":"badge"}]}`)
	for name, value := range want.Members() {
		require.JSONEq(t, value.String(), v.Get(name).String(), name)
	}
	extension := v.Get(model.UserURN).With("mfaSkipUntil", scim.Value{})
	require.JSONEq(t, `{"kind":"human","status":"active","locked":false,"initialised":true,"accountId":"a","source":"import",
		"identity":"sub1","ssoUser":true,"loginNames":["ada@example.com"],"preferredLoginName":"ada@example.com",
		"emailVerified":false,"phoneVerified":true,"passwordSet":false,
		"idpLinks":[{"value":"google","display":"Google","externalUserId":"sub1","type":"oidc"}],
		"orgUnits":[{"value":"u1","roles":["editor"]},{"value":"u2"}]}`, extension.String())
	require.Empty(t, s.sent, "a new user gets an invitation, or nothing")
	require.True(t, v.IsSSOOnly())

	none := s.added(func(n *model.NewUser) { n.Email, n.Roles = model.Say("b@example.com"), model.Say([]string{}) })
	require.Empty(t, none.Roles())
	for name, c := range map[string]struct {
		change func(*model.NewUser)
		status int
		code   string
	}{
		"no e-mail":      {func(n *model.NewUser) { n.Email.Value = "" }, 400, "invalidValue"},
		"no given name":  {func(n *model.NewUser) { n.GivenName.Value = " " }, 400, "invalidValue"},
		"no family name": {func(n *model.NewUser) { n.FamilyName.Value = "" }, 400, "invalidValue"},
		"machine, no name": {func(n *model.NewUser) {
			*n = model.NewUser{Kind: model.Machine, UserPatch: model.UserPatch{DisplayName: model.Say("R")}}
		}, 400, "invalidValue"},
		"kind":              {func(n *model.NewUser) { n.Kind = "cat" }, 400, "invalidValue"},
		"empty user name":   {func(n *model.NewUser) { n.UserName = model.Say("") }, 400, "invalidValue"},
		"no address":        {func(n *model.NewUser) { n.Email.Value = "ada" }, 400, "invalidValue"},
		"spaces in address": {func(n *model.NewUser) { n.Email.Value = "a da@example.com" }, 400, "invalidValue"},
		"a line in address": {func(n *model.NewUser) { n.Email.Value = "ada\r\n@example.com" }, 400, "invalidValue"},
		"same second": {func(n *model.NewUser) {
			n.SecondaryEmail = model.Say("Ada@Example.com")
			n.Email.Value = "ada@example.com"
		}, 400, "invalidValue"},
		"phone":               {func(n *model.NewUser) { n.Phone = model.Say("030 123456") }, 400, "invalidValue"},
		"language":            {func(n *model.NewUser) { n.PreferredLanguage = model.Say("klingon-language") }, 400, "invalidValue"},
		"skipped in the past": {func(n *model.NewUser) { n.MFASkipUntil = model.Say(s.Now()) }, 400, "invalidValue"},
		"unknown role":        {func(n *model.NewUser) { n.Roles = model.Say([]string{"viewer", "king"}) }, 400, model.UnknownRole},
		"unknown entitlement": {func(n *model.NewUser) { n.Entitlements = model.Say([]string{"crown"}) }, 400, model.UnknownEntitlement},
		"unknown unit role": {func(n *model.NewUser) {
			n.OrgUnits = model.Say([]model.OrgUnitAssignment{{ID: "u", Roles: model.Say([]string{"king"})}})
		}, 400, model.UnknownRole},
		"a unit twice":      {func(n *model.NewUser) { n.OrgUnits = model.Say([]model.OrgUnitAssignment{{ID: "u"}, {ID: "u"}}) }, 400, "invalidValue"},
		"e-mail taken":      {func(n *model.NewUser) { n.UserName, n.Email = model.Say("x"), model.Say("ADA@example.com") }, 409, model.Uniqueness},
		"second of another": {func(n *model.NewUser) { n.UserName, n.Email = model.Say("x"), model.Say("second@example.com") }, 409, model.Uniqueness},
		"user name taken":   {func(n *model.NewUser) { n.UserName, n.Email = model.Say("ADA@example.com"), model.Say("x@example.com") }, 409, model.Uniqueness},
		"password":          {func(n *model.NewUser) { n.Password = "short" }, 400, model.PasswordPolicy},
	} {
		_, err := s.add(func(n *model.NewUser) { n.Email, n.UserName = model.Say("x@example.com"), model.Say("x"); c.change(n) })
		require.Error(t, err, name)
		requireCode(t, err, c.status, c.code)
	}
	_, err := s.Add(s.ctx, s.api, model.NewUser{UserPatch: model.UserPatch{Email: model.Say("also@example.com"), GivenName: model.Say("A"), FamilyName: model.Say("B")}},
		func(_ context.Context, d *model.Draft) error {
			d.View = d.With("passwordSet", scim.BoolValue(true)).With("emailVerified", scim.BoolValue(true))
			d.Sides = append(d.Sides, storage.Side{ID: d.ID, Name: model.SidePassword, Data: []byte("$2b$")})
			return nil
		})
	require.NoError(t, err)
	_, err = s.Add(s.ctx, s.api, model.NewUser{UserPatch: model.UserPatch{Email: model.Say("no@example.com"), GivenName: model.Say("A"), FamilyName: model.Say("B")}},
		func(context.Context, *model.Draft) error { return errors.New("no") })
	require.ErrorContains(t, err, "no")
}

// TestPatch: what is not said stays, what is said empty goes, and an empty patch,
// or one that says what is so, changes nothing.
func TestPatch(t *testing.T) {
	s := newServer(t)
	id := s.added(func(n *model.NewUser) {
		ready(n)
		n.Title, n.NickName, n.Department, n.CostCenter, n.ManagerID = model.Say("Dr"), model.Say("a"), model.Say("R"), model.Say("7"), model.Say("m1")
		n.OrgUnits = model.Say([]model.OrgUnitAssignment{{ID: "u1", Roles: model.Say([]string{"r"})}})
	}).ID()
	patch := func(p model.UserPatch) (model.View, error) { return s.Patch(s.ctx, s.api, id, p, nil) }
	before := s.view(id)
	for _, p := range []model.UserPatch{{}, {Title: model.Say("Dr"), Email: model.Say("ada@example.com"), ManagerID: model.Say("m1"),
		OrgUnits: model.Say([]model.OrgUnitAssignment{{ID: "u1"}}), UserName: model.Say("ada@example.com"), Roles: model.Say([]string{})}} {
		v, err := patch(p)
		require.NoError(t, err)
		require.Equal(t, etag(before), etag(v))
	}
	v, err := patch(model.UserPatch{Title: model.Say(""), Department: model.Say("S"), ManagerID: model.Say("")})
	require.NoError(t, err)
	require.True(t, v.Get("title").IsNull())
	require.Equal(t, "a", v.Get("nickName").Text())
	require.JSONEq(t, `{"department":"S","costCenter":"7"}`, v.Get(scim.SchemaEnterpriseUser).String())
	v, err = patch(model.UserPatch{Department: model.Say(""), CostCenter: model.Say("")})
	require.NoError(t, err)
	require.True(t, v.Get(scim.SchemaEnterpriseUser).IsNull())

	v, err = patch(model.UserPatch{UserName: model.Say("countess")})
	require.NoError(t, err)
	require.Equal(t, "countess", v.A("preferredLoginName").Text())
	require.JSONEq(t, `["countess"]`, v.A("loginNames").String())
	_, err = patch(model.UserPatch{UserName: model.Say("")})
	requireCode(t, err, 400, "invalidValue")
	until := s.Now().Add(time.Hour)
	v, err = patch(model.UserPatch{MFASkipUntil: model.Say(until)})
	require.NoError(t, err)
	require.Equal(t, model.TimeValue(until).Text(), v.A("mfaSkipUntil").Text())
	v, err = patch(model.UserPatch{MFASkipUntil: model.Say(time.Time{})})
	require.NoError(t, err)
	require.True(t, v.A("mfaSkipUntil").IsNull())

	s.edit(id, func(d *model.Draft) {
		d.View = d.WithCore("name", d.Get("name").With("formatted", scim.StringValue("Ada Lovelace")))
	})
	v, err = patch(model.UserPatch{FamilyName: model.Say("King")})
	require.NoError(t, err)
	require.JSONEq(t, `{"givenName":"Ada","familyName":"King"}`, v.Get("name").String(), "the formatted name was another")

	stale := func(tag string) error { return scim.Errorf(412, "", "stale") }
	_, err = s.Patch(s.ctx, s.api, id, model.UserPatch{Title: model.Say("x")}, stale)
	require.True(t, isStatus(err, 412))
}
