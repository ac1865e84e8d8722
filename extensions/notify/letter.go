package notify

import (
	"encoding/json"
	"fmt"
	"time"

	"roster/storage"
)

// Letter is a complete message with its fate so far: the body of a queued
// message, and what a Box shows, as JSON.
type Letter struct {
	ID      string  `json:"id"`      // also in Message-ID and webhook-id
	Queue   string  `json:"queue"`   // from which it is delivered
	Account string  `json:"account"` // name of the sender
	Kind    Kind    `json:"kind"`
	Channel Channel `json:"channel"`
	// Language of the templates that it was written with, "" for a webhook.
	Language string `json:"language,omitempty"`

	To      string          `json:"to"`
	Subject string          `json:"subject,omitempty"` // of a mail
	Text    string          `json:"text,omitempty"`    // of a mail or an SMS
	HTML    string          `json:"html,omitempty"`    // of a mail
	Payload json.RawMessage `json:"payload,omitempty"` // of a webhook

	Created time.Time `json:"created"`
	// Expires is when what it carries is worth nothing any more; zero: never. No
	// attempt after the first is made later.
	Expires time.Time `json:"expires,omitzero"`
	// Attempts were made to deliver it, the last one at Tried, which failed for the
	// reason Error. It may repeat what the receiver said, in at most 500 bytes.
	Attempts int       `json:"attempts"`
	Tried    time.Time `json:"tried,omitzero"`
	Error    string    `json:"error,omitempty"`
}

// message puts the letter into a queue.
func (l Letter) message(queue string, due time.Time) (storage.Message, error) {
	body, err := json.Marshal(l)
	if err != nil {
		return storage.Message{}, fmt.Errorf("encode letter %s: %w", l.ID, err)
	}
	return storage.Message{Queue: queue, ID: l.ID, Due: due.UTC().Truncate(time.Millisecond), Body: body}, nil
}

// read returns the letter of a message. One that cannot be read, because another
// version wrote it, comes with an error as its text, so that it can be seen.
func read(m storage.Message) (Letter, error) {
	var l Letter
	if err := json.Unmarshal(m.Body, &l); err != nil || l.Queue == "" {
		return Letter{ID: m.ID, Queue: m.Queue, Text: string(m.Body)}, &failure{reason: "the letter cannot be read", permanent: true}
	}
	return l, nil
}
