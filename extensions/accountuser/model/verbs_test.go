package model_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// known knows some roles and entitlements.
type known []string

func (k known) CheckRoles(_ context.Context, _ storage.Snapshot, roles []string) error {
	for _, role := range roles {
		if !slices.Contains(k, role) {
			return model.Refuse(400, model.UnknownRole, "unknown role %q", role)
		}
	}
	return nil
}

func (k known) CheckEntitlements(ctx context.Context, s storage.Snapshot, list []string) error {
	if err := k.CheckRoles(ctx, s, list); err != nil {
		return model.Refuse(400, model.UnknownEntitlement, "unknown")
	}
	return nil
}

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

// TestTrap17Email: another address is unverified and gets a code, and the old code
// dies; one that is said to be verified gets nothing; the same one is no change.
func TestTrap17Email(t *testing.T) {
	s := newServer(t)
	id := s.added(ready).ID()
	s.edit(id, func(d *model.Draft) {
		for _, name := range []string{model.SideVerifyEmail, model.SideReset, model.SideFactor + "otp"} {
			d.Sides = append(d.Sides, storage.Side{ID: id, Name: name, Data: []byte("old")})
		}
	})
	change := func(address string, verified bool) (model.View, error) {
		return s.ChangeEmail(s.ctx, s.api, id, address, verified, nil)
	}
	v, err := change("ada@example.com", false)
	require.NoError(t, err)
	require.True(t, v.A("emailVerified").Bool(), "the same one stays verified")
	require.Empty(t, s.sent)
	require.Contains(t, s.sides(id), model.SideReset)

	v, err = change("countess@example.com", false)
	require.NoError(t, err)
	require.False(t, v.A("emailVerified").Bool())
	require.Equal(t, []model.Channel{model.ByEmail}, s.sent)
	require.Equal(t, []string{model.SideFactor + "otp", model.SidePassword, model.SideVerifyEmail}, s.sides(id))
	require.Equal(t, model.Active, v.Status())
	require.JSONEq(t, `[{"value":"countess@example.com","primary":true}]`, v.Get("emails").String())

	v, err = change("ada@example.org", true)
	require.NoError(t, err)
	require.True(t, v.A("emailVerified").Bool())
	require.Len(t, s.sent, 1, "set verified, nothing is sent")
	require.NotContains(t, s.sides(id), model.SideVerifyEmail)
	v, err = change("Ada@Example.org", false)
	require.NoError(t, err)
	require.True(t, v.A("emailVerified").Bool(), "another case of letters is the same address")

	_, err = s.Patch(s.ctx, s.api, id, model.UserPatch{Email: model.Say("new@example.com")}, nil)
	require.NoError(t, err)
	require.Len(t, s.sent, 2)
	v, err = s.Patch(s.ctx, s.api, id, model.UserPatch{EmailVerified: model.Say(true)}, nil)
	require.NoError(t, err)
	require.True(t, v.A("emailVerified").Bool())
	v, err = s.Patch(s.ctx, s.api, id, model.UserPatch{Email: model.Say("newer@example.com"), EmailVerified: model.Say(true)}, nil)
	require.NoError(t, err)
	require.True(t, v.A("emailVerified").Bool())
	require.Len(t, s.sent, 2)

	require.NoError(t, s.patch(id, `{"op":"replace","path":"emails[primary eq true].value","value":"idp@example.com"}`))
	require.True(t, s.view(id).A("emailVerified").Bool(), "the identity provider vouches for it")
	require.Len(t, s.sent, 2, "and sends nothing")

	invited := s.at(model.Invited, false)
	_, err = s.ChangeEmail(s.ctx, s.api, invited, "x@example.com", false, nil)
	requireCode(t, err, 409, model.NotInitialised)
	_, err = s.Patch(s.ctx, s.api, invited, model.UserPatch{Email: model.Say("x@example.com"), EmailVerified: model.Say(true)}, nil)
	requireCode(t, err, 409, model.NotInitialised)
	_, err = s.ChangeEmail(s.ctx, s.api, id, s.view(invited).Email(), false, nil)
	requireCode(t, err, 409, model.Uniqueness)
}

// TestOldCodesDieOverSCIM: with the address that they were sent to.
func TestOldCodesDieOverSCIM(t *testing.T) {
	s := newServer(t)
	id := s.posted(`{"userName":"ada","emails":[{"value":"a@example.com"}],"phoneNumbers":[{"value":"1"}]}`).ID()
	codes := []string{model.SideReset, model.SideVerifyEmail, model.SideVerifyPhone}
	for ops, left := range map[string][]string{
		`{"op":"replace","path":"emails","value":[{"value":"b@example.com"}]}`: codes[2:],
		`{"op":"replace","path":"phoneNumbers","value":[{"value":"2"}]}`:       codes[:2],
		`{"op":"add","path":"title","value":"Dr"}`:                             codes,
	} {
		s.edit(id, func(d *model.Draft) {
			for _, name := range codes {
				d.Sides = append(d.Sides, storage.Side{ID: id, Name: name, Data: []byte("x")})
			}
		})
		require.NoError(t, s.patch(id, "%s", ops))
		require.Equal(t, left, s.sides(id), ops)
	}
}

func TestPhone(t *testing.T) {
	s := newServer(t)
	id := s.added(ready).ID()
	_, err := s.RemovePhone(s.ctx, s.api, id, nil)
	requireCode(t, err, 404, model.NotFound)
	for _, number := range []string{"", "030123456", "+49 30 123456", "+0301234567", "+1234567890123456", "+49x"} {
		_, err := s.ChangePhone(s.ctx, s.api, id, number, false, nil)
		requireCode(t, err, 400, "invalidValue")
	}
	v, err := s.ChangePhone(s.ctx, s.api, id, "+4930123456", false, nil)
	require.NoError(t, err)
	require.Equal(t, []model.Channel{model.ByPhone}, s.sent)
	require.False(t, v.A("phoneVerified").Bool())
	v, err = s.ChangePhone(s.ctx, s.api, id, "+4930123456", true, nil)
	require.NoError(t, err)
	require.True(t, v.A("phoneVerified").Bool())
	v, err = s.ChangePhone(s.ctx, s.api, id, "+4930123456", false, nil)
	require.NoError(t, err)
	require.True(t, v.A("phoneVerified").Bool(), "the same one stays verified")
	v, err = s.ChangePhone(s.ctx, s.api, id, "+4930123457", true, nil)
	require.NoError(t, err)
	require.Len(t, s.sent, 1)
	require.JSONEq(t, `[{"value":"+4930123457","primary":true}]`, v.Get("phoneNumbers").String())
	v, err = s.RemovePhone(s.ctx, s.api, id, nil)
	require.NoError(t, err)
	require.True(t, v.Get("phoneNumbers").IsNull() && v.A("phoneVerified").IsNull())

	require.NoError(t, s.patch(id, `{"op":"add","path":"phoneNumbers","value":[{"value":"work","type":"work"},{"value":"mobile","type":"mobile","primary":true}]}`))
	v, err = s.Patch(s.ctx, s.api, id, model.UserPatch{Phone: model.Say("")}, nil)
	require.NoError(t, err)
	require.JSONEq(t, `[{"value":"work","type":"work"}]`, v.Get("phoneNumbers").String(), "that which counts")
}

func TestSecondaryEmail(t *testing.T) {
	s := newServer(t)
	id := s.added(ready).ID()
	patch := func(p model.UserPatch) (model.View, error) { return s.Patch(s.ctx, s.api, id, p, nil) }
	_, err := patch(model.UserPatch{SecondaryEmail: model.Say("ADA@example.com")})
	requireCode(t, err, 400, "invalidValue")
	v, err := patch(model.UserPatch{SecondaryEmail: model.Say("two@example.com")})
	require.NoError(t, err)
	require.Equal(t, "ada@example.com", v.Email())
	_, err = s.ChangeEmail(s.ctx, s.api, id, "two@example.com", true, nil)
	requireCode(t, err, 400, "invalidValue")
	v, err = patch(model.UserPatch{Email: model.Say("two@example.com"), SecondaryEmail: model.Say("ada@example.com")})
	require.NoError(t, err)
	require.JSONEq(t, `[{"value":"two@example.com","primary":true},{"value":"ada@example.com","type":"secondary"}]`, v.Get("emails").String(), "exchanged")
	v, err = patch(model.UserPatch{SecondaryEmail: model.Say("")})
	require.NoError(t, err)
	require.Equal(t, 1, v.Get("emails").Len())
}

func TestProfileAndAvatar(t *testing.T) {
	s := newServer(t)
	id := s.posted(`{"userName":"ada","name":{"formatted":"Old","middleName":"M"},"nickName":"a","preferredLanguage":"de","photos":[{"value":"https://x/1","type":"Photo"},{"value":"https://x/2","type":"thumbnail"}]}`).ID()
	v, err := s.ReplaceProfile(s.ctx, s.api, id, model.Profile{GivenName: "Ada", FamilyName: "King", DisplayName: "Ada K", Gender: "female"}, nil)
	require.NoError(t, err)
	require.Equal(t, model.Profile{GivenName: "Ada", FamilyName: "King", DisplayName: "Ada K", Gender: "female"}, v.Profile())
	require.JSONEq(t, `{"givenName":"Ada","familyName":"King","middleName":"M"}`, v.Get("name").String())
	for _, p := range []model.Profile{
		{FamilyName: "x", DisplayName: "x"}, {GivenName: "x", DisplayName: "x"}, {GivenName: "x", FamilyName: "x", DisplayName: " "},
		{GivenName: "x", FamilyName: "x", DisplayName: "x", PreferredLanguage: "?"},
	} {
		_, err := s.ReplaceProfile(s.ctx, s.api, id, p, nil)
		requireCode(t, err, 400, "invalidValue")
	}
	v, err = s.RemoveAvatar(s.ctx, s.api, id, nil)
	require.NoError(t, err)
	require.JSONEq(t, `[{"value":"https://x/2","type":"thumbnail"}]`, v.Get("photos").String())
	_, err = s.RemoveAvatar(s.ctx, s.api, id, nil)
	requireCode(t, err, 404, model.NotFound)
}

// TestTrap11ReplaceRoles replaces the roles and nothing else.
func TestTrap11ReplaceRoles(t *testing.T) {
	s := newServer(t)
	s.Grants = known{"viewer", "editor"}
	id := s.posted(`{"userName":"ada","title":"Dr","roles":[{"value":"Viewer","display":"V"},{"value":"foreign"}],"entitlements":[{"value":"e"}]}`).ID()
	before := s.view(id)
	replace := func(roles ...string) (model.View, error) { return s.ReplaceRoles(s.ctx, s.api, id, roles, nil) }
	_, err := replace("editor", "king")
	requireCode(t, err, 400, model.UnknownRole)
	v, err := replace("Viewer", "foreign")
	require.NoError(t, err, "what the user has is not asked for again")
	require.Equal(t, etag(before), etag(v))
	v, err = replace("viewer", "editor", "VIEWER", "editor")
	require.NoError(t, err)
	require.JSONEq(t, `[{"value":"Viewer","display":"V"},{"value":"editor"}]`, v.Get("roles").String())
	v, err = replace()
	require.NoError(t, err)
	require.True(t, v.Get("roles").IsNull())
	require.True(t, before.WithCore("roles", scim.Value{}).WithCore("meta", scim.Value{}).Equal(v.WithCore("meta", scim.Value{}).Resource), "nothing else")
}

func TestBulkUpdate(t *testing.T) {
	s := newServer(t)
	s.Grants = known{"viewer", "editor", "badge"}
	ada := s.posted(`{"userName":"ada","roles":[{"value":"viewer"},{"value":"foreign"}],"A":{"orgUnits":[{"value":"u1","roles":["editor"]}]}}`).ID()
	bob := s.posted(`{"userName":"bob"}`).ID()
	gone := s.at(model.Gone, true)
	results, err := s.BulkUpdate(s.ctx, s.api, []string{bob, "absent", ada, gone, bob, ada}, model.BulkUpdate{
		Add:    model.Access{Roles: model.Say([]string{"Editor", "editor"}[1:]), OrgUnits: model.Say([]string{"u2", "u1"})},
		Remove: model.Access{Roles: model.Say([]string{"VIEWER", "nobody has it"})},
		Set:    model.Access{Entitlements: model.Say([]string{"badge"})},
	})
	require.NoError(t, err)
	require.Len(t, results, 4)
	for i, id := range []string{bob, "absent", ada, gone} {
		require.Equal(t, id, results[i].ID)
		require.Equal(t, id == bob || id == ada, results[i].Err == nil, id)
	}
	require.True(t, isStatus(results[1].Err, 404) && isStatus(results[3].Err, 404))
	require.Equal(t, []string{"editor"}, results[0].User.Roles())
	require.JSONEq(t, `[{"value":"u2"},{"value":"u1"}]`, results[0].User.A("orgUnits").String())
	require.Equal(t, []string{"foreign", "editor"}, results[2].User.Roles())
	require.JSONEq(t, `[{"value":"u1","roles":["editor"]},{"value":"u2"}]`, results[2].User.A("orgUnits").String())
	require.JSONEq(t, `[{"value":"badge"}]`, results[2].User.Get("entitlements").String())

	results, err = s.BulkUpdate(s.ctx, s.api, []string{ada}, model.BulkUpdate{Add: model.Access{Roles: model.Say([]string{"king"})}})
	require.NoError(t, err)
	requireCode(t, results[0].Err, 400, model.UnknownRole)
	results, err = s.BulkUpdate(s.ctx, s.api, []string{ada}, model.BulkUpdate{Set: model.Access{Roles: model.Say[[]string](nil)}})
	require.NoError(t, err)
	require.Empty(t, results[0].User.Roles())
	for _, b := range []model.BulkUpdate{{}, {Set: model.Access{Roles: model.Say[[]string](nil)}, Add: model.Access{Roles: model.Say([]string{"viewer"})}}} {
		_, err = s.BulkUpdate(s.ctx, s.api, []string{ada}, b)
		requireCode(t, err, 400, "invalidValue")
	}
}

// TestTrap13Uniqueness: either is a conflict, in any case, of invited users too.
func TestTrap13Uniqueness(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		s.added(nil)
		s.posted(`{"userName":"bob","emails":[{"value":"bob@example.com"},{"value":"second@example.com"}]}`)
		for _, c := range []struct {
			userName, email string
			conflicts       []string
		}{
			{"ADA@example.com", "free@example.com", []string{"userName"}},
			{"free", "Ada@Example.com", []string{"email"}},
			{"Bob", "SECOND@example.com", []string{"userName", "email"}},
			{"", "ada@example.com", []string{"email"}},
			{"ada@example.com", "", []string{"userName"}},
			{"free", "free@example.com", nil},
			{"bob@example.com", "", nil},
		} {
			conflicts, err := s.Uniqueness(s.ctx, s.api, c.userName, c.email)
			require.NoError(t, err)
			require.Equal(t, c.conflicts, conflicts, "%q %q", c.userName, c.email)
		}
		s.posted(`{"userName":"carl","emails":[{"value":"ada@example.com"}]}`)
		conflicts, err := s.Uniqueness(s.ctx, s.api, "", "ada@example.com")
		require.NoError(t, err)
		require.Equal(t, []string{"email"}, conflicts, "identity providers may give it twice")
	})
}

// TestAddressStaysTaken: an address that a verb gave is kept through changes of
// other things, and free when it is given up.
func TestAddressStaysTaken(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.added(ready).ID()
		take := func() error {
			_, err := s.add(func(n *model.NewUser) { n.UserName = model.Say(storage.NewID()) })
			return err
		}
		require.NoError(t, s.patch(id, `{"op":"add","path":"title","value":"Dr"}`))
		requireCode(t, take(), 409, model.Uniqueness)
		_, err := s.ChangeEmail(s.ctx, s.api, id, "other@example.com", true, nil)
		require.NoError(t, err)
		require.NoError(t, take())
	})
}

// TestByLoginName is exact, in the own account first.
func TestByLoginName(t *testing.T) {
	s := newServer(t)
	make := func(account storage.Account, name string) string {
		c := s.scim
		c.Account = account
		r, err := s.Provider.Create(s.ctx, c, s.Type, body(t, `{"userName":%q}`, name), provider.Projection{})
		require.NoError(t, err)
		return r.ID
	}
	own, foreign := make("a", "Ada"), make("b", "bob")
	make("b", "Ada")
	make("b", "both")
	make("c", "both")
	for _, c := range []struct {
		name    string
		global  bool
		account string
		id      string
		code    string
	}{
		{"Ada", false, "a", own, ""},
		{"Ada", true, "a", own, ""},
		{"ada", false, "", "", model.NotFound},
		{"ada", true, "", "", model.NotFound},
		{"bob", false, "", "", model.NotFound},
		{"bob", true, "b", foreign, ""},
		{"both", false, "", "", model.NotFound},
		{"both", true, "", "", model.Ambiguous},
		{"", true, "", "", model.NotFound},
	} {
		account, id, err := s.ByLoginName(s.ctx, s.api, c.name, c.global)
		require.Equal(t, c.code, model.CodeOf(err), c.name)
		if err == nil {
			require.Equal(t, c.account+c.id, account+id, c.name)
		}
	}
	require.NoError(t, s.delete(own))
	_, _, err := s.ByLoginName(s.ctx, s.api, "Ada", false)
	requireCode(t, err, 404, model.NotFound)
}

// TestTrap24IdPLinks: a link is named by the pair; the last way in is kept unless
// it is forced; whether the user logs in by an identity provider follows.
func TestTrap24IdPLinks(t *testing.T) {
	s := newServer(t)
	links := `"idpLinks":[{"value":"g","externalUserId":"1"},{"value":"g","externalUserId":"2"},{"value":"h","externalUserId":"1"}]`
	id := s.posted(`{"userName":"ada","A":{%s}}`, links).ID()
	require.Equal(t, "1", s.view(id).A("identity").Text())
	remove := func(idp, user string, force bool) (model.View, error) {
		return s.RemoveIdPLink(s.ctx, s.api, id, idp, user, force, nil)
	}
	_, err := remove("h", "2", true)
	requireCode(t, err, 404, model.NotFound)
	v, err := remove("g", "1", false)
	require.NoError(t, err)
	require.Equal(t, "2", v.A("identity").Text())
	_, err = remove("h", "1", false)
	require.NoError(t, err)
	_, err = remove("g", "2", false)
	requireCode(t, err, 409, model.OnlyWayIn)
	v, err = remove("g", "2", true)
	require.NoError(t, err)
	require.False(t, v.A("ssoUser").Bool())
	require.True(t, v.A("identity").IsNull())

	requireCode(t, s.patch(id, `{"op":"add","path":"A:idpLinks","value":[{"value":"x","externalUserId":"9"}]}`), 400, "mutability")
	requireCode(t, s.put(id, `{"userName":"ada","A":{%s}}`, links), 400, "mutability")
	with := s.posted(`{"userName":"bob","password":"correct horse","A":{%s}}`, links).ID()
	requireCode(t, s.patch(with, `{"op":"remove","path":"A:idpLinks"}`), 400, "mutability")
	requireCode(t, s.put(with, `{"userName":"bob","A":{"idpLinks":[{"value":"x","externalUserId":"9"}]}}`), 400, "mutability")
	require.NoError(t, s.put(with, `{"userName":"bob","A":{"gender":"m"}}`), "left out, they stay")
	require.Equal(t, 3, s.view(with).A("idpLinks").Len())
	id = with
	for _, pair := range [][2]string{{"g", "1"}, {"g", "2"}, {"h", "1"}} {
		_, err = remove(pair[0], pair[1], false)
		require.NoError(t, err, "there is a password")
	}
}
