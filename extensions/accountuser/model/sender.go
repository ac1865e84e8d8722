package model

import (
	"strings"
	"unicode"

	"roster/extensions/notify"
)

// Sender is the account as messages to its users name it.
func (s Settings) Sender() notify.Sender {
	return notify.Sender{Name: s.Name, Language: s.Language, Zone: s.Zone(), Contact: s.Contact}
}

// Line returns a name for a line of a message: "" for one that does not fit into
// it, for SCIM clients can send any characters.
func Line(name string) string {
	const most = 200 // bytes
	if len(name) > most || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return name
}
