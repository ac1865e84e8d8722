package events_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"roster/extensions/events"
	"roster/scim"
	"roster/scim/schema"
)

func TestDiff(t *testing.T) {
	user := types(t)[0]
	long := strings.Repeat("x", 1023) // with its quotes one byte too much
	for _, tt := range []struct{ name, before, after, want string }{
		{"nothing", `{"userName":"a"}`, `{"userName":"a"}`, `[]`},
		{"no value is as good as an empty one", `{"emails":[]}`, `{"name":{}}`, `[]`},
		{"a value is set", `{}`, `{"title":"Dr"}`, `[{"attribute":"title","value":"Dr"}]`},
		{"a value is replaced", `{"title":"Dr"}`, `{"title":"Mr"}`, `[{"attribute":"title","value":"Mr"}]`},
		{"a value goes", `{"title":"Dr"}`, `{}`, `[{"attribute":"title","unassigned":true}]`},
		{"false is a value", `{"active":true}`, `{"active":false}`, `[{"attribute":"active","value":false}]`},
		{"a creation", `null`, `{"userName":"a","active":true}`, `[{"attribute":"userName","value":"a"},{"attribute":"active","value":true}]`},
		{"sub-attributes", `{"name":{"givenName":"A","familyName":"B"}}`, `{"name":{"familyName":"C"}}`,
			`[{"attribute":"name.familyName","value":"C"},{"attribute":"name.givenName","unassigned":true}]`},
		{"an extension", `{}`, `{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"m"}}}`,
			`[{"attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"D"},
			  {"attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value","value":"m"}]`},
		{"an extension goes", `{"urn:example:Account":{"locked":true}}`, `{}`, `[{"attribute":"urn:example:Account:locked","unassigned":true}]`},
		{"elements", `{"emails":[{"value":"a"},{"value":"b"}]}`, `{"emails":[{"value":"b"},{"value":"c"}]}`,
			`[{"attribute":"emails","added":[{"value":"c"}],"removed":[{"value":"a"}]}]`},
		{"an element is altered", `{"emails":[{"value":"a","type":"home"}]}`, `{"emails":[{"type":"work","value":"a"}]}`,
			`[{"attribute":"emails","added":[{"value":"a","type":"work"}],"removed":[{"value":"a","type":"home"}]}]`},
		{"members of an element in another order", `{"emails":[{"value":"a","type":"home"}]}`, `{"emails":[{"type":"home","value":"a"},{"value":"b"}]}`,
			`[{"attribute":"emails","added":[{"value":"b"}]}]`},
		{"all elements go", `{"urn:example:Account":{"labels":["a","b"]}}`, `{}`, `[{"attribute":"urn:example:Account:labels","removed":["a","b"]}]`},
		{"the same element twice", `{"urn:example:Account":{"labels":["a","a","b"]}}`, `{"urn:example:Account":{"labels":["a","b","b"]}}`,
			`[{"attribute":"urn:example:Account:labels","added":["b"],"removed":["a"]}]`},
		{"only the order", `{"urn:example:Account":{"labels":["a","b"]}}`, `{"urn:example:Account":{"labels":["b","a"]}}`, `[{"attribute":"urn:example:Account:labels"}]`},

		{"what follows from the rest", `{"id":"1","schemas":["a"],"meta":{"version":"1"}}`, `{"id":"2","schemas":["b"],"meta":{"version":"2"}}`, `[]`},
		{"edges are told otherwise", `{"groups":[{"value":"g"}]}`, `{}`, `[]`},

		{"a secret", `{}`, `{"password":"p"}`, `[{"attribute":"password"}]`},
		{"what is never returned", `{"urn:example:Account":{"hint":"a"}}`, `{"urn:example:Account":{"hint":"b"}}`, `[{"attribute":"urn:example:Account:hint"}]`},
		{"a secret goes", `{"urn:example:Account":{"hint":"a"}}`, `{}`, `[{"attribute":"urn:example:Account:hint"}]`},
		{"a secret part", `{}`, `{"urn:example:Account":{"machine":{"description":"d","key":"k"}}}`,
			`[{"attribute":"urn:example:Account:machine.description","value":"d"},{"attribute":"urn:example:Account:machine.key"}]`},
		{"a secret part of an element", `{}`, `{"urn:example:Account":{"cards":[{"value":"1","pin":"1234"}]}}`,
			`[{"attribute":"urn:example:Account:cards","added":[{"value":"1"}]}]`},
		{"only the secret part", `{"urn:example:Account":{"cards":[{"value":"1","pin":"1234"}]}}`, `{"urn:example:Account":{"cards":[{"value":"1","pin":"4321"}]}}`,
			`[{"attribute":"urn:example:Account:cards"}]`},
		{"what the schema does not know", `{"emails":[{"value":"a","x":1}]}`, `{"emails":[{"value":"a","x":2}],"y":3}`, `[{"attribute":"emails"}]`},
		{"by name only", `{}`, `{"nickName":"n","name":{"middleName":"m","familyName":"f"}}`, `[{"attribute":"name.familyName","value":"f"},{"attribute":"name.middleName"},{"attribute":"nickName"}]`},
		{"parts by name only", `{"urn:example:Account":{"cards":[{"value":"1","holder":"A"}]}}`, `{"urn:example:Account":{"cards":[{"value":"2","holder":"A"}]}}`,
			`[{"attribute":"urn:example:Account:cards","added":[{"value":"2"}],"removed":[{"value":"1"}]}]`},

		{"as large as it may be", `{}`, `{"title":"` + long[1:] + `"}`, `[{"attribute":"title","value":"` + long[1:] + `"}]`},
		{"too large", `{}`, `{"title":"` + long + `","displayName":"d"}`, `[{"attribute":"displayName","value":"d"},{"attribute":"title"}]`},
		{"a large one goes", `{"title":"` + long + `"}`, `{}`, `[{"attribute":"title","unassigned":true}]`},
		{"a large element", `{}`, `{"urn:example:Account":{"labels":["a","` + long + `"]}}`, `[{"attribute":"urn:example:Account:labels"}]`},
		{"a large element that stays", `{"urn:example:Account":{"labels":["` + long + `"]}}`, `{"urn:example:Account":{"labels":["` + long + `","a"]}}`,
			`[{"attribute":"urn:example:Account:labels","added":["a"]}]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := events.Diff(user, value(t, tt.before), value(t, tt.after), "nickName", "name.middleName", urn+":cards.holder")
			want := []events.Change{}
			require.NoError(t, json.Unmarshal([]byte(tt.want), &want))
			require.Equal(t, want, append([]events.Change{}, got...))
		})
	}
}

// TestDiffLeadsFromBeforeToAfter: the changes, applied to the state before, give
// the state after, except for the order of elements; also as JSON, as they are kept.
func TestDiffLeadsFromBeforeToAfter(t *testing.T) {
	user := types(t)[0]
	rapid.Check(t, func(t *rapid.T) {
		before, after := anyUser.Draw(t, "before"), anyUser.Draw(t, "after")
		var changes []events.Change
		text, err := json.Marshal(events.Diff(user, before, after))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &changes))
		got := before
		for _, c := range changes {
			got = applied(user, got, c)
		}
		require.Equal(t, string(plain(after).AppendJSON(nil)), string(plain(got).AppendJSON(nil)))
		require.Empty(t, events.Diff(user, after, after))
	})
}

// anyUser draws from few values, so that two users have much in common.
var anyUser = rapid.Custom(func(t *rapid.T) scim.Value {
	word := func(label string) scim.Value {
		return scim.StringValue(rapid.SampledFrom([]string{"a", "b", "é<>&\"\u2028", "\x00"}).Draw(t, label))
	}
	r := scim.ObjectValue()
	for _, name := range []string{"userName", "title"} {
		if rapid.Bool().Draw(t, "has "+name) {
			r = r.With(name, word(name))
		}
	}
	if rapid.Bool().Draw(t, "has active") {
		r = r.With("active", scim.BoolValue(rapid.Bool().Draw(t, "active")))
	}
	if rapid.Bool().Draw(t, "has name") {
		r = r.With("name", scim.ObjectValue().With("givenName", word("givenName")))
	}
	if rapid.Bool().Draw(t, "has emails") {
		list := scim.ArrayValue()
		for range rapid.IntRange(0, 4).Draw(t, "emails") {
			e := scim.ObjectValue().With("value", word("value"))
			if rapid.Bool().Draw(t, "has type") {
				e = scim.ObjectValue().With("type", word("type")).With("value", e.Get("value"))
			}
			list = list.Append(e)
		}
		r = r.With("emails", list)
	}
	if rapid.Bool().Draw(t, "is extended") {
		labels := scim.ArrayValue()
		for range rapid.IntRange(0, 4).Draw(t, "labels") {
			labels = labels.Append(word("label"))
		}
		r = r.With(urn, scim.ObjectValue().With("labels", labels).With("status", word("status")))
	}
	return r
})

// applied does a change to a resource.
func applied(rt *schema.ResourceType, r scim.Value, c events.Change) scim.Value {
	at := slices.IndexFunc(rt.All, func(a *schema.Attribute) bool { return a.Path() == c.Attribute })
	return put(rt.All[at].Chain(), r, func(v scim.Value) scim.Value {
		switch {
		case c.Unassigned:
			return scim.Value{}
		case c.Value != nil:
			return parsed(c.Value)
		}
		var elements []scim.Value
		gone := slices.Clone(c.Removed)
		for _, e := range v.Elements() {
			at := slices.IndexFunc(gone, func(g json.RawMessage) bool { return parsed(g).Equal(e) })
			if at < 0 {
				elements = append(elements, e)
			} else {
				gone = slices.Delete(gone, at, at+1)
			}
		}
		for _, e := range c.Added {
			elements = append(elements, parsed(e))
		}
		return scim.ArrayValue(elements...)
	})
}

func put(chain []*schema.Attribute, r scim.Value, change func(scim.Value) scim.Value) scim.Value {
	if len(chain) == 0 {
		return change(r)
	}
	return r.With(chain[0].Name, put(chain[1:], r.Get(chain[0].Name), change))
}

func parsed(text []byte) scim.Value {
	v, err := scim.ParseJSON(text)
	if err != nil {
		panic(err)
	}
	return v
}

// plain is a value with members and elements in an order of their own, and
// without what is unassigned.
func plain(v scim.Value) scim.Value {
	var list []scim.Member
	for name, m := range v.Members() {
		if m = plain(m); !m.IsUnassigned() {
			list = append(list, scim.Member{Name: name, Value: m})
		}
	}
	for _, e := range v.Elements() {
		list = append(list, scim.Member{Value: plain(e)})
	}
	slices.SortFunc(list, func(a, b scim.Member) int {
		return strings.Compare(a.Name+string(a.Value.AppendJSON(nil)), b.Name+string(b.Value.AppendJSON(nil)))
	})
	switch v.Kind() {
	case scim.Object:
		return scim.ObjectValue(list...)
	case scim.Array:
		all := scim.ArrayValue()
		for _, m := range list {
			all = all.Append(m.Value)
		}
		return all
	}
	return v
}
