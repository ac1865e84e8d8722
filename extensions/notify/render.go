package notify

import (
	"fmt"
	"strings"
	"time"
)

// Bounds of what templates make, in bytes, and for an SMS in characters: the
// latter is ten parts of 153.
const (
	maxSubject = 400
	maxBody    = 512 << 10
	maxSMS     = 1530
)

// render writes the letter in the first language that has a template for each of
// its parts. English has them all.
func (c *catalogue) render(l *Letter, from Sender, n Notice) error {
	for _, tag := range languages(n.Language, from.Language) {
		parts := c.partsIn(tag, from.Name, n)
		if parts == nil {
			continue
		}
		l.Language = tag
		data := dataOf(from, n)
		for part, t := range parts {
			if err := l.fill(part, t, data); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("no templates for it: %w", ErrInvalid)
}

// partsIn returns the templates of a message in that language, nil if it is not
// complete.
func (c *catalogue) partsIn(tag, account string, n Notice) map[string]template {
	parts := map[string]template{}
	for _, part := range partsOf(n.Channel) {
		t := c.find(place{account, tag, string(n.Kind) + part})
		if t == nil {
			return nil
		}
		parts[part] = t
	}
	return parts
}

// dataOf returns what templates of the kind may use: each name is there, also
// without a value.
func dataOf(from Sender, n Notice) map[string]string {
	data := map[string]string{"account": orDefault(from.Title, from.Name), "contact": from.Contact}
	for name := range kinds[n.Kind].values {
		data[name] = n.Values[name]
	}
	if expires := moment(data["expires"]); !expires.IsZero() {
		data["expires"] = expires.In(orDefault(from.Zone, time.UTC)).Format("2006-01-02 15:04 MST")
	}
	return data
}

// fill executes the template of a part.
func (l *Letter) fill(part string, t template, data map[string]string) error {
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return err
	}
	made := b.String()
	switch part {
	case subjectPart:
		l.Subject = made
		return checkSubject(made)
	case htmlPart:
		l.HTML = made
	default:
		l.Text = made
	}
	if len(made) > maxBody || part == smsPart && len([]rune(made)) > maxSMS {
		return fmt.Errorf("it is too long: %w", ErrInvalid)
	}
	return nil
}

func checkSubject(subject string) error {
	if strings.TrimSpace(subject) == "" || len(subject) > maxSubject || checkLine(subject) != nil {
		return fmt.Errorf("its subject is not one line of 1 to %d bytes: %w", maxSubject, ErrInvalid)
	}
	return nil
}

// try executes a template with values such as it will get: with all of them, and
// with a link or a code alone.
func try(t template, kind Kind, file string) error {
	const link, code, expires = "https://app.example.com/welcome?a=1&b=2#sample", "123456", "2026-03-01T12:00:00Z"
	for _, values := range []map[string]string{
		{"link": link, "code": code, "expires": expires, "name": "Ann <Sample>", "inviter": "Bob O'Sample"},
		{"link": link, "expires": expires},
		{"code": code, "expires": expires},
	} {
		var l Letter
		from := Sender{Name: "sample", Contact: values["inviter"]}
		data := dataOf(from, Notice{Kind: kind, Values: values})
		if err := l.fill(strings.TrimPrefix(file, string(kind)), t, data); err != nil {
			return err
		}
	}
	return nil
}
