package registry

import (
	"errors"

	"roster/auth/receiver"
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
	if c.Email != "" && !receiver.IsMailAddress(c.Email) {
		email = invalid("contact email", c.Email, "an address such as help@example.com")
	}
	if c.Phone != "" && !receiver.IsPhoneNumber(c.Phone) {
		phone = invalid("contact phone", c.Phone, "+ and 7 to 15 digits, such as +431234567")
	}
	return errors.Join(name, email, phone)
}
