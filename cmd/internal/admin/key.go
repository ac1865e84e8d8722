package admin

import (
	"context"
	"time"
)

// SigningKeys are the keys that sign access tokens; package oauth has them.
type SigningKeys interface {
	ListKeys(ctx context.Context) ([]Key, error)
	RotateKey(ctx context.Context, drop bool) error
}

// Key is a key that signs access tokens, or did.
type Key struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	// State is "published" before it signs, "signing", or "retired" while there may be
	// tokens that it signed.
	State string `json:"state"`
}

// ListKeys returns the keys, oldest first.
func (s *Service) ListKeys(ctx context.Context, _ nothing) ([]Key, error) {
	return s.Keys.ListKeys(ctx)
}

// RotateKey makes a key that signs from now on.
func (s *Service) RotateKey(ctx context.Context, r KeyRotation) (nothing, error) {
	return nothing{}, s.Keys.RotateKey(ctx, r.Drop)
}
