package script

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"roster/scim"
)

// scope holds the variables of one run.
type scope struct {
	values    map[string]scim.Value
	functions map[string]func(words []string) (scim.Value, error)
}

func newScope(base, token string) *scope {
	return &scope{values: map[string]scim.Value{
		"base":   scim.StringValue(base),
		"token":  scim.StringValue(token),
		"random": scim.StringValue(strings.ToLower(rand.Text()[:12])),
	}}
}

func (s *scope) set(name string, v scim.Value) { s.values[name] = v }

func (s *scope) keep(kept []scim.Member) {
	for _, k := range kept {
		s.set(k.Name, k.Value)
	}
}

// value returns what an expected string stands for: a kept value, or what a
// function returns, if it is nothing but that; else the string with its variables
// and functions replaced.
func (s *scope) value(text string) (scim.Value, error) {
	if call, ok := alone(text); ok {
		if v, ok := s.values[call]; ok {
			return v, nil
		}
		name, argument, _ := strings.Cut(call, " ")
		if v, found, err := s.function(name, argument); found {
			return v, err
		}
	}
	expanded, err := s.expand(text, verbatim)
	return scim.StringValue(expanded), err
}

// alone returns what is in the braces of a text that is nothing else.
func alone(text string) (call string, ok bool) {
	call, opened := strings.CutPrefix(text, "{{")
	call, closed := strings.CutSuffix(call, "}}")
	return call, opened && closed && !strings.Contains(call, "}}")
}

// verbatim and insideJSON are how the value of a variable is written.
func verbatim(v scim.Value) string { return plain(v) }

func insideJSON(v scim.Value) string {
	text := v.String()
	if v.Kind() == scim.String {
		return text[1 : len(text)-1]
	}
	return text
}

// expand replaces each {{…}}.
func (s *scope) expand(text string, write func(scim.Value) string) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{{")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		call, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return "", fmt.Errorf("{{%s has no closing braces", abbreviate(rest, 20))
		}
		if err := s.call(&b, call, write); err != nil {
			return "", err
		}
		text = after
	}
}

func (s *scope) call(b *strings.Builder, call string, write func(scim.Value) string) error {
	if v, ok := s.values[call]; ok {
		b.WriteString(write(v))
		return nil
	}
	name, argument, _ := strings.Cut(call, " ")
	switch name {
	case "uuid":
		b.WriteString(newUUID())
		return nil
	case "repeat":
		return s.repeat(b, argument)
	case "byte":
		raw, err := hex.DecodeString(argument)
		b.Write(raw)
		return err
	case "basic":
		return s.basic(b, argument)
	}
	if v, found, err := s.function(name, argument); found {
		b.WriteString(write(v))
		return err
	}
	change, v := changes[name], s.values[argument]
	if _, ok := s.values[argument]; !ok || change == nil {
		return fmt.Errorf("{{%s}} is not set", call)
	}
	if v.Kind() == scim.String {
		v = scim.StringValue(change(v.Text()))
	}
	b.WriteString(write(v))
	return nil
}

var changes = map[string]func(string) string{
	"url":   escapeURL,
	"upper": strings.ToUpper,
	"lower": strings.ToLower,
}

// escapeURL escapes everything but unreserved characters, a space as %20.
func escapeURL(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func (s *scope) repeat(b *strings.Builder, argument string) error {
	times, text, _ := strings.Cut(argument, " ")
	if v, ok := s.values[times]; ok {
		times = v.Text()
	}
	n, err := strconv.Atoi(times)
	if err != nil || n < 0 || text == "" {
		return fmt.Errorf("{{repeat %s}}: write {{repeat 1000 text}}", argument)
	}
	b.WriteString(strings.Repeat(text, n))
	return nil
}

func (s *scope) basic(b *strings.Builder, argument string) error {
	user, password, _ := strings.Cut(argument, " ")
	u, ok := s.values[user]
	p, okToo := s.values[password]
	if !ok || !okToo {
		return fmt.Errorf("{{basic %s}}: a variable is not set", argument)
	}
	b.WriteString(base64.StdEncoding.EncodeToString([]byte(plain(u) + ":" + plain(p))))
	return nil
}

// newUUID returns a random UUID (RFC 9562 section 5.4).
func newUUID() string {
	var u [16]byte
	rand.Read(u[:])
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// abbreviate cuts a text for a message.
func abbreviate(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
}
