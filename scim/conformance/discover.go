package conformance

import (
	"net/http"
	"strconv"
	"strings"

	"roster/scim"
)

// discovered is what a server says of itself (RFC 7644 section 4).
type discovered struct {
	config, schemas, types scim.Value // null: could not be read
	root, me               int        // status of a query over all types, and of /Me; 0: none
	users                  int        // status of a list of users
}

// learn takes what an answer of the script discovery tells.
func (d *discovered) learn(path string, status int, body scim.Value) {
	switch path {
	case "/":
		d.root = status
	case "/Me":
		d.me = status
	case "/Users":
		d.users = status
	}
	if status != http.StatusOK {
		return
	}
	switch path {
	case "/ServiceProviderConfig":
		d.config = body
	case "/Schemas":
		d.schemas = body
	case "/ResourceTypes":
		d.types = body
	}
}

// Features that ServiceProviderConfig tells of, with the path to each.
var configured = map[string]string{
	"patch":          "patch.supported",
	"bulk":           "bulk.supported",
	"filter":         "filter.supported",
	"changePassword": "changePassword.supported",
	"sort":           "sort.supported",
	"etag":           "etag.supported",
	"cursor":         "pagination.cursor",
}

// largestPayload is the size of a body that is sent to find the limit of Bulk,
// at most.
const largestPayload = 32 << 20

// lacks says why a need is not met, "" if it is. Besides the features above, a
// need is the name of a resource type, a type with one of its attributes, as
// User.title, or one of the words below. What cannot be read is taken to be
// there: then the check tells.
func (d *discovered) lacks(need string) string {
	switch need {
	case "root":
		return unless(d.root == http.StatusOK, "the server answers a query of its root with "+strconv.Itoa(d.root))
	case "no-me":
		return unless(d.me >= http.StatusBadRequest, "the server has /Me")
	case "me":
		return unless(d.me == http.StatusOK, "the server answers /Me for this token with "+strconv.Itoa(d.me))
	case "no-bulk":
		return unless(d.lacks("bulk") != "", "the server has Bulk")
	case "small-bulk":
		return unless(d.limit("maxPayloadSize") <= largestPayload, "the limit of Bulk is too large to be tried")
	case "enterprise":
		return unless(d.types.IsNull() || d.extends("User", scim.SchemaEnterpriseUser), "the resource type User does not have the enterprise extension")
	}
	if path, ok := configured[need]; ok {
		return d.lacksFeature(path)
	}
	typ, attribute, _ := strings.Cut(need, ".")
	return d.lacksAttribute(typ, attribute)
}

func unless(met bool, reason string) string {
	if met {
		return ""
	}
	return reason
}

// lacksFeature takes a feature of the RFC that the document does not mention for
// missing, and without the document for there.
func (d *discovered) lacksFeature(path string) string {
	feature, member, _ := strings.Cut(path, ".")
	value := d.config.Get(feature).Get(member)
	if value.Bool() || d.config.IsNull() {
		return ""
	}
	return "ServiceProviderConfig does not say " + path + ": true"
}

func (d *discovered) limit(name string) int {
	n, _ := strconv.Atoi(d.config.Get("bulk").Get(name).Text())
	return n
}

// values are the variables that scripts may use.
func (d *discovered) values() map[string]string {
	return map[string]string{
		"maxOperations":  strconv.Itoa(d.limit("maxOperations")),
		"maxPayloadSize": strconv.Itoa(d.limit("maxPayloadSize")),
	}
}

func (d *discovered) resourceType(name string) scim.Value {
	for _, t := range d.types.Get("Resources").Elements() {
		if t.Get("name").Text() == name {
			return t
		}
	}
	return scim.Value{}
}

func (d *discovered) extends(typ, urn string) bool {
	for _, e := range d.resourceType(typ).Get("schemaExtensions").Elements() {
		if strings.EqualFold(e.Get("schema").Text(), urn) {
			return true
		}
	}
	return false
}

// schema finds a schema by its URN.
func (d *discovered) schema(urn string) scim.Value {
	for _, s := range d.schemas.Get("Resources").Elements() {
		if strings.EqualFold(s.Get("id").Text(), urn) {
			return s
		}
	}
	return scim.Value{}
}

func (d *discovered) lacksAttribute(typ, attribute string) string {
	t := d.resourceType(typ)
	switch {
	case d.types.IsNull():
		return ""
	case t.IsNull():
		return "the server has no resource type " + typ
	case attribute == "" || d.schemas.IsNull():
		return ""
	}
	urns := []string{t.Get("schema").Text()}
	for _, e := range t.Get("schemaExtensions").Elements() {
		urns = append(urns, e.Get("schema").Text())
	}
	for _, urn := range urns {
		for _, a := range d.schema(urn).Get("attributes").Elements() {
			if strings.EqualFold(a.Get("name").Text(), attribute) {
				return ""
			}
		}
	}
	return "the schemas of " + typ + " have no attribute " + attribute
}
