// Package accountuser puts the account model together: the users of an account
// with their roles, org units, status, metadata, entitlements, invitations,
// credentials and history. What each part promises stands in its own package.
package accountuser

import (
	"context"
	"log/slog"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/auth/outgoing"
	"roster/extensions"
	"roster/extensions/accountuser/api"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/events"
	"roster/extensions/notify"
	"roster/extensions/rest"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// Config of the account model. All of it is required, but for what says otherwise.
type Config struct {
	// Store is where messages wait.
	Store storage.Store
	// Settings returns what an account wants of the model.
	Settings func(ctx context.Context, account storage.Account) (model.Settings, error)
	// Protocol returns the profile and limits of an account.
	Protocol func(ctx context.Context, account string) (scim.Profile, scim.Limits, error)
	// Accounts lists all accounts.
	Accounts func(ctx context.Context) ([]storage.Account, error)
	// Describe tells callers what an account is like.
	Describe func(ctx context.Context, id string) (api.Account, error)
	// Routes are more of the account API, which the model knows nothing of, and Codes
	// what they refuse with. Optional.
	Routes []rest.Route
	Codes  []rest.Meaning
	// Webhooks lists where an account wants to be told of events, and WebhookSecret
	// returns with what one of them is signed.
	Webhooks      func(ctx context.Context, account storage.Account) ([]Webhook, error)
	WebhookSecret func(ctx context.Context, account storage.Account, url string) (auth.Secret, error)
	// Messages is how people are told things; the zero value keeps it all in the
	// outbox.
	Messages notify.Config
	// Network sends webhooks and text messages. Default: that of a notify.Worker.
	Network *outgoing.Network
	// Passkeys is for which site passkeys and security keys are made.
	Passkeys factor.RelyingPartyConfig
	// Hasher hashes passwords.
	Hasher credentials.Hasher
	// Key guards codes and seals what must be read again: at least 32 bytes, the
	// same for as long as the data lives.
	Key    auth.Secret
	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // default slog.Default
}

// New returns the extension, for one server.
func New(c Config) (extensions.Extension, error) {
	p, err := newParts(c)
	if err != nil {
		return extensions.Extension{}, err
	}
	representations, err := p.grants.Representations()
	return extensions.Extension{
		Name:            "account model",
		Definitions:     model.Definitions(),
		Indexes:         model.Indexes(),
		Rules:           p.rules(),
		Computed:        p.computed(),
		Representations: representations,
		Knows:           p.grants.Knows,
		Enqueued:        p.worker.Wake,
		Found:           p.grants.Found,
		Serve:           p.serve,
		Run:             p.run,
	}, err
}

// parts are what the model is made of, as far as they need no provider.
type parts struct {
	Config
	model       *model.Model
	grants      *grants.Grants
	invitations *invitations.Issuer
	notifier    *notify.Notifier
	worker      *notify.Worker
	key         *factor.Key
}

func newParts(c Config) (*parts, error) {
	p := &parts{Config: c, model: model.New(model.Config{Settings: c.Settings, Accounts: c.Accounts, Now: c.Now})}
	p.grants = grants.New(p.model)
	var err error
	if p.key, err = factor.NewKey(c.Key); err != nil {
		return nil, err
	}
	if p.notifier, err = notify.New(c.Messages); err != nil {
		return nil, err
	}
	p.worker, err = notify.NewWorker(notify.WorkerConfig{
		Config: c.Messages, Store: c.Store, Accounts: c.Accounts, Secret: c.WebhookSecret, Network: c.Network, Logger: c.Logger,
	})
	if err != nil {
		return nil, err
	}
	p.invitations, err = invitations.NewIssuer(invitations.Config{Model: p.model, Notifier: p.notifier, Key: p.key})
	return p, err
}

// rules has the log behind everything that changes a user, and the webhooks behind
// the log.
func (p *parts) rules() []provider.Rule {
	rules := p.model.Rules()
	rules = append(rules, p.invitations.Rules()...)
	rules = append(rules, p.grants.Rules()...)
	rules = append(rules, credentials.Rule{})
	return append(rules,
		events.New(events.Config{Status: model.UserURN + ":status", NamesOnly: []string{model.UserURN + ":metadata.value"}, Beside: model.Beside, Now: p.Now}),
		webhooks{p.Webhooks, p.notifier})
}

func (p *parts) computed() []provider.Computed {
	return append(append(p.model.Computed(), p.invitations.Computed()...), p.grants.Computed()...)
}
