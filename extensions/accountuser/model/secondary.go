package model

import (
	"roster/scim"
	"roster/scim/schema"
)

// secondary is the type of the second e-mail address.
const secondary = "secondary"

var errSameEmail = scim.BadRequest(scim.InvalidValue, "the secondary e-mail address is the same as the primary one; use two that differ, or one")

// setSecondary sets the second e-mail address; "" removes it.
func (d *Draft) setSecondary(address string) error {
	var kept []scim.Value
	for _, e := range d.Get("emails").Elements() {
		if e.Get("type").Text() != secondary {
			kept = append(kept, e)
		}
	}
	if address != "" {
		if err := checkSyntax(address); err != nil {
			return err
		}
		if schema.Fold(address) == schema.Fold(primary(list(kept))) {
			return errSameEmail
		}
		kept = append(kept, scim.ObjectValue(
			scim.Member{Name: "value", Value: scim.StringValue(address)}, scim.Member{Name: "type", Value: scim.StringValue(secondary)}))
	}
	d.View = d.WithCore("emails", list(kept))
	return nil
}

func secondaryOf(emails scim.Value) string {
	for _, e := range emails.Elements() {
		if e.Get("type").Text() == secondary {
			return e.Get("value").Text()
		}
	}
	return ""
}
