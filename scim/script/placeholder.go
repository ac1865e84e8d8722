package script

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"roster/scim"
)

// Elements that say how a list is compared; they come first in it.
const (
	inOrder   = "<in order>"
	andOthers = "<and others>"
	each      = "<each>"
)

// placeholder is what an expectation says about a value instead of giving it:
// "<kind argument -> name>".
type placeholder struct{ kind, argument, keep string }

// kinds tell whether a value is what the placeholder says.
var kinds = map[string]func(argument string, v scim.Value) bool{
	"any":     func(_ string, v scim.Value) bool { return !v.IsNull() },
	"string":  func(_ string, v scim.Value) bool { return v.Kind() == scim.String && v.Text() != "" },
	"number":  func(_ string, v scim.Value) bool { return v.Kind() == scim.Number },
	"boolean": func(_ string, v scim.Value) bool { return v.Kind() == scim.Bool },
	"object":  func(_ string, v scim.Value) bool { return v.Kind() == scim.Object },
	"array":   func(_ string, v scim.Value) bool { return v.Kind() == scim.Array },
	"absent":  isAbsent,
	"empty": func(_ string, v scim.Value) bool {
		return v.IsUnassigned() || v.Kind() == scim.String && v.Text() == ""
	},
	"time":     isTime,
	"not":      func(text string, v scim.Value) bool { return !v.IsNull() && plain(v) != text },
	"contains": func(text string, v scim.Value) bool { return strings.Contains(plain(v), text) },
	"lacks":    func(text string, v scim.Value) bool { return !v.IsNull() && !strings.Contains(plain(v), text) },
	"match":    matches,
}

// isAbsent also takes "or text": then a value may be there, but no other.
func isAbsent(argument string, v scim.Value) bool {
	text, ok := strings.CutPrefix(argument, "or ")
	return v.IsNull() || ok && plain(v) == text
}

// isTime takes any moment, or the one that is given, however it is written.
func isTime(moment string, v scim.Value) bool {
	have, err := time.Parse(time.RFC3339, v.Text())
	if moment == "" || err != nil {
		return v.Kind() == scim.String && err == nil
	}
	want, err := time.Parse(time.RFC3339, moment)
	return err == nil && want.Equal(have)
}

func matches(pattern string, v scim.Value) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString(plain(v))
}

// plain returns the text of a string, and any other value as JSON.
func plain(v scim.Value) string {
	if v.Kind() == scim.String {
		return v.Text()
	}
	return v.String()
}

// parsePlaceholder reports whether a string has the form of a placeholder.
func parsePlaceholder(s string) (placeholder, bool) {
	if len(s) < 3 || s[0] != '<' || s[len(s)-1] != '>' {
		return placeholder{}, false
	}
	s = s[1 : len(s)-1]
	var p placeholder
	if at := strings.LastIndex(s, "-> "); at >= 0 {
		s, p.keep = strings.TrimSpace(s[:at]), strings.TrimSpace(s[at+3:])
	}
	p.kind, p.argument, _ = strings.Cut(s, " ")
	return p, true
}

// checkPlaceholder finds a misspelt one when the script is read.
func checkPlaceholder(s string) error {
	p, ok := parsePlaceholder(s)
	if !ok || s == inOrder || s == andOthers || s == each {
		return nil
	}
	if kinds[p.kind] == nil {
		return fmt.Errorf("%q is no placeholder; the package's documentation lists them", s)
	}
	if p.kind == "match" && !strings.Contains(p.argument, "{{") {
		_, err := regexp.Compile(p.argument)
		return err
	}
	return nil
}
