package notify

import (
	"embed"
	"io"
)

//go:embed templates
var builtIn embed.FS

// Parts of a message, as the ends of the names of their templates.
const (
	subjectPart = ".subject.txt"
	textPart    = ".txt"
	htmlPart    = ".html"
	smsPart     = ".sms.txt"
)

// partsOf lists what a message by a channel is made of.
func partsOf(channel Channel) []string {
	switch channel {
	case Mail:
		return []string{subjectPart, textPart, htmlPart}
	case SMS:
		return []string{smsPart}
	}
	return nil
}

// place says what a template is for.
type place struct {
	account  string // "" for all
	language string
	file     string // such as "invitation.txt"
}

// template is a parsed one of either kind.
type template interface {
	Execute(io.Writer, any) error
}

// catalogue is all templates. It is not changed once loaded.
type catalogue struct {
	templates map[place]template
}

// describe says what a file is for.
func describe(file string) (Kind, Channel, bool) {
	for kind, d := range kinds {
		for _, channel := range d.channels {
			for _, part := range partsOf(channel) {
				if file == string(kind)+part {
					return kind, channel, true
				}
			}
		}
	}
	return "", "", false
}

// find returns the account's template for that place, or else everybody's, or nil.
func (c *catalogue) find(p place) template {
	if t, found := c.templates[p]; found {
		return t
	}
	p.account = ""
	return c.templates[p]
}
