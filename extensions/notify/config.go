package notify

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Config is how messages are written and delivered. The zero value keeps mails and
// SMS in the outbox. The comments of its fields are the operator's manual.
type Config struct {
	// Templates is a folder of templates that replace the built-in ones, singly: for
	// all accounts in <folder>/<language>/, for one account in
	// <folder>/<name of the account>/<language>/. Files are called as the built-in
	// ones: <kind>.subject.txt, <kind>.txt and <kind>.html are a mail, <kind>.sms.txt
	// is an SMS. They are templates of Go (text/template, html/template) over
	// {{.account}}, {{.contact}} and the values of the kind. The language of the
	// reader comes first, then the account's own templates. They are read when the
	// server starts, which stops if one of them cannot work. By default there are
	// none.
	Templates string

	// SMTP is the mail server. Without one, mails are kept in the outbox.
	SMTP SMTP
	// SMS is the gateway for text messages. Without one, they are kept in the outbox.
	SMS Gateway

	// MaxAttempts is how often a delivery is tried before the message is a dead
	// letter. Default 15, which takes about two days. A message that carries what
	// expires, such as a code, is tried until then only.
	MaxAttempts int
	// FirstRetry is how long to wait after the first failure; the pause doubles with
	// each further one, up to MaxRetry. Each is shortened at random, by up to a half,
	// so that what failed together does not come back together. Default 30 s.
	FirstRetry time.Duration
	// MaxRetry is the longest pause. Default 12 h.
	MaxRetry time.Duration
	// Timeout is how long one delivery may take. Default 20 s.
	Timeout time.Duration
	// Parallel is how many deliveries run at once, for each of mail, SMS and
	// webhooks. The mails of one account, its SMS, and each of its webhooks use at
	// most a quarter. Default 16.
	Parallel int
	// Keep is how many letters of an account its outbox holds, and so many its dead
	// letters; older ones are dropped. 1 to 10,000, default 1,000.
	Keep int

	// Now is the clock, and Random gives numbers from 0 to less than 1; the latter
	// may be called concurrently. For tests.
	Now    func() time.Time
	Random func() float64
}

// Validate reports every setting that cannot work, each with what to do. It
// looks at nothing but c: templates are read by New.
func (c Config) Validate() error {
	return errors.Join(c.SMTP.validate(), c.SMS.validate(), c.validateBounds())
}

func (c Config) validateBounds() error {
	if c.MaxAttempts < 0 || c.FirstRetry < 0 || c.MaxRetry < 0 || c.Timeout < 0 || c.Parallel < 0 {
		return errors.New("attempts, pauses, timeout and parallel deliveries of messages cannot be negative")
	}
	if c.Keep < 0 || c.Keep > 10_000 {
		return fmt.Errorf("keep %d letters: it must be 1 to 10000", c.Keep)
	}
	return nil
}

func (c Config) withDefaults() Config {
	c.MaxAttempts = orDefault(c.MaxAttempts, 15)
	c.FirstRetry = orDefault(c.FirstRetry, 30*time.Second)
	c.MaxRetry = max(orDefault(c.MaxRetry, 12*time.Hour), c.FirstRetry)
	c.Timeout = orDefault(c.Timeout, 20*time.Second)
	c.Parallel = orDefault(c.Parallel, 16)
	c.Keep = orDefault(c.Keep, 1000)
	c.SMTP.TLS = orDefault(c.SMTP.TLS, startTLS)
	c.SMTP.Port = orDefault(c.SMTP.Port, map[string]int{startTLS: 587, implicitTLS: 465, noTLS: 25}[c.SMTP.TLS])
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	return c
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// delivers reports whether there is a way to deliver from a channel's queue.
func (c Config) delivers(channel Channel) bool {
	switch channel {
	case Mail:
		return c.SMTP.Host != ""
	case SMS:
		return c.SMS.URL != ""
	}
	return true
}

// placeOf returns the queue for a new letter.
func (c Config) placeOf(l Letter) string {
	if c.delivers(l.Channel) {
		return l.Queue
	}
	return Outbox
}
