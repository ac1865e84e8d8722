package registry

import (
	"errors"
	"strings"

	"roster/auth/receiver"
)

// Placeholder stands in a link for the token that it carries.
const Placeholder = "{token}"

// Links are where the application of an account redeems what was sent to a user:
// URLs of at most 2048 bytes with Placeholder once in the path, query or
// fragment, such as "https://app.example.com/welcome#{token}". They are https,
// or http on the machine itself. Messages of an empty one show the token alone.
type Links struct {
	Invitation    string `json:"invitation,omitempty"`
	Verification  string `json:"verification,omitempty"`
	PasswordReset string `json:"passwordReset,omitempty"`
	Passkey       string `json:"passkey,omitempty"`
}

func (l Links) check() error {
	return errors.Join(
		checkLink("invitation", l.Invitation),
		checkLink("verification", l.Verification),
		checkLink("passwordReset", l.PasswordReset),
		checkLink("passkey", l.Passkey),
	)
}

// checkLink need not look for the placeholder in the host: no host has braces.
func checkLink(name, link string) error {
	if link == "" || isURL(link) && strings.Count(link, Placeholder) == 1 {
		return nil
	}
	return invalid("link "+name, link, "an https URL with "+Placeholder+" in it once, such as https://app.example.com/welcome#"+Placeholder)
}

// isURL takes what is short enough to keep, and private.
func isURL(text string) bool {
	const most = 2048 // bytes
	return len(text) <= most && receiver.IsPrivateURL(text)
}
