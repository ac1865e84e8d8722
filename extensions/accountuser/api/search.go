package api

import (
	"context"
	"strings"

	"roster/auth/httpauth"
	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
	"roster/scim"
	"roster/scim/provider"
)

// search is what users are looked for by.
type search struct {
	Keyword       string   `query:"q,omitzero" maxLength:"200" doc:"In the user name, the names or an e-mail address"`
	Email         string   `query:"email,omitzero" maxLength:"200" doc:"In an e-mail address"`
	LoginName     []string `query:"loginName,omitzero" maxLength:"200" maxItems:"50" doc:"The user name, one of several"`
	LoginNameLike string   `query:"loginNameLike,omitzero" maxLength:"200" doc:"In the user name"`
	DisplayName   string   `query:"displayName,omitzero" maxLength:"200" doc:"In the display name"`
	Domain        []string `query:"domain,omitzero" maxLength:"200" maxItems:"50" doc:"Behind the @ of the user name or an e-mail address, one of several"`
	IdP           []string `query:"idp,omitzero" maxLength:"200" maxItems:"50" doc:"Identifier or name of a linked identity provider, one of several"`
	Role          []string `query:"role,omitzero" maxLength:"200" maxItems:"50" doc:"A role that the user has itself, one of several"`
	OrgUnit       []string `query:"orgUnit,omitzero" maxLength:"200" maxItems:"50" doc:"Identifier of an organisational unit of the user, one of several"`
	Kind          string   `query:"kind,omitzero" enum:"human,machine"`
	Status        string   `query:"status,omitzero" enum:"invited,active,inactive,locked,removed" doc:"removed lists the removed users, and only that does"`
	SortBy        string   `query:"sortBy,omitzero" enum:"userName,emailAddress,displayName,givenName,familyName,nickName,status,kind,createdAt,lastModified" doc:"Order of creation unless said otherwise"`
	SortOrder     string   `query:"sortOrder" default:"asc" enum:"asc,desc"`
	View          string   `query:"view" default:"basic" enum:"basic,list,full"`
	rest.Window
}

// sortPaths are the attributes that users are ordered by.
var sortPaths = map[string]string{
	"userName":     "userName",
	"emailAddress": "emails.value",
	"displayName":  "displayName",
	"givenName":    "name.givenName",
	"familyName":   "name.familyName",
	"nickName":     "nickName",
	"status":       model.UserURN + ":status",
	"kind":         model.UserURN + ":kind",
	"createdAt":    "meta.created",
	"lastModified": "meta.lastModified",
}

func (a *API) listUsers(ctx context.Context, q *rest.Request, in search) (rest.Page[User], error) {
	find := a.Users.Provider.Search
	if in.Status == string(model.Gone) {
		find = a.Users.Provider.SearchRemoved
	}
	found, total, err := find(ctx, q.Call, a.Users.Type, in.request())
	if err != nil {
		return rest.Page[User]{}, err
	}
	httpauth.EventFrom(ctx).Results = len(found)
	list := make([]User, len(found))
	for i, r := range found {
		list[i] = userIn(in.View, model.Of(r))
	}
	return rest.PageOf(in.Window, total, list), nil
}

func (in search) request() provider.ListRequest {
	by := sortPaths[in.SortBy]
	if by == "" && in.SortOrder == "desc" {
		by = "meta.created"
	}
	return provider.ListRequest{
		Filter:     in.filter(),
		SortBy:     by,
		Descending: in.SortOrder == "desc",
		StartIndex: in.From + 1,
		Count:      in.Take,
		Attributes: attributesOf(in.View),
	}
}

// filter says in the words of RFC 7644 section 3.4.2.2 what is looked for.
func (in search) filter() string {
	account := func(name string) string { return model.UserURN + ":" + name }
	all := terms{
		anyOf("co", one(in.Keyword), "userName", "displayName", "name.givenName", "name.familyName", "nickName", "emails.value"),
		anyOf("co", one(in.Email), "emails.value"),
		anyOf("eq", in.LoginName, "userName"),
		anyOf("co", one(in.LoginNameLike), "userName"),
		anyOf("co", one(in.DisplayName), "displayName"),
		anyOf("ew", behindAt(in.Domain), "userName", "emails.value"),
		anyOf("eq", in.IdP, account("idpLinks.display"), account("idpLinks.value")),
		anyOf("eq", in.Role, "roles.value"),
		anyOf("eq", in.OrgUnit, account("orgUnits.value")),
		anyOf("eq", one(in.Kind), account("kind")),
		anyOf("eq", one(in.Status), account("status")),
	}
	return all.join(" and ")
}

func one(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func behindAt(domains []string) []string {
	var list []string
	for _, d := range domains {
		list = append(list, "@"+strings.TrimPrefix(d, "@"))
	}
	return list
}

// terms are parts of a filter; empty ones say nothing.
type terms []string

// anyOf holds if one of the attributes compares to one of the values.
func anyOf(operator string, values []string, attributes ...string) string {
	var any terms
	for _, v := range values {
		literal := string(scim.StringValue(v).AppendJSON(nil))
		for _, a := range attributes {
			any = append(any, a+" "+operator+" "+literal)
		}
	}
	if len(any) == 0 {
		return ""
	}
	return "(" + any.join(" or ") + ")"
}

func (t terms) join(with string) string {
	var said []string
	for _, term := range t {
		if term != "" {
			said = append(said, term)
		}
	}
	return strings.Join(said, with)
}
