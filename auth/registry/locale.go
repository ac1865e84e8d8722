package registry

import (
	"strings"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
)

// code is a setting that is one of a published list.
type code struct {
	at        *string
	normalise func(string) (string, error)
}

func (s *Settings) codes() []code {
	return []code{
		{&s.Language, normaliseLanguage},
		{&s.Country, normaliseCountry},
		{&s.Currency, normaliseCurrency},
		{&s.Timezone, checkTimezone},
	}
}

func normaliseLanguage(text string) (string, error) {
	const most = 35 // bytes; RFC 5646 section 4.4.1
	if text == "" {
		return "", nil
	}
	if len(text) <= most {
		if tag, err := language.Parse(text); err == nil && !tag.IsRoot() {
			return tag.String(), nil
		}
	}
	return "", invalid("language", text, "a language tag such as en or de-AT")
}

func normaliseCountry(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if len(text) == 2 {
		if region, err := language.ParseRegion(text); err == nil && region.IsCountry() {
			return region.String(), nil
		}
	}
	return "", invalid("country", text, "the two letters of a country in ISO 3166, such as AT")
}

func normaliseCurrency(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if unit, err := currency.ParseISO(text); err == nil {
		return unit.String(), nil
	}
	return "", invalid("currency", text, "the three letters of a currency in ISO 4217, such as EUR")
}

// checkTimezone asks the database of time zones. "Local" would be the server's.
func checkTimezone(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if _, err := time.LoadLocation(text); err != nil || strings.EqualFold(text, "Local") {
		return "", invalid("timezone", text, "a name of the IANA time zone database, such as Europe/Vienna")
	}
	return text, nil
}
