package notify

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"roster/storage"
)

// Notice is something that somebody is to be told.
type Notice struct {
	Kind    Kind
	Channel Channel
	// To is a mail address without a name, a phone number with its country, or the
	// URL of one of Sender.Endpoints.
	To string
	// Language is a language tag, such as "de-AT", or a list of them as in the
	// header Accept-Language, which is what preferredLanguage of a user is (RFC 7643
	// section 4.1.1). What cannot be read, or has no templates, gives way to the
	// sender's. Webhooks have none.
	Language string
	// Values fill the templates; see Kind. An empty one is as one that is not there.
	Values map[string]string
}

// Sender is the account in whose name a message is sent, as far as messages
// depend on its settings.
type Sender struct {
	// Name of the account: that of its folder of templates. Required.
	Name string
	// Title is what messages call the account. Default: Name.
	Title string
	// Language of people who have none. Default "en".
	Language string
	// Zone is in which moments are told. Default UTC.
	Zone *time.Location
	// Contact is whom people may ask, such as a mail address. Default: nobody.
	Contact string
	// Endpoints are the URLs of the account's webhooks, in an order that is kept.
	Endpoints []string
}

// Notifier makes messages of notices. It may be used concurrently.
type Notifier struct {
	config    Config
	templates *catalogue
}

// New reads all templates and tries each. It fails if one of them, or a setting,
// cannot work; the error names all of them, with file and line.
func New(c Config) (*Notifier, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	templates, err := loadTemplates(c.Templates)
	if err != nil {
		return nil, err
	}
	return &Notifier{config: c.withDefaults(), templates: templates}, nil
}

// Message makes a complete message: it needs no template, setting or document
// any more to be delivered, except the secret of a webhook. It reads and writes
// nothing: put it into Enqueue of the batch of the change, and call Worker.Wake
// once that is applied. Each call gives a message of its own, also for an equal
// notice. It fails with ErrInvalid.
func (n *Notifier) Message(from Sender, notice Notice) (storage.Message, error) {
	if err := notice.check(); err != nil {
		return storage.Message{}, err
	}
	if err := from.check(); err != nil {
		return storage.Message{}, err
	}
	now := n.config.Now()
	l := Letter{
		ID: storage.NewID(), Account: from.Name, Kind: notice.Kind, Channel: notice.Channel,
		Created: now, Expires: moment(notice.Values["expires"]),
	}
	if err := n.write(&l, from, notice); err != nil {
		return storage.Message{}, fmt.Errorf("notice of kind %s by %s: %w", notice.Kind, notice.Channel, err)
	}
	return l.message(n.config.placeOf(l), now)
}

func (s Sender) check() error {
	for _, text := range []string{s.Title, s.Contact} {
		if err := checkLine(text); err != nil {
			return fmt.Errorf("title or contact of account %s %w: %w", s.Name, err, ErrInvalid)
		}
	}
	return nil
}

func (n *Notifier) write(l *Letter, from Sender, notice Notice) error {
	switch notice.Channel {
	case Mail:
		return n.writeMail(l, from, notice)
	case SMS:
		return n.writeSMS(l, from, notice)
	}
	return writeEvent(l, from, notice)
}

func (n *Notifier) writeMail(l *Letter, from Sender, notice Notice) error {
	if err := checkAddress(notice.To); err != nil {
		return fmt.Errorf("the receiver %w: %w", err, ErrInvalid)
	}
	l.Queue, l.To = QueueMail, notice.To
	return n.templates.render(l, from, notice)
}

func (n *Notifier) writeSMS(l *Letter, from Sender, notice Notice) error {
	to, err := phoneNumber(notice.To)
	if err != nil {
		return fmt.Errorf("the receiver %w: %w", err, ErrInvalid)
	}
	l.Queue, l.To = QueueSMS, to
	return n.templates.render(l, from, notice)
}

// writeEvent writes the payload that Standard Webhooks recommends.
func writeEvent(l *Letter, from Sender, notice Notice) (err error) {
	i := slices.Index(from.Endpoints, notice.To)
	if i < 0 {
		return fmt.Errorf("the receiver is no endpoint of account %s: %w", from.Name, ErrInvalid)
	}
	if err := checkURL(notice.To); err != nil {
		return fmt.Errorf("the receiver %w: %w", err, ErrInvalid)
	}
	occurred := moment(notice.Values["occurred"])
	if occurred.IsZero() {
		occurred = l.Created
	}
	l.Queue, l.To = endpointQueue(i), notice.To
	l.Payload, err = json.Marshal(struct {
		Type      string          `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{notice.Values["type"], occurred.UTC(), json.RawMessage(notice.Values["data"])})
	return err
}

func endpointQueue(position int) string {
	return fmt.Sprintf("%s.%d", QueueWebhook, position%MaxEndpoints)
}

// moment parses what was checked; "" is the zero time.
func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
