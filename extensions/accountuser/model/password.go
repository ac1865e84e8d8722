package model

import (
	"context"
	"net/http"
	"unicode/utf8"

	"roster/auth"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// MaxPassword bounds a password in bytes: what some hashes that accounts come
// with, and go to, do not look beyond.
const MaxPassword = 72

// CheckPassword refuses a password that is too short or too long for an account.
func (s Settings) CheckPassword(password auth.Secret) error {
	text := password.Reveal()
	switch {
	case len(text) > MaxPassword:
		return Refuse(http.StatusBadRequest, PasswordPolicy, "the password has more than %d bytes; choose a shorter one", MaxPassword)
	case utf8.RuneCountInString(text) < max(s.PasswordMin, 1):
		return Refuse(http.StatusBadRequest, PasswordPolicy, "the password is too short; it needs at least %d characters", max(s.PasswordMin, 1))
	}
	return nil
}

// checkPassword holds every password that is set to the account's policy. It runs
// where rules derive, because afterwards the text is gone.
func checkPassword(ctx context.Context, _ storage.Snapshot, c *provider.Change) error {
	if text, sets := newPassword(c); sets {
		return SettingsFrom(ctx).CheckPassword(text)
	}
	return nil
}

// newPassword returns the password that a change sets. One that stays has the
// same stand-in before and after.
func newPassword(c *provider.Change) (auth.Secret, bool) {
	now := c.After.Get("password")
	sets := now.Text() != "" && !now.Equal(c.Before.Get("password"))
	if !sets {
		return "", false
	}
	return auth.Secret(now.Text()), true
}

// hasPassword tells whether the user has a password after the change. What an
// edit says itself stands, for one that brings a hash.
func hasPassword(c *provider.Change) scim.Value {
	_, sets := newPassword(c)
	switch {
	case sets:
		return scim.BoolValue(true)
	case c.Way == provider.Modify && !c.Before.Get("password").IsNull() && c.After.Get("password").Text() == "":
		return scim.BoolValue(false)
	}
	return scim.BoolValue(Of(c.After).A("passwordSet").Bool())
}
