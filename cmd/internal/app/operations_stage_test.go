package app_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
	"roster/auth/factor/factortest"
	"roster/cmd/internal/admin"
	"roster/extensions/notify"
	"roster/scim"
	"roster/scim/script"
	"roster/scim/server"
)

// stage is where a row is played: an account of its own, with the settings that
// the row asks for, another account, and one browser.
type stage struct {
	*harness
	row     operation
	account string // its name
	token   string
	browser *factortest.Authenticator
}

// origin is the page on which passkeys are made, unless the server is told.
const origin = "http://localhost"

func newStage(t *testing.T, h *harness, row operation) *stage {
	own := *h
	own.t = t
	s := &stage{harness: &own, row: row, account: "row-" + strings.ToLower(row.id), browser: factortest.New(origin)}
	s.token = s.harness.account(s.account, row.Profile, everything()...)
	if row.Settings != "" {
		require.NoError(t, s.set(t.Context(), row.Settings))
	}
	return s
}

// everything is what a token of an account may be for.
func everything() []auth.Scope { return append(auth.AccountScopes(), auth.SCIM) }

func (s *stage) set(ctx context.Context, settings string) error {
	_, err := s.Service().SetAccount(ctx, admin.AccountChange{Account: s.account, Settings: settings, Merge: true})
	return err
}

// client plays the row. Besides the functions of package script it has
//
//	{{account}}            the id of the account
//	{{elsewhere}}          a token of another account; {{elsewhere 2}} of a third one
//	{{scoped scope …}}     a token of the account for these scopes only
//	{{acting id}}          a token that belongs to that user, for everything
//	{{configure name}}     "done": the settings in the variable are set
//	{{letters to}}         how many messages went to that address or number
//	{{mail to}}            the one-time token in the latest of them
//	{{code to}}            the code in the latest of them
//	{{tokenIn name}}       the one-time token in a variable
//	{{decode name}}        the JSON in a variable's base64
//	{{totp secret}}        what an authenticator app shows
//	{{totp secret 1}}      what it will show next
//	{{register options}}   what a browser answers to options for a registration
//	{{login options}}      what it answers to options for a login
func (s *stage) client() script.Client {
	account, err := s.Service().ShowAccount(s.t.Context(), s.account)
	require.NoError(s.t, err)
	return script.Client{
		Base: s.base, Token: s.token, Protocol: true, Root: server.Root, Values: map[string]string{"account": account.ID},
		Functions: map[string]script.Function{
			"elsewhere": s.elsewhere(),
			"scoped":    s.scoped,
			"acting":    script.TextFunction(s.acting),
			"configure": script.TextFunction(s.configure),
			"letters":   script.TextFunction(s.letters),
			"mail":      script.TextFunction(s.latest(oneTime)),
			"code":      script.TextFunction(s.latest(digits)),
			"tokenIn":   script.TextFunction(func(_ context.Context, text string) (string, error) { return first(oneTime, text) }),
			"totp":      totp,
			"decode":    script.JSONFunction(decode),
			"register":  script.JSONFunction(s.browser.Register),
			"login":     script.JSONFunction(s.browser.Login),
		},
	}
}

// elsewhere makes other accounts when they are needed first.
func (s *stage) elsewhere() script.Function {
	tokens := map[string]string{}
	return func(_ context.Context, words []string) (scim.Value, error) {
		name := strings.Join(append([]string{s.account, "elsewhere"}, words...), "-")
		if tokens[name] == "" {
			tokens[name] = s.harness.account(name, "", everything()...)
		}
		return scim.StringValue(tokens[name]), nil
	}
}

func (s *stage) scoped(_ context.Context, words []string) (scim.Value, error) {
	scopes := make([]auth.Scope, len(words))
	for i, word := range words {
		scopes[i] = auth.Scope(word)
	}
	return scim.StringValue(s.harness.token(s.account, scopes...)), nil
}

func (s *stage) acting(ctx context.Context, user string) (string, error) {
	issued, err := s.Service().CreateToken(ctx, admin.NewToken{Account: s.account, Name: "acting", Scopes: everything(), User: user})
	return issued.Secret, err
}

func (s *stage) configure(ctx context.Context, settings string) (string, error) {
	return "done", s.set(ctx, settings)
}

// lettersTo returns the messages to an address or number, the latest first. The
// server delivers none, so all are in the outbox from the moment of the change.
func (s *stage) lettersTo(ctx context.Context, to string) (found []notify.Letter, err error) {
	all, err := s.Service().ListLetters(ctx, admin.LetterQuery{Account: s.account, Limit: 1000})
	for _, l := range all {
		if l.To == to {
			found = append(found, l)
		}
	}
	return found, err
}

func (s *stage) letters(ctx context.Context, to string) (string, error) {
	found, err := s.lettersTo(ctx, to)
	return strconv.Itoa(len(found)), err
}

var (
	oneTime = regexp.MustCompile(factor.OneTimePattern)
	digits  = regexp.MustCompile(`\b[0-9]{6,8}\b`)
)

// latest finds something in the latest message to an address or number.
func (s *stage) latest(pattern *regexp.Regexp) func(ctx context.Context, to string) (string, error) {
	return func(ctx context.Context, to string) (string, error) {
		found, err := s.lettersTo(ctx, to)
		if err == nil && len(found) == 0 {
			err = fmt.Errorf("nothing was sent to %s", to)
		}
		if err != nil {
			return "", err
		}
		return first(pattern, found[0].Text)
	}
}

func first(pattern *regexp.Regexp, text string) (string, error) {
	if found := pattern.FindString(text); found != "" {
		return found, nil
	}
	return "", fmt.Errorf("nothing like %s in %q", pattern, text)
}

func decode(encoded []byte) ([]byte, error) { return base64.StdEncoding.DecodeString(string(encoded)) }
