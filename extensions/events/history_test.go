package events_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/audit"
	"roster/extensions/events"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// TestLifeOfAUser: every way in has its event, which outlives the user.
func TestLifeOfAUser(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		ann := s.create(s.user, `{"userName":"ann","name":{"givenName":"Ann"},"password":"t0p secret"}`)
		require.JSONEq(t, `[
			{"attribute":"userName","value":"ann"},
			{"attribute":"name.givenName","value":"Ann"},
			{"attribute":"urn:example:Account:status","value":"active"},
			{"attribute":"password"}]`, s.last(ann))
		bob := s.create(s.user, `{"userName":"bob"}`)

		s.patch(s.user, ann, `[{"op":"replace","path":"title","value":"Dr <&>"},{"op":"remove","path":"name.givenName"}]`)
		require.JSONEq(t, `[{"attribute":"name.givenName","unassigned":true},{"attribute":"title","value":"Dr <&>"}]`, s.last(ann))
		s.replace(s.user, ann, `{"userName":"ann","emails":[{"value":"ann@example.com","type":"work"}]}`)
		require.JSONEq(t, `[{"attribute":"title","unassigned":true},
			{"attribute":"emails","added":[{"value":"ann@example.com","type":"work"}]}]`, s.last(ann))

		s.patch(s.user, ann, `[{"op":"replace","path":"active","value":false}]`)
		s.patch(s.user, ann, `[{"op":"replace","path":"active","value":true}]`)
		s.patch(s.user, ann, `[{"op":"add","path":"urn:example:Account:locked","value":true}]`)
		require.JSONEq(t, `[{"attribute":"urn:example:Account:status","value":"locked"},{"attribute":"urn:example:Account:locked","value":true}]`, s.last(ann))
		s.patch(s.user, ann, `[{"op":"replace","path":"urn:example:Account:locked","value":false}]`)

		require.NoError(t, s.Delete(context.Background(), s.call, s.user, ann, nil))
		require.JSONEq(t, `[{"attribute":"urn:example:Account:status","value":"removed"}]`, s.last(ann))
		s.edit(ann, provider.Edit{Way: provider.Restore, Compute: same})
		require.JSONEq(t, `[{"attribute":"urn:example:Account:status","value":"active"}]`, s.last(ann))
		require.NoError(t, s.Delete(context.Background(), s.call, s.user, ann, nil))
		s.edit(ann, provider.Edit{Way: provider.Purge})
		require.Equal(t, "[]", s.last(ann))

		require.Equal(t, []string{
			"user.created", "user.changed", "user.changed", "user.deactivated", "user.reactivated", "user.locked", "user.unlocked",
			"user.removed", "user.restored", "user.removed", "user.purged",
		}, typesOf(s.history(ann)))
		require.Equal(t, []string{"user.created"}, typesOf(s.history(bob)))
		require.Len(t, s.history(""), 12)
	})
}

func same(_ context.Context, _ storage.Snapshot, _ *storage.Document, before scim.Resource) (scim.Resource, provider.Along, error) {
	return before, provider.Along{}, nil
}

// TestWhoAndWhen: an event tells of the request, in the form of the account API.
func TestWhoAndWhen(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.create(s.group, `{"displayName":"Staff"}`)
		require.JSONEq(t, fmt.Sprintf(`[{
			"sequence": 1, "type": "group.created", "at": "2024-02-29T12:00:00.123Z", "accountId": "acme", "subject": %q,
			"actor": {"id": "token-1", "name": "Okta", "user": "robot-1", "method": "pat"}, "address": "192.0.2.7", "correlationId": "request-1", "source": "scim",
			"changes": [{"attribute": "displayName", "value": "Staff"}]}]`, id), asJSON(t, s.history("")))
	})
}

// TestAudit: the reader of audits finds in an event what the rule wrote.
func TestAudit(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.create(s.group, `{"displayName":"Staff"}`)
		page, err := audit.Log{Store: s.Store}.Read(t.Context(), audit.Query{Account: "acme"})
		require.NoError(t, err)
		require.Len(t, page.Records, 1)
		r := page.Records[0]
		require.Equal(t, id, r.Subject)
		require.Equal(t, audit.Actor{ID: "token-1", Name: "Okta", User: "robot-1", Method: "pat"}, r.Data.Actor)
		require.Equal(t, []string{"192.0.2.7", "request-1", "scim"}, []string{r.Data.Address, r.Data.CorrelationID, r.Data.Source})
		require.JSONEq(t, `[{"attribute":"displayName","value":"Staff"}]`, string(r.Data.Changes))
	})
}

// TestNothingChanged: what changes nothing writes no event.
func TestNothingChanged(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		ann := s.create(s.user, `{"userName":"ann","active":true,"emails":[{"value":"a@x","type":"work"}]}`)
		staff := s.create(s.group, fmt.Sprintf(`{"displayName":"Staff","members":[{"value":%q}]}`, ann))
		before := s.history("")
		s.patch(s.user, ann, `[{"op":"replace","path":"active","value":true},{"op":"add","path":"emails","value":[{"value":"a@x","type":"work"}]}]`)
		s.replace(s.user, ann, `{"userName":"ann","emails":[{"type":"work","value":"a@x"}],"active":true}`)
		s.patch(s.group, staff, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":%q}]}]`, ann))
		s.replace(s.group, staff, fmt.Sprintf(`{"displayName":"Staff","members":[{"value":%q}]}`, ann))
		s.edit(ann, provider.Edit{Way: provider.Modify, Action: "user.touched", Compute: same})
		require.Error(t, s.tryPatch(s.user, ann, `[{"op":"remove","path":"userName"}]`))
		require.Equal(t, before, s.history(""))
	})
}

func TestMembers(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		ann, bob := s.create(s.user, `{"userName":"ann"}`), s.create(s.user, `{"userName":"bob"}`)
		staff := s.create(s.group, fmt.Sprintf(`{"displayName":"Staff","members":[{"value":%q}]}`, ann))
		require.JSONEq(t, fmt.Sprintf(`[{"attribute":"displayName","value":"Staff"},{"attribute":"members","added":[{"value":%q}]}]`, ann), s.last(staff))
		s.patch(s.group, staff, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":%q},{"value":%q}]}]`, ann, bob))
		require.JSONEq(t, fmt.Sprintf(`[{"attribute":"members","added":[{"value":%q}]}]`, bob), s.last(staff))
		s.patch(s.group, staff, fmt.Sprintf(`[{"op":"remove","path":"members[value eq \"%s\"]"}]`, ann))
		require.JSONEq(t, fmt.Sprintf(`[{"attribute":"members","removed":[{"value":%q}]}]`, ann), s.last(staff))
		s.patch(s.group, staff, fmt.Sprintf(`[{"op":"replace","path":"members","value":[{"value":%q}]},{"op":"replace","path":"displayName","value":"Crew"}]`, ann))
		require.JSONEq(t, fmt.Sprintf(`[{"attribute":"displayName","value":"Crew"},{"attribute":"members","added":[{"value":%q}],"removed":[{"value":%q}]}]`, ann, bob), s.last(staff))
		s.replace(s.group, staff, fmt.Sprintf(`{"displayName":"Crew","members":[{"value":%q,"display":"Annie"}]}`, ann))
		require.JSONEq(t, `[{"attribute":"members"}]`, s.last(staff), "the same member under another name")
		require.Len(t, s.history(staff), 5)
		require.Len(t, s.history(ann), 1, "a user does not change with groups")
	})
}

// TestSideRecords: what is kept beside a user is named, and nothing of it told.
func TestSideRecords(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		ann := s.create(s.user, `{"userName":"ann","urn:example:Account":{"metadata":[{"key":"colour","value":"mauve"}]}}`)
		require.JSONEq(t, `[{"attribute":"userName","value":"ann"},{"attribute":"urn:example:Account:status","value":"active"},
			{"attribute":"urn:example:Account:metadata","added":[{"key":"colour"}]},
			{"attribute":"urn:example:Account:metadata[key eq \"colour\"]"}]`, s.last(ann))
		s.patch(s.user, ann, `[{"op":"replace","path":"urn:example:Account:metadata[key eq \"colour\"].value","value":"puce"}]`)
		require.JSONEq(t, `[{"attribute":"urn:example:Account:metadata[key eq \"colour\"]"}]`, s.last(ann))
		s.patch(s.user, ann, `[{"op":"replace","path":"password","value":"t0p secret"}]`)
		require.JSONEq(t, `[{"attribute":"password"}]`, s.last(ann))
		require.Equal(t, []string{"user.created", "user.changed", "user.changed"}, typesOf(s.history(ann)))
		for _, secret := range []string{"mauve", "puce", "t0p secret", "hash"} {
			require.NotContains(t, asJSON(t, s.history("")), secret)
		}
	})
}

// TestEditCarriesSomething: an edit that leaves the user as it is, but has
// something with it, is an event by its own name.
func TestEditCarriesSomething(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		ann := s.create(s.user, `{"userName":"ann"}`)
		s.edit(ann, provider.Edit{Way: provider.Modify, Action: "user.verificationSent", Compute: func(_ context.Context, _ storage.Snapshot, _ *storage.Document, before scim.Resource) (scim.Resource, provider.Along, error) {
			return before, provider.Along{Enqueue: []storage.Message{{Queue: "mail", ID: "1", Due: noon}}}, nil
		}})
		s.edit(ann, provider.Edit{Way: provider.Modify, Action: "user.locked", Compute: func(_ context.Context, _ storage.Snapshot, _ *storage.Document, before scim.Resource) (scim.Resource, provider.Along, error) {
			return before.With("active", scim.BoolValue(false)), provider.Along{}, nil
		}})
		history := s.history(ann)
		require.Equal(t, []string{"user.created", "user.verificationSent", "user.locked"}, typesOf(history))
		require.Empty(t, history[1].Changes)
		require.Len(t, history[2].Changes, 2)
	})
}

// TestBulk: each operation that is done has its event, also those that are one
// batch, and one that fails has none.
func TestBulk(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		_, err := s.Bulk(context.Background(), s.call, value(t, `{"schemas":["`+scim.MessageBulkRequest+`"],"Operations":[
			{"method":"POST","path":"/Users","bulkId":"u","data":{"userName":"ann"}},
			{"method":"POST","path":"/Users","bulkId":"v","data":{"userName":"ann"}},
			{"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"G","members":[{"value":"bulkId:h"},{"value":"bulkId:u"}]}},
			{"method":"POST","path":"/Groups","bulkId":"h","data":{"displayName":"H","members":[{"value":"bulkId:g"}]}},
			{"method":"PATCH","path":"/Users/bulkId:u","data":{"Operations":[{"op":"replace","path":"active","value":false}]}},
			{"method":"PATCH","path":"/Users/bulkId:u","data":{"Operations":[{"op":"replace","path":"active","value":false}]}},
			{"method":"DELETE","path":"/Groups/bulkId:h"},
			{"method":"DELETE","path":"/Users/nobody"}]}`))
		require.NoError(t, err)
		history := s.history("")
		names := typesOf(history)
		require.Equal(t, []string{"user.created", "group.created", "group.created", "user.deactivated", "group.removed"}, names)
		require.NotEqual(t, history[1].Subject, history[2].Subject)
		require.Equal(t, history[0].Subject, history[3].Subject)
		for i, e := range history {
			require.EqualValues(t, i+1, e.Sequence)
			require.Equal(t, "request-1", e.CorrelationID)
		}
	})
}

// TestConcurrentWriters: sequences are dense, and however often writers start
// again, a change has one event.
func TestConcurrentWriters(t *testing.T) {
	const writers, each = 8, 10
	onEachEngine(t, func(t *testing.T, s *server) {
		ann := s.create(s.user, `{"userName":"ann"}`)
		staff := s.create(s.group, `{"displayName":"Staff"}`)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					if err := s.tryPatch(s.user, ann, fmt.Sprintf(`[{"op":"replace","path":"title","value":"%d.%d"}]`, w, i)); err != nil {
						t.Error(err)
					}
					if err := s.tryPatch(s.group, staff, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":%q}]}]`, ann)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		require.Equal(t, []string{"group.created", "group.changed"}, typesOf(s.history(staff)), "one became a member, once")
		seen := map[string]bool{}
		for _, e := range s.history(ann) {
			seen[asJSON(t, e.Changes)] = true
		}
		require.Len(t, s.history(ann), 1+writers*each)
		require.Len(t, seen, 1+writers*each)
		all := s.history("")
		require.Len(t, all, 3+writers*each)
		for i, e := range all {
			require.EqualValues(t, i+1, e.Sequence)
		}
	})
}

func TestAccountsAreApart(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		ann := s.create(s.user, `{"userName":"ann"}`)
		for _, subject := range []string{ann, ""} {
			page, err := s.Log.Read(t.Context(), "other", events.Query{Subject: subject})
			require.NoError(t, err)
			require.Equal(t, events.Page{Events: []events.Event{}}, page)
		}
	})
}
