package invitations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/storage"
)

const (
	newMail = "lovelace@example.com"
	number  = "+4930987"
)

// changed makes an active user with another e-mail address and a phone number,
// neither of which is verified.
func (f *fixture) changed() string {
	id := f.active(ada)
	_, err := f.Users.ChangeEmail(f.t.Context(), f.call, id, newMail, false, nil)
	require.NoError(f.t, err)
	_, err = f.Users.ChangePhone(f.t.Context(), f.call, id, number, false, nil)
	require.NoError(f.t, err)
	return id
}

func (f *fixture) byCode(id string, by model.Channel, code auth.Secret) error {
	return second(f.VerifyByCode(f.t.Context(), f.nobody, invitations.Code{Account: string(account), User: id, Channel: by, Code: code}))
}

// wrong is a code that is not this one.
func wrong(code auth.Secret) auth.Secret {
	last := code[len(code)-1]
	return code[:len(code)-1] + auth.Secret(rune('0'+(last-'0'+1)%10))
}

// TestVerify: an address that is changed is sent something, by which it is
// verified.
func TestVerify(t *testing.T) {
	tests := []struct {
		name, to, attribute, action string
		kind                        notify.Kind
		redeem                      func(f *fixture, id string) error
	}{
		{"e-mail by token", newMail, "emailVerified", invitations.ActionEmailVerified, notify.EmailVerification,
			func(f *fixture, id string) error {
				r, err := f.VerifyByToken(f.t.Context(), f.nobody, f.token(newMail))
				require.Equal(f.t, invitations.Redemption{Account: account, User: id, Status: model.Active}, r)
				return err
			}},
		{"e-mail by code", newMail, "emailVerified", invitations.ActionEmailVerified, notify.EmailVerification,
			func(f *fixture, id string) error { return f.byCode(id, model.ByEmail, f.code(newMail)) }},
		{"phone by code", number, "phoneVerified", invitations.ActionPhoneVerified, notify.PhoneVerification,
			func(f *fixture, id string) error { return f.byCode(id, model.ByPhone, f.code(number)) }},
		{"code as people write it", number, "phoneVerified", invitations.ActionPhoneVerified, notify.PhoneVerification,
			func(f *fixture, id string) error {
				code := f.code(number)
				return f.byCode(id, model.ByPhone, " "+code[:3]+" - "+code[3:])
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				id := f.changed()
				require.False(t, f.get(id).A(tt.attribute).Bool())
				require.Equal(t, tt.kind, f.last(tt.to).Kind)
				require.NoError(t, tt.redeem(f, id))
				v := f.get(id)
				require.True(t, v.A(tt.attribute).Bool())
				require.Equal(t, tt.action, f.actions.changes[len(f.actions.changes)-1].Action)
				require.Equal(t, hashOf(password), f.password(id))
				// What was used up is worth nothing more, in either form.
				if tt.to == number {
					refused(t, f.byCode(id, model.ByPhone, f.code(number)), 400, model.InvalidCode)
					return
				}
				refused(t, f.byCode(id, model.ByEmail, f.code(newMail)), 400, model.InvalidCode)
				_, err := f.VerifyByToken(t.Context(), f.nobody, f.token(newMail))
				refused(t, err, 410, model.Expired)
			})
		})
	}
}

// TestTrap17_EmailChange: the change resets what was verified, and the code for the
// old address dies, by whatever way it comes.
func TestTrap17_EmailChange(t *testing.T) {
	tests := []struct {
		name   string
		change func(f *fixture, id string) error
	}{
		{"account API", func(f *fixture, id string) error {
			return second(f.Users.ChangeEmail(f.t.Context(), f.call, id, bob, false, nil))
		}},
		{"account API, verified", func(f *fixture, id string) error {
			return second(f.Users.ChangeEmail(f.t.Context(), f.call, id, bob, true, nil))
		}},
		{"SCIM", func(f *fixture, id string) error { f.patch(id, "emails", `[{"value": "`+bob+`"}]`); return nil }},
		{"SCIM and back", func(f *fixture, id string) error {
			f.patch(id, "emails", `[{"value": "`+bob+`"}]`)
			f.patch(id, "emails", `[{"value": "`+newMail+`"}]`)
			return nil
		}},
		{"SCIM, no address", func(f *fixture, id string) error { f.patch(id, "emails", `[]`); return nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				id := f.changed()
				require.NoError(t, tt.change(f, id))
				before := f.get(id).A("emailVerified")
				refused(t, f.byCode(id, model.ByEmail, f.code(newMail)), 400, model.InvalidCode)
				_, err := f.VerifyByToken(t.Context(), f.nobody, f.token(newMail))
				refused(t, err, 410, model.Expired)
				require.Equal(t, before, f.get(id).A("emailVerified"))
			})
		})
	}
}

// TestTrap17_SetVerifiedSendsNothing.
func TestTrap17_SetVerifiedSendsNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.active(ada)
		_, err := f.Users.ChangeEmail(t.Context(), f.call, id, newMail, true, nil)
		require.NoError(t, err)
		_, err = f.Users.ChangePhone(t.Context(), f.call, id, number, true, nil)
		require.NoError(t, err)
		require.Empty(t, f.sent(newMail))
		require.Empty(t, f.sent(number))
		require.True(t, f.get(id).A("emailVerified").Bool())
	})
}

// TestTrap17_Resend (T26, T30): the old code dies, and there are refusals.
func TestTrap17_Resend(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		oldToken, oldCode, oldPhone := f.token(newMail), f.code(newMail), f.code(number)
		_, err := f.ResendEmailVerification(t.Context(), f.call, id, nil)
		require.NoError(t, err)
		_, err = f.ResendPhoneVerification(t.Context(), f.call, id, nil)
		require.NoError(t, err)
		require.Len(t, f.sent(newMail), 2)
		require.Len(t, f.sent(number), 2)
		_, err = f.VerifyByToken(t.Context(), f.nobody, oldToken)
		refused(t, err, 410, model.Expired)
		if oldCode != f.code(newMail) {
			refused(t, f.byCode(id, model.ByEmail, oldCode), 400, model.InvalidCode)
		}
		if oldPhone != f.code(number) {
			refused(t, f.byCode(id, model.ByPhone, oldPhone), 400, model.InvalidCode)
		}
		require.NoError(t, f.byCode(id, model.ByEmail, f.code(newMail)))
		require.NoError(t, f.byCode(id, model.ByPhone, f.code(number)))

		_, err = f.ResendEmailVerification(t.Context(), f.call, id, nil)
		refused(t, err, 409, model.AlreadyVerified)
		_, err = f.ResendPhoneVerification(t.Context(), f.call, id, nil)
		refused(t, err, 409, model.AlreadyVerified)
	})
}

func TestTrap17_ResendRefuses(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		invited, machine := f.invite(ada), f.machine()
		bare := f.post(`{"userName": "bare"}`)
		national := f.post(`{"userName": "national", "emails": [{"value": "nowhere"}], "phoneNumbers": [{"value": "030 98765"}]}`)
		email, phone := f.ResendEmailVerification, f.ResendPhoneVerification
		tests := []struct {
			name   string
			err    error
			status int
			code   string
		}{
			{"e-mail of an invited user", second(email(t.Context(), f.call, invited, nil)), 409, model.NotInitialised},
			{"no phone", second(phone(t.Context(), f.call, invited, nil)), 404, model.NotFound},
			{"no e-mail", second(email(t.Context(), f.call, bare, nil)), 404, model.NotFound},
			{"e-mail of a machine", second(email(t.Context(), f.call, machine, nil)), 409, model.WrongType},
			{"phone of a machine", second(phone(t.Context(), f.call, machine, nil)), 409, model.WrongType},
			{"no address that mail goes to", second(email(t.Context(), f.call, national, nil)), 400, ""},
			{"number without a country", second(phone(t.Context(), f.call, national, nil)), 400, ""},
			{"nobody", second(email(t.Context(), f.call, "nobody", nil)), 404, ""},
			{"nobody's phone", second(phone(t.Context(), f.call, "nobody", nil)), 404, ""},
			{"another version", second(email(t.Context(), f.call, national, notModified)), 412, ""},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) { refused(t, tt.err, tt.status, tt.code) })
		}
		require.Len(t, f.store.letters, 1, "the invitation")
	})
}

// TestPhoneOfAnInvitedUser (T30) can be verified, and is no way in.
func TestPhoneOfAnInvitedUser(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		f.patch(id, "phoneNumbers", `[{"value": "`+number+`"}]`)
		_, err := f.ResendPhoneVerification(t.Context(), f.call, id, nil)
		require.NoError(t, err)
		require.NoError(t, f.byCode(id, model.ByPhone, f.code(number)))
		require.True(t, f.get(id).A("phoneVerified").Bool())
		require.Equal(t, model.Invited, f.get(id).Status())
	})
}

// TestCodesExpire, and the tokens with them.
func TestCodesExpire(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		f.clock.Advance(24 * time.Hour)
		refused(t, f.byCode(id, model.ByEmail, f.code(newMail)), 400, model.InvalidCode)
		refused(t, f.byCode(id, model.ByPhone, f.code(number)), 400, model.InvalidCode)
		_, err := f.VerifyByToken(t.Context(), f.nobody, f.token(newMail))
		refused(t, err, 410, model.Expired)
		require.False(t, f.get(id).A("emailVerified").Bool())
	})
}

// TestFiveGuesses: after them the right code is refused too, but not the token; a
// new code has five of its own.
func TestFiveGuesses(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		for range 5 {
			refused(t, f.byCode(id, model.ByPhone, wrong(f.code(number))), 400, model.InvalidCode)
		}
		refused(t, f.byCode(id, model.ByPhone, f.code(number)), 400, model.InvalidCode)
		require.NoError(t, f.byCode(id, model.ByEmail, f.code(newMail)), "another code is another matter")

		_, err := f.ResendPhoneVerification(t.Context(), f.call, id, nil)
		require.NoError(t, err)
		for range 4 {
			refused(t, f.byCode(id, model.ByPhone, wrong(f.code(number))), 400, model.InvalidCode)
		}
		require.NoError(t, f.byCode(id, model.ByPhone, f.code(number)))
	})
}

// TestTokenAfterGuesses: guessing at the code does not keep the owner of the
// address out.
func TestTokenAfterGuesses(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		for range 6 {
			refused(t, f.byCode(id, model.ByEmail, wrong(f.code(newMail))), 400, model.InvalidCode)
		}
		_, err := f.VerifyByToken(t.Context(), f.nobody, f.token(newMail))
		require.NoError(t, err)
	})
}

// TestWrongCodesAreAlike: what is wrong is not told, and nothing is written for
// what cannot be right.
func TestWrongCodesAreAlike(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		bare := f.post(`{"userName": "bare"}`)
		code := f.code(number)
		right := invitations.Code{Account: string(account), User: id, Channel: model.ByPhone, Code: code}
		wrongs := map[string]func(*invitations.Code){
			"code":              func(c *invitations.Code) { c.Code = wrong(code) },
			"no code":           func(c *invitations.Code) { c.Code = "" },
			"long code":         func(c *invitations.Code) { c.Code = auth.Secret(strings.Repeat("1", 1<<20)) },
			"channel":           func(c *invitations.Code) { c.Channel = "carrier pigeon" },
			"other channel":     func(c *invitations.Code) { c.Channel, c.Code = model.ByEmail, wrong(f.code(newMail)) },
			"user":              func(c *invitations.Code) { c.User = storage.NewID() },
			"nothing pending":   func(c *invitations.Code) { c.User = bare },
			"account":           func(c *invitations.Code) { c.Account = storage.NewID() },
			"the server itself": func(c *invitations.Code) { c.Account = string(storage.System) },
			"no ids":            func(c *invitations.Code) { c.Account, c.User = "", "" },
			"long ids":          func(c *invitations.Code) { c.User = strings.Repeat("x", 1<<20) },
		}
		written := f.store.written.Len()
		var said string
		for name, change := range wrongs {
			typed := right
			change(&typed)
			_, err := f.VerifyByCode(t.Context(), f.nobody, typed)
			refused(t, err, 400, model.InvalidCode)
			if said == "" {
				said = err.Error()
			}
			require.Equal(t, said, err.Error(), name)
		}
		require.Less(t, f.store.written.Len()-written, 5000, "guesses that were counted")
		require.NoError(t, f.byCode(id, model.ByPhone, code))
	})
}

// TestServersOwnData: nobody guesses at what is not in an account.
func TestServersOwnData(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		var planted storage.Batch
		require.NoError(t, f.store.View(t.Context(), account, func(s storage.Snapshot) error {
			d, err := s.Get(t.Context(), id)
			require.NoError(t, err)
			side, err := s.Side(t.Context(), id, model.SideVerifyPhone)
			planted.Puts = []storage.Put{{Document: storage.Document{Type: d.Type, ID: d.ID, Version: d.Version, Created: d.Created, Modified: d.Modified, Body: d.Body}}}
			planted.Sides = []storage.Side{{ID: id, Name: model.SideVerifyPhone, Data: side}}
			return err
		}))
		_, err := f.store.Store.Apply(t.Context(), storage.System, planted)
		require.NoError(t, err)
		written := f.store.written.Len()
		_, err = f.VerifyByCode(t.Context(), f.nobody, invitations.Code{Account: string(storage.System), User: id, Channel: model.ByPhone, Code: f.code(number)})
		refused(t, err, 400, model.InvalidCode)
		require.Equal(t, written, f.store.written.Len())
	})
}

// TestStandingOfTheVerified: an address is verified whatever else happens to the
// user, unless the user is removed; nothing else changes.
func TestStandingOfTheVerified(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		_, err := f.Users.Deactivate(t.Context(), f.call, id, nil)
		require.NoError(t, err)
		r, err := f.VerifyByToken(t.Context(), f.nobody, f.token(newMail))
		require.NoError(t, err)
		require.Equal(t, model.Inactive, r.Status)
		code := f.code(number)
		require.NoError(t, f.Users.Remove(t.Context(), f.call, id, nil))
		refused(t, f.byCode(id, model.ByPhone, code), 400, model.InvalidCode)
		_, err = f.Users.Restore(t.Context(), f.call, id, nil)
		require.NoError(t, err)
		refused(t, f.byCode(id, model.ByPhone, code), 400, model.InvalidCode)
	})
}

// TestRemovalForgetsGuesses.
func TestRemovalForgetsGuesses(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.changed()
		refused(t, f.byCode(id, model.ByPhone, wrong(f.code(number))), 400, model.InvalidCode)
		require.EqualValues(t, 1, f.guesses(id))
		require.NoError(t, f.Users.Remove(t.Context(), f.call, id, nil))
		require.Zero(t, f.guesses(id))
	})
}

func (f *fixture) guesses(id string) (n int64) {
	require.NoError(f.t, f.store.View(f.t.Context(), account, func(s storage.Snapshot) (err error) {
		n, err = s.Counter(f.t.Context(), "guesses:verify:phone:"+id)
		return err
	}))
	return n
}
