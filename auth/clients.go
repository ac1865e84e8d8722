package auth

import (
	"context"
	"crypto"
)

// Clients knows clients of the token endpoint of one kind, and what each may do now.
// What is not theirs, or not valid, is ErrUnauthenticated; any other error says that
// it could not be found out. The handle names the credential, so that Current finds
// it again. Principals may be shared: whoever gets one does not change it. It may be
// called concurrently.
type Clients interface {
	// WithSecret takes the same time whether the client or the secret is wrong.
	WithSecret(ctx context.Context, clientID string, secret Secret) (p *Principal, handle string, err error)
	// Key returns the public key of a client with that id, which may be "" if the
	// client has one only.
	Key(ctx context.Context, clientID, keyID string) (key crypto.PublicKey, p *Principal, handle string, err error)
	// Federated says whether a client shows who it is by another issuer's assertions
	// with these claims. They are not verified yet.
	Federated(ctx context.Context, clientID, issuer, subject string, audience []string) (p *Principal, handle string, err error)
	// Current returns who has the credential now, as long as it is valid.
	Current(ctx context.Context, handle string) (*Principal, error)
}
