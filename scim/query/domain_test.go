package query_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
)

// TestDomains: a resource, as a domain wants it, is stored with what the others
// have, and seen without.
func TestDomains(t *testing.T) {
	both := `{"externalId":"own","title":"x","externalIds":[{"domain":"hr","value":"1"},{"domain":"okta","value":"2"}]}`
	for _, row := range []struct{ domain, stored, seen, wanted, kept string }{
		{"", `{"externalId":"own"}`, `{"externalId":"own"}`, `{"externalId":"new"}`, `{"externalId":"new"}`},
		{"hr", `{"externalId":"own"}`, `{}`, `{"externalId":"1"}`, `{"externalId":"own","externalIds":[{"domain":"hr","value":"1"}]}`},
		{"hr", `{}`, `{}`, `{"externalId":"1"}`, `{"externalIds":[{"domain":"hr","value":"1"}]}`},
		{"hr", `{"title":"x"}`, `{"title":"x"}`, `{"title":"y"}`, `{"title":"y"}`},
		{"", both, `{"externalId":"own","title":"x"}`, `{"title":"x"}`, `{"title":"x","externalIds":[{"domain":"hr","value":"1"},{"domain":"okta","value":"2"}]}`},
		{"okta", both, `{"title":"x","externalId":"2"}`, `{}`, `{"externalId":"own","externalIds":[{"domain":"hr","value":"1"}]}`},
		{"hr", both, `{"title":"x","externalId":"1"}`, `{"externalId":"3"}`, `{"externalId":"own","externalIds":[{"domain":"hr","value":"3"},{"domain":"okta","value":"2"}]}`},
		{"crm", both, `{"title":"x"}`, `{"externalId":"4"}`, `{"externalId":"own","externalIds":[{"domain":"crm","value":"4"},{"domain":"hr","value":"1"},{"domain":"okta","value":"2"}]}`},
		{"HR", both, `{"title":"x"}`, `{}`, `{"externalId":"own","externalIds":[{"domain":"hr","value":"1"},{"domain":"okta","value":"2"}]}`},
		{"hr", `{"externalIds":[{"domain":"hr","value":"1"}]}`, `{"externalId":"1"}`, `{}`, `{}`},
	} {
		stored, wanted := parse(t, row.stored), parse(t, row.wanted)
		require.Equal(t, row.seen, query.InDomain(row.domain, stored).String(), "%+v", row)
		kept := query.FromDomain(row.domain, stored, wanted)
		require.True(t, parse(t, row.kept).Equal(kept), "%+v: %s", row, kept)
		require.True(t, stored.Equal(query.FromDomain(row.domain, stored, query.InDomain(row.domain, stored))), "%+v", row)
	}
}

func parse(t *testing.T, text string) scim.Value {
	v, err := scim.ParseJSON([]byte(text))
	require.NoError(t, err)
	return v
}

// TestDomainsCostNothing: a resource that no other domain knows has no entry in the
// index of domains.
func TestDomainsCostNothing(t *testing.T) {
	d := &storage.Document{Type: "User", ID: "1", Body: []byte(`{"id":"1","externalId":"own","userName":"bjensen"}`)}
	found := 0
	for _, x := range query.Indexes(schema.Core()) {
		if !strings.HasSuffix(x.Name, ":externalIds") {
			continue
		}
		found++
		require.True(t, x.Sparse)
		values, sort := x.Extract(d)
		require.Empty(t, values)
		require.Nil(t, sort)
	}
	require.Equal(t, len(schema.Core()), found)
}

// TestPlansInADomain: the external id of a domain is found as that of the account's
// own clients is, by one look into an index.
func TestPlansInADomain(t *testing.T) {
	ctx := context.Background()
	types := schema.Core()
	user := types[0]
	store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "x.db"), Indexes: query.Indexes(types), NoSync: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer store.Close()
	require.NoError(t, store.Ready(ctx))
	var batch storage.Batch
	for i := range 200 {
		id := storage.NewID()
		body := fmt.Sprintf(`{"id":"%s","externalId":"x%03d","externalIds":[{"domain":"h","value":"rx%03d"},{"domain":"hr","value":"x%03d"}]}`, id, i, i, 199-i)
		if i%2 == 0 {
			body = fmt.Sprintf(`{"id":"%s","externalId":"x%03d"}`, id, i)
		}
		batch.Puts = append(batch.Puts, storage.Put{Document: storage.Document{Type: "User", ID: id, Version: "v", Body: []byte(body)}})
	}
	_, err = store.Apply(ctx, "a", batch)
	require.NoError(t, err)
	for _, row := range []struct{ domain, filter, sort, want string }{
		{"hr", `externalId eq "x100"`, "", "index User:externalId eq in the domain (1)\norder creation"},
		{"hr", `externalId ne "x100"`, "", "not index User:externalId eq in the domain (1)\norder creation"},
		{"hr", `externalId sw "x10"`, "", "index User:externalId sw in the domain (5)\norder creation"},
		{"hr", `externalId pr`, "", "index User:externalId pr in the domain (100)\norder creation"},
		{"h", `externalId eq "x100"`, "", "index User:externalId eq in the domain (0)\norder creation"},
		{"crm", `externalId pr`, "", "index User:externalId pr in the domain (0)\norder creation"},
		{"hr", `externalId co "00"`, "", "index User:externalId pr in the domain (100)\ncheck User:externalId co\norder creation"},
		{"hr", `externalId gt "x100"`, "", "index User:externalId pr in the domain (100)\ncheck User:externalId gt\norder creation"},
		{"hr", `externalId sw "x10"`, "externalId", "index User:externalId sw in the domain (5)\norder by reading a value of the document"},
		{"", `externalId eq "x100"`, "", "index User:externalId eq (1)\norder creation"},
		{"", ``, "externalId", "all User (200)\norder index User:externalId"},
	} {
		req := query.Request{StartIndex: 1, Count: 10, Domain: row.domain}
		if row.filter != "" {
			e, err := filter.Parse(row.filter, scim.DefaultLimits())
			require.NoError(t, err)
			req.Filter, err = filter.Bind(user, e, scim.DefaultProfile())
			require.NoError(t, err)
		}
		if row.sort != "" {
			req.SortBy, err = query.SortAttribute(user, row.sort, scim.DefaultProfile())
			require.NoError(t, err)
		}
		plan, err := store.Explain(ctx, "a", query.Compile(ctx, user, req, scim.DefaultLimits()))
		require.NoError(t, err)
		require.Equal(t, row.want, strings.TrimSpace(plan), "%+v", row)
	}
}
