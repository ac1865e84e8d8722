package api

import (
	"context"
	"fmt"

	"roster/extensions/events"
	"roster/extensions/rest"
)

// Me is who calls.
type Me struct {
	User    *FullUser `json:"user" doc:"null if the token belongs to no user"`
	Account Account   `json:"account"`
	Roles   []string  `json:"roles" doc:"Roles of the user, also those that come through groups"`
	Scopes  []string  `json:"scopes" doc:"What the token may do"`
}

// Account is the account of the token.
type Account struct {
	ID          string   `json:"id" format:"uuid"`
	Name        string   `json:"name"`
	MailDomains []string `json:"mailDomains" doc:"Mail domains that users may have; empty: any"`
	Language    string   `json:"language,omitzero"`
	Country     string   `json:"country,omitzero"`
	Currency    string   `json:"currency,omitzero"`
	Timezone    string   `json:"timezone,omitzero"`
	Contact     Contact  `json:"contact,omitzero"`
}

// Contact is whom to ask about an account.
type Contact struct {
	Name  string `json:"name,omitzero"`
	Email string `json:"email,omitzero"`
	Phone string `json:"phone,omitzero"`
}

func (a *API) me(ctx context.Context, q *rest.Request, _ struct{}) (me Me, err error) {
	if me.Account, err = a.Account(ctx, q.Principal.Account); err != nil {
		return me, err
	}
	me.Account.MailDomains = rest.OrEmpty(me.Account.MailDomains)
	me.Roles, me.Scopes = []string{}, []string{}
	for _, scope := range q.Principal.Scopes {
		me.Scopes = append(me.Scopes, string(scope))
	}
	if q.Principal.User == "" {
		return me, nil
	}
	v, err := a.read(ctx, q, q.Principal.User, viewFull)
	if err != nil {
		return me, err
	}
	user := fullUser(v)
	me.User = &user
	me.Roles, err = a.Grants.EffectiveRoles(ctx, q.Call, user.UserID)
	return me, err
}

// historyQuery is which part of a history is asked for.
type historyQuery struct {
	Type  string `query:"type,omitzero" maxLength:"200" doc:"Only events of that type, such as user.locked"`
	After uint64 `query:"after" default:"0" doc:"Go on behind the event with that sequence: next of the answer before"`
	Limit int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
	Order string `query:"order" default:"asc" enum:"asc,desc" doc:"asc: the oldest first"`
}

// History is a part of a history.
type History struct {
	Results []events.Event `json:"results"`
	Next    uint64         `json:"next,omitzero" doc:"after, for what follows; absent at the end"`
}

func (a *API) accountEvents(ctx context.Context, q *rest.Request, in struct {
	Subject string `query:"subject,omitzero" maxLength:"200" doc:"Identifier of a user or another resource, there or removed"`
	historyQuery
}) (History, error) {
	return a.history(ctx, q, in.Subject, in.historyQuery)
}

func (a *API) userEvents(ctx context.Context, q *rest.Request, in struct {
	ofUser
	historyQuery
}) (History, error) {
	if _, err := a.readAttributes(ctx, q, in.UserID); err != nil {
		return History{}, err
	}
	return a.history(ctx, q, in.UserID, in.historyQuery)
}

// history reads events, and tags the answer by what is in it.
func (a *API) history(ctx context.Context, q *rest.Request, subject string, in historyQuery) (History, error) {
	page, err := a.Events.Read(ctx, q.Call.Account, events.Query{
		Subject: subject, Type: in.Type, After: in.After, Descending: in.Order == "desc", Limit: in.Limit,
	})
	if err != nil {
		return History{}, err
	}
	var last uint64
	if n := len(page.Events); n > 0 {
		last = page.Events[n-1].Sequence
	}
	q.Tag(fmt.Sprintf(`W/"%d-%d"`, last, page.Next))
	return History{Results: page.Events, Next: page.Next}, nil
}
