package notify

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roster/auth/receiver"
)

// Bounds, in bytes.
const (
	maxLine = 4096
	maxData = 64 << 10
)

// checkLine takes one line of text: what has no line break cannot begin a header.
func checkLine(text string) error {
	if len(text) > maxLine {
		return errors.New("has more than 4096 bytes")
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, breaks) {
		return errors.New("has a line break or another control character")
	}
	return nil
}

// breaks reports control characters and the line breaks that are none (U+2028,
// U+2029).
func breaks(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

func checkURL(text string) error {
	if err := checkLine(text); err != nil {
		return err
	}
	if !receiver.IsPrivateURL(text) {
		return errors.New("is not an https URL without a user")
	}
	return nil
}

func checkMoment(text string) error {
	// A zone can put the end of the year 9999 into the next one, which no text has.
	if t, err := time.Parse(time.RFC3339, text); err != nil || t.UTC().Year() > 9999 {
		return errors.New("is not a moment such as 2026-03-01T12:00:00Z")
	}
	return nil
}

func checkEventType(text string) error {
	const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
	for part := range strings.SplitSeq(text, ".") {
		if part == "" || len(text) > 100 || strings.Trim(part, characters) != "" {
			return errors.New("is not the type of an event, such as user.locked")
		}
	}
	return nil
}

func checkObject(text string) error {
	if len(text) > maxData || !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
		return errors.New("is not a JSON object of at most 64 KiB")
	}
	return nil
}

func checkAddress(text string) error {
	if !receiver.IsMailAddress(text) || checkLine(text) != nil {
		return errors.New("is not a mail address")
	}
	return nil
}

// phoneNumber returns a number as in E.164, "+" and digits, of one that may have
// separators and the scheme of RFC 3966, as SCIM recommends (RFC 7643 section
// 4.1.2).
func phoneNumber(text string) (string, error) {
	dense := strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "/", "").
		Replace(strings.TrimPrefix(text, "tel:"))
	if !receiver.IsPhoneNumber(dense) {
		return "", errors.New("is not a phone number with its country, such as +431234567")
	}
	return dense, nil
}
