package credentials

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

const actionLinkCreated = "user.registrationLink.created"

// Link lets whoever has it register one authenticator of a user.
type Link struct {
	URL     auth.Secret // "" where the account has no page for it
	Token   auth.Secret
	Expires time.Time
}

// link is what is kept of one.
type link struct {
	Hash    []byte
	Expires time.Time
}

// purposes of the tokens, by what is registered.
var purposes = map[Kind]factor.Purpose{Passkey: forPasskey, U2F: forSecurityKey}

// CreateLink makes a link for a user to register an authenticator of that kind: by
// it, once, for as long as a password reset is good for. It takes the place of the
// last one for that kind. With mail, the user is sent it, and it is not returned. It
// fails with wrong_type, and with no_channel if the user has no mail address.
func (c *Credentials) CreateLink(ctx context.Context, call provider.Call, id string, kind Kind, mail bool, pre provider.Precondition) (l Link, _ model.View, err error) {
	v, err := c.Users.Edit(ctx, call, id, actionLinkCreated, pre, func(_ context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Human); err != nil {
			return err
		}
		if l, err = c.addLink(d, kind); err == nil && mail {
			err = c.mailLink(d, l)
		}
		return err
	})
	if err != nil {
		return Link{}, v, err
	}
	if mail {
		l = Link{Expires: l.Expires}
	}
	return l, v, nil
}

// addLink puts a link along with a change.
func (c *Credentials) addLink(d *model.Draft, kind Kind) (Link, error) {
	token, err := use(purposes[kind], d.Call.Account, d.ID).Mint()
	if err != nil {
		return Link{}, err
	}
	hash := factor.Hash(token)
	l := Link{Token: token, Expires: d.Now.Add(d.Settings.ResetLifetime).Truncate(time.Millisecond)}
	if page := d.Settings.Links[model.LinkPasskey]; page != "" {
		l.URL = auth.Secret(strings.ReplaceAll(page, model.LinkToken, token.Reveal()))
	}
	d.Sides = append(d.Sides, model.KeepSide(d.ID, linkPrefix+string(kind), link{Hash: hash[:], Expires: l.Expires}))
	return l, nil
}

func (c *Credentials) mailLink(d *model.Draft, l Link) error {
	values := map[string]string{"expires": l.Expires.Format(time.RFC3339), "link": l.URL.Reveal()}
	if l.URL == "" {
		values["code"] = l.Token.Reveal()
	}
	m, err := c.message(d.Settings, d.View, channels[Mail], notify.PasskeyLink, values)
	d.Enqueue = append(d.Enqueue, m)
	return err
}

// BeginByLink is BeginRegistration for whoever has a link, as often as it takes
// until FinishByLink succeeds. The token says whose it is; the account of the call
// does not matter. It fails with invalid_token for what is no such token, and with
// expired.
func (c *Credentials) BeginByLink(ctx context.Context, call provider.Call, token auth.Secret) (r Registration, err error) {
	err = c.byLink(ctx, call, token, actionRegistrationBegun, func(ctx context.Context, d *model.Draft, kind Kind) error {
		r, err = c.beginRegistration(ctx, d, kind, true)
		return err
	})
	return r, err
}

// FinishByLink is FinishRegistration for whoever has a link, which is used up by
// it. It fails with invalid_token, expired, and invalid_credential.
func (c *Credentials) FinishByLink(ctx context.Context, call provider.Call, token auth.Secret, answer Registered) (f Factor, err error) {
	err = c.byLink(ctx, call, token, actionFactorAdded, func(ctx context.Context, d *model.Draft, kind Kind) error {
		f, err = c.finishRegistration(ctx, d, kind, answer, true)
		d.Sides = append(d.Sides, model.DropSide(d.ID, linkPrefix+string(kind)))
		return err
	})
	return f, err
}

// byLink makes a change that a link is good for, on behalf of the user.
func (c *Credentials) byLink(ctx context.Context, call provider.Call, token auth.Secret, action string, do func(context.Context, *model.Draft, Kind) error) error {
	u, kind, err := parseLink(token)
	if err != nil {
		return err
	}
	// Nothing is looked up for an account or user that may not exist, before the
	// token is known to be right.
	call.Account = storage.Account(u.Account)
	err = c.Users.Store.View(ctx, call.Account, func(s storage.Snapshot) error {
		return checkLink(ctx, s, u.User, kind, token, c.now())
	})
	if err != nil {
		return err
	}
	if call.Profile, call.Limits, err = c.Settings(ctx, u.Account); err != nil {
		return err
	}
	call.Actor = provider.Actor{ID: u.User, User: u.User}
	_, err = c.Users.Edit(ctx, call, u.User, action, nil, func(ctx context.Context, d *model.Draft) error {
		if err := checkLink(ctx, d.Snapshot, d.ID, kind, token, d.Now); err != nil {
			return err
		}
		if status := d.Standing(); status != model.Active && status != model.Invited {
			return expired("the link")
		}
		return do(ctx, d, kind)
	})
	if isNotFound(err) {
		return expired("the link")
	}
	return err
}

func parseLink(token auth.Secret) (factor.Use, Kind, error) {
	u, err := factor.ParseOneTime(token)
	for kind, purpose := range purposes {
		if err == nil && u.Purpose == purpose {
			return u, kind, nil
		}
	}
	return u, "", model.Refuse(http.StatusBadRequest, model.InvalidToken, "this is no token of a registration link; use it as it was sent, to the last character")
}

// checkLink refuses a token that is not that of the link of a user.
func checkLink(ctx context.Context, s storage.Snapshot, user string, kind Kind, token auth.Secret, now time.Time) error {
	kept, _, err := model.LoadSide[link](ctx, s, user, linkPrefix+string(kind))
	if err == nil && (!factor.Matches(token, kept.Hash) || !now.Before(kept.Expires)) {
		err = expired("the link")
	}
	return err
}

// isNotFound reports whether something is not there, or no more.
func isNotFound(err error) bool {
	var refusal *scim.Error
	return errors.As(err, &refusal) && refusal.Status == http.StatusNotFound
}
