package registry

import (
	"context"
	"crypto"
	"fmt"
	"slices"
	"strings"

	"roster/auth"
	"roster/storage"
)

// Clients finds the credentials that the token endpoint takes: those of the forms
// FormSecret, FormKey and FormFederated. Its methods fail with
// auth.ErrUnauthenticated if the client is unknown, or has no such credential that
// may be used now, and with another error if the store cannot be read. They answer
// from memory like Authenticate; principals are shared.
//
// A handle names one credential, so that Current finds it again.
type Clients struct{ *Registry }

// WithSecret returns which client has a secret.
func (c Clients) WithSecret(ctx context.Context, clientID string, secret auth.Secret) (*auth.Principal, string, error) {
	if !c.tokens.ValidSecret(secret) {
		return nil, "", errDamagedSecret
	}
	h, err := c.one(ctx, clientID, func(h *holder) bool { return c.tokens.Matches(secret, h.hash) })
	if err != nil {
		return nil, "", err
	}
	p, err := c.admit(h, c.now())
	return p, handle(clientID, p), err
}

// Key returns the public key by which a client's assertion is verified. keyID may
// be "" if the client has only one.
func (c Clients) Key(ctx context.Context, clientID, keyID string) (crypto.PublicKey, *auth.Principal, string, error) {
	h, err := c.one(ctx, clientID, func(h *holder) bool {
		return h.form == FormKey && (keyID == "" || h.keyID == keyID)
	})
	if err != nil {
		return nil, nil, "", err
	}
	return h.key, h.principal, handle(clientID, h.principal), nil
}

// Federated returns which client an assertion of another issuer is of.
func (c Clients) Federated(ctx context.Context, clientID, issuer, subject string, audience []string) (*auth.Principal, string, error) {
	usable, err := c.usable(ctx, clientID)
	if err != nil {
		return nil, "", err
	}
	for _, h := range usable {
		f := h.federated
		if h.form == FormFederated && f.Issuer == issuer && f.Subject == subject && slices.Contains(audience, f.Audience) {
			return h.principal, handle(clientID, h.principal), nil
		}
	}
	return nil, "", auth.ErrUnauthenticated
}

// Current returns who a credential stands for now, and notes that it is used.
func (c Clients) Current(ctx context.Context, handle string) (*auth.Principal, error) {
	clientID, id, _ := strings.Cut(handle, "/")
	h, err := c.one(ctx, clientID, func(h *holder) bool { return h.principal.Subject == id })
	if err != nil {
		return nil, err
	}
	return c.admit(h, c.now())
}

// handle is the client, for the lookup, and the credential. Neither has a slash.
func handle(clientID string, p *auth.Principal) string {
	if p == nil {
		return ""
	}
	return clientID + "/" + p.Subject
}

// one returns the only credential of a client that is meant. It looks at all of
// them, so that it takes no longer for one than for another.
func (c Clients) one(ctx context.Context, clientID string, isMeant func(*holder) bool) (found *holder, err error) {
	usable, err := c.usable(ctx, clientID)
	if err != nil {
		return nil, err
	}
	meant := 0
	for _, h := range usable {
		if isMeant(h) {
			meant++
			found = h
		}
	}
	if meant != 1 {
		return nil, errOtherCredential
	}
	return found, nil
}

// usable lists the credentials of a client that may be used now, the latest first.
func (r *Registry) usable(ctx context.Context, clientID string) (usable []*holder, err error) {
	now := r.now()
	known, err := r.clients.get(clientID, now, func() ([]*holder, error) { return r.readClient(ctx, clientID) })
	if err != nil {
		return nil, err
	}
	for _, h := range known {
		if now.Before(h.expires) {
			usable = append(usable, h)
		}
	}
	return usable, nil
}

// readClient fails with auth.ErrUnauthenticated if there is no such client, so that
// what anybody may ask for is not remembered.
func (r *Registry) readClient(ctx context.Context, clientID string) (holders []*holder, err error) {
	if len(clientID) > maxClientID || strings.ContainsAny(clientID, "\x00/") {
		return nil, errNoClient
	}
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		page, err := s.Query(ctx, tokensOfClient(clientID, r.now()))
		if err != nil {
			return err
		}
		holders = nil
		for _, d := range page.Documents {
			var b tokenBody
			if err := decodeBody(d, &b); err != nil {
				return err
			}
			h, err := holderOf(ctx, s, d.ID, &b)
			if err != nil {
				return err
			}
			holders = append(holders, h)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("look up client: %w", err)
	case len(holders) == 0:
		return nil, errNoClient
	}
	return holders, nil
}

// Why a client is not let in, for the operator; who asks is not told.
var (
	errDamagedSecret   = fmt.Errorf("%w: the client secret was not copied whole, or is something else", auth.ErrUnauthenticated)
	errOtherCredential = fmt.Errorf("%w: the client has no such secret or key, or not any more", auth.ErrUnauthenticated)
	errNoClient        = fmt.Errorf("%w: no client has that id, or all that it had is revoked or expired", auth.ErrUnauthenticated)
)

const maxClientID = 64 // bytes, of what NewID mints
