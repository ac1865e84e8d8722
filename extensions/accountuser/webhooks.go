package accountuser

import (
	"context"
	"encoding/json"
	"time"

	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim/provider"
	"roster/storage"
)

// Webhook is where an account wants to be told of events.
type Webhook struct {
	URL   string
	Wants func(event string) bool
}

// webhooks queues a message for each event and webhook that wants it, in the batch
// of the change. It goes behind the rule that writes the events.
type webhooks struct {
	of       func(ctx context.Context, account storage.Account) ([]Webhook, error)
	notifier *notify.Notifier
}

type webhooksKey struct{}

// Prepare implements provider.Preparer.
func (w webhooks) Prepare(ctx context.Context, c provider.Call) (context.Context, error) {
	list, err := w.of(ctx, c.Account)
	if len(list) > 0 {
		ctx = context.WithValue(ctx, webhooksKey{}, list)
	}
	return ctx, err
}

// Derive implements provider.Rule.
func (webhooks) Derive(context.Context, storage.Snapshot, *provider.Change) error { return nil }

// Check implements provider.Rule.
func (w webhooks) Check(ctx context.Context, _ storage.Snapshot, c *provider.Change) error {
	list, _ := ctx.Value(webhooksKey{}).([]Webhook)
	if len(list) == 0 {
		return nil
	}
	from := notify.Sender{Name: model.SettingsFrom(ctx).Name}
	for _, hook := range list {
		from.Endpoints = append(from.Endpoints, hook.URL)
	}
	for _, event := range c.Events {
		data, err := payload(event, c)
		if err != nil {
			return err
		}
		for _, hook := range list {
			if !hook.Wants(event.Type) {
				continue
			}
			m, err := w.notifier.Message(from, notify.Notice{Kind: notify.Event, Channel: notify.Webhook, To: hook.URL,
				Values: map[string]string{"type": event.Type, "data": string(data), "occurred": event.Time.UTC().Format(time.RFC3339Nano)}})
			if err != nil {
				return err
			}
			c.Enqueue = append(c.Enqueue, m)
		}
	}
	return nil
}

// payload is what a webhook is told: who was changed, and how the log has it. The
// sequence of the event is not known before it is written.
func payload(event storage.Event, c *provider.Change) ([]byte, error) {
	return json.Marshal(struct {
		Account string          `json:"accountId"`
		Subject string          `json:"subject"`
		Event   json.RawMessage `json:"event"`
	}{string(c.Call.Account), event.Subject, event.Data})
}
