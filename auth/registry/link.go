package registry

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
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
	if link == "" || isProtected(link) && strings.Count(link, Placeholder) == 1 {
		return nil
	}
	return invalid("link "+name, link, "an https URL with "+Placeholder+" in it once, such as https://app.example.com/welcome#"+Placeholder)
}

// isProtected reports whether what is sent to an absolute URL stays private on
// its way: it is https, or http to this machine. It has no user and password,
// which would be told to everybody who sees the URL.
func isProtected(text string) bool {
	const most = 2048
	if len(text) > most {
		return false
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
