package script

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster/scim"
)

// checkProtocol holds a response to what RFC 7644 says of every response.
func checkProtocol(resp *http.Response, content []byte) error {
	if err := checkChallenge(resp); err != nil {
		return err
	}
	if len(content) == 0 {
		return checkNoBody(resp)
	}
	// Section 3.8, and the media type of section 8.1. A client that only takes
	// application/json gets that.
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	plain := media == "application/json" && strings.Contains(resp.Request.Header.Get("Accept"), media)
	if err != nil || media != scim.MediaType && !plain {
		return &Difference{"header Content-Type", scim.MediaType, strconv.Quote(resp.Header.Get("Content-Type"))}
	}
	body, err := scim.ParseJSON(content)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if path := findNull("$", body); path != "" {
		return &Difference{path, "a value or no member (RFC 7643 section 2.5)", "null"}
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return checkError(resp.StatusCode, body)
	}
	return checkMeta(resp, body)
}

// checkChallenge asks for the headers that RFC 9110 demands of two statuses.
func checkChallenge(resp *http.Response) error {
	needs := map[int]string{
		http.StatusUnauthorized:     "WWW-Authenticate", // also RFC 7644 section 2
		http.StatusMethodNotAllowed: "Allow",
	}
	if name := needs[resp.StatusCode]; name != "" && resp.Header.Get(name) == "" {
		return &Difference{"header " + name, "<any>", "nothing"}
	}
	return nil
}

func checkNoBody(resp *http.Response) error {
	if resp.StatusCode >= http.StatusBadRequest && resp.Request.Method != http.MethodHead {
		return &Difference{"body", "an error (RFC 7644 section 3.12)", "nothing"}
	}
	return nil
}

var keywords = []scim.ScimType{
	"", scim.InvalidFilter, scim.TooMany, scim.Uniqueness, scim.Mutability, scim.InvalidSyntax,
	scim.InvalidPath, scim.NoTarget, scim.InvalidValue, scim.InvalidVers, scim.Sensitive,
}

// checkError holds an error to RFC 7644 section 3.12: the status is a string.
func checkError(status int, body scim.Value) error {
	want := scim.ObjectValue(
		scim.Member{Name: "schemas", Value: scim.ArrayValue(scim.StringValue(scim.MessageError))},
		scim.Member{Name: "status", Value: scim.StringValue(strconv.Itoa(status))},
		scim.Member{Name: "detail", Value: scim.StringValue("<string>")},
	)
	if d := (&matcher{vars: newScope("", "")}).match("$", want, body); d != nil {
		return d
	}
	if t := body.Get("scimType"); !slices.Contains(keywords, scim.ScimType(t.Text())) {
		return differ("$.scimType", "a keyword of RFC 7644 table 9", t)
	}
	return nil
}

// checkMeta compares the headers with meta (RFC 7643 section 3.1).
func checkMeta(resp *http.Response, body scim.Value) error {
	meta := body.Get("meta")
	pairs := []struct{ header, member string }{{"Etag", "version"}, {"Location", "location"}}
	for _, p := range pairs {
		value := meta.Get(p.member)
		have := resp.Header.Get(p.header)
		if have != "" && !value.IsNull() && have != value.Text() {
			return differ("$.meta."+p.member, "the header "+p.header+", "+have, value)
		}
	}
	if resp.StatusCode == http.StatusCreated && resp.Header.Get("Location") == "" {
		return &Difference{"header Location", "<any> (RFC 7644 section 3.3)", "nothing"}
	}
	return nil
}

// findNull returns the path of a null, "" if there is none.
func findNull(path string, v scim.Value) string {
	if v.IsNull() {
		return path
	}
	for name, member := range v.Members() {
		if p := findNull(join(path, name), member); p != "" {
			return p
		}
	}
	for i, element := range v.Elements() {
		if p := findNull(fmt.Sprintf("%s[%d]", path, i), element); p != "" {
			return p
		}
	}
	return ""
}
