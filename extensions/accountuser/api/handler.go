package api

import (
	"context"

	"roster/extensions/accountuser/model"
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
func (a *API) showing(do change) operation {
	return handle(func(ctx context.Context, q *Request, in ofUser) (FullUser, error) {
		_, err := do(ctx, q.Call, in.UserID, q.If)
		return a.shown(ctx, q, in.UserID, err)
	})
}

// shown answers a change of a user with what the user is now.
func (a *API) shown(ctx context.Context, q *Request, id string, err error) (FullUser, error) {
	if err != nil {
		return FullUser{}, err
	}
	v, err := a.read(ctx, q, id, viewFull)
	return fullUser(v), err
}

// silent makes a change and answers without a body.
func silent(do change) operation {
	return handle(func(ctx context.Context, q *Request, in ofUser) (None, error) {
		return q.changed(do(ctx, q.Call, in.UserID, q.If))
	})
}

// changed answers a change without a body, with the version that it left.
func (q *Request) changed(v model.View, err error) (None, error) { return None{}, q.tagged(v, err) }

// tagged tags the answer with the version of a user, unless there is an error,
// which it returns.
func (q *Request) tagged(v model.View, err error) error {
	if err == nil {
		q.tag(versionOf(v))
	}
	return err
}

// read returns a user as a view needs it, and tags the answer.
func (a *API) read(ctx context.Context, q *Request, id, view string) (model.View, error) {
	return a.readAttributes(ctx, q, id, attributesOf(view)...)
}

// readAttributes returns a user with these attributes, and tags the answer.
func (a *API) readAttributes(ctx context.Context, q *Request, id string, attributes ...string) (model.View, error) {
	pr, err := provider.ParseProjection(a.Users.Type, q.Call.Profile, append(attributes, "meta"), nil)
	if err != nil {
		return model.View{}, err
	}
	v, err := a.Users.Get(ctx, q.Call, id, pr)
	return v, q.tagged(v, err)
}

// locationOf is the path of a user.
func locationOf(id string) string { return Root + "/users/" + id }
