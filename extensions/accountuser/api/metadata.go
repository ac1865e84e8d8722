package api

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
)

// Metadatum is a value that an application keeps with a user.
type Metadatum struct {
	Key   string `json:"key" minLength:"1" maxLength:"200"`
	Value []byte `json:"value" doc:"1 to 500000 bytes"`
}

// ofMetadata is what a route of one key reads.
type ofMetadata struct {
	ofUser
	Key string `path:"key" doc:"A slash in it is encoded as %2F"`
}

func (a *API) listMetadata(ctx context.Context, q *rest.Request, in struct {
	ofUser
	Key        string `query:"key,omitzero" maxLength:"200" doc:"What keys are compared to"`
	Op         string `query:"op" default:"equals" enum:"equals,startsWith,contains,endsWith"`
	IgnoreCase bool   `query:"ignoreCase" default:"false"`
	rest.Window
}) (rest.Page[Metadatum], error) {
	if _, err := a.readAttributes(ctx, q, in.UserID); err != nil {
		return rest.Page[Metadatum]{}, err
	}
	found, total, err := a.Users.ListMetadata(ctx, q.Call, in.UserID, model.MetadataQuery{
		Key: in.Key, Op: in.Op, IgnoreCase: in.IgnoreCase, From: in.From, Take: in.Take,
	})
	return rest.PageOf(in.Window, total, rest.Mapped(found, func(m model.Metadata) Metadatum { return Metadatum(m) })), err
}

func (a *API) getMetadata(ctx context.Context, q *rest.Request, in ofMetadata) (Metadatum, error) {
	if _, err := a.readAttributes(ctx, q, in.UserID); err != nil {
		return Metadatum{}, err
	}
	value, err := a.Users.Metadata(ctx, q.Call, in.UserID, in.Key)
	return Metadatum{in.Key, value}, err
}

func (a *API) putMetadata(ctx context.Context, q *rest.Request, in struct {
	ofMetadata
	Body struct {
		Value []byte `json:"value" doc:"1 to 500000 bytes"`
	}
}) (rest.None, error) {
	set := []model.Metadata{{Key: in.Key, Value: in.Body.Value}}
	return changed(q)(a.Users.ChangeMetadata(ctx, q.Call, in.UserID, set, nil, q.If))
}

func (a *API) deleteMetadata(ctx context.Context, q *rest.Request, in ofMetadata) (rest.None, error) {
	return changed(q)(a.Users.ChangeMetadata(ctx, q.Call, in.UserID, nil, []string{in.Key}, q.If))
}

func (a *API) changeMetadata(ctx context.Context, q *rest.Request, in withBody[struct {
	Set    []Metadatum `json:"set,omitzero" maxItems:"1000"`
	Delete []string    `json:"delete,omitzero" maxItems:"1000" minLength:"1" maxLength:"200" doc:"Keys, which must be there"`
}]) (rest.None, error) {
	set := rest.Mapped(in.Body.Set, func(m Metadatum) model.Metadata { return model.Metadata(m) })
	return changed(q)(a.Users.ChangeMetadata(ctx, q.Call, in.UserID, set, in.Body.Delete, q.If))
}
