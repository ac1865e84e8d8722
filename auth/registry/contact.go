package registry

import (
	"errors"
	"net/mail"
	"strings"
)

// Contact is whom the users of an account may ask. Each member may be empty.
type Contact struct {
	Name  string `json:"name,omitempty"`  // at most 200 bytes
	Email string `json:"email,omitempty"` // at most 254 bytes
	Phone string `json:"phone,omitempty"` // as in E.164: "+" and 7 to 15 digits
}

func (c Contact) check() error {
	var name, email, phone error
	if c.Name != "" && !printable(c.Name, 200) {
		name = invalid("contact name", c.Name, "1 to 200 bytes of text without control characters")
	}
	if c.Email != "" && !isAddress(c.Email) {
		email = invalid("contact email", c.Email, "an address such as help@example.com")
	}
	if c.Phone != "" && !isPhone(c.Phone) {
		phone = invalid("contact phone", c.Phone, "+ and 7 to 15 digits, such as +431234567")
	}
	return errors.Join(name, email, phone)
}

// isAddress takes the bare address only, without a name or angle brackets.
func isAddress(text string) bool {
	const most = 254 // bytes; RFC 5321 section 4.5.3.1.3 less the brackets
	if len(text) > most {
		return false
	}
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text
}

func isPhone(text string) bool {
	digits, found := strings.CutPrefix(text, "+")
	return found && len(digits) >= 7 && len(digits) <= 15 && strings.Trim(digits, "0123456789") == ""
}
