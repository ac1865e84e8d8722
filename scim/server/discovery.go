package server

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"roster/auth"
	"roster/scim"
	"roster/scim/schema"
)

// discovery is what the server says of itself (RFC 7644 section 4), made once;
// only the configuration of an account with settings of its own is made when it
// is asked for. Where a URL of the server belongs, the texts have basePlace.
type discovery struct {
	config, schemas, types []byte
	schema, typ            map[string][]byte // by lower-case URN, by name
}

const basePlace = "{base}"

func newDiscovery(types []*schema.ResourceType, p scim.Profile, l scim.Limits) *discovery {
	d := &discovery{schema: map[string][]byte{}, typ: map[string][]byte{}, config: serviceProviderConfig(types, scim.DefaultProfile(), l).AppendJSON(nil)}
	var schemas, resourceTypes []scim.Value
	for _, rt := range types {
		v := describeType(rt)
		d.typ[rt.Name] = v.AppendJSON(nil)
		resourceTypes = append(resourceTypes, v)
		for _, root := range append([]*schema.Attribute{rt.Root}, rt.Root.Sub...) {
			s := describeSchema(rt, root, p)
			urn := strings.ToLower(s.Get("id").Text())
			if urn == "" || d.schema[urn] != nil {
				continue
			}
			d.schema[urn] = s.AppendJSON(nil)
			schemas = append(schemas, s)
		}
	}
	d.schemas, d.types = listOf(schemas), listOf(resourceTypes)
	return d
}

func listOf(resources []scim.Value) []byte {
	return scim.ObjectValue(
		scim.Member{Name: "schemas", Value: scim.ArrayValue(scim.StringValue(scim.MessageListResponse))},
		scim.Member{Name: "totalResults", Value: scim.IntValue(len(resources))},
		scim.Member{Name: "startIndex", Value: scim.IntValue(1)},
		scim.Member{Name: "itemsPerPage", Value: scim.IntValue(len(resources))},
		scim.Member{Name: "Resources", Value: scim.ArrayValue(resources...)},
	).AppendJSON(nil)
}

// discoveryOperations need no token: clients read them before they have one (RFC
// 7644 section 4). With one they tell what holds for its account.
func (s *server) discoveryOperations() []operation {
	whole := func(part func(*discovery) []byte) func(*request) error {
		return func(q *request) error {
			if q.parameters()["filter"] != "" {
				return scim.Errorf(http.StatusForbidden, "", "this endpoint cannot be filtered (RFC 7644 section 4); read it whole")
			}
			return q.discover(part(q.discovery()))
		}
	}
	schemas := whole(func(d *discovery) []byte { return d.schemas })
	types := whole(func(d *discovery) []byte { return d.types })
	config := func(q *request) error {
		if q.call.Profile == scim.DefaultProfile() && q.call.Limits == scim.DefaultLimits() {
			return q.discover(q.discovery().config)
		}
		return q.discover(serviceProviderConfig(q.server.Types, q.call.Profile, q.call.Limits).AppendJSON(nil))
	}
	return []operation{
		{http.MethodGet, "/ServiceProviderConfig", auth.Open, "get ServiceProviderConfig", config},
		{http.MethodGet, "/Schemas", auth.Open, "list Schema", schemas},
		{http.MethodGet, "/Schemas/{id}", auth.Open, "get Schema", func(q *request) error {
			return q.discover(q.discovery().schema[strings.ToLower(q.id())])
		}},
		{http.MethodGet, "/ResourceTypes", auth.Open, "list ResourceType", types},
		{http.MethodGet, "/ResourceTypes/{id}", auth.Open, "get ResourceType", func(q *request) error {
			return q.discover(q.discovery().typ[q.id()])
		}},
	}
}

// discovery is what holds for the account. For one whose clients discover other
// forms of types it is made anew: they ask seldom.
func (q *request) discovery() *discovery {
	profile := q.call.Profile
	types := q.server.Provider.Represented(profile, q.server.Types)
	if slices.Equal(types, q.server.Types) {
		return q.server.discovery[profile.DuplicateNames]
	}
	return newDiscovery(types, profile, q.call.Limits)
}

func (q *request) discover(text []byte) error {
	if text == nil {
		return scim.Errorf(http.StatusNotFound, "", "%q was not found; list the endpoint without an id to see what there is", scim.Abbreviate(q.id()))
	}
	base := scim.StringValue(q.call.Base).AppendJSON(nil)
	q.w.writeJSON(http.StatusOK, bytes.ReplaceAll(text, []byte(basePlace), base[1:len(base)-1]))
	return nil
}
