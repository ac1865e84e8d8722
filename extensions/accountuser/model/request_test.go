package model_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// user is a body with that extension; A stands for its URN in paths, too.
func body(t testing.TB, format string, args ...any) scim.Value {
	v, err := scim.ParseJSON([]byte(expand(fmt.Sprintf(format, args...))))
	require.NoError(t, err)
	return v
}

// post makes a user over SCIM.
func (s *server) post(format string, args ...any) (model.View, error) {
	r, err := s.Provider.Create(s.ctx, s.scim, s.Type, body(s.t, format, args...), provider.Projection{})
	if err != nil {
		return model.View{}, err
	}
	return s.view(r.ID), nil
}

func (s *server) posted(format string, args ...any) model.View {
	s.t.Helper()
	v, err := s.post(format, args...)
	require.NoError(s.t, err)
	return v
}

func (s *server) put(id, format string, args ...any) error {
	_, err := s.Provider.Replace(s.ctx, s.scim, s.Type, id, body(s.t, format, args...), nil, provider.Projection{})
	return err
}

// patch applies operations, such as {"op":"replace","path":"active","value":false}.
func (s *server) patch(id, format string, args ...any) error {
	_, err := s.Provider.Patch(s.ctx, s.scim, s.Type, id, body(s.t, `{"Operations":[`+format+`]}`, args...), nil, provider.Projection{})
	return err
}

func (s *server) delete(id string) error { return s.Provider.Delete(s.ctx, s.scim, s.Type, id, nil) }

// bulk does one operation of a Bulk.
func (s *server) bulk(method, path, data string) error {
	response, err := s.Provider.Bulk(s.ctx, s.scim, body(s.t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
		"Operations":[{"method":%q,"path":%q,"bulkId":"1","data":%s}]}`, method, path, data))
	if err != nil {
		return err
	}
	op := response.Get("Operations").At(0)
	if e := op.Get("response"); e.Get("detail").Text() != "" {
		return fmt.Errorf("%s %s %s", op.Get("status").Text(), e.Get("scimType").Text(), e.Get("detail").Text())
	}
	return nil
}

// view reads a user with everything, null if there is none.
func (s *server) view(id string) model.View {
	v, err := s.Get(s.ctx, s.api, id, provider.Projection{})
	if isStatus(err, 404) {
		return model.View{}
	}
	require.NoError(s.t, err)
	return v
}

// asked reads a user with attributes that are returned on request.
func (s *server) asked(id string, attributes ...string) model.View {
	for i := range attributes {
		attributes[i] = expand(attributes[i])
	}
	pr, err := provider.ParseProjection(s.Type, s.api.Profile, attributes, nil)
	require.NoError(s.t, err)
	v, err := s.Get(s.ctx, s.api, id, pr)
	require.NoError(s.t, err)
	return v
}

// add makes a user by the companion API: Ada, unless the change says otherwise.
func (s *server) add(change func(*model.NewUser)) (model.View, error) {
	n := model.NewUser{UserPatch: model.UserPatch{
		Email: model.Say("ada@example.com"), GivenName: model.Say("Ada"), FamilyName: model.Say("Lovelace"),
	}}
	if change != nil {
		change(&n)
	}
	return s.Add(s.ctx, s.api, n)
}

func (s *server) added(change func(*model.NewUser)) model.View {
	s.t.Helper()
	v, err := s.add(change)
	require.NoError(s.t, err)
	return v
}

// ready makes a user who can log in.
func ready(n *model.NewUser) {
	n.Password, n.EmailVerified = "correct horse", model.Say(true)
}

// edit changes a user as other packages do.
func (s *server) edit(id string, do func(*model.Draft)) model.View {
	v, err := s.Edit(s.ctx, s.api, id, "", nil, func(_ context.Context, d *model.Draft) error { do(d); return nil })
	require.NoError(s.t, err)
	return v
}

// sides lists the side records of a document.
func (s *server) sides(id string) (names []string) {
	require.NoError(s.t, s.Store.View(s.ctx, "a", func(snapshot storage.Snapshot) (err error) {
		names, err = snapshot.Sides(s.ctx, id, "", "", 0)
		return err
	}))
	return names
}

func (s *server) counter(name string) (n int64) {
	require.NoError(s.t, s.Store.View(s.ctx, "a", func(snapshot storage.Snapshot) (err error) {
		n, err = snapshot.Counter(s.ctx, name)
		return err
	}))
	return n
}

func (s *server) fail(id string, n int64) {
	s.edit(id, func(d *model.Draft) {
		d.Counters = append(d.Counters, storage.CounterStep{Name: model.FailuresCounter(id), Delta: n})
	})
}

func etag(v model.View) string { return v.Get("meta").Get("version").Text() }

func isStatus(err error, status int) bool {
	var e *scim.Error
	return errors.As(err, &e) && e.Status == status
}

// requireCode: the change is refused with that status and code; a *scim.Error has
// its type for a code.
func requireCode(t testing.TB, err error, status int, code string) {
	t.Helper()
	var e *scim.Error
	require.ErrorAs(t, err, &e)
	have := model.CodeOf(err)
	if have == "" {
		have = string(e.Type)
	}
	require.Equal(t, fmt.Sprint(status, " ", code), fmt.Sprint(e.Status, " ", have), e.Detail)
}

// expand writes the URN of the extension for "A:" and "A" as a name.
func expand(text string) string {
	return replacer.Replace(text)
}

var replacer = strings.NewReplacer(`"A":`, `"`+model.UserURN+`":`, `"A:`, `"`+model.UserURN+`:`, `A:`, model.UserURN+`:`)
