package invitations

import (
	"bytes"
	"context"
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
	c, _, err := model.LoadSide[challenge](ctx, s, user, e.side)
	return c, err
}

// keep is the record of a challenge.
func (e errand) keep(user string, c challenge) storage.Side { return model.KeepSide(user, e.side, c) }

// drop removes the record, so that what was sent is worth nothing any more.
func (e errand) drop(user string) storage.Side { return model.DropSide(user, e.side) }

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
