package admin_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/cmd/internal/admin"
	"roster/extensions/notify"
	"roster/storage"
)

// TestRetryIsTold: a letter that goes back into its queue is sent at once, because
// who sends is told. One that is not there is nobody's news.
func TestRetryIsTold(t *testing.T) {
	s := inMemory(t)
	var told []storage.Account
	s.Enqueued = func(account storage.Account) { told = append(told, account) }
	acme, err := s.CreateAccount(t.Context(), admin.NewAccount{Name: "acme"})
	require.NoError(t, err)
	notifier, err := notify.New(notify.Config{})
	require.NoError(t, err)
	message, err := notifier.Message(notify.Sender{Name: "acme"}, notify.Notice{
		Kind: notify.LoginCode, Channel: notify.Mail, To: "ada@example.com",
		Values: map[string]string{"code": "246810", "expires": "2026-03-01T12:10:00Z"},
	})
	require.NoError(t, err)
	_, err = s.Store.Apply(t.Context(), storage.Account(acme.ID), storage.Batch{Enqueue: []storage.Message{message}})
	require.NoError(t, err)

	_, err = s.RetryLetter(t.Context(), admin.LetterQuery{Account: "acme", ID: "none"})
	require.ErrorIs(t, err, notify.ErrNotFound)
	require.Empty(t, told)
	_, err = s.RetryLetter(t.Context(), admin.LetterQuery{Account: "acme", ID: message.ID})
	require.NoError(t, err)
	require.Equal(t, []storage.Account{storage.Account(acme.ID)}, told)

	left, err := s.ListLetters(t.Context(), admin.LetterQuery{Account: "acme", Limit: 10})
	require.NoError(t, err)
	require.Empty(t, left)
	_, err = s.RetryLetter(t.Context(), admin.LetterQuery{Account: "acme", ID: message.ID})
	require.ErrorIs(t, err, notify.ErrNotFound, "it is out of the outbox")
}
