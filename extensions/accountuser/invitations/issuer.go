package invitations

import (
	"errors"

	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim/provider"
	"roster/storage"
)

// Config of an Issuer. All of it is required.
type Config struct {
	Model    *model.Model
	Notifier Notifier
	// Key guards codes, which are too short for a plain hash.
	Key *factor.Key
}

// Notifier makes messages. A *notify.Notifier is one.
type Notifier interface {
	Message(from notify.Sender, notice notify.Notice) (storage.Message, error)
}

// Issuer puts tokens and codes, and the messages that carry them, along with
// changes of users. It holds for every account of a server and may be used
// concurrently.
type Issuer struct{ Config }

// NewIssuer returns an issuer.
func NewIssuer(c Config) (*Issuer, error) {
	if c.Model == nil || c.Notifier == nil || c.Key == nil {
		return nil, errors.New("invitations: an issuer needs a model, a notifier and a key")
	}
	return &Issuer{c}, nil
}

// Rules are what every change must pass, after those of the model.
func (i *Issuer) Rules() []provider.Rule { return []provider.Rule{rule{i}} }

// Computed is how the invitation of a user is shown.
func (i *Issuer) Computed() []provider.Computed {
	return []provider.Computed{{Type: model.User, Path: model.UserURN + ":invitation", Value: i.showInvitation}}
}
