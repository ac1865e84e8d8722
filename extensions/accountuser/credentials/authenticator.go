package credentials

import (
	"context"

	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/storage"
)

// Kind is what an authenticator is registered for.
type Kind = factor.Kind

// The kinds, which are also the types of such factors.
const (
	Passkey = factor.Passkey
	U2F     = factor.U2F
)

const maxAuthenticators = 20 // of a user

// enrolled is an authenticator of a user, with the id of its factor.
type enrolled struct {
	id string
	factor.Authenticator
}

// authenticators reads the authenticators of a user that are of one of the kinds.
func authenticators(ctx context.Context, s storage.Snapshot, v model.View, kinds ...Kind) ([]enrolled, error) {
	var list []enrolled
	for _, e := range v.A("authFactors").Elements() {
		for _, kind := range kinds {
			f := factorOf(e)
			if f.Type != string(kind) {
				continue
			}
			a, found, err := model.LoadSide[factor.Authenticator](ctx, s, v.ID(), model.SideFactor+f.ID)
			if err != nil {
				return nil, err
			}
			if found {
				list = append(list, enrolled{f.ID, a})
			}
		}
	}
	return list, nil
}

// person is a user as a ceremony sees one.
func person(v model.View, list []enrolled) factor.Person {
	p := factor.Person{ID: v.ID(), Name: v.Get("userName").Text(), DisplayName: nameOf(v)}
	for _, a := range list {
		p.Authenticators = append(p.Authenticators, a.Authenticator)
	}
	return p
}

// relyingParty is the account as a ceremony sees it.
func (c *Credentials) relyingParty(s model.Settings) (*factor.RelyingParty, error) {
	return factor.NewRelyingParty(c.RelyingParty(s))
}

// keepAuthenticator is the record of an authenticator, with its counter.
func keepAuthenticator(user, id string, a factor.Authenticator) storage.Side {
	return model.KeepSide(user, model.SideFactor+id, a)
}
