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

// TestPlans asserts how the embedded engine answers each shape of SCIM query on
// 200 users, so that a filter that clients send all the time cannot silently
// become a scan.
func TestPlans(t *testing.T) {
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
		created, _ := storage.IDTime(id)
		body := fmt.Sprintf(`{"schemas":["%s"],"id":"%s","userName":"user%03d","active":%t,"title":"x","emails":[{"value":"u%d@x","type":"work"}]}`, scim.SchemaUser, id, i, i%2 == 0, i)
		batch.Puts = append(batch.Puts, storage.Put{Document: storage.Document{Type: "User", ID: id, Version: "v", Created: created, Modified: created, Body: []byte(body)}})
	}
	_, err = store.Apply(ctx, "a", batch)
	require.NoError(t, err)
	for _, row := range []struct{ filter, sort, want string }{
		{`userName eq "USER007"`, "", `index User:userName eq (1)
order creation`},
		{`userName sw "user00"`, "", `index User:userName sw (10)
order creation`},
		{`userName co "07"`, "", `index User:userName co (12)
order creation`},
		{`userName ew "7"`, "", `index User:userName ew (20)
order creation`},
		{`userName ne "user007"`, "", `not index User:userName eq (1)
order creation`},
		{`userName gt "user100" and userName le "user110"`, "", `index User:userName gt and User:userName le (10)
order creation`},
		{`meta.created ge "2020-01-01T00:00:00Z" and meta.created lt "2020-01-02T00:00:00Z"`, "", `index User:id range for meta.created ge and User:id range for meta.created lt (0)
order creation`},
		{`active eq true`, "", `index User:active eq (100)
order creation`},
		{`not (active eq true)`, "", `not index User:active eq (100)
order creation`},
		{`title eq "x"`, "", `check User:title eq
order creation`},
		{`userName eq "user007" and title eq "x"`, "", `index User:userName eq (1)
check User:title eq
order creation`},
		{`active eq true and userName sw "user01"`, "", `index User:userName sw (10)
index User:active eq (100)
order creation`},
		{`userName eq "user007" or emails.value eq "u8@x"`, "", `or
  index User:userName eq (1)
  index User:emails.value eq (1)
order creation`},
		{`userName eq "user007" or title eq "y"`, "", `or
  index User:userName eq (1)
  check User:title eq
order creation`},
		{`emails[type eq "work"].value eq "u7@x"`, "", `index User:emails.value eq (1)
check User:emails[…]
order creation`},
		{`emails[type eq "work" and value sw "u1"]`, "", `index User:emails.value sw (111)
check User:emails[…]
order creation`},
		{`emails pr`, "", `check User:emails pr
order creation`},
		{`externalId pr`, "", `index User:externalId pr (0)
order creation`},
		{`not (externalId pr)`, "", `not index User:externalId pr (0)
order creation`},
		{`id eq "x"`, "", `index User:id eq (0)
order creation`},
		{`meta.created gt "2020-01-01T00:00:00Z"`, "", `index User:id range for meta.created gt (200)
order creation`},
		{`meta.lastModified gt "2020-01-01T00:00:00Z" and active eq true`, "", `index User:meta.lastModified gt (200)
index User:active eq (100)
order creation`},
		{`groups.value eq "g"`, "", `closure User:groups.value eq (0)
order creation`},
		{`groups[value eq "g" and type eq "direct"]`, "", `closure User:groups[…] (0)
skip User:groups[…]
order creation`},
		{`groups pr`, "", `edges User:groups pr (0)
order creation`},
		{`manager.value eq "m"`, "", `index User:urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq (0)
order creation`},
		{`externalId eq null`, "", `not index User:externalId pr (0)
order creation`},
		{``, "userName", `all User (200)
order index User:userName`},
		{``, "meta.created", `all User (200)
order index id`},
		{`active eq true`, "userName", `index User:active eq (100)
order index User:userName`},
		{`active eq true`, "title", `index User:active eq (100)
order by reading a value of the document`},
		{``, "", `all User (200)
order creation`},
	} {
		req := query.Request{StartIndex: 1, Count: 10}
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
		require.Equal(t, row.want, strings.TrimSpace(plan), "%s sorted by %q", row.filter, row.sort)
	}
}
