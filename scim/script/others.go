package script

import (
	"strings"

	"roster/scim"
)

// withoutOthers takes extensions that nobody expects out of the resources in a
// body: a server may have some that a client does not know, and none would stop at
// that. One counts as such if it is there, `schemas` names it, and the text of what
// is expected does not.
func withoutOthers(v scim.Value, expected string) scim.Value {
	if v.Kind() == scim.Object {
		schemas := v.Get("schemas")
		for name, member := range v.Members() {
			if member.Kind() == scim.Object && schemas.HoldsText(name) && !strings.Contains(expected, name) {
				v = v.With(name, scim.Value{}).With("schemas", withoutText(v.Get("schemas"), name))
			}
		}
	}
	without, _ := v.Map(func(_ string, member scim.Value) (scim.Value, error) {
		return withoutOthers(member, expected), nil
	})
	return without
}

// named returns the text of what is expected with the values of its variables, for
// one of them may be the name of an extension. If one has none, all stay as they
// are written.
func (s *scope) named(want scim.Value) string {
	text, err := s.expand(want.String(), verbatim)
	if err != nil {
		return want.String()
	}
	return text
}

func withoutText(list scim.Value, text string) scim.Value {
	var kept []scim.Value
	for _, e := range list.Elements() {
		if !strings.EqualFold(e.Text(), text) {
			kept = append(kept, e)
		}
	}
	return scim.ArrayValue(kept...)
}
