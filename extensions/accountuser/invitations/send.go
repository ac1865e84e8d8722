package invitations

import (
	"context"
	"errors"
	"strings"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim/provider"
	"roster/storage"
)

// errUnreachable: the user has no address for the channel, or one that nothing can
// be sent to.
var errUnreachable = errors.New("the user cannot be reached")

// occasion is a change of a user by which something is sent.
type occasion struct {
	user     model.View // as it will be
	id       string
	account  storage.Account
	settings model.Settings
	now      time.Time
	snapshot storage.Snapshot
	along    *provider.Along
	inviter  string // who invites, "" if nobody is to be named
}

func occasionOf(d *model.Draft) occasion {
	return occasion{user: d.View, id: d.ID, account: d.Call.Account, settings: d.Settings, now: d.Now, snapshot: d.Snapshot, along: &d.Along}
}

// send puts a new challenge and the message that carries it along with a change,
// and returns until when it is good. What was sent before ends with the change. It
// fails with errUnreachable.
func (i *Issuer) send(ctx context.Context, o occasion, e errand, by notify.Channel) (expires time.Time, err error) {
	expires = o.now.Add(e.lifetime(o.settings)).Truncate(time.Millisecond)
	c := challenge{By: by, To: addressOf(o.user, by), Expires: expires}
	if c.To == "" {
		return expires, errUnreachable
	}
	token, code, err := i.mint(&c, e, e.use(o.account, o.id))
	if err != nil {
		return expires, err
	}
	message, err := i.message(o, e, c, token, code)
	if err != nil {
		return expires, err
	}
	o.along.Sides = append(o.along.Sides, e.keep(o.id, c))
	o.along.Enqueue = append(o.along.Enqueue, message)
	return expires, e.forgetGuesses(ctx, o.snapshot, o.id, o.along)
}

// mint makes what the errand is redeemed by, and puts the hashes into the challenge.
func (i *Issuer) mint(c *challenge, e errand, use factor.Use) (token, code auth.Secret, err error) {
	if e.token {
		if token, err = use.Mint(); err != nil {
			return "", "", err
		}
		hash := factor.Hash(token)
		c.Token = hash[:]
	}
	if e.code {
		if code, err = factor.NewCode(codeLength); err != nil {
			return "", "", err
		}
		c.Code = i.Key.HashCode(use, code)
	}
	return token, code, nil
}

// message carries a token in a link to the account's application, if it has one
// for that, and a code as it is.
func (i *Issuer) message(o occasion, e errand, c challenge, token, code auth.Secret) (storage.Message, error) {
	values := map[string]string{
		"expires": c.Expires.Format(time.RFC3339), "name": nameOf(o.user), "code": code.Reveal(),
	}
	if o.inviter != "" {
		values["inviter"] = o.inviter
	}
	if link := o.settings.Links[e.link]; link != "" && token != "" {
		values["link"] = strings.ReplaceAll(link, model.LinkToken, token.Reveal())
	} else if token != "" {
		values["code"] = strings.TrimPrefix(code.Reveal()+separator+token.Reveal(), separator)
	}
	m, err := i.Notifier.Message(o.settings.Sender(), notify.Notice{Kind: e.kind, Channel: c.By, To: c.To, Language: o.user.Get("preferredLanguage").Text(), Values: values})
	if errors.Is(err, notify.ErrInvalid) {
		err = errors.Join(errUnreachable, err)
	}
	return m, err
}

// separator stands between a code and a token in a message that has to carry both.
const separator = " / "

// nameOf is how a message addresses a user.
func nameOf(v model.View) string {
	if name := v.Get("displayName").Text(); name != "" {
		return model.Line(name)
	}
	return model.Line(v.Get("name").Get("givenName").Text())
}
