package conformance

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"roster/scim"
)

// newRules returns the rules of one run: some compare a response with those
// before it.
func newRules() []*rule {
	return []*rule{
		{name: "every response: the body is JSON in UTF-8 of type application/scim+json", shows: []string{"7644-3.8-a", "7644-3.8-b"}, judge: isJSON},
		{name: "every error: the body is an Error", shows: []string{"7644-3.12-a", "7644-3.2-d"}, judge: isError},
		{name: "every error: status is the HTTP status, as a string", shows: []string{"7644-3.12-b"}, judge: hasStatus},
		{name: "every error: scimType is a keyword that goes with the status", shows: []string{"7644-3.12-a"}, judge: hasKeyword},
		{name: "every 401: WWW-Authenticate names a scheme", shows: []string{"7644-2-c"}, judge: hasChallenge},
		{name: "every message: its schema begins with urn:ietf:params:scim:api:", shows: []string{"7644-3.1-a"}, judge: isMessage},
		{name: "every list: it is a ListResponse with totalResults", shows: []string{"7644-3.4.2-b", "7644-3.4.2-c"}, judge: isList},
		{name: "every list: Resources are there if there are results", shows: []string{"7644-3.4.2-d"}, judge: hasResources},
		{name: "every resource: it has an id", shows: []string{"7643-3.1-b", "7643-3.1-d"}, judge: eachResource(hasID)},
		{name: "every resource: its id does not contain bulkId", shows: []string{"7643-3.1-h"}, judge: eachResource(hasNoBulkID)},
		{name: "every resource: its id belongs to no other", shows: []string{"7643-3.1-e"}, judge: ownID()},
		{name: "every resource: it names its schemas", shows: []string{"7643-2.1-a", "7643-3-a", "7643-3-b", "7643-3.3-a"}, judge: eachWhole(namesSchemas)},
		{name: "every resource: schemas holds nothing twice", shows: []string{"7643-3-d"}, judge: eachResource(noSchemaTwice)},
		{name: "every resource: schemas holds its base schema, and extensions of its type", shows: []string{"7643-3-c", "7643-3.3-b"}, judge: knownSchemas},
		{name: "every resource: attributes of an extension stand under its URN, which schemas holds", shows: []string{"7643-3.3-e"}, judge: eachWhole(namesExtensions)},
		{name: "every resource: it has meta with the type of its endpoint", shows: []string{"7643-3-f", "7643-3.1-a", "7643-3.1-c", "7643-3.1-b"}, judge: eachWhole(hasMeta)},
		{name: "every resource: created and lastModified are times", shows: []string{"7643-2.3.5-a", "7643-3.1-l"}, judge: eachResource(hasTimes)},
		{name: "every resource: meta.location is a URL of it", shows: []string{"7644-1.2-a", "7644-1.3-a", "7643-2.3.7-a"}, judge: eachResource(hasLocation)},
		{name: "every resource: the password is not there", shows: []string{"7643-4.1.1-g", "7643-4.1.1-l", "7643-7-k"}, judge: eachResource(hasNoPassword)},
		{name: "every resource: one value is primary at most", shows: []string{"7643-2.4-c"}, judge: eachResource(onePrimary)},
		{name: "every resource: no type and value are there twice", shows: []string{"7643-2.4-g"}, judge: eachResource(noValueTwice)},
		{name: "every single resource: Content-Location and Location are meta.location", shows: []string{"7643-3.1-n"}, judge: sameLocation},
		{name: "every single resource: ETag is meta.version", shows: []string{"7644-3.14-a", "7644-3.14-b"}, judge: sameVersion},
		{name: "every entity tag: it has the form of RFC 9110, W/ in front if it is weak", shows: []string{"7643-3.1-o"}, judge: isEntityTag},
	}
}

func eachResource(judge func(scim.Value) string) func(*exchange) (string, bool) {
	return func(x *exchange) (string, bool) {
		for _, resource := range x.resources {
			if wrong := judge(resource); wrong != "" {
				return wrong, true
			}
		}
		return "", len(x.resources) > 0
	}
}

// eachWhole leaves out resources of which only some attributes were asked for.
func eachWhole(judge func(scim.Value) string) func(*exchange) (string, bool) {
	return func(x *exchange) (string, bool) {
		if x.partial() {
			return "", false
		}
		return eachResource(judge)(x)
	}
}

// isJSON: RFC 7644 section 3.8, and the media type of section 8.1. A request that
// only takes application/json may get that.
func isJSON(x *exchange) (string, bool) {
	if len(x.content) == 0 {
		return "", false
	}
	header := x.response.Header.Get("Content-Type")
	media, parameters, err := mime.ParseMediaType(header)
	asked := strings.Contains(x.request.Header.Get("Accept"), "application/json")
	charset := parameters["charset"]
	switch {
	case err != nil || media != scim.MediaType && !(asked && media == "application/json"):
		return fmt.Sprintf("Content-Type is %q", header), true
	case charset != "" && !strings.EqualFold(charset, "utf-8"), !utf8.Valid(x.content):
		return "the body is not UTF-8", true
	case x.body.IsNull():
		return "the body is no JSON", true
	}
	return "", true
}

func isError(x *exchange) (string, bool) {
	if x.response.StatusCode < http.StatusBadRequest || x.request.Method == http.MethodHead {
		return "", false
	}
	if !hasSchema(x.body, scim.MessageError) {
		return "schemas of the error is " + x.body.Get("schemas").String(), true
	}
	return "", true
}

func hasSchema(v scim.Value, urn string) bool {
	for _, s := range v.Get("schemas").Elements() {
		if strings.EqualFold(s.Text(), urn) {
			return true
		}
	}
	return false
}

func hasStatus(x *exchange) (string, bool) {
	if _, applies := isError(x); !applies {
		return "", false
	}
	status := x.body.Get("status")
	if want := strconv.Itoa(x.response.StatusCode); status.Kind() != scim.String || status.Text() != want {
		return fmt.Sprintf("status is %s, not %q", status, want), true
	}
	return "", true
}

// keywords are those of RFC 7644 table 9 and RFC 9865 table 3, with the statuses
// that the texts show them with.
var keywords = map[string][]int{
	"invalidFilter": {400}, "tooMany": {400}, "uniqueness": {400, 409}, "mutability": {400},
	"invalidSyntax": {400}, "invalidPath": {400}, "noTarget": {400}, "invalidValue": {400},
	"invalidVers": {400}, "sensitive": {400, 403},
	"invalidCursor": {400}, "expiredCursor": {400}, "invalidCount": {400},
}

func hasKeyword(x *exchange) (string, bool) {
	keyword := x.body.Get("scimType")
	if _, applies := isError(x); !applies || keyword.IsNull() {
		return "", false
	}
	if statuses := keywords[keyword.Text()]; !slices.Contains(statuses, x.response.StatusCode) {
		return fmt.Sprintf("scimType is %s with status %d", keyword, x.response.StatusCode), true
	}
	return "", true
}

func hasChallenge(x *exchange) (string, bool) {
	if x.response.StatusCode != http.StatusUnauthorized {
		return "", false
	}
	return unless(x.response.Header.Get("WWW-Authenticate") != "", "there is no WWW-Authenticate"), true
}

// isMessage judges what is an error or a list by its form.
func isMessage(x *exchange) (string, bool) {
	_, list := x.body.Lookup("totalResults")
	if _, failed := isError(x); !failed && !list {
		return "", false
	}
	for _, s := range x.body.Get("schemas").Elements() {
		if strings.HasPrefix(strings.ToLower(s.Text()), "urn:ietf:params:scim:api:") {
			return "", true
		}
	}
	return "schemas is " + x.body.Get("schemas").String(), true
}

func isList(x *exchange) (string, bool) {
	_, hasTotal := x.body.Lookup("totalResults")
	_, hasResources := x.body.Lookup("Resources")
	switch total := x.body.Get("totalResults"); {
	case !hasTotal && !hasResources:
		return "", false
	case !hasSchema(x.body, scim.MessageListResponse):
		return "schemas is " + x.body.Get("schemas").String(), true
	case hasTotal && !isInteger(total) || !hasTotal && x.body.Get("nextCursor").IsNull():
		return "totalResults is " + total.String(), true
	}
	return "", true
}

func isInteger(v scim.Value) bool {
	_, err := strconv.Atoi(v.Text())
	return v.Kind() == scim.Number && err == nil
}

func hasResources(x *exchange) (string, bool) {
	total := x.body.Get("totalResults")
	query := strings.ToLower(x.request.URL.RawQuery)
	paged := strings.Contains(query, "startindex=") || strings.Contains(query, "count=") || x.request.Method == http.MethodPost
	if total.IsNull() || total.Text() == "0" || paged {
		return "", false
	}
	return unless(x.body.Get("Resources").Len() > 0, "totalResults is "+total.String()+", but there are no Resources"), true
}
