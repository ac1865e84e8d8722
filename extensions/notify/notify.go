// Package notify tells people and systems what concerns them: by mail, by SMS and
// by webhook.
//
// A [Notifier] writes a complete message, which the caller enqueues in the batch
// of the change that it is about, so that there is a message exactly if there is
// the change. A [Worker] delivers what is in the queues. A [Box] shows what was
// not delivered.
//
// Promises:
//
//   - At least once: a message leaves its queue only after its receiver took it,
//     or for a box. A crash in between delivers it twice, under the same
//     Message-ID or webhook-id, so that the receiver can tell.
//   - Failures are tried again with growing pauses. What fails for good, or for
//     the last time, is in [DeadLetters], from where it can be retried.
//   - Without a mail server, mails are in the [Outbox]; without an SMS gateway,
//     so are SMS. Nothing that was enqueued is dropped silently, except the oldest
//     letters of a box that holds more than Config.Keep.
//   - A receiver that is slow or down holds up its own messages only.
//   - A template that cannot work is found when the server starts.
//   - No value can add a header, a recipient or markup to a message.
//   - Logs name messages by id and kind; no address, code or link is in them.
//
// Caveats: messages are not delivered in order. Queues and boxes hold what people
// are sent, one-time codes and links included, as plain text; they are as secret
// as the data folder. Several processes that deliver from one store may deliver a
// message several times. Receivers of webhooks are what the settings of an account
// say: who may change these can let this server send a request to any address
// that it reaches, though not see the answer.
package notify

import "errors"

// Queues, in the store of each account. That of webhooks is a prefix: see
// [MaxEndpoints].
const (
	QueueMail    = "notify.mail"
	QueueSMS     = "notify.sms"
	QueueWebhook = "notify.webhook"
	// Outbox keeps what cannot be sent for want of a mail server or SMS gateway.
	Outbox = "notify.outbox"
	// DeadLetters keeps what could not be delivered.
	DeadLetters = "notify.dead"
)

// MaxEndpoints is how many endpoints of an account have a queue of their own, by
// their position in Sender.Endpoints. Further ones share these.
const MaxEndpoints = 20

// Errors of this package. Test with errors.Is.
var (
	// ErrInvalid: a notice cannot be made into a message. The text says why, and
	// repeats no value.
	ErrInvalid = errors.New("not valid")
	// ErrNotFound: no letter with that id is in the box.
	ErrNotFound = errors.New("no such letter")
)
