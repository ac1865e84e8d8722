package credentials_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
)

// TestTOTP: an authenticator app counts once a code of it was confirmed, and each
// code once.
func TestTOTP(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		e, v, err := s.BeginTOTP(s.ctx, s.call, id, nil)
		require.NoError(t, err)
		require.Contains(t, e.URL.Reveal(), "otpauth://totp/acme:ada%40example.com?secret="+e.Secret.Reveal())
		require.JSONEq(t, `[{"value":"otp","type":"otp","state":"notReady","display":"Authenticator app"}]`, v.A("authFactors").String())
		a, err := s.login(right)
		require.NoError(t, err)
		require.Nil(t, a.Next, "what was not confirmed is not asked for")

		code := s.code(e.Secret)
		f, v, err := s.ConfirmTOTP(s.ctx, s.call, id, code, nil)
		require.NoError(t, err)
		require.Equal(t, credentials.Factor{ID: "otp", Type: "otp", State: "ready", Display: "Authenticator app"}, f)
		require.Equal(t, "ready", v.A("authFactors").At(0).Get("state").Text())

		a, err = s.login(right)
		require.NoError(t, err)
		require.Equal(t, []credentials.Factor{f}, a.Next.Factors)
		require.Equal(t, s.now().Add(5*time.Minute).UTC(), a.Next.Expires)
		requireCode(t, s.answer(a.Next.Transaction, credentials.TOTP, code), 403, model.AuthenticationFailed) // used by the confirmation
		s.pass(30 * time.Second)
		code = s.code(e.Secret)
		require.NoError(t, s.answer(a.Next.Transaction, credentials.TOTP, code))
		require.Zero(t, s.failures(id), "the failure is forgotten")
		requireCode(t, s.answer(s.begun(), credentials.TOTP, code), 403, model.AuthenticationFailed)
		require.Equal(t, []string{"user.created", "user.factor.begun", "user.factor.added"}, s.history(id))
	})
}

// TestBeginAgain: what was begun and not confirmed is replaced.
func TestBeginAgain(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	first, before, err := s.BeginTOTP(s.ctx, s.call, id, nil)
	require.NoError(t, err)
	second, after, err := s.BeginTOTP(s.ctx, s.call, id, nil)
	require.NoError(t, err)
	require.NotEqual(t, before.Get("meta").Get("version"), after.Get("meta").Get("version"))
	_, _, err = s.ConfirmTOTP(s.ctx, s.call, id, s.code(first.Secret), nil)
	requireCode(t, err, 400, model.InvalidCode)
	_, _, err = s.ConfirmTOTP(s.ctx, s.call, id, s.code(second.Secret), nil)
	require.NoError(t, err)
	_, _, err = s.BeginTOTP(s.ctx, s.call, id, nil)
	requireCode(t, err, 409, model.AlreadyEnrolled)
	_, _, err = s.ConfirmTOTP(s.ctx, s.call, id, s.code(second.Secret), nil)
	requireCode(t, err, 404, model.NotFound)
}

// TestConfirmAtOnce: of many confirmations at once, one confirms.
func TestConfirmAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		e, _, err := s.BeginTOTP(s.ctx, s.call, id, nil)
		require.NoError(t, err)
		code := s.code(e.Secret)
		succeeded, failed := atOnce(8, func(int) error { _, _, err := s.ConfirmTOTP(s.ctx, s.call, id, code, nil); return err })
		require.Equal(t, 1, succeeded)
		for _, err := range failed {
			requireCode(t, err, 404, model.NotFound)
		}
	})
}

// TestAnswerAtOnce: of many that answer by the same code, or in the same
// transaction by different factors, one gets in.
func TestAnswerAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		s.settings.MaxFailedLogins = 100
		id := s.ada()
		code := s.code(s.withTOTP(id))
		codes, _, err := s.NewRecoveryCodes(s.ctx, s.call, id, nil)
		require.NoError(t, err)
		transactions := make([]auth.Secret, 8)
		for i := range transactions {
			transactions[i] = s.begun()
		}
		succeeded, failed := atOnce(8, func(i int) error { return s.answer(transactions[i], credentials.TOTP, code) })
		require.Equal(t, 1, succeeded, "a code of the app")
		for _, err := range failed {
			requireCode(t, err, 403, model.AuthenticationFailed)
		}
		one := s.begun()
		succeeded, failed = atOnce(8, func(i int) error { return s.answer(one, credentials.Recovery, codes[i]) })
		require.Equal(t, 1, succeeded, "a transaction")
		for _, err := range failed {
			requireCode(t, err, 410, model.Expired)
		}
		list, _, err := s.Factors(s.ctx, s.call, id)
		require.NoError(t, err)
		require.Equal(t, 9, list[1].Remaining, "the other codes are not used up")
	})
}

// TestRecoveryCodes: each gets in once; new ones end the old ones; by themselves
// they are no second factor.
func TestRecoveryCodes(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	old, _, err := s.NewRecoveryCodes(s.ctx, s.call, id, nil)
	require.NoError(t, err)
	require.Len(t, old, 10)
	a, err := s.login(right)
	require.NoError(t, err)
	require.Nil(t, a.Next)

	s.withTOTP(id)
	codes, _, err := s.NewRecoveryCodes(s.ctx, s.call, id, nil)
	require.NoError(t, err)
	requireCode(t, s.answer(s.begun(), credentials.Recovery, old[0]), 403, model.AuthenticationFailed)
	require.NoError(t, s.answer(s.begun(), credentials.Recovery, auth.Secret(strings.ToUpper(codes[3].Reveal()))))
	requireCode(t, s.answer(s.begun(), credentials.Recovery, codes[3]), 403, model.AuthenticationFailed)
	list, _, err := s.Factors(s.ctx, s.call, id)
	require.NoError(t, err)
	require.Equal(t, "recovery-codes", list[0].ID)
	require.Equal(t, 9, list[0].Remaining)
	require.Contains(t, s.history(id), "user.recoveryCode.used")

	for _, code := range append(codes[:3:3], codes[4:]...) {
		require.NoError(t, s.answer(s.begun(), credentials.Recovery, code))
	}
	a, err = s.login(right)
	require.NoError(t, err)
	require.Len(t, a.Next.Factors, 1, "those that are used up are not offered")
}

// TestSentCodes: codes by SMS and mail go to verified addresses only, are for one
// login, and end with it.
func TestSentCodes(t *testing.T) {
	for id, tt := range map[string]struct {
		by     notify.Channel
		to     string
		masked string
		kind   string
	}{
		credentials.SMS:  {notify.SMS, "+4930123456", "+49•••456", "otpSms"},
		credentials.Mail: {notify.Mail, "ada@example.com", "a•••@example.com", "otpEmail"},
	} {
		t.Run(id, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, s *server) {
				ada := s.ada()
				f, _, err := s.AddChannel(s.ctx, s.call, ada, id, nil)
				require.NoError(t, err)
				require.Equal(t, id, f.ID)
				require.Equal(t, tt.kind, f.Type)
				require.Equal(t, "ready", f.State)
				_, _, err = s.AddChannel(s.ctx, s.call, ada, id, nil)
				requireCode(t, err, 409, model.AlreadyEnrolled)

				first, second := s.begun(), s.begun()
				requireCode(t, s.answer(first, id, "123456"), 403, model.AuthenticationFailed) // nothing was sent
				version := s.user(ada).Get("meta").String()
				ch, err := s.Challenge(s.ctx, s.call, first, id)
				require.NoError(t, err)
				require.Equal(t, tt.masked, ch.SentTo)
				require.EqualValues(t, 1, s.woken.Load())
				require.Equal(t, version, s.user(ada).Get("meta").String(), "the user is not changed by it")
				n := s.notifier.last()
				require.Equal(t, []any{notify.LoginCode, tt.by, tt.to, "Ada Lovelace"}, []any{n.Kind, n.Channel, n.To, n.Values["name"]})
				code := auth.Secret(n.Values["code"])

				requireCode(t, s.answer(second, id, code), 403, model.AuthenticationFailed)
				require.NoError(t, s.answer(first, id, code))
				requireCode(t, s.answer(first, id, code), 410, model.Expired)
				requireCode(t, s.answer(second, id, code), 403, model.AuthenticationFailed)
			})
		})
	}
}

// TestSentInTheNameOfTheAccount: messages speak its language, tell moments in its
// time zone, and say whom to ask there.
func TestSentInTheNameOfTheAccount(t *testing.T) {
	s := newServer(t)
	s.settings.Language, s.settings.Timezone, s.settings.Contact = "de", "Europe/Vienna", "help@example.com"
	_, _, err := s.AddChannel(s.ctx, s.call, s.ada(), credentials.Mail, nil)
	require.NoError(t, err)
	_, err = s.Challenge(s.ctx, s.call, s.begun(), credentials.Mail)
	require.NoError(t, err)
	vienna, err := time.LoadLocation("Europe/Vienna")
	require.NoError(t, err)
	require.Equal(t, notify.Sender{Name: "acme", Language: "de", Zone: vienna, Contact: "help@example.com"}, s.notifier.from)
}

// TestSentCodeExpires with its login, and a new one ends the last.
func TestSentCodeExpires(t *testing.T) {
	s := newServer(t)
	ada := s.ada()
	_, _, err := s.AddChannel(s.ctx, s.call, ada, credentials.SMS, nil)
	require.NoError(t, err)
	transaction := s.begun()
	var codes []auth.Secret
	for range 2 {
		_, err := s.Challenge(s.ctx, s.call, transaction, credentials.SMS)
		require.NoError(t, err)
		codes = append(codes, auth.Secret(s.notifier.last().Values["code"]))
	}
	requireCode(t, s.answer(transaction, credentials.SMS, codes[0]), 403, model.AuthenticationFailed)
	s.pass(5 * time.Minute)
	requireCode(t, s.answer(transaction, credentials.SMS, codes[1]), 410, model.Expired)
	_, err = s.Challenge(s.ctx, s.call, transaction, credentials.SMS)
	requireCode(t, err, 410, model.Expired)
}

// TestSentCodesAreBounded: whoever has the password cannot make the server send on
// and on.
func TestSentCodesAreBounded(t *testing.T) {
	s := newServer(t)
	_, _, err := s.AddChannel(s.ctx, s.call, s.ada(), credentials.SMS, nil)
	require.NoError(t, err)
	for range 5 {
		_, err := s.Challenge(s.ctx, s.call, s.begun(), credentials.SMS)
		require.NoError(t, err)
	}
	succeeded, failed := atOnce(20, func(int) error { _, err := s.Challenge(s.ctx, s.call, s.begun(), credentials.SMS); return err })
	require.Zero(t, succeeded)
	for _, err := range failed {
		requireCode(t, err, 429, model.TooManyRequests)
	}
	s.pass(15 * time.Minute)
	_, err = s.Challenge(s.ctx, s.call, s.begun(), credentials.SMS)
	require.NoError(t, err)
}

// TestChannelNeedsVerifiedAddress at enrolment, and each time.
func TestChannelNeedsVerifiedAddress(t *testing.T) {
	s := newServer(t)
	ada := s.ada()
	bob := s.human("bob@example.com", func(n *model.NewUser) { n.Phone, n.PhoneVerified = model.Maybe[string]{}, model.Maybe[bool]{} })
	_, _, err := s.AddChannel(s.ctx, s.call, bob, credentials.SMS, nil)
	requireCode(t, err, 409, model.NotVerified)
	_, _, err = s.AddChannel(s.ctx, s.call, ada, credentials.SMS, nil)
	require.NoError(t, err)
	_, err = s.Users.ChangePhone(s.ctx, s.call, ada, "+4930999999", false, nil)
	require.NoError(t, err)
	a, err := s.login(right)
	require.NoError(t, err)
	require.NotNil(t, a.Next, "the factor is asked for even if it cannot be used")
	require.Empty(t, a.Next.Factors)
	_, err = s.Challenge(s.ctx, s.call, a.Next.Transaction, credentials.SMS)
	requireCode(t, err, 404, model.NotFound)
}

// TestTrap20SkipFactors: for a time to come, which ends by itself, and can be
// ended.
func TestTrap20SkipFactors(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	s.withTOTP(id)
	for _, past := range []time.Time{{}, s.now(), s.now().Add(-time.Second)} {
		_, err := s.SkipFactors(s.ctx, s.call, id, past, nil)
		requireCode(t, err, 400, "invalidValue")
	}
	until := s.now().Add(time.Hour)
	v, err := s.SkipFactors(s.ctx, s.call, id, until, nil)
	require.NoError(t, err)
	require.True(t, until.Equal(v.Time("mfaSkipUntil")))
	a, err := s.login(right)
	require.NoError(t, err)
	require.Nil(t, a.Next)
	s.pass(time.Hour)
	s.begun()
	for range 2 {
		v, err = s.AskFactors(s.ctx, s.call, id, nil)
		require.NoError(t, err)
		require.True(t, v.A("mfaSkipUntil").IsNull())
	}
	_, err = s.SkipFactors(s.ctx, s.call, s.robot(), until.Add(time.Hour), nil)
	requireCode(t, err, 409, model.WrongType)
}

// TestTrap21WrongFactor: factors and passkeys are removed from whose they are, each
// by its own verb.
func TestTrap21WrongFactor(t *testing.T) {
	s := newServer(t)
	ada, bob := s.ada(), s.human("bob@example.com")
	s.withTOTP(ada)
	_, key := s.withKey(ada, credentials.U2F)
	_, passkey := s.withKey(ada, credentials.Passkey)
	type verb = func(id, factor string) error
	factor := verb(func(id, f string) error { _, err := s.RemoveFactor(s.ctx, s.call, id, f, nil); return err })
	passkeys := verb(func(id, f string) error { _, err := s.RemovePasskey(s.ctx, s.call, id, f, nil); return err })
	for _, tt := range []struct {
		remove     verb
		id, factor string
	}{
		{factor, bob, "otp"}, {factor, bob, key}, {factor, ada, passkey}, {factor, ada, "otp-sms"}, {factor, ada, "x"},
		{passkeys, bob, passkey}, {passkeys, ada, key}, {passkeys, ada, "otp"},
	} {
		requireCode(t, tt.remove(tt.id, tt.factor), 404, model.NotFound)
	}
	require.NoError(t, factor(ada, "otp"))
	require.NoError(t, factor(ada, key))
	require.NoError(t, passkeys(ada, passkey))
	require.True(t, s.user(ada).A("authFactors").IsNull())
	require.Equal(t, []string{"password"}, s.sides(ada), "nothing is left of them")
	a, err := s.login(right)
	require.NoError(t, err)
	require.Nil(t, a.Next)
}

// TestRemovedFactorIsNotUsed: not even in a login that was begun before.
func TestRemovedFactorIsNotUsed(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	secret := s.withTOTP(id)
	transaction := s.begun()
	_, err := s.RemoveFactor(s.ctx, s.call, id, credentials.TOTP, nil)
	require.NoError(t, err)
	requireCode(t, s.answer(transaction, credentials.TOTP, s.code(secret)), 403, model.AuthenticationFailed)
}

// TestTransaction: it is of one account and user, of the password that was shown,
// and not for long.
func TestTransaction(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	secret := s.withTOTP(id)
	transaction := s.begun()
	text := transaction.Reveal()
	for name, bad := range map[string]auth.Secret{
		"none": "", "not base64": "~", "changed": auth.Secret(text[:len(text)-4] + "AAAA"), "short": auth.Secret(text[:20]),
		"long": auth.Secret(strings.Repeat("A", 1<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			requireCode(t, s.answer(bad, credentials.TOTP, s.code(secret)), 410, model.Expired)
		})
	}
	elsewhere := s.call
	elsewhere.Account = globex
	_, err := s.AnswerFactor(s.ctx, elsewhere, transaction, credentials.Answer{FactorID: credentials.TOTP, Code: s.code(secret)})
	requireCode(t, err, 410, model.Expired)

	_, err = s.SetPassword(s.ctx, s.call, id, right, false, nil) // even if it is the same
	require.NoError(t, err)
	requireCode(t, s.answer(transaction, credentials.TOTP, s.code(secret)), 410, model.Expired)
}

// TestLoginEndsWithTheRight to log in: what was begun before comes to nothing.
func TestLoginEndsWithTheRight(t *testing.T) {
	for name, end := range map[string]func(s *server, id string) error{
		"locked":   func(s *server, id string) error { _, err := s.Users.Lock(s.ctx, s.call, id, nil); return err },
		"inactive": func(s *server, id string) error { _, err := s.Users.Deactivate(s.ctx, s.call, id, nil); return err },
		"removed":  func(s *server, id string) error { return s.Users.Remove(s.ctx, s.call, id, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			id := s.ada()
			secret := s.withTOTP(id)
			codes, _, err := s.NewRecoveryCodes(s.ctx, s.call, id, nil)
			require.NoError(t, err)
			_, _, err = s.AddChannel(s.ctx, s.call, id, credentials.SMS, nil)
			require.NoError(t, err)
			transaction := s.begun()
			require.NoError(t, end(s, id))
			requireCode(t, s.answer(transaction, credentials.TOTP, s.code(secret)), 403, model.AuthenticationFailed)
			requireCode(t, s.answer(transaction, credentials.Recovery, codes[0]), 403, model.AuthenticationFailed)
			_, err = s.Challenge(s.ctx, s.call, transaction, credentials.SMS)
			requireCode(t, err, 410, model.Expired)
		})
	}
}

// TestFactorsAreForHumans who are there.
func TestFactorsAreForHumans(t *testing.T) {
	s := newServer(t)
	robot := s.robot()
	for name, verb := range map[string]func(id string) error{
		"list":     func(id string) error { _, _, err := s.Factors(s.ctx, s.call, id); return err },
		"passkeys": func(id string) error { _, _, err := s.Passkeys(s.ctx, s.call, id); return err },
		"begin":    func(id string) error { _, _, err := s.BeginTOTP(s.ctx, s.call, id, nil); return err },
		"confirm":  func(id string) error { _, _, err := s.ConfirmTOTP(s.ctx, s.call, id, "123456", nil); return err },
		"sms":      func(id string) error { _, _, err := s.AddChannel(s.ctx, s.call, id, credentials.SMS, nil); return err },
		"recovery": func(id string) error { _, _, err := s.NewRecoveryCodes(s.ctx, s.call, id, nil); return err },
		"registration": func(id string) error {
			_, _, err := s.BeginRegistration(s.ctx, s.call, id, credentials.U2F, nil)
			return err
		},
		"finish": func(id string) error {
			_, _, err := s.FinishRegistration(s.ctx, s.call, id, credentials.U2F, credentials.Registered{}, nil)
			return err
		},
		"link": func(id string) error {
			_, _, err := s.CreateLink(s.ctx, s.call, id, credentials.Passkey, false, nil)
			return err
		},
		"remove":         func(id string) error { _, err := s.RemoveFactor(s.ctx, s.call, id, "otp", nil); return err },
		"remove passkey": func(id string) error { _, err := s.RemovePasskey(s.ctx, s.call, id, "x", nil); return err },
		"skip": func(id string) error {
			_, err := s.SkipFactors(s.ctx, s.call, id, s.now().Add(time.Hour), nil)
			return err
		},
		"skip no more": func(id string) error { _, err := s.AskFactors(s.ctx, s.call, id, nil); return err },
		"password":     func(id string) error { _, err := s.SetPassword(s.ctx, s.call, id, right, true, nil); return err },
	} {
		t.Run(name, func(t *testing.T) {
			requireCode(t, verb(robot), 409, model.WrongType)
			err := verb("01930000-0000-7000-8000-00000000dead")
			requireCode(t, err, 404, "")
		})
	}
}
