package credentials_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

// operator may do everything in the account.
func operator() *auth.Principal { return &auth.Principal{Scopes: auth.AccountScopes()} }

// TestSecret: a machine has one client secret at a time.
func TestSecret(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.robot()
		first, v, err := s.CreateSecret(s.ctx, s.call, id, credentials.NewSecret{Granter: operator()}, nil)
		require.NoError(t, err)
		require.Equal(t, id+"@"+string(acme), first.ClientID)
		require.True(t, v.A("machine").Get("hasSecret").Bool())
		require.Equal(t, "secret", v.A("credentials").At(0).Get("type").Text())

		expires := s.now().Add(time.Hour)
		second, v, err := s.CreateSecret(s.ctx, s.call, id, credentials.NewSecret{Expires: expires, Granter: operator()}, nil)
		require.NoError(t, err)
		require.Equal(t, 1, v.A("credentials").Len())
		require.Equal(t, model.TimeValue(expires), v.A("credentials").At(0).Get("expiresAt"))
		s.dead(first.Secret)
		p, err := s.shown(second.Secret)
		require.NoError(t, err)
		require.Equal(t, &auth.Principal{Account: string(acme), User: id, Name: "robot", Method: auth.ByOAuth,
			Subject: v.A("credentials").At(0).Get("value").Text()}, p)

		v, err = s.RemoveSecret(s.ctx, s.call, id, nil)
		require.NoError(t, err)
		require.False(t, v.A("machine").Get("hasSecret").Bool())
		require.True(t, v.A("credentials").IsNull())
		s.dead(second.Secret)
		_, err = s.RemoveSecret(s.ctx, s.call, id, nil)
		requireCode(t, err, 404, model.NotFound)
		require.Equal(t, []string{"user.created", "user.secret.created", "user.secret.created", "user.secret.removed"}, s.history(id))
	})
}

// dead: nobody gets in by it.
func (s *server) dead(text auth.Secret) {
	s.t.Helper()
	_, err := s.shown(text)
	require.ErrorIs(s.t, err, auth.ErrUnauthenticated)
	_, err = credentials.Authenticator{Credentials: s.Credentials}.Authenticate(s.ctx, text)
	require.ErrorIs(s.t, err, auth.ErrUnauthenticated)
}

// TestTrap22Keys: the private key is shown once, and not at all if the machine has
// made the key itself; the public half verifies what it signs.
func TestTrap22Keys(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.robot()
		made, file, v, err := s.CreateKey(s.ctx, s.call, id, credentials.NewKey{Granter: operator()}, nil)
		require.NoError(t, err)
		require.Equal(t, made.ID, v.A("credentials").At(0).Get("value").Text())
		content, err := base64.StdEncoding.DecodeString(file.Reveal())
		require.NoError(t, err)
		var inFile struct{ Type, KeyID, Key, UserID, ClientID string }
		require.NoError(t, json.Unmarshal(content, &inFile))
		require.Equal(t, []string{"serviceaccount", made.ID, id, id + "@" + string(acme)}, []string{inFile.Type, inFile.KeyID, inFile.UserID, inFile.ClientID})
		block, _ := pem.Decode([]byte(inFile.Key))
		private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		require.NoError(t, err)
		s.verifies(inFile.ClientID, made.ID, private)

		own, err := rsa.GenerateKey(rand.Reader, 2048)
		require.NoError(t, err)
		der, err := x509.MarshalPKIXPublicKey(&own.PublicKey)
		require.NoError(t, err)
		expires := s.now().Add(time.Hour)
		given, file, _, err := s.CreateKey(s.ctx, s.call, id, credentials.NewKey{Public: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), Expires: expires, Granter: operator()}, nil)
		require.NoError(t, err)
		require.Empty(t, file)
		s.verifies(inFile.ClientID, given.ID, own)

		list, total, err := s.Keys(s.ctx, s.call, id, 0, 20)
		require.NoError(t, err)
		require.Equal(t, 2, total)
		require.Equal(t, []string{made.ID, given.ID}, []string{list[0].ID, list[1].ID})
		require.True(t, list[1].Expires.Equal(expires))
		one, err := s.KeyByID(s.ctx, s.call, id, given.ID)
		require.NoError(t, err)
		require.Equal(t, list[1], one)

		s.pass(time.Hour)
		_, _, _, err = s.clients().Key(s.ctx, inFile.ClientID, given.ID)
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
		_, err = s.RemoveKey(s.ctx, s.call, id, made.ID, nil)
		require.NoError(t, err)
		_, _, _, err = s.clients().Key(s.ctx, inFile.ClientID, made.ID)
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
		_, err = s.KeyByID(s.ctx, s.call, id, made.ID)
		requireCode(t, err, 404, model.NotFound)
	})
}

// verifies: what the private key signs is the machine's.
func (s *server) verifies(clientID, keyID string, private *rsa.PrivateKey) {
	s.t.Helper()
	public, p, _, err := s.clients().Key(s.ctx, clientID, keyID)
	require.NoError(s.t, err)
	require.Equal(s.t, clientID, p.User+"@"+p.Account)
	require.Equal(s.t, keyID, p.Subject)
	sum := sha256.Sum256([]byte("x"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, sum[:])
	require.NoError(s.t, err)
	require.NoError(s.t, rsa.VerifyPKCS1v15(public.(*rsa.PublicKey), crypto.SHA256, sum[:], signature))
}

// TestKeyRefused: what is no RSA public key makes none.
func TestKeyRefused(t *testing.T) {
	s := newServer(t)
	id := s.robot()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	for name, public := range map[string][]byte{
		"empty": {}, "rubbish": []byte("x"), "large": []byte(strings.Repeat("x", 1<<20)),
		"small":   pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&small.PublicKey)}),
		"private": pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(small)}),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := s.CreateKey(s.ctx, s.call, id, credentials.NewKey{Public: public, Granter: operator()}, nil)
			requireCode(t, err, 400, model.InvalidKey)
		})
	}
	require.True(t, s.user(id).A("credentials").IsNull())
}

// TestTrap23Token: a personal access token lets its machine into this server, with
// its scopes, until it expires or is removed; it is shown once.
func TestTrap23Token(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.robot()
		gate := credentials.Authenticator{Credentials: s.Credentials}
		expires := s.now().Add(time.Hour)
		plain, text, _, err := s.CreateToken(s.ctx, s.call, id, credentials.NewToken{Granter: operator()}, nil)
		require.NoError(t, err)
		require.Equal(t, []auth.Scope{auth.SCIM}, plain.Scopes)
		p, err := gate.Authenticate(s.ctx, text)
		require.NoError(t, err)
		require.Equal(t, &auth.Principal{Account: string(acme), Subject: plain.ID, Name: "robot", User: id, Scopes: []auth.Scope{auth.SCIM}, Method: auth.ByPAT}, p)

		reader, other, _, err := s.CreateToken(s.ctx, s.call, id, credentials.NewToken{Name: "reader", Scopes: []auth.Scope{auth.SCIMRead}, Expires: expires, Granter: operator()}, nil)
		require.NoError(t, err)
		p, err = gate.Authenticate(s.ctx, other)
		require.NoError(t, err)
		require.Equal(t, "reader", p.Name)
		require.False(t, p.Has(auth.SCIMWrite))

		s.Settle()
		list, total, err := s.Tokens(s.ctx, s.call, id, 1, 20)
		require.NoError(t, err)
		require.Equal(t, 2, total)
		require.Len(t, list, 1)
		one, err := s.Token(s.ctx, s.call, id, reader.ID)
		require.NoError(t, err)
		require.Equal(t, list[0], one)
		require.Equal(t, "reader", one.Name)
		require.Equal(t, []auth.Scope{auth.SCIMRead}, one.Scopes)
		require.True(t, one.Expires.Equal(expires) && one.Created.Equal(s.now()))

		s.pass(time.Hour)
		s.dead(other)
		_, err = s.RemoveToken(s.ctx, s.call, id, plain.ID, nil)
		require.NoError(t, err)
		s.dead(text)
		_, err = s.Token(s.ctx, s.call, id, plain.ID)
		requireCode(t, err, 404, model.NotFound)
	})
}

// TestTokenScopes: nobody gives what one has not.
func TestTokenScopes(t *testing.T) {
	s := newServer(t)
	id := s.robot()
	for name, tt := range map[string]struct {
		granter, asked []auth.Scope
		status         int
		code           string
	}{
		"own":                {[]auth.Scope{auth.UserRead}, []auth.Scope{auth.UserRead}, 0, ""},
		"default":            {[]auth.Scope{auth.SCIM}, nil, 0, ""},
		"half of own":        {[]auth.Scope{auth.SCIM}, []auth.Scope{auth.SCIMRead}, 0, ""},
		"both halves":        {[]auth.Scope{auth.SCIMRead, auth.SCIMWrite}, []auth.Scope{auth.SCIM}, 0, ""},
		"one half":           {[]auth.Scope{auth.SCIMRead}, []auth.Scope{auth.SCIM}, 403, "insufficient_scope"},
		"default not own":    {[]auth.Scope{auth.UserCredential}, nil, 403, "insufficient_scope"},
		"another":            {[]auth.Scope{auth.UserCredential}, []auth.Scope{auth.UserWrite}, 403, "insufficient_scope"},
		"unknown":            {[]auth.Scope{auth.SCIM}, []auth.Scope{"everything"}, 400, "invalidValue"},
		"empty":              {[]auth.Scope{auth.SCIM}, []auth.Scope{""}, 400, "invalidValue"},
		"above all accounts": {[]auth.Scope{auth.PlatformAdmin}, []auth.Scope{auth.PlatformAdmin}, 400, "invalidValue"},
	} {
		t.Run(name, func(t *testing.T) {
			_, text, _, err := s.CreateToken(s.ctx, s.call, id, credentials.NewToken{Scopes: tt.asked, Granter: &auth.Principal{Scopes: tt.granter}}, nil)
			if tt.status == 0 {
				require.NoError(t, err)
				return
			}
			requireCode(t, err, tt.status, tt.code)
			require.Empty(t, text)
		})
	}
}

// TestMachineCredentialsRefused: they are for machines that are there, and not from
// the past.
func TestMachineCredentialsRefused(t *testing.T) {
	s := newServer(t)
	ada, robot := s.ada(), s.robot()
	past := s.now()
	for name, verb := range map[string]func(id string, expires time.Time) error{
		"secret": func(id string, e time.Time) error {
			_, _, err := s.CreateSecret(s.ctx, s.call, id, credentials.NewSecret{Expires: e, Granter: operator()}, nil)
			return err
		},
		"key": func(id string, e time.Time) error {
			_, _, _, err := s.CreateKey(s.ctx, s.call, id, credentials.NewKey{Expires: e, Granter: operator()}, nil)
			return err
		},
		"token": func(id string, e time.Time) error {
			_, _, _, err := s.CreateToken(s.ctx, s.call, id, credentials.NewToken{Expires: e, Granter: operator()}, nil)
			return err
		},
		"remove secret": func(id string, _ time.Time) error { _, err := s.RemoveSecret(s.ctx, s.call, id, nil); return err },
		"remove key":    func(id string, _ time.Time) error { _, err := s.RemoveKey(s.ctx, s.call, id, "x", nil); return err },
		"remove token":  func(id string, _ time.Time) error { _, err := s.RemoveToken(s.ctx, s.call, id, "x", nil); return err },
		"keys":          func(id string, _ time.Time) error { _, _, err := s.Keys(s.ctx, s.call, id, 0, 20); return err },
		"tokens":        func(id string, _ time.Time) error { _, _, err := s.Tokens(s.ctx, s.call, id, 0, 20); return err },
		"get key":       func(id string, _ time.Time) error { _, err := s.KeyByID(s.ctx, s.call, id, "x"); return err },
		"get token":     func(id string, _ time.Time) error { _, err := s.Token(s.ctx, s.call, id, "x"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			requireCode(t, verb(ada, time.Time{}), 409, model.WrongType)
			requireCode(t, verb("01930000-0000-7000-8000-00000000dead", time.Time{}), 404, "")
			switch name {
			case "secret", "key", "token":
				requireCode(t, verb(robot, past), 400, "invalidValue")
			case "keys", "tokens":
				require.NoError(t, verb(robot, past))
			default:
				requireCode(t, verb(robot, past), 404, model.NotFound)
			}
		})
	}
	_, _, _, err := s.CreateToken(s.ctx, s.call, robot, credentials.NewToken{Name: strings.Repeat("x", 201), Granter: operator()}, nil)
	requireCode(t, err, 400, "invalidValue")
}

// TestOtherMachinesCredentials are not found, and not removed.
func TestOtherMachinesCredentials(t *testing.T) {
	s := newServer(t)
	robot := s.robot()
	other := s.add(model.NewUser{Kind: model.Machine, UserPatch: model.UserPatch{UserName: model.Say("other"), DisplayName: model.Say("Other")}})
	key, _, _, err := s.CreateKey(s.ctx, s.call, robot, credentials.NewKey{Granter: operator()}, nil)
	require.NoError(t, err)
	token, text, _, err := s.CreateToken(s.ctx, s.call, robot, credentials.NewToken{Granter: operator()}, nil)
	require.NoError(t, err)
	_, err = s.KeyByID(s.ctx, s.call, other, key.ID)
	requireCode(t, err, 404, model.NotFound)
	_, err = s.RemoveKey(s.ctx, s.call, other, key.ID, nil)
	requireCode(t, err, 404, model.NotFound)
	_, err = s.RemoveKey(s.ctx, s.call, robot, token.ID, nil)
	requireCode(t, err, 404, model.NotFound)
	_, err = s.RemoveToken(s.ctx, s.call, other, token.ID, nil)
	requireCode(t, err, 404, model.NotFound)
	_, err = s.shown(text)
	require.NoError(t, err)
}

// TestSCIMKeepsCredentials: clients of SCIM can neither write nor lose what a user
// has, also if they send it back or leave it out.
func TestSCIMKeepsCredentials(t *testing.T) {
	s := newServer(t)
	ada, robot := s.ada(), s.robot()
	s.withTOTP(ada)
	text := s.pat(robot)
	before := []string{s.user(ada).A("authFactors").String(), s.user(robot).A("credentials").String()}
	call := s.call
	call.Source = model.SourceSCIM
	for id, body := range map[string]string{
		ada:   `{"userName":"ada@example.com","emails":[{"value":"ada@example.com"}],"` + model.UserURN + `":{"authFactors":[{"value":"x","type":"passkey","state":"ready"}],"passwordSet":false}}`,
		robot: `{"userName":"robot","` + model.UserURN + `":{"kind":"machine","credentials":[{"value":"x","type":"pat"}],"machine":{"hasSecret":true}}}`,
	} {
		_, err := s.Users.Provider.Replace(s.ctx, call, s.Users.Type, id, parse(t, body), nil, provider.Projection{})
		require.NoError(t, err)
	}
	require.Equal(t, before, []string{s.user(ada).A("authFactors").String(), s.user(robot).A("credentials").String()})
	require.False(t, s.user(robot).A("machine").Get("hasSecret").Bool())
	_, err := s.shown(text)
	require.NoError(t, err)
	s.begun()
}

// TestCredentialsOfAMachineAreBounded: a hundred is enough, and one that goes makes
// room.
func TestCredentialsOfAMachineAreBounded(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.robot()
		create := func() (credentials.Token, error) {
			made, _, _, err := s.CreateToken(s.ctx, s.call, id, credentials.NewToken{Granter: operator()}, nil)
			return made, err
		}
		last, err := create()
		for n := 1; n < 100 && err == nil; n++ {
			last, err = create()
		}
		require.NoError(t, err)
		_, err = create()
		require.Equal(t, model.AlreadyEnrolled, model.CodeOf(err))
		_, err = s.RemoveToken(s.ctx, s.call, id, last.ID, nil)
		require.NoError(t, err)
		_, err = create()
		require.NoError(t, err)
	})
}
