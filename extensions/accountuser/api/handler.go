package api

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
	"roster/scim/provider"
)

// ofUser is what a route below /users/{userId} reads without a body.
type ofUser struct {
	UserID string `path:"userId" format:"uuid" doc:"Identifier of the user"`
}

// withBody is what one with a body reads.
type withBody[B any] struct {
	ofUser
	Body B
}

// change is a change of a user of which there is no more to say. It returns the
// user as it is stored then.
type change = func(ctx context.Context, c provider.Call, id string, pre provider.Precondition) (model.View, error)

// showing makes a change and answers with the user.
func (a *API) showing(do change) rest.Operation {
	return rest.Handle(func(ctx context.Context, q *rest.Request, in ofUser) (FullUser, error) {
		_, err := do(ctx, q.Call, in.UserID, q.If)
		return a.shown(ctx, q, in.UserID, err)
	})
}

// shown answers a change of a user with what the user is now.
func (a *API) shown(ctx context.Context, q *rest.Request, id string, err error) (FullUser, error) {
	if err != nil {
		return FullUser{}, err
	}
	v, err := a.read(ctx, q, id, viewFull)
	return fullUser(v), err
}

// silent makes a change and answers without a body.
func silent(do change) rest.Operation {
	return rest.Handle(func(ctx context.Context, q *rest.Request, in ofUser) (rest.None, error) {
		return changed(q)(do(ctx, q.Call, in.UserID, q.If))
	})
}

// changed answers a change without a body, with the version that it left.
func changed(q *rest.Request) func(model.View, error) (rest.None, error) {
	return func(v model.View, err error) (rest.None, error) { return rest.None{}, tagged(q, v, err) }
}

// tagged tags the answer with the version of a user, unless there is an error,
// which it returns.
func tagged(q *rest.Request, v model.View, err error) error {
	if err == nil {
		q.Tag(versionOf(v))
	}
	return err
}

// read returns a user as a view needs it, and tags the answer.
func (a *API) read(ctx context.Context, q *rest.Request, id, view string) (model.View, error) {
	return a.readAttributes(ctx, q, id, attributesOf(view)...)
}

// readAttributes returns a user with these attributes, and tags the answer.
func (a *API) readAttributes(ctx context.Context, q *rest.Request, id string, attributes ...string) (model.View, error) {
	pr, err := provider.ParseProjection(a.Users.Type, q.Call.Profile, append(attributes, "meta"), nil)
	if err != nil {
		return model.View{}, err
	}
	v, err := a.Users.Get(ctx, q.Call, id, pr)
	return v, tagged(q, v, err)
}

// pathOf is the path of a user below Root.
func pathOf(id string) string { return "/users/" + id }
