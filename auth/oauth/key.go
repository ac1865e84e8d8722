package oauth

import (
	"context"
	"time"
)

// Key is what can be told of a signing key.
type Key struct {
	ID      string
	Created time.Time
	State   KeyState
}

// KeyState is what a key is good for.
type KeyState string

// The states, in the order in which a key has them.
const (
	Published KeyState = "published" // to sign soon
	Signing   KeyState = "signing"   // the one that signs
	Retired   KeyState = "retired"   // there may be tokens that it signed
)

// ListKeys lists the signing keys in the order of their creation.
func (s *Server) ListKeys(ctx context.Context) ([]Key, error) {
	set, err := s.keys.get(ctx, 0)
	if err != nil {
		return nil, err
	}
	list := []Key{}
	state, signs := Retired, signer(set.keys, s.config.Now()).ID
	for _, k := range set.keys {
		if k.ID == signs {
			state = Signing
		}
		list = append(list, Key{k.ID, k.Created, state})
		if k.ID == signs {
			state = Published
		}
	}
	return list, nil
}
