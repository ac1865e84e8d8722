package provider_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/memory"
)

// firstSees is a rule that counts users, and notes what each of them sees of its
// manager.
type firstSees struct{ seen map[string]string }

const enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

func (firstSees) Derive(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	c.After = c.After.With("nickName", scim.StringValue("derived"))
	return nil
}

func (r firstSees) Check(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	manager := c.After.Get(enterpriseURN).Get("manager").Get("value").Text()
	found, err := s.GetMany(ctx, []string{"nobody", manager})
	if err != nil {
		return err
	}
	for _, d := range found {
		one, err := s.Get(ctx, d.ID)
		if err != nil {
			return err
		}
		r.seen[c.After.Get("userName").Text()] = query.Resource(one).Get("userName").Text() + " " + query.Resource(d).Get("nickName").Text() +
			" " + query.InDomain(c.Call.Domain, query.Resource(d)).Get("externalId").Text()
	}
	n, err := s.Counter(ctx, "users")
	if n >= 2 {
		return scim.Errorf(409, "", "there are enough users")
	}
	c.Counters = append(c.Counters, storage.CounterStep{Name: "users", Delta: 1})
	c.Guards = append(c.Guards, storage.CounterWithin{Name: "users", Max: 2})
	return err
}

// TestRulesSeeCreationsTogether: what is created in a circle sees the others, those
// before it as they will be stored, and counts with them. All have the external ids
// of the caller's domain as documents keep them.
func TestRulesSeeCreationsTogether(t *testing.T) {
	rule := firstSees{map[string]string{}}
	p, err := provider.New(provider.Config{Store: memory.New(query.Indexes(schema.Core())), Types: schema.Core(), Hasher: reverse{}, Rules: []provider.Rule{rule}})
	require.NoError(t, err)
	call := provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Domain: "hr"}
	post := func(name, manager string) string {
		return `{"method": "POST", "path": "/Users", "bulkId": "` + name + `", "data": {"userName": "` + name + `", "externalId": "of ` + name + `", "` + enterpriseURN + `": {"manager": {"value": "bulkId:` + manager + `"}}}}`
	}
	statuses := func(operations string) (list []string) {
		answer, err := p.Bulk(context.Background(), call, value(t, `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [`+operations+`]}`))
		require.NoError(t, err)
		for _, op := range answer.Get("Operations").Elements() {
			list = append(list, op.Get("status").Text())
		}
		return list
	}
	require.Equal(t, []string{"409", "409", "409"}, statuses(post("x", "y")+","+post("y", "z")+","+post("z", "x")))
	clear(rule.seen)
	require.Equal(t, []string{"201", "201"}, statuses(post("ann", "bob")+","+post("bob", "ann")))
	require.Contains(t, []map[string]string{
		{"ann": "bob  of bob", "bob": "ann derived of ann"},
		{"bob": "ann  of ann", "ann": "bob derived of bob"},
	}, rule.seen)
}
