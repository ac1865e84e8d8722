package notify

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// fallback is the language that has every template.
const fallback = "en"

// languages lists the tags under which templates are looked for: those wanted,
// best first, each followed by its base language, then those of the account, then
// English. Both may be lists as in Accept-Language.
func languages(wanted, account string) []string {
	var chain []string
	for _, list := range []string{wanted, account, fallback} {
		for _, tag := range accepted(list) {
			for ; tag != ""; tag = broader(tag) {
				if !slices.Contains(chain, tag) {
					chain = append(chain, tag)
				}
			}
		}
	}
	return chain
}

// accepted parses a list of languages; one that is no such list is empty.
func accepted(list string) []string {
	const most = 200 // bytes
	if len(list) > most {
		return nil
	}
	parsed, _, err := language.ParseAcceptLanguage(list)
	if err != nil {
		return nil
	}
	var tags []string
	for _, tag := range parsed {
		if !tag.IsRoot() {
			tags = append(tags, tag.String())
		}
	}
	return tags
}

// broader drops the last subtag (RFC 4647 section 3.4).
func broader(tag string) string {
	tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)]
	if i := len(tag) - 2; i >= 0 && tag[i] == '-' {
		tag = tag[:i] // a single letter introduces a subtag
	}
	return tag
}
