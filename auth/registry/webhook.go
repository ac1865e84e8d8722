package registry

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"roster/auth"
	"roster/auth/receiver"
	"roster/scim"
)

// Webhook is an address that is told what happens in an account, in messages
// that are signed with its secret as Standard Webhooks describes.
type Webhook struct {
	// URL is https, or http on the machine itself, of at most 2048 bytes and
	// without a fragment. An account names it once.
	URL string `json:"url"`
	// Secret is "whsec_" and the base64 of 24 to 64 bytes. It is kept as it is,
	// because it signs, but not shown: in JSON and in logs it is Kept.
	Secret auth.Secret `json:"secret"`
	// Events are the types of events that are told, such as "user.locked"; none for
	// all. At most 100.
	Events []string `json:"events,omitempty"`
}

// Kept is what is shown instead of a secret. Set as the secret of a webhook, it
// keeps the one that the account has for that URL, so that settings can be read,
// changed and written. For another URL it is ErrInvalid: whoever may change
// where messages go shall not have them signed in another's name.
const Kept auth.Secret = "[secret]"

// Wants reports whether events of a type are told.
func (w Webhook) Wants(event string) bool {
	return len(w.Events) == 0 || slices.Contains(w.Events, event)
}

func normaliseWebhooks(webhooks []Webhook) ([]Webhook, error) {
	if len(webhooks) > maxWebhooks {
		return nil, tooMany("webhooks", len(webhooks), maxWebhooks)
	}
	webhooks = slices.Clone(webhooks)
	for i := range webhooks {
		w := &webhooks[i]
		if err := w.check(); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(webhooks[:i], func(other Webhook) bool { return other.URL == w.URL }) {
			return nil, repeated("webhook", w.URL)
		}
		w.Events = slices.Clone(w.Events)
	}
	return webhooks, nil
}

func (w Webhook) check() error {
	if !isURL(w.URL) || strings.Contains(w.URL, "#") {
		return invalid("webhook", w.URL, "an https URL without a fragment")
	}
	if w.Secret != Kept && !isSigningSecret(w.Secret) {
		return fmt.Errorf(`the secret of webhook %q is %w: use whsec_ and the base64 of 24 to 64 random bytes, such as: echo "whsec_$(openssl rand -base64 32)"`,
			scim.Abbreviate(w.URL), ErrInvalid)
	}
	return w.checkEvents()
}

func (w Webhook) checkEvents() error {
	const most = 100
	if len(w.Events) > most {
		return tooMany("events of a webhook", len(w.Events), most)
	}
	named := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$`)
	for i, event := range w.Events {
		if len(event) > 100 || !named.MatchString(event) {
			return invalid("event", event, "the type of an event, such as user.locked")
		}
		if slices.Contains(w.Events[:i], event) {
			return repeated("event", event)
		}
	}
	return nil
}

func isSigningSecret(secret auth.Secret) bool {
	_, err := receiver.SigningKey(secret)
	return err == nil
}

// withSecrets returns webhooks with the secrets, by URL, in the place of Kept.
func withSecrets(webhooks []Webhook, secrets map[string]string) ([]Webhook, error) {
	webhooks = slices.Clone(webhooks)
	for i, w := range webhooks {
		if w.Secret != Kept {
			continue
		}
		secret, known := secrets[w.URL]
		if !known {
			return nil, fmt.Errorf("the secret of webhook %q is %w: none is kept for this URL; write the secret itself in the place of %s",
				scim.Abbreviate(w.URL), ErrInvalid, Kept.Reveal())
		}
		webhooks[i].Secret = auth.Secret(secret)
	}
	return webhooks, nil
}

// secretsOf returns the secrets of webhooks by URL, to be kept.
func secretsOf(webhooks []Webhook) map[string]string {
	secrets := map[string]string{}
	for _, w := range webhooks {
		secrets[w.URL] = w.Secret.Reveal()
	}
	return secrets
}
