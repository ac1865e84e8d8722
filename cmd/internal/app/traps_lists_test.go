package app_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTrap15Metadata: one rule for base64 and keys, by both faces.
func TestTrap15Metadata(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.user("ada")
		large := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
		one := func(key, value string) string {
			return fmt.Sprintf(`[{"key":%q,"value":%q}]`, key, value)
		}
		ways := map[string]func(key, value string) reply{
			"PUT": func(key, value string) reply {
				return s.api("PUT", "/users/"+id+"/metadata/"+url.PathEscape(key), fmt.Sprintf(`{"value":%q}`, value))
			},
			"companion PATCH": func(key, value string) reply {
				return s.api("PATCH", "/users/"+id+"/metadata", `{"set":`+one(key, value)+`}`)
			},
		}
		for name, way := range s.scimWays(id, "ada@example.com", "A:metadata") {
			if strings.HasPrefix(name, "PATCH") {
				ways["SCIM "+name] = func(key, value string) reply { return way(one(key, value)) }
			}
		}
		for _, c := range [][2]string{{"k", "-_-_"}, {"k", "AAE"}, {"k", "AAE= "}, {"k", "AA E="}, {"k", "AAF="}, {"k", "!"}, {"k", ""}, {strings.Repeat("é", 201), "AAE="}, {"k", large(500_001)}} {
			for name, way := range ways {
				way(c[0], c[1]).refused(name+" "+c[0]+" "+c[1][:min(9, len(c[1]))], 400)
			}
		}
		require.Zero(t, s.api("GET", "/users/"+id+"/metadata", "").is(200).Get("results").Len())
		for _, key := range []string{"a/b", "_bulk", "_search", "..", ".", "ä %2F", "?x=1#y", `"q"`, strings.Repeat("é", 200)} {
			for name, way := range ways {
				require.Less(t, way(key, "AAE=").status, 300, "%s %q", name, key)
				got := s.api("GET", "/users/"+id+"/metadata/"+url.PathEscape(key), "")
				require.Equal(t, "AAE=", got.is(200).Get("value").Text())
				require.Equal(t, key, got.Get("key").Text())
				s.api("DELETE", "/users/"+id+"/metadata/"+url.PathEscape(key), "").is(204)
				s.api("DELETE", "/users/"+id+"/metadata/"+url.PathEscape(key), "").is(404, "not_found")
			}
		}
		require.Less(t, ways["PUT"]("large", large(500_000)).status, 300)
		for _, change := range []string{`{"set":[{"key":"a","value":"AAE="},{"key":"a","value":"AAI="}]}`, `{"set":[{"key":"a","value":"AAE="}],"delete":["a"]}`,
			`{"set":[{"key":"a","value":"AAE="},{"key":"b","value":"!"}]}`, `{"set":[],"delete":[]}`, `{}`} {
			s.api("PATCH", "/users/"+id+"/metadata", change).is(400)
		}
		s.api("PATCH", "/users/"+id+"/metadata", `{"set":[{"key":"a","value":"AAE="}],"delete":["large","none"]}`).is(404, "not_found")
		list := s.api("GET", "/users/"+id+"/metadata", "").Get("results")
		require.Equal(t, 1, list.Len(), "all or nothing")
		for _, text := range []string{s.scim("GET", "/Users", "").text, s.scim("GET", "/Users/"+id, "").text, s.api("GET", "/users?view=full", "").text} {
			require.NotContains(t, text, `"metadata"`)
			require.NotContains(t, text, `"large"`)
		}
	})
}

// TestTrap16Pages: every list has the same bounds, and says how many there are also
// beyond its end.
func TestTrap16Pages(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id, robot := s.user("ada", `"A":{"metadata":[{"key":"a","value":"AAE="},{"key":"b","value":"AAE="}]}`), s.machine("robot")
		for _, name := range []string{"g", "h"} {
			s.scim("POST", "/Groups", `{"displayName":"`+name+`","members":[{"value":"`+id+`"}]}`).is(201)
			s.api("POST", "/users/"+robot+"/keys", `{"type":"json"}`).is(201)
			s.api("POST", "/users/"+robot+"/tokens", `{}`).is(201)
		}
		for _, list := range []string{"/users", "/users/" + id + "/groups", "/users/" + id + "/metadata", "/users/" + robot + "/keys", "/users/" + robot + "/tokens"} {
			for query, want := range map[string]int{"": 2, "?take=0": 0, "?take=1": 1, "?take=1000": 2, "?from=1": 1, "?from=2": 0, "?from=1000000000&take=1000": 0} {
				r := s.api("GET", list+query, "").is(200)
				require.Equal(t, want, r.Get("results").Len(), list+query)
				require.Equal(t, "2", r.Get("rowCount").String(), list+query)
			}
			for _, query := range []string{"?take=1001", "?take=-1", "?from=-1", "?take=1&take=2", "?limit=1"} {
				s.api("GET", list+query, "").is(400, "invalid_parameter")
			}
		}
		names := func(query string) (list []string) {
			r := s.scim("GET", "/Users?"+query, "").is(200)
			require.Equal(t, "2", r.Get("totalResults").String(), query)
			for _, user := range r.Get("Resources").Elements() {
				list = append(list, user.Get("userName").Text())
			}
			return list
		}
		require.Empty(t, names("count=0"))
		require.Empty(t, names("startIndex=3"))
		require.Empty(t, names("count=-1"))
		require.Len(t, names("count=100000"), 2, "SCIM caps")
		require.Equal(t, []string{"ada@example.com", "robot"}, names("sortBy=userName"), "ascending unless said otherwise")
		require.Equal(t, []string{"robot", "ada@example.com"}, names("sortBy=userName&sortOrder=descending"))
		require.Equal(t, "ada@example.com", s.api("GET", "/users?view=list&sortBy=userName", "").Get("results").At(0).Get("userName").Text())
	})
}

// TestTrap30Filters: rules of case, texts that are quoted, paths with the colons and
// dots of a URN, and what there is not.
func TestTrap30Filters(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		s.user("ada", `"externalId":"X1","displayName":"say \"hi\" \\ or","A":{"gender":"Female","metadata":[{"key":"Badge.No","value":"AAE="}]}`)
		s.scim("POST", "/Users", `{"userName":"bob@sub.example.com","externalId":"x1"}`).is(201)
		for filter, want := range map[string]int{
			`userName eq "ADA@Example.com"`: 1, `USERNAME EQ "ada@example.com"`: 1, `externalId eq "X1"`: 1, `externalId eq "y1"`: 0,
			`displayName co "\"HI\""`: 1, `displayName co "\\"`: 1, `displayName eq "say \"hi\" \\ or"`: 1, `displayName co "\" or userName pr or displayName co \""`: 0,
			`userName ew "@example.com"`: 1, `emails.value ew "@EXAMPLE.com"`: 1, `userName ew "example.com"`: 2,
			`A:status eq "active"`: 2, `A:STATUS eq "Active"`: 2, `A:gender co "fem"`: 1, `A:metadata.key eq "Badge.No"`: 1, `A:metadata.key eq "badge.no"`: 0,
			`A:metadata[key eq "Badge.No" and value eq "AAE="]`: 1, `A:kind eq "human" and not (A:gender pr)`: 1,
			`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada"`: 1, `userName eq "` + strings.Repeat("x", 200) + `"`: 0,
		} {
			require.Equal(t, want, s.total(filter), filter)
		}
		for _, filter := range []string{`nothing eq "x"`, `A:nothing eq "x"`, `urn:example:User:status eq "x"`, `userName eq`, `userName eq x`, `userName eq "x`, `userName like "x"`, `(userName pr`, `password eq "x"`, `name.nothing pr`, `A:metadata[nothing eq "x"]`} {
			s.scim("GET", "/Users?filter="+url.QueryEscape(strings.ReplaceAll(filter, "A:", "urn:ietf:params:scim:schemas:extension:account:2.0:User:")), "").is(400, "invalidFilter")
		}
		for query, want := range map[string]int{"q=ADA": 1, "q=" + url.QueryEscape(`"hi" \`): 1, "q=" + url.QueryEscape(`" or userName pr or userName co "`): 0, "domain=example.com": 1,
			"domain=sub.example.com": 1, "loginName=ADA@example.com": 1, "loginNameLike=EXAMPLE": 2, "q=" + strings.Repeat("%C3%A9", 200): 0} {
			require.Equal(t, fmt.Sprint(want), s.api("GET", "/users?take=0&"+query, "").is(200).Get("rowCount").String(), query)
		}
		for _, query := range []string{"q=" + strings.Repeat("x", 201), "q=", "colour=red", "q=a&q=b"} {
			s.api("GET", "/users?"+query, "").is(400, "invalid_parameter")
		}
	})
}
