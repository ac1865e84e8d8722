package model_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
)

// TestSCIMWalksTheTable: what `active` and `locked` say leads through the same
// table, by PATCH and PUT, and what is so already changes nothing.
func TestSCIMWalksTheTable(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		for _, c := range []struct {
			from           model.Status
			initialised    bool
			active, locked string // as JSON, "" for not sent
			patched        string // status, or code of the refusal
			replaced       string
		}{
			{model.Invited, false, "true", "", "invited", "invited"},
			{model.Invited, false, "false", "", "inactive", "inactive"},
			{model.Invited, false, "", "true", "locked", "locked"},
			{model.Invited, false, "", "false", "invited", "invited"},
			{model.Active, true, "true", "false", "active", "active"},
			{model.Active, true, "false", "true", "inactive", "inactive"},
			{model.Active, true, "", "true", "locked", "locked"},
			{model.Locked, true, "true", "", "locked", "locked"},
			{model.Locked, true, "true", "true", "locked", "locked"},
			{model.Locked, true, "true", "false", "active", "active"},
			{model.Locked, false, "", "false", "invited", "invited"},
			{model.Locked, true, "false", "true", "inactive", "inactive"},
			{model.Inactive, true, "false", "", "inactive", "inactive"},
			{model.Inactive, true, "", "false", "inactive", "inactive"},
			{model.Inactive, true, "true", "", "active", "active"},
			{model.Inactive, false, "true", "", "invited", "invited"},
			{model.Inactive, true, "true", "true", "locked", "locked"},
			{model.Inactive, true, "", "true", "not_active", "inactive"},
			{model.Inactive, true, "false", "true", "not_active", "inactive"},
		} {
			name := fmt.Sprintf("%s initialised=%t active=%s locked=%s", c.from, c.initialised, c.active, c.locked)
			id := s.at(c.from, c.initialised)
			s.requireOutcome(id, c.from, s.patchStatus(id, c.active, c.locked), c.patched, "PATCH "+name)
			id = s.at(c.from, c.initialised)
			s.requireOutcome(id, c.from, s.putStatus(id, c.active, c.locked), c.replaced, "PUT "+name)
		}
	})
}

func (s *server) patchStatus(id, active, locked string) error {
	ops := `{"op":"add","path":"title","value":"x"}`
	if active != "" {
		ops += `,{"op":"replace","path":"active","value":` + active + `}`
	}
	if locked != "" {
		ops += `,{"op":"replace","path":"A:locked","value":` + locked + `}`
	}
	return s.patch(id, ops)
}

func (s *server) putStatus(id, active, locked string) error {
	v := s.view(id).WithCore("active", body(s.t, "null"))
	extension := v.Get(model.UserURN).With("locked", body(s.t, "null"))
	if active != "" {
		v = v.WithCore("active", body(s.t, "%s", active))
	}
	if locked != "" {
		extension = extension.With("locked", body(s.t, "%s", locked))
	}
	return s.put(id, "%s", v.WithCore(model.UserURN, extension).String())
}

// requireOutcome: the user has come to that status, or was refused with that code.
func (s *server) requireOutcome(id string, from model.Status, err error, want, name string) {
	s.t.Helper()
	if err != nil {
		require.Equal(s.t, want, model.CodeOf(err), "%s: %v", name, err)
		want = string(from)
	}
	require.Equal(s.t, want, string(s.view(id).Status()), name)
}

// TestTrap8 and TestTrap27: neither a write of what is so already nor a PUT of what
// was read bumps the version, and a PUT without them leaves `active` and `locked`.
func TestTrap8IdempotentWrites(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		for _, status := range []model.Status{model.Invited, model.Active, model.Inactive, model.Locked} {
			id := s.at(status, status != model.Invited)
			before := s.view(id)
			for _, change := range []func() error{
				func() error {
					return s.patch(id, `{"op":"replace","path":"active","value":%t}`, before.Get("active").Bool())
				},
				func() error {
					return s.patch(id, `{"op":"replace","path":"A:locked","value":%t}`, before.A("locked").Bool())
				},
				func() error { return s.patch(id, `{"op":"replace","value":%s}`, before.String()) },
				func() error { return s.put(id, "%s", before.String()) },
				func() error { return s.put(id, "%s", s.asked(id).String()) },
				func() error {
					return s.put(id, "%s", before.WithCore("active", body(t, "null")).WithCore(model.UserURN, body(t, "null")).String())
				},
				func() error { return s.bulk("PUT", "/Users/"+id, before.String()) },
			} {
				require.NoError(t, change())
				require.Equal(t, etag(before), etag(s.view(id)), "%s", status)
				require.True(t, before.Equal(s.view(id).Resource))
			}
			require.NoError(t, s.patch(id, `{"op":"remove","path":"active"}`))
			require.Equal(t, status, s.view(id).Status())
			require.True(t, s.view(id).Get("active").IsNull(), "what is removed is gone (RFC 7644 section 3.5.2.2)")
		}
		id := s.at(model.Active, true)
		_, err := s.Reactivate(s.ctx, s.api, id, nil)
		requireCode(t, err, 409, model.NotInactive)
	})
}

func TestTrap27PutWithoutActive(t *testing.T) {
	s := newServer(t)
	for _, status := range []model.Status{model.Invited, model.Active, model.Inactive, model.Locked} {
		id := s.at(status, status != model.Invited)
		name := s.view(id).Get("userName").Text()
		require.NoError(t, s.put(id, `{"userName":%q,"title":"changed"}`, name))
		require.Equal(t, status, s.view(id).Status())
		require.NoError(t, s.put(id, `{"userName":%q,"A":{"gender":"f"}}`, name))
		require.Equal(t, status, s.view(id).Status())
		require.Equal(t, "f", s.view(id).A("gender").Text())
		require.NoError(t, s.put(id, `{"userName":%q,"active":null,"A":{"locked":null,"gender":"m"}}`, name))
		require.Equal(t, status, s.view(id).Status())
	}
	id := s.at(model.Active, true)
	require.NoError(t, s.put(id, `{"userName":"x","active":false}`))
	require.Equal(t, model.Inactive, s.view(id).Status())
}

// TestUnlockByRemoval: who is not said to be locked after a PATCH that removes the
// lock is not locked.
func TestUnlockByRemoval(t *testing.T) {
	s := newServer(t)
	id := s.at(model.Locked, true)
	require.NoError(t, s.patch(id, `{"op":"remove","path":"A:locked"}`))
	require.Equal(t, model.Active, s.view(id).Status())
}
