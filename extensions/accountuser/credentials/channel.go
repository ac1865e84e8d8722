package credentials

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim/provider"
	"roster/storage"
)

// channel is a way by which a user is sent codes.
type channel struct {
	factor   Factor
	by       notify.Channel
	verified string                  // the attribute that says whether the address is the user's
	address  func(model.View) string // "" if there is none
	mask     func(string) string     // what can be told of the address
}

// channels are found by the ids of their factors.
var channels = map[string]channel{
	SMS: {
		factor: Factor{ID: SMS, Type: typeSMS, State: stateReady, Display: "SMS"},
		by:     notify.SMS, verified: "phoneVerified", address: model.View.Phone, mask: maskPhone,
	},
	Mail: {
		factor: Factor{ID: Mail, Type: typeMail, State: stateReady, Display: "E-mail"},
		by:     notify.Mail, verified: "emailVerified", address: model.View.Email, mask: maskMail,
	},
}

// works reports whether a user can be sent codes: only to an address that is known
// to be the user's.
func (ch channel) works(v model.View) bool {
	return ch.address(v) != "" && v.A(ch.verified).Bool()
}

// AddChannel makes codes by SMS or Mail, whichever id is given, a second factor of
// a user. It fails with not_verified if there is no verified address for it, with
// already_enrolled and wrong_type.
func (c *Credentials) AddChannel(ctx context.Context, call provider.Call, id, factorID string, pre provider.Precondition) (Factor, model.View, error) {
	ch, sends := channels[factorID]
	if !sends {
		return Factor{}, model.View{}, notThere("channel")
	}
	v, err := c.Users.Edit(ctx, call, id, actionFactorAdded, pre, func(_ context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Human); err != nil {
			return err
		}
		if hasReady(d.View, factorID) {
			return alreadyEnrolled(factorID)
		}
		if !ch.works(d.View) {
			return model.Refuse(http.StatusConflict, model.NotVerified, "the user has no verified address for %s; have it verified first", ch.factor.Display)
		}
		putFactor(d, ch.factor)
		return nil
	})
	return ch.factor, v, err
}

// message writes a message to a user in the name of the account. It fails with
// no_channel if the user has no address that it could be sent to.
func (c *Credentials) message(settings model.Settings, v model.View, ch channel, kind notify.Kind, values map[string]string) (storage.Message, error) {
	values["name"] = nameOf(v)
	m, err := c.Notifier.Message(settings.Sender(), notify.Notice{
		Kind: kind, Channel: ch.by, To: ch.address(v), Language: v.Get("preferredLanguage").Text(), Values: values,
	})
	if errors.Is(err, notify.ErrInvalid) {
		return m, model.Refuse(http.StatusConflict, model.NoChannel, "the user has no address to which %s can be sent", ch.factor.Display)
	}
	return m, err
}

// nameOf is how a user is addressed.
func nameOf(v model.View) string { return model.Line(v.Get("displayName").Text()) }

// maskPhone shows the beginning and the end of a number: +49•••456.
func maskPhone(number string) string {
	const shown = 3
	if len(number) <= 2*shown {
		return dots
	}
	return number[:shown] + dots + number[len(number)-shown:]
}

// maskMail shows the first character and the domain of an address: a•••@example.com.
func maskMail(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return dots
	}
	_, first := utf8.DecodeRuneInString(address)
	return address[:first] + dots + address[at:]
}

const dots = "•••"
