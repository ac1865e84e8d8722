package notify

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// failure is why an attempt to deliver failed.
type failure struct {
	reason    string // for logs: it names no person
	detail    string // what the receiver said, which may; kept with the letter
	permanent bool   // another attempt will fare no better
}

func (f *failure) Error() string {
	if f.detail == "" {
		return f.reason
	}
	return f.reason + ": " + f.detail
}

// errUnconfigured: there is no way to deliver by the letter's channel.
var errUnconfigured = errors.New("no way to deliver is configured")

// reasonOf returns what a log may show of an error.
func reasonOf(err error) string {
	var f *failure
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return f.reason
	}
	return err.Error()
}

func isPermanent(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.permanent
}

// brief makes one short line of what a receiver said.
func brief(text string) string {
	const most = 500 // bytes
	text = strings.Map(func(r rune) rune {
		if breaks(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}
