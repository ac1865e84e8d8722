package model_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
)

// TestTrap25Kinds: a machine has no name, e-mail address, phone number or password,
// a human nothing of a machine, on every way in; a name is not required of either.
func TestTrap25Kinds(t *testing.T) {
	s := newServer(t)
	machine := s.posted(`{"userName":"robot","displayName":"Robot","A":{"kind":"Machine","machine":{"description":"builds"}}}`)
	require.True(t, machine.IsMachine())
	require.JSONEq(t, `{"description":"builds","accessTokenType":"bearer","hasSecret":false}`, machine.A("machine").String())
	human := s.posted(`{"userName":"ada"}`)
	require.Equal(t, "human", human.A("kind").Text())
	require.Equal(t, model.Active, s.posted(`{"userName":"quiet","A":{"kind":"machine"}}`).Status())

	for _, member := range []string{
		`"name":{"givenName":"A"}`, `"nickName":"r"`, `"emails":[{"value":"r@example.com"}]`, `"phoneNumbers":[{"value":"+4930123456"}]`, `"password":"correct horse"`,
		`"A":{"kind":"machine","gender":"x"}`, `"A":{"kind":"machine","emailVerified":true}`, `"A":{"kind":"machine","passwordChangeRequired":true}`,
		`"A":{"kind":"machine","mfaSkipUntil":"2030-01-01T00:00:00Z"}`, `"A":{"kind":"machine","idpLinks":[{"value":"g","externalUserId":"1"}]}`,
		`"A":{"kind":"machine","sendInvitation":true}`,
	} {
		post := member
		if !strings.HasPrefix(member, `"A"`) {
			post += `,"A":{"kind":"machine"}`
		}
		_, err := s.post(`{"userName":"x",%s}`, post)
		requireCode(t, err, 409, model.WrongType)
		if strings.Contains(member, "idpLinks") {
			continue // these cannot be changed anyway
		}
		requireCode(t, s.put(machine.ID(), `{"userName":"robot",%s}`, post), 409, model.WrongType)
		requireCode(t, s.patch(machine.ID(), `{"op":"add","value":{%s}}`, member), 409, model.WrongType)
	}
	_, err := s.post(`{"userName":"x","A":{"machine":{"description":"no"}}}`)
	requireCode(t, err, 409, model.WrongType)
	requireCode(t, s.patch(human.ID(), `{"op":"add","path":"A:machine.description","value":"no"}`), 409, model.WrongType)

	_, err = s.post(`{"userName":"x","A":{"kind":"cat"}}`)
	requireCode(t, err, 400, "invalidValue")
	_, err = s.post(`{"userName":"x","A":{"kind":"machine","machine":{"accessTokenType":"saml"}}}`)
	requireCode(t, err, 400, "invalidValue")
	_, err = s.post(`{"userName":"x","A":{"kind":"machine","machine":{"description":%q}}}`, strings.Repeat("é", 501))
	requireCode(t, err, 400, "invalidValue")
	s.posted(`{"userName":"long","A":{"kind":"machine","machine":{"description":%q}}}`, strings.Repeat("é", 500))

	requireCode(t, s.patch(human.ID(), `{"op":"replace","path":"A:kind","value":"machine"}`), 400, "mutability")
	requireCode(t, s.put(human.ID(), `{"userName":"ada","A":{"kind":"machine"}}`), 400, "mutability")
	require.NoError(t, s.put(human.ID(), `{"userName":"ada","A":{"gender":"f"}}`), "left out, it stays")
	at := etag(s.view(human.ID()))
	require.NoError(t, s.put(human.ID(), `{"userName":"ada","A":{"gender":"f","kind":"HUMAN"}}`))
	require.NoError(t, s.patch(human.ID(), `{"op":"replace","path":"A:kind","value":"Human"}`))
	require.NoError(t, s.patch(human.ID(), `{"op":"add","value":{"A":{"kind":"Human"}}}`))
	require.Equal(t, at, etag(s.view(human.ID())), "the same but for case")
	linked := s.posted(`{"userName":"bob","A":{"idpLinks":[{"value":"g","externalUserId":"1"},{"value":"h","externalUserId":"2"}]}}`)
	require.NoError(t, s.put(linked.ID(), `{"userName":"bob","A":{"idpLinks":[{"value":"h","externalUserId":"2"},{"value":"g","externalUserId":"1"}]}}`))
	require.Equal(t, etag(linked), etag(s.view(linked.ID())), "the same but for the order")
	requireCode(t, s.put(linked.ID(), `{"userName":"bob","A":{"idpLinks":[{"value":"h","externalUserId":"2"}]}}`), 400, "mutability")
	require.Equal(t, "human", s.view(human.ID()).A("kind").Text())

	before := etag(s.view(machine.ID()))
	require.NoError(t, s.put(machine.ID(), `{"userName":"robot","displayName":"Robot","A":{"machine":{"description":"builds","hasSecret":true}}}`))
	require.Equal(t, before, etag(s.view(machine.ID())))
	require.NoError(t, s.patch(machine.ID(), `{"op":"replace","path":"A:machine.accessTokenType","value":"JWT"}`))
	require.Equal(t, "jwt", s.view(machine.ID()).A("machine").Get("accessTokenType").Text())
	s.edit(machine.ID(), func(d *model.Draft) { d.View = d.With("credentials", body(t, `[{"value":"1","type":"secret"}]`)) })
	require.True(t, s.view(machine.ID()).A("machine").Get("hasSecret").Bool())
	require.NoError(t, s.delete(machine.ID()))
	v, err := s.Restore(s.ctx, s.api, machine.ID(), nil)
	require.NoError(t, err)
	require.False(t, v.A("machine").Get("hasSecret").Bool())
}

// TestTrap25Verbs: verbs for humans refuse machines, and the other way round.
func TestTrap25Verbs(t *testing.T) {
	s := newServer(t)
	robot := s.added(func(n *model.NewUser) {
		*n = model.NewUser{Kind: model.Machine, SendInvitation: true, UserPatch: model.UserPatch{
			UserName: model.Say("robot"), DisplayName: model.Say("Robot"), MachineDescription: model.Say("builds"), AccessTokenType: model.Say("jwt")}}
	})
	require.Equal(t, model.Active, robot.Status())
	require.JSONEq(t, `{"description":"builds","accessTokenType":"jwt","hasSecret":false}`, robot.A("machine").String())
	verbs := s.verbs(robot.ID())
	for _, name := range []string{"profile", "email", "phone", "no phone", "avatar"} {
		requireCode(t, verbs[name](), 409, model.WrongType)
	}
	for _, p := range []model.UserPatch{
		{Email: model.Say("r@example.com")}, {EmailVerified: model.Say(true)}, {SecondaryEmail: model.Say("r@example.com")},
		{Phone: model.Say("+4930123456")}, {PhoneVerified: model.Say(true)}, {GivenName: model.Say("R")}, {Gender: model.Say("x")},
		{PasswordChangeRequired: model.Say(true)},
	} {
		_, err := s.Patch(s.ctx, s.api, robot.ID(), p, nil)
		requireCode(t, err, 409, model.WrongType)
	}
	_, err := s.add(func(n *model.NewUser) {
		n.Kind, n.UserName, n.DisplayName = model.Machine, model.Say("x"), model.Say("X")
	})
	requireCode(t, err, 409, model.WrongType)
	_, err = s.add(func(n *model.NewUser) { n.MachineDescription = model.Say("no") })
	requireCode(t, err, 409, model.WrongType)
	ada := s.added(nil)
	_, err = s.Patch(s.ctx, s.api, ada.ID(), model.UserPatch{AccessTokenType: model.Say("jwt")}, nil)
	requireCode(t, err, 409, model.WrongType)
}
