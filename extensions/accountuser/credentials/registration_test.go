package credentials_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor/factortest"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
)

// finishByLink registers an authenticator by a link.
func (s *server) finishByLink(token auth.Secret) *factortest.Authenticator {
	s.t.Helper()
	browser := factortest.New(origin)
	r, err := s.BeginByLink(s.ctx, s.call, token)
	require.NoError(s.t, err)
	_, err = s.FinishByLink(s.ctx, s.call, token, s.registered(browser, r))
	require.NoError(s.t, err)
	return browser
}

// loginByPasskey asks for a login, and answers it.
func (s *server) loginByPasskey(browser *factortest.Authenticator) (credentials.Authentication, error) {
	s.t.Helper()
	begun, err := s.BeginPasskeyLogin(s.ctx, s.call, "ada@example.com")
	require.NoError(s.t, err)
	answer, err := browser.Login(begun.Options)
	require.NoError(s.t, err)
	return s.AnswerFactor(s.ctx, s.call, begun.Transaction, credentials.Answer{Credential: answer})
}

// TestPasskey: registered by an administrator, it logs in without a password and
// without a second factor, each answer once.
func TestPasskey(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		s.withTOTP(id)
		browser, passkey := s.withKey(id, credentials.Passkey)
		list, _, err := s.Passkeys(s.ctx, s.call, id)
		require.NoError(t, err)
		require.Equal(t, []credentials.Factor{{ID: passkey, Type: "passkey", State: "ready", Display: "Laptop"}}, list)
		factors, _, err := s.Factors(s.ctx, s.call, id)
		require.NoError(t, err)
		require.Len(t, factors, 1, "a passkey is not listed among them")

		_, err = s.login(wrong)
		require.Error(t, err)
		begun, err := s.BeginPasskeyLogin(s.ctx, s.call, "ADA@example.com")
		require.NoError(t, err)
		answer, err := browser.Login(begun.Options)
		require.NoError(t, err)
		a, err := s.AnswerFactor(s.ctx, s.call, begun.Transaction, credentials.Answer{Credential: answer})
		require.NoError(t, err)
		require.Equal(t, credentials.Authentication{User: id}, a)
		require.Zero(t, s.failures(id))
		_, err = s.AnswerFactor(s.ctx, s.call, begun.Transaction, credentials.Answer{Credential: answer})
		requireCode(t, err, 410, model.Expired)
		_, err = s.loginByPasskey(browser)
		require.NoError(t, err, "again")
	})
}

// TestPasskeyWithoutCounter: an answer is not taken twice at once either, if the
// passkey does not count.
func TestPasskeyWithoutCounter(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		browser, _ := s.withKey(s.ada(), credentials.Passkey)
		browser.NoCounter = true
		begun, err := s.BeginPasskeyLogin(s.ctx, s.call, "ada@example.com")
		require.NoError(t, err)
		answer, err := browser.Login(begun.Options)
		require.NoError(t, err)
		succeeded, failed := atOnce(8, func(int) error {
			_, err := s.AnswerFactor(s.ctx, s.call, begun.Transaction, credentials.Answer{Credential: answer})
			return err
		})
		require.Equal(t, 1, succeeded)
		for _, err := range failed {
			requireCode(t, err, 410, model.Expired)
		}
	})
}

// TestPasskeyRefused: what is not right says nothing, counts as nobody's guess, and
// locks nobody: anybody can begin such a login.
func TestPasskeyRefused(t *testing.T) {
	s := newServer(t)
	ada, bob := s.ada(), s.human("bob@example.com")
	browser, _ := s.withKey(ada, credentials.Passkey)
	key, _ := s.withKey(ada, credentials.U2F)
	other, _ := s.withKey(bob, credentials.Passkey)
	stranger := factortest.New("https://evil.example.net")
	for name, answer := range map[string]func(options []byte) []byte{
		"rubbish":              func([]byte) []byte { return []byte(`{"id":"x"}`) },
		"nothing":              func([]byte) []byte { return []byte(`{}`) },
		"large":                func([]byte) []byte { return []byte(strings.Repeat("x", 1<<20)) },
		"wrong origin":         func(o []byte) []byte { b := *browser; b.Origin = stranger.Origin; return loggedIn(t, &b, o) },
		"unverified":           func(o []byte) []byte { b := *browser; b.Unverified = true; return loggedIn(t, &b, o) },
		"of another challenge": func(o []byte) []byte { b := *browser; b.Challenge = "AAAA"; return loggedIn(t, &b, o) },
		"of another user":      func(o []byte) []byte { return loggedIn(t, other, o) },
		"security key":         func(o []byte) []byte { return loggedIn(t, key, s.naming(o)) },
	} {
		t.Run(name, func(t *testing.T) {
			for range 11 {
				begun, err := s.BeginPasskeyLogin(s.ctx, s.call, "ada@example.com")
				require.NoError(t, err)
				_, err = s.AnswerFactor(s.ctx, s.call, begun.Transaction, credentials.Answer{Credential: answer(begun.Options)})
				requireCode(t, err, 403, model.AuthenticationFailed)
			}
			require.Zero(t, s.failures(ada))
		})
	}
	begun, err := s.BeginPasskeyLogin(s.ctx, s.call, "ada@example.com")
	require.NoError(t, err)
	requireCode(t, s.answer(begun.Transaction, credentials.TOTP, "123456"), 403, model.AuthenticationFailed) // a code is no passkey
	_, err = s.Challenge(s.ctx, s.call, begun.Transaction, credentials.SMS)
	requireCode(t, err, 410, model.Expired)
	_, err = s.loginByPasskey(browser)
	require.NoError(t, err)
}

func loggedIn(t *testing.T, browser *factortest.Authenticator, options []byte) []byte {
	answer, err := browser.Login(options)
	require.NoError(t, err)
	return answer
}

// naming returns options with the security keys of Ada in them, as an attacker who
// knows their ids would.
func (s *server) naming(options []byte) []byte {
	s.t.Helper()
	ch, err := s.Challenge(s.ctx, s.call, s.begun(), "u2f")
	require.NoError(s.t, err)
	var passkey, key map[string]any
	require.NoError(s.t, json.Unmarshal(options, &passkey))
	require.NoError(s.t, json.Unmarshal(ch.Options, &key))
	key["challenge"] = passkey["challenge"]
	changed, err := json.Marshal(key)
	require.NoError(s.t, err)
	return changed
}

// TestPasskeyLoginTellsNothing about whether there is such a user.
func TestPasskeyLoginTellsNothing(t *testing.T) {
	s := newServer(t)
	browser, _ := s.withKey(s.ada(), credentials.Passkey)
	known, err := s.BeginPasskeyLogin(s.ctx, s.call, "ada@example.com")
	require.NoError(t, err)
	unknown, err := s.BeginPasskeyLogin(s.ctx, s.call, "nobody@example.com")
	require.NoError(t, err)
	require.Len(t, unknown.Transaction.Reveal(), len(known.Transaction.Reveal()))
	shape := func(options json.RawMessage) (members map[string]any) {
		require.NoError(t, json.Unmarshal(options, &members))
		members["challenge"] = nil
		return members
	}
	require.Equal(t, shape(known.Options), shape(unknown.Options))
	_, err = s.AnswerFactor(s.ctx, s.call, unknown.Transaction, credentials.Answer{Credential: loggedIn(t, browser, unknown.Options)})
	requireCode(t, err, 403, model.AuthenticationFailed)
}

// TestClonedPasskey: one whose counter goes back gets nobody in.
func TestClonedPasskey(t *testing.T) {
	s := newServer(t)
	browser, _ := s.withKey(s.ada(), credentials.Passkey)
	clone := browser.Clone()
	for range 2 {
		_, err := s.loginByPasskey(browser)
		require.NoError(t, err)
	}
	_, err := s.loginByPasskey(clone)
	requireCode(t, err, 403, model.AuthenticationFailed)
	_, err = s.loginByPasskey(browser)
	require.NoError(t, err)
}

// TestSecurityKey: it is a second factor behind the password, asked for by its id
// or with all others.
func TestSecurityKey(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		browser, key := s.withKey(id, credentials.U2F)
		_, other := s.withKey(id, credentials.U2F)
		for _, factorID := range []string{"u2f", key} {
			transaction, unasked := s.begun(), s.begun()
			ch, err := s.Challenge(s.ctx, s.call, transaction, factorID)
			require.NoError(t, err)
			answer := credentials.Answer{Credential: loggedIn(t, browser, ch.Options)}
			_, err = s.AnswerFactor(s.ctx, s.call, unasked, answer)
			requireCode(t, err, 403, model.AuthenticationFailed)
			a, err := s.AnswerFactor(s.ctx, s.call, transaction, answer)
			require.NoError(t, err)
			require.Equal(t, id, a.User)
			_, err = s.AnswerFactor(s.ctx, s.call, transaction, answer)
			requireCode(t, err, 410, model.Expired)
			_, err = s.AnswerFactor(s.ctx, s.call, unasked, answer)
			requireCode(t, err, 403, model.AuthenticationFailed)
		}
		ch, err := s.Challenge(s.ctx, s.call, s.begun(), other)
		require.NoError(t, err)
		_, err = browser.Login(ch.Options)
		require.ErrorIs(t, err, factortest.ErrNone, "only the one that is named is asked for")
		for _, none := range []string{"otp", "otp-sms", "x", ""} {
			_, err = s.Challenge(s.ctx, s.call, s.begun(), none)
			requireCode(t, err, 404, model.NotFound)
		}
	})
}

// TestRegistrationRefused: by another answer, for another kind or user, too late,
// or twice.
func TestRegistrationRefused(t *testing.T) {
	s := newServer(t)
	ada, bob := s.ada(), s.human("bob@example.com")
	r, _, err := s.BeginRegistration(s.ctx, s.call, ada, credentials.Passkey, nil)
	require.NoError(t, err)
	finish := func(id string, kind credentials.Kind, answer credentials.Registered) error {
		_, _, err := s.FinishRegistration(s.ctx, s.call, id, kind, answer, nil)
		return err
	}
	good := s.registered(factortest.New(origin), r)
	requireCode(t, finish(bob, credentials.Passkey, good), 404, model.NotFound)
	requireCode(t, finish(ada, credentials.U2F, good), 404, model.NotFound)
	requireCode(t, finish(ada, credentials.Passkey, credentials.Registered{ID: "x"}), 404, model.NotFound)
	requireCode(t, finish(ada, credentials.Passkey, credentials.Registered{ID: r.ID, Credential: []byte("{}")}), 400, model.InvalidCredential)
	requireCode(t, finish(ada, credentials.Passkey, s.registered(factortest.New("https://evil.example.net"), r)), 400, model.InvalidCredential)
	named := good
	named.Name = strings.Repeat("x", 201)
	requireCode(t, finish(ada, credentials.Passkey, named), 400, "invalidValue")

	s.pass(5 * time.Minute)
	requireCode(t, finish(ada, credentials.Passkey, good), 410, model.Expired)
	r, _, err = s.BeginRegistration(s.ctx, s.call, ada, credentials.Passkey, nil)
	require.NoError(t, err)
	good = s.registered(factortest.New(origin), r)
	succeeded, failed := atOnce(8, func(int) error { return finish(ada, credentials.Passkey, good) })
	require.Equal(t, 1, succeeded)
	for _, err := range failed {
		requireCode(t, err, 404, model.NotFound)
	}
	require.Len(t, s.sides(ada), 2, "password and passkey; no registration is left")
}

// TestRegistrationsAreBounded: the last five of a user can be finished, and a user
// has at most twenty authenticators, each once.
func TestRegistrationsAreBounded(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	begun := make([]credentials.Registration, 7)
	for i := range begun {
		var err error
		begun[i], _, err = s.BeginRegistration(s.ctx, s.call, id, credentials.U2F, nil)
		require.NoError(t, err)
	}
	browser := factortest.New(origin)
	_, _, err := s.FinishRegistration(s.ctx, s.call, id, credentials.U2F, s.registered(browser, begun[1]), nil)
	requireCode(t, err, 404, model.NotFound)
	for _, r := range begun[2:] {
		_, _, err := s.FinishRegistration(s.ctx, s.call, id, credentials.U2F, s.registered(factortest.New(origin), r), nil)
		require.NoError(t, err)
	}
	registered, _ := s.withKey(id, credentials.Passkey)
	r, _, err := s.BeginRegistration(s.ctx, s.call, id, credentials.Passkey, nil)
	require.NoError(t, err)
	_, err = registered.Register(r.Options)
	require.ErrorIs(t, err, factortest.ErrExcluded)
	for range 14 {
		s.withKey(id, credentials.U2F)
	}
	_, _, err = s.BeginRegistration(s.ctx, s.call, id, credentials.Passkey, nil)
	requireCode(t, err, 409, model.AlreadyEnrolled)
}

// TestLink: whoever has it registers one authenticator of its kind, and may begin
// as often as it takes.
func TestLink(t *testing.T) {
	for _, kind := range []credentials.Kind{credentials.Passkey, credentials.U2F} {
		t.Run(string(kind), func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, s *server) {
				id := s.ada()
				link, _, err := s.CreateLink(s.ctx, s.call, id, kind, false, nil)
				require.NoError(t, err)
				require.Equal(t, "https://app.example.com/passkey#"+link.Token.Reveal(), link.URL.Reveal())
				open := s.call
				open.Account = ""
				_, err = s.BeginByLink(s.ctx, open, link.Token)
				require.NoError(t, err)
				r, err := s.BeginByLink(s.ctx, open, link.Token)
				require.NoError(t, err)
				require.Equal(t, kind, r.Kind)
				f, err := s.FinishByLink(s.ctx, open, link.Token, s.registered(factortest.New(origin), r))
				require.NoError(t, err)
				require.Equal(t, string(kind), f.Type)
				_, err = s.BeginByLink(s.ctx, open, link.Token)
				requireCode(t, err, 410, model.Expired)
				_, err = s.FinishByLink(s.ctx, open, link.Token, s.registered(factortest.New(origin), r))
				requireCode(t, err, 410, model.Expired)
				require.Zero(t, s.woken.Load())
				require.Equal(t, []string{"user.created", "user.registrationLink.created",
					"user.registration.begun", "user.registration.begun", "user.factor.added"}, s.history(id))
			})
		})
	}
}

// TestLinkAtOnce: two who redeem it at the same time register one authenticator.
func TestLinkAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.ada()
		link, _, err := s.CreateLink(s.ctx, s.call, id, credentials.Passkey, false, nil)
		require.NoError(t, err)
		answers := make([]credentials.Registered, 4)
		for i := range answers {
			r, err := s.BeginByLink(s.ctx, s.call, link.Token)
			require.NoError(t, err)
			answers[i] = s.registered(factortest.New(origin), r)
		}
		succeeded, failed := atOnce(4, func(i int) error {
			_, err := s.FinishByLink(s.ctx, s.call, link.Token, answers[i])
			return err
		})
		require.Equal(t, 1, succeeded)
		for _, err := range failed {
			requireCode(t, err, 410, model.Expired)
		}
		list, _, err := s.Passkeys(s.ctx, s.call, id)
		require.NoError(t, err)
		require.Len(t, list, 1)
	})
}

// TestLinkByMail: it is in the mail, and not in the answer.
func TestLinkByMail(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	link, _, err := s.CreateLink(s.ctx, s.call, id, credentials.Passkey, true, nil)
	require.NoError(t, err)
	require.Equal(t, credentials.Link{Expires: link.Expires}, link)
	require.EqualValues(t, 1, s.woken.Load())
	n := s.notifier.last()
	require.Equal(t, []any{notify.PasskeyLink, notify.Mail, "ada@example.com"}, []any{n.Kind, n.Channel, n.To})
	token, found := strings.CutPrefix(n.Values["link"], "https://app.example.com/passkey#")
	require.True(t, found)
	s.finishByLink(auth.Secret(token))

	s.settings.Links = nil
	_, _, err = s.CreateLink(s.ctx, s.call, id, credentials.U2F, true, nil)
	require.NoError(t, err)
	s.finishByLink(auth.Secret(s.notifier.last().Values["code"]))
}

// TestLinkEnds by time, by the next one, and with the right of its user to log in.
func TestLinkEnds(t *testing.T) {
	for name, end := range map[string]func(s *server, id string) error{
		"time": func(s *server, _ string) error { s.pass(time.Hour); return nil },
		"next": func(s *server, id string) error {
			_, _, err := s.CreateLink(s.ctx, s.call, id, credentials.Passkey, false, nil)
			return err
		},
		"locked":   func(s *server, id string) error { _, err := s.Users.Lock(s.ctx, s.call, id, nil); return err },
		"inactive": func(s *server, id string) error { _, err := s.Users.Deactivate(s.ctx, s.call, id, nil); return err },
		"removed":  func(s *server, id string) error { return s.Users.Remove(s.ctx, s.call, id, nil) },
		"restored": func(s *server, id string) error {
			require.NoError(s.t, s.Users.Remove(s.ctx, s.call, id, nil))
			_, err := s.Users.Restore(s.ctx, s.call, id, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			id := s.ada()
			link, _, err := s.CreateLink(s.ctx, s.call, id, credentials.Passkey, false, nil)
			require.NoError(t, err)
			r, err := s.BeginByLink(s.ctx, s.call, link.Token)
			require.NoError(t, err)
			require.NoError(t, end(s, id))
			_, err = s.BeginByLink(s.ctx, s.call, link.Token)
			requireCode(t, err, 410, model.Expired)
			_, err = s.FinishByLink(s.ctx, s.call, link.Token, s.registered(factortest.New(origin), r))
			requireCode(t, err, 410, model.Expired)
		})
	}
}

// TestLinkRefused: a text that is no such token is told apart from one that is not
// valid, and a registration of an administrator is none of the link's.
func TestLinkRefused(t *testing.T) {
	s := newServer(t)
	ada, bob := s.ada(), s.human("bob@example.com", func(n *model.NewUser) { n.EmailVerified = model.Say(false) })
	link, _, err := s.CreateLink(s.ctx, s.call, ada, credentials.Passkey, false, nil)
	require.NoError(t, err)
	text := link.Token.Reveal()
	for _, bad := range []string{"", "x", text[:len(text)-1], text + "x", strings.Replace(text, "passkey", "invitation", 1), strings.Repeat("x", 1<<20)} {
		_, err := s.BeginByLink(s.ctx, s.call, auth.Secret(bad))
		requireCode(t, err, 400, model.InvalidToken)
	}
	for _, unknown := range []auth.Secret{s.minted(acme, ada), s.minted(acme, bob), s.minted(globex, ada), s.minted(acme, string(globex))} {
		_, err := s.BeginByLink(s.ctx, s.call, unknown)
		requireCode(t, err, 410, model.Expired)
	}
	byAdministrator, _, err := s.BeginRegistration(s.ctx, s.call, ada, credentials.Passkey, nil)
	require.NoError(t, err)
	_, err = s.FinishByLink(s.ctx, s.call, link.Token, s.registered(factortest.New(origin), byAdministrator))
	requireCode(t, err, 410, model.Expired)
	byLink, err := s.BeginByLink(s.ctx, s.call, link.Token)
	require.NoError(t, err)
	_, _, err = s.FinishRegistration(s.ctx, s.call, ada, credentials.Passkey, s.registered(factortest.New(origin), byLink), nil)
	requireCode(t, err, 404, model.NotFound)
	_, err = s.FinishByLink(s.ctx, s.call, link.Token, credentials.Registered{ID: byLink.ID, Credential: []byte("{}")})
	requireCode(t, err, 400, model.InvalidCredential)
	s.finishByLink(link.Token) // an answer that is not valid does not use it up

	noMail := s.posted(`{"userName":"cem"}`)
	_, _, err = s.CreateLink(s.ctx, s.call, noMail, credentials.Passkey, true, nil)
	requireCode(t, err, 409, model.NoChannel)
}
