package conformance

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"roster/scim"
)

func hasID(r scim.Value) string {
	id := r.Get("id")
	return unless(id.Kind() == scim.String && id.Text() != "", "id is "+id.String())
}

func hasNoBulkID(r scim.Value) string {
	return unless(!strings.Contains(r.Get("id").Text(), "bulkId"), "id is "+r.Get("id").String())
}

// ownID remembers which resource has which id.
func ownID() func(*exchange) (string, bool) {
	owner := map[string]string{}
	return eachResource(func(r scim.Value) string {
		id, location := r.Get("id").Text(), r.Get("meta").Get("location").Text()
		if id == "" || location == "" {
			return ""
		}
		if other, ok := owner[id]; ok && other != location {
			return fmt.Sprintf("%s and %s have the id %s", other, location, id)
		}
		owner[id] = location
		return ""
	})
}

func namesSchemas(r scim.Value) string {
	return unless(r.Get("schemas").Kind() == scim.Array && r.Get("schemas").Len() > 0, "schemas is "+r.Get("schemas").String())
}

func noSchemaTwice(r scim.Value) string {
	seen := map[string]bool{}
	for _, s := range r.Get("schemas").Elements() {
		urn := strings.ToLower(s.Text())
		if seen[urn] {
			return s.Text() + " is there twice"
		}
		seen[urn] = true
	}
	return ""
}

func knownSchemas(x *exchange) (string, bool) {
	if x.partial() || x.server.types.IsNull() {
		return "", false
	}
	return eachResource(func(r scim.Value) string {
		name := r.Get("meta").Get("resourceType").Text()
		typ := x.server.resourceType(name)
		if typ.IsNull() {
			return ""
		}
		if base := typ.Get("schema").Text(); !hasSchema(r, base) {
			return "schemas of a " + name + " does not hold " + base
		}
		for _, s := range r.Get("schemas").Elements() {
			if !strings.EqualFold(s.Text(), typ.Get("schema").Text()) && !x.server.extends(name, s.Text()) {
				return s.Text() + " is no schema of the resource type " + name
			}
		}
		return ""
	})(x)
}

func namesExtensions(r scim.Value) string {
	for name := range r.Members() {
		if strings.HasPrefix(strings.ToLower(name), "urn:") && !hasSchema(r, name) {
			return name + " is there, but not in schemas"
		}
	}
	return ""
}

func hasMeta(r scim.Value) string {
	typ, location := r.Get("meta").Get("resourceType"), r.Get("meta").Get("location")
	return unless(typ.Text() != "" && location.Text() != "", "meta is "+r.Get("meta").String())
}

// dateTime is xsd:dateTime; its offset is optional, a date and a time are not.
var dateTime = regexp.MustCompile(`^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$`)

func hasTimes(r scim.Value) string {
	for _, name := range []string{"created", "lastModified"} {
		v := r.Get("meta").Get(name)
		if v.IsNull() {
			continue
		}
		_, err := time.Parse(time.RFC3339, v.Text())
		if !dateTime.MatchString(v.Text()) || err != nil && strings.HasSuffix(v.Text(), "Z") {
			return "meta." + name + " is " + v.String()
		}
	}
	return ""
}

func hasLocation(r scim.Value) string {
	location := r.Get("meta").Get("location")
	if location.IsNull() {
		return ""
	}
	u, err := url.Parse(location.Text())
	id := url.PathEscape(r.Get("id").Text())
	if err != nil || u.RawQuery != "" || strings.ContainsAny(location.Text(), " \"<>") || !strings.HasSuffix(u.EscapedPath(), "/"+id) {
		return "meta.location is " + location.String()
	}
	return ""
}

func hasNoPassword(r scim.Value) string {
	for name := range r.Members() {
		if strings.EqualFold(name, "password") {
			return "the password is returned"
		}
	}
	return ""
}

func onePrimary(r scim.Value) string {
	for name, list := range r.Members() {
		primary := 0
		for _, e := range list.Elements() {
			if e.Get("primary").Bool() {
				primary++
			}
		}
		if primary > 1 {
			return fmt.Sprintf("%s has %d primary values", name, primary)
		}
	}
	return ""
}

func noValueTwice(r scim.Value) string {
	for name, list := range r.Members() {
		seen := map[string]bool{}
		for _, e := range list.Elements() {
			pair := e.Get("type").String() + e.Get("value").String()
			if e.Kind() == scim.Object && !e.Get("value").IsNull() && seen[pair] {
				return fmt.Sprintf("%s has %s twice", name, e)
			}
			seen[pair] = true
		}
	}
	return ""
}

// single returns the one resource of a response.
func single(x *exchange) scim.Value {
	if len(x.resources) == 1 && x.body.Get("Resources").IsNull() && x.body.Get("totalResults").IsNull() {
		return x.resources[0]
	}
	return scim.Value{}
}

func sameLocation(x *exchange) (string, bool) {
	location := single(x).Get("meta").Get("location")
	if location.IsNull() {
		return "", false
	}
	applies := false
	for _, name := range []string{"Content-Location", "Location"} {
		have := x.response.Header.Get(name)
		if have == "" {
			continue
		}
		applies = true
		if have != location.Text() {
			return fmt.Sprintf("%s is %s, meta.location is %s", name, have, location), true
		}
	}
	return "", applies
}

func sameVersion(x *exchange) (string, bool) {
	version, tag := single(x).Get("meta").Get("version"), x.response.Header.Get("ETag")
	switch {
	case x.server.lacks("etag") != "" || x.server.config.IsNull() || single(x).IsNull():
		return "", false
	case version.IsNull() && x.partial():
		return "", false
	case tag == "":
		return "there is no ETag, though ServiceProviderConfig says etag.supported", true
	case version.Text() != tag:
		return fmt.Sprintf("ETag is %s, meta.version is %s", tag, version), true
	}
	return "", true
}

var entityTag = regexp.MustCompile(`^(W/)?"[^"]*"$`)

func isEntityTag(x *exchange) (string, bool) {
	tag := x.response.Header.Get("ETag")
	if tag == "" {
		return "", false
	}
	return unless(entityTag.MatchString(tag), "ETag is "+tag), true
}
