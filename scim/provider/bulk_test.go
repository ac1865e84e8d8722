package provider_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

func (f *fixture) bulk(failOnErrors int, ops ...string) []scim.Value {
	body := fmt.Sprintf(`{"schemas":["%s"],"failOnErrors":%d,"Operations":[%s]}`, scim.MessageBulkRequest, failOnErrors, strings.Join(ops, ","))
	response, err := f.Bulk(context.Background(), f.call, value(f.t, body))
	require.NoError(f.t, err)
	require.True(f.t, response.Get("schemas").HoldsText(scim.MessageBulkResponse))
	var results []scim.Value
	for _, r := range response.Get("Operations").Elements() {
		require.Equal(f.t, scim.String, r.Get("status").Kind())
		results = append(results, r)
	}
	return results
}

func statuses(results []scim.Value) string {
	var all []string
	for _, r := range results {
		all = append(all, r.Get("status").Text())
	}
	return strings.Join(all, " ")
}

func idOf(result scim.Value) string {
	parts := strings.Split(result.Get("location").Text(), "/")
	return parts[len(parts)-1]
}

const (
	postUser  = `{"method":"POST","path":"/Users","bulkId":"%s","data":{"userName":"%[1]s"}}`
	postGroup = `{"method":"POST","path":"/Groups","bulkId":"%s","data":{"displayName":"%[1]s","members":[{"value":"bulkId:%s"}]}}`
)

func TestBulkReferences(t *testing.T) {
	for _, row := range []struct {
		name string
		ops  []string
	}{
		{"backward", []string{fmt.Sprintf(postUser, "u"), fmt.Sprintf(postGroup, "g", "u")}},
		{"forward", []string{fmt.Sprintf(postGroup, "g", "u"), fmt.Sprintf(postUser, "u")}},
		{"in a circle", []string{fmt.Sprintf(postGroup, "g", "h"), fmt.Sprintf(postGroup, "h", "g")}},
		{"to itself", []string{fmt.Sprintf(postGroup, "g", "g")}},
		{"a circle that leads on", []string{fmt.Sprintf(postGroup, "g", "h"), `{"method":"POST","path":"/Groups","bulkId":"h","data":{"displayName":"h","members":[{"value":"bulkId:g"},{"value":"bulkId:u"}]}}`, fmt.Sprintf(postUser, "u")}},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := newFixture(t)
			results := f.bulk(0, row.ops...)
			require.Len(t, results, len(row.ops))
			byBulkID := map[string]string{}
			for _, r := range results {
				require.Equal(t, "201", r.Get("status").Text(), r)
				require.NotEmpty(t, r.Get("version").Text())
				byBulkID[r.Get("bulkId").Text()] = idOf(r)
			}
			g := f.get(f.group, byBulkID["g"])
			require.Contains(t, byBulkID, "g")
			for _, member := range g.Get("members").Elements() {
				require.Contains(t, []string{byBulkID["u"], byBulkID["h"], byBulkID["g"]}, member.Get("value").Text())
			}
			require.Equal(t, 1, g.Get("members").Len())
		})
	}
}

func TestBulkChanges(t *testing.T) {
	f := newFixture(t)
	anna := f.create(f.user, `{"userName":"anna"}`)
	team := f.create(f.group, `{"displayName":"team","members":[{"value":"`+anna.ID+`"}]}`)
	results := f.bulk(0,
		fmt.Sprintf(postUser, "ben"),
		`{"method":"patch","path":"/Groups/`+team.ID+`","data":{"Operations":[{"op":"add","path":"members","value":[{"value":"bulkId:ben"}]},{"op":"remove","path":"members[value eq \"`+anna.ID+`\"]"}]}}`,
		`{"method":"PATCH","path":"/Users/bulkId:ben","data":{"Operations":[{"op":"replace","path":"title","value":"Dr"}]}}`,
		`{"method":"PUT","path":"/Users/`+anna.ID+`","version":"W/\"old\"","data":{"userName":"x"}}`,
		`{"method":"PUT","path":"/Users/`+anna.ID+`","version":`+scim.StringValue(anna.ETag).String()+`,"data":{"userName":"anna2"}}`,
		`{"method":"DELETE","path":"/Users/`+anna.ID+`"}`,
		`{"method":"DELETE","path":"/Users/`+anna.ID+`"}`,
	)
	require.Equal(t, "201 200 200 412 200 204 404", statuses(results))
	ben := f.get(f.user, idOf(results[0]))
	require.Equal(t, "Dr", ben.Get("title").Text())
	require.Equal(t, 1, ben.Get("groups").Len())
	require.Equal(t, "412", results[3].Get("response").Get("status").Text())
	require.True(t, results[3].Get("response").Get("schemas").HoldsText(scim.MessageError))
	require.NotEmpty(t, results[6].Get("location").Text(), "everything but a failed POST has a location")
}

func TestBulkErrors(t *testing.T) {
	f := newFixture(t)
	f.create(f.user, `{"userName":"taken"}`)
	taken := `{"method":"POST","path":"/Users","bulkId":"t","data":{"userName":"Taken"}}`
	results := f.bulk(0,
		taken,
		fmt.Sprintf(postGroup, "needs-it", "t"),
		fmt.Sprintf(postGroup, "needs-nobody", "nobody"),
		fmt.Sprintf(postUser, "fine"),
		fmt.Sprintf(postUser, "fine"),
		`{"method":"POST","path":"/Users","data":{"userName":"no-bulk-id"}}`,
		`{"method":"POST","path":"/Nothing","bulkId":"n","data":{}}`,
		`{"method":"GET","path":"/Users"}`,
		`{"method":"PATCH","path":"/Users","data":{}}`,
		`{"method":"PUT","path":"/Users/x"}`,
		`7`,
	)
	require.Equal(t, "409 409 409 201 400 400 404 400 405 400 400", statuses(results))
	require.True(t, results[0].Get("location").IsNull())
	require.Equal(t, "uniqueness", results[0].Get("response").Get("scimType").Text())

	circle := f.bulk(0, fmt.Sprintf(postGroup, "a", "b"), `{"method":"POST","path":"/Groups","bulkId":"b","data":{"members":[{"value":"bulkId:a"}]}}`)
	require.Equal(t, "400 400", statuses(circle), "a circle is one change: without a displayName in one there is neither")
	list, err := f.List(context.Background(), f.call, []*schema.ResourceType{f.group}, provider.ListRequest{StartIndex: 1, Count: 10})
	require.NoError(t, err)
	require.Zero(t, list.Total)

	stopped := f.bulk(2, taken, fmt.Sprintf(postUser, "first"), taken, fmt.Sprintf(postUser, "second"))
	require.Equal(t, "409 201 400", statuses(stopped), "nothing is done after failOnErrors errors")
}

func TestBulkLimits(t *testing.T) {
	f := newFixture(t)
	f.call.Limits.PatchMembers = 1
	circle := f.bulk(0, fmt.Sprintf(postGroup, "a", "b"), fmt.Sprintf(postGroup, "b", "a"))
	require.Equal(t, "413 413", statuses(circle), "a circle is one change, and bounded")
	f.call.Limits.BulkOps = 2
	for _, row := range []struct {
		body   string
		status int
		detail string
	}{
		{`[]`, 400, "BulkRequest"},
		{`{"schemas":["urn:x"],"Operations":[{}]}`, 400, "BulkRequest"},
		{`{"Operations":[]}`, 400, "at least one"},
		{`{"Operations":[{},{},{}]}`, 413, "maxOperations is 2"},
		{`{"Operations":[{}],"failOnErrors":-1}`, 400, "failOnErrors"},
		{`{"Operations":[{}],"failOnErrors":"1"}`, 400, "failOnErrors"},
	} {
		_, err := f.Bulk(context.Background(), f.call, value(t, row.body))
		e := refusal(t, err)
		require.Equal(t, row.status, e.Status, row.body)
		require.Contains(t, e.Detail, row.detail)
	}
}

// TestBulkRunsOutOfTime: what was done is told, and nothing more is done.
func TestBulkRunsOutOfTime(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(context.Background())
	f.Hasher = cancelling{cancel}
	response, err := f.Bulk(ctx, f.call, value(t, `{"Operations":[`+fmt.Sprintf(postUser, "first")+`,
		{"method":"POST","path":"/Users","bulkId":"second","data":{"userName":"second","password":"p"}},`+fmt.Sprintf(postUser, "third")+`]}`))
	require.NoError(t, err)
	require.Equal(t, 2, response.Get("Operations").Len())
	require.Equal(t, "201", response.Get("Operations").At(0).Get("status").Text())
	require.Equal(t, "503", response.Get("Operations").At(1).Get("status").Text())
}

// cancelling ends the request when it is asked to hash.
type cancelling struct{ cancel context.CancelFunc }

func (c cancelling) Hash(ctx context.Context, _ auth.Secret) (string, error) {
	c.cancel()
	return "", ctx.Err()
}

func TestBulkIDs(t *testing.T) {
	f := newFixture(t)
	results := f.bulk(0,
		`{"method":"DELETE","path":"/Users/nobody","bulkId":"q"}`,
		fmt.Sprintf(postUser, "q"),
		`{"method":"POST","path":"/Users","bulkId":"q"}`,
		fmt.Sprintf(postGroup, "g", "q"),
		fmt.Sprintf(postUser, strings.Repeat("x", 300)),
	)
	require.Equal(t, "404 201 400 201 400", statuses(results))
	require.True(t, results[2].Get("bulkId").IsNull(), "the one that was there first has it")
	require.Less(t, len(results[4].String()), 400)
}
