// Package receiver says to what the server sends anything: mail addresses, phone
// numbers and URLs.
//
// It promises that what it takes has one reading: nothing in it names a second
// receiver, begins a header, or tells a password to whoever sees it. It asks
// nobody whether the receiver is there, and bounds no URL: those who keep one do.
package receiver

import (
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
)

// IsMailAddress takes a bare address of at most 254 bytes, without a name or angle
// brackets.
func IsMailAddress(text string) bool {
	const most = 254 // RFC 5321 section 4.5.3.1.3 less the brackets
	if len(text) > most {
		return false
	}
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text
}

// IsPhoneNumber takes a number as in ITU-T E.164: "+", a country code and the
// rest, 7 to 15 digits in all.
func IsPhoneNumber(text string) bool {
	digits, international := strings.CutPrefix(text, "+")
	return international && len(digits) >= 7 && len(digits) <= 15 &&
		digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// IsPrivateURL takes an absolute URL if what is sent to it stays private on its
// way: it is https, or http to this machine. It has no user and password, which
// would be told to everybody who sees the URL.
func IsPrivateURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && IsLoopback(u.Hostname())
}

// IsLoopback takes the host of a URL if it is this machine.
func IsLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
