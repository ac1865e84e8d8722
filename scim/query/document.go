// Package query turns what a client asks (a bound filter, a sort attribute, a
// page) into a storage.Query, and says which indexes answer it. It reads no
// storage itself: conditions that no index can decide become functions that the
// engine calls.
//
// A document's body is the JSON of the resource as it is served, without `meta`,
// which follows from the header, and without the attributes that are kept as
// edges; where clients of provisioning domains gave it external ids, with a hidden
// list of these, which nobody is served (see [InDomain]).
package query

import (
	"time"

	"roster/scim"
	"roster/storage"
)

// Resource returns the resource of a document: its body, with the external ids of
// all domains, and `meta`, but without meta.location, which depends on where the
// server is reached. A body that is no JSON gives a resource without attributes; no
// writer stores one.
func Resource(d *storage.Document) scim.Resource {
	return d.Decoded(decode).(scim.Resource)
}

func decode(d *storage.Document) any {
	r, err := scim.ParseJSON(d.Body)
	if err != nil {
		r = scim.ObjectValue()
	}
	return r.With("meta", Meta(d))
}

// Meta returns the `meta` of a document without its location (RFC 7643 section 3.1).
func Meta(d *storage.Document) scim.Value {
	return scim.ObjectValue(
		scim.Member{Name: "resourceType", Value: scim.StringValue(d.Type)},
		scim.Member{Name: "created", Value: scim.StringValue(FormatTime(d.Created))},
		scim.Member{Name: "lastModified", Value: scim.StringValue(FormatTime(d.Modified))},
		scim.Member{Name: "version", Value: scim.StringValue(ETag(d.Version))},
	)
}

// FormatTime writes a time as a dateTime with milliseconds, in UTC.
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// ETag returns the entity tag of a version. It is weak, because the same version
// may be represented with other attributes or another order (RFC 7644 section
// 3.14).
func ETag(version string) string { return `W/"` + version + `"` }
