package api_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSearch asks expression by expression who is found, in order of creation
// unless it says otherwise.
func TestSearch(t *testing.T) {
	w := newWorld(t)
	w.resource("Role", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Role"],"value":"viewer"}`)
	unit := w.resource("OrgUnit", `{"schemas":["urn:ietf:params:scim:schemas:account:2.0:OrgUnit"],"name":"Berlin"}`)
	w.human("ada", `,"roles":["viewer"],"nickName":"countess"`)
	w.human("bob", `,"secondaryEmailAddress":"robert@example.org","orgUnits":[{"id":"`+unit+`"}]`)
	w.send("POST", w.human("carl", `,"idpLinks":[{"idpId":"google","display":"Google","externalUserId":"1"}]`)+"/lock", "").is(200)
	w.machine(`say \"hi\" or`)
	w.send("DELETE", w.human("dora", `,"nickName":"dodo"`), "").is(204)
	w.invited("eve")

	names := map[string]string{"ada@example.com": "ada", "bob@example.com": "bob", "carl@example.com": "carl", `say "hi" or`: "robot", "dora@example.com": "dora", "eve@example.com": "eve"}
	for query, want := range map[string]string{
		"":      "ada bob carl robot eve",
		"q=ADA": "ada", "q=countess": "ada", "q=robert": "bob", "q=Test": "ada bob carl", "q=nobody": "", "q=dodo": "",
		"email=example.org": "bob", "email=A@EXAMPLE": "ada",
		"loginName=ada@example.com": "ada", "loginName=Ada@Example.com": "ada", "loginName=ada": "", "loginName=ada@example.com&loginName=bob@example.com": "ada bob",
		"loginNameLike=a": "ada bob carl robot eve", "loginNameLike=ob@": "bob", "displayName=bob": "bob",
		"domain=example.org": "bob", "domain=@example.org": "bob", "domain=example.com": "ada bob carl eve", "domain=ample.com": "", "domain=example.org&domain=x.example": "bob",
		"idp=google": "carl", "idp=Google": "carl", "role=viewer": "ada", "role=Viewer": "ada", "orgUnit=" + unit: "bob",
		"kind=machine": "robot", "kind=human": "ada bob carl eve",
		"status=active": "ada bob robot", "status=locked": "carl", "status=invited": "eve", "status=inactive": "", "status=removed": "dora", "status=removed&q=dodo": "dora", "status=removed&q=ada": "",
		"q=" + url.QueryEscape(`"hi"`): "robot", "q=" + url.QueryEscape(`" or userName pr or userName eq "`): "", "q=" + url.QueryEscape(`\`): "",
		"q=a&status=active&role=viewer": "ada",
		"sortBy=userName":               "ada bob carl eve robot", "sortBy=userName&sortOrder=desc": "robot eve carl bob ada", "sortOrder=desc": "eve robot carl bob ada",
		"sortBy=createdAt": "ada bob carl robot eve", "sortBy=emailAddress&kind=human": "ada bob carl eve", "sortBy=status&kind=human": "ada bob eve carl",
		"take=2": "ada bob", "from=1&take=2": "bob carl", "from=4": "eve", "from=9": "", "take=0": "",
		"from=1&take=2&sortBy=userName&sortOrder=desc": "eve carl",
	} {
		a := w.send("GET", "/users?view=list&"+query, "").is(200)
		found := []string{}
		for _, r := range a.get("results").([]any) {
			found = append(found, names[follow(r, "userName").(string)])
		}
		require.Equal(t, want, strings.Join(found, " "), query)
	}
	for _, sort := range []string{"displayName", "givenName", "familyName", "nickName", "kind", "lastModified"} {
		require.EqualValues(t, 5, w.send("GET", "/users?sortBy="+sort, "").is(200).get("rowCount"))
		require.EqualValues(t, 1, w.send("GET", "/users?status=removed&sortBy="+sort, "").is(200).get("rowCount"))
	}
}

func TestPage(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		w.machine(name)
	}
	for query, want := range map[string][4]int{ // currentPage, pageCount, pageSize, results
		"": {0, 1, 20, 5}, "take=2": {0, 3, 2, 2}, "take=2&from=2": {1, 3, 2, 2}, "take=2&from=4": {2, 3, 2, 1}, "take=2&from=3": {1, 3, 2, 2},
		"take=0": {0, 0, 0, 0}, "take=1000": {0, 1, 1000, 5}, "from=100": {5, 1, 20, 0}, "take=5&from=5": {1, 1, 5, 0},
	} {
		a := w.send("GET", "/users?"+query, "").is(200)
		require.EqualValues(t, want[0], a.get("currentPage"), query)
		require.EqualValues(t, want[1], a.get("pageCount"), query)
		require.EqualValues(t, want[2], a.get("pageSize"), query)
		require.EqualValues(t, 5, a.get("rowCount"), query)
		require.Len(t, a.get("results"), want[3], query)
	}
	for _, query := range []string{"take=1001", "take=-1", "from=-1", "take=x", "from=99999999999999999999", "q=" + strings.Repeat("x", 201), "q=",
		"status=gone", "kind=robot", "sortBy=password", "sortOrder=up", "view=everything", "email=a&email=b", strings.Repeat("role=a&", 51)} {
		w.send("GET", "/users?"+query, "").is(400, "invalid_parameter")
	}
	w.send("GET", "/users?q="+strings.Repeat("ä", 200), "").is(200)
}
