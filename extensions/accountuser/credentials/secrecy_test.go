package credentials_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/model"
	"roster/storage"
)

// everySecret makes one of each kind for a human and a machine, and uses it.
func (s *server) everySecret() (texts map[string]string, users []string) {
	t := s.t
	texts = map[string]string{"password": right.Reveal(), "wrong password": wrong.Reveal()}
	add := func(name string, text auth.Secret) { texts[name] = text.Reveal() }
	ada, robot := s.ada(), s.robot()
	_, err := s.SetPassword(s.ctx, s.call, ada, "another horse", true, nil)
	require.NoError(t, err)
	add("new password", "another horse")
	_, err = s.SetPassword(s.ctx, s.call, ada, right, false, nil)
	require.NoError(t, err)
	_, err = s.login(wrong)
	require.Error(t, err)
	add("app", s.withTOTP(ada))
	codes, _, err := s.NewRecoveryCodes(s.ctx, s.call, ada, nil)
	require.NoError(t, err)
	for i, code := range codes {
		add(fmt.Sprint("recovery code ", i), code)
		add(fmt.Sprint("recovery code, dense ", i), auth.Secret(strings.ReplaceAll(code.Reveal(), "-", "")))
	}
	add("transaction", s.begun())
	require.NoError(t, s.answer(s.begun(), credentials.Recovery, codes[0]))
	link, _, err := s.CreateLink(s.ctx, s.call, ada, credentials.Passkey, false, nil)
	require.NoError(t, err)
	add("link", link.Token)
	s.finishByLink(link.Token)
	secret, _, err := s.CreateSecret(s.ctx, s.call, robot, credentials.NewSecret{Granter: operator()}, nil)
	require.NoError(t, err)
	add("client secret", secret.Secret)
	add("access token", s.pat(robot))
	_, file, _, err := s.CreateKey(s.ctx, s.call, robot, credentials.NewKey{Granter: operator()}, nil)
	require.NoError(t, err)
	content, err := base64.StdEncoding.DecodeString(file.Reveal())
	require.NoError(t, err)
	texts["key file"] = file.Reveal()[200:300]
	texts["private key"] = string(content[300:360])
	for name, text := range texts {
		if strings.HasPrefix(text, "roster_") {
			texts["random part of "+name] = text[len(text)-49:]
		}
	}
	return texts, []string{ada, robot}
}

// TestOnlyHashesAreKept: nothing by which anybody gets in is in the store as it was
// shown, nor in the history or the log.
func TestOnlyHashesAreKept(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		texts, users := s.everySecret()
		_, _, err := s.AddChannel(s.ctx, s.call, users[0], credentials.SMS, nil)
		require.NoError(t, err)
		for name, text := range texts {
			require.NotContains(t, s.everythingOf(users), text, name)
			require.NotContains(t, s.logs.String(), text, name)
		}
		require.Contains(t, s.everythingOf(users), "ada@example.com", "it is looked at the right things")
		s.scanFile(texts)

		_, err = s.Challenge(s.ctx, s.call, s.begun(), credentials.SMS) // only the message has the code
		require.NoError(t, err)
		require.NotContains(t, s.everythingOf(users[:1]), s.notifier.last().Values["code"])
	})
}

// everythingOf is all that is stored of users: documents, side records, events.
func (s *server) everythingOf(users []string) string {
	var all bytes.Buffer
	s.view(acme, func(snapshot storage.Snapshot) error {
		for _, id := range users {
			d, err := snapshot.Get(s.ctx, id)
			require.NoError(s.t, err)
			all.Write(d.Body)
			for _, name := range s.sides(id) {
				data, err := snapshot.Side(s.ctx, id, name)
				require.NoError(s.t, err)
				fmt.Fprintf(&all, "\n%s=%s", name, data)
			}
		}
		events, err := snapshot.Events(s.ctx, storage.EventQuery{Limit: 1000})
		for _, e := range events {
			fmt.Fprintf(&all, "\n%s %s", e.Type, e.Data)
		}
		return err
	})
	return all.String()
}

// scanFile looks at the bytes of the engine's file, freed ones included.
func (s *server) scanFile(texts map[string]string) {
	s.t.Helper()
	if s.dir == "" {
		return
	}
	raw, err := os.ReadFile(filepath.Join(s.dir, "x.db"))
	require.NoError(s.t, err)
	require.True(s.t, bytes.Contains(raw, []byte("ada@example.com")), "it is the right file")
	for name, text := range texts {
		require.False(s.t, bytes.Contains(raw, []byte(text)), name)
	}
}

// TestNothingPersonalIsLogged, whatever goes wrong.
func TestNothingPersonalIsLogged(t *testing.T) {
	s := newServer(t)
	id := s.ada()
	for range 12 {
		_, err := s.login(wrong)
		require.NotContains(t, err.Error(), "ada")
		require.NotContains(t, err.Error(), wrong.Reveal())
	}
	_, err := s.SetPassword(s.ctx, s.call, id, "short", false, nil)
	require.NotContains(t, err.Error(), `"short"`)
	for _, personal := range []string{"ada", "Ada", "Lovelace", "+4930123456"} {
		require.NotContains(t, s.logs.String(), personal)
	}
}

// TestRemovedUserKeepsNothing that opens anything, and a restored one begins anew.
func TestRemovedUserKeepsNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		_, users := s.everySecret()
		for _, id := range users {
			require.NoError(t, s.Users.Remove(s.ctx, s.call, id, nil))
			require.Empty(t, s.sides(id))
			_, err := s.Users.Restore(s.ctx, s.call, id, nil)
			require.NoError(t, err)
			v := s.user(id)
			require.True(t, v.A("authFactors").IsNull())
			require.True(t, v.A("credentials").IsNull())
			require.Equal(t, model.Active, v.Status())
		}
		_, err := s.login(right)
		requireCode(t, err, 403, model.AuthenticationFailed)
	})
}

// TestRemovalMeetsLogin: what a login writes beside a user, or counts, while the
// user is being removed does not survive the user; and the reverse.
func TestRemovalMeetsLogin(t *testing.T) {
	for name, login := range map[string]func(s *server, transaction auth.Secret){
		"code":    func(s *server, tx auth.Secret) { _, _ = s.Challenge(s.ctx, s.call, tx, credentials.SMS) },
		"success": func(s *server, tx auth.Secret) { _ = s.answer(tx, credentials.TOTP, s.code(s.app)) },
		"failure": func(s *server, _ auth.Secret) { _, _ = s.login(wrong) },
	} {
		onEachEngine(t, func(t *testing.T, s *server) {
			id := s.ada()
			s.app = s.withTOTP(id)
			_, _, err := s.AddChannel(s.ctx, s.call, id, credentials.SMS, nil)
			require.NoError(t, err)
			transaction := s.begun()
			remove := func() { require.NoError(t, s.Users.Remove(s.ctx, s.call, id, nil)) }
			logIn := func() { login(s, transaction) }
			meddle(s, remove, logIn)
			require.Empty(t, s.sides(id), name)
			require.Zero(t, s.failures(id), name)

			_, err = s.Users.Restore(s.ctx, s.call, id, nil)
			require.NoError(t, err)
			_, err = s.SetPassword(s.ctx, s.call, id, right, false, nil)
			require.NoError(t, err)
			s.app = s.withTOTP(id)
			_, _, err = s.AddChannel(s.ctx, s.call, id, credentials.SMS, nil)
			require.NoError(t, err)
			transaction = s.begun()
			meddle(s, logIn, remove)
			require.Empty(t, s.sides(id), name)
			require.Zero(t, s.failures(id), name)
		})
	}
}

// meddle lets something else happen while a change is on its way to the store.
func meddle(s *server, change, meanwhile func()) {
	s.meddler.before.Store(&meanwhile)
	change()
}
