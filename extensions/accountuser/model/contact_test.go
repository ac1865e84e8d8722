package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/storage"
)

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
