package invitations

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim/schema"
	"roster/storage"
)

// challenge is what is kept of something that was sent, until it is redeemed or
// the next one is sent: never the token or the code itself.
type challenge struct {
	Token   []byte         `json:"token,omitempty"` // see factor.Hash
	Code    []byte         `json:"code,omitempty"`  // see factor.Key.HashCode
	By      notify.Channel `json:"by"`
	To      string         `json:"to"` // mail address or phone number
	Expires time.Time      `json:"expires"`
}

// find reads the challenge of an errand; there may be none, which matches nothing.
func (e errand) find(ctx context.Context, s storage.Snapshot, user string) (challenge, error) {
	var c challenge
	data, err := s.Side(ctx, user, e.side)
	if errors.Is(err, storage.ErrNotFound) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		return challenge{}, fmt.Errorf("read %s of user %s: %w", e.side, user, err)
	}
	return c, nil
}

// keep is the record of a challenge.
func (e errand) keep(user string, c challenge) (storage.Side, error) {
	data, err := json.Marshal(c)
	return storage.Side{ID: user, Name: e.side, Data: data}, err
}

// drop removes the record, so that what was sent is worth nothing any more.
func (e errand) drop(user string) storage.Side { return storage.Side{ID: user, Name: e.side} }

// isFor reports whether the token is the one that was sent.
func (c challenge) isFor(token auth.Secret) bool { return factor.Matches(token, c.Token) }

// holds reports whether what was sent is still good: not too late, and sent to
// where the user is still reached.
func (c challenge) holds(v model.View, now time.Time) bool {
	return now.Before(c.Expires) && c.To != "" && schema.Fold(c.To) == schema.Fold(addressOf(v, c.By))
}

// equals reports whether it is the very same one.
func (c challenge) equals(other challenge) bool {
	return bytes.Equal(c.Token, other.Token) && bytes.Equal(c.Code, other.Code)
}
