package provider

import (
	"net/http"
	"strings"

	"roster/scim"
)

// readBulk reads a BulkRequest. What is wrong with one operation is that
// operation's fault and fails no other.
func readBulk(body scim.Value, c Call) ([]*bulkOp, int, error) {
	schemas, _ := body.Lookup("schemas")
	list, _ := body.Lookup("Operations")
	limit, _ := body.Lookup("failOnErrors")
	failOnErrors, ok := limit.Int()
	switch {
	case body.Kind() != scim.Object:
		return nil, 0, scim.BadRequest(scim.InvalidSyntax, "the body must be a BulkRequest object, not %s", body.Kind())
	case !schemas.HoldsText(scim.MessageBulkRequest) && !(c.Profile.LooseSchemas && schemas.IsUnassigned()):
		return nil, 0, scim.BadRequest(scim.InvalidSyntax, "schemas must hold %q", scim.MessageBulkRequest)
	case list.Kind() != scim.Array || list.Len() == 0:
		return nil, 0, scim.BadRequest(scim.InvalidSyntax, "Operations must be a list with at least one operation")
	case list.Len() > c.Limits.BulkOps:
		return nil, 0, scim.Errorf(http.StatusRequestEntityTooLarge, "", "the request has %d operations; maxOperations is %d", list.Len(), c.Limits.BulkOps)
	case !limit.IsNull() && (!ok || failOnErrors < 0):
		return nil, 0, scim.BadRequest(scim.InvalidValue, "failOnErrors must be a whole number that is not negative")
	}
	ops := make([]*bulkOp, list.Len())
	taken := map[string]bool{}
	for i, v := range list.Elements() {
		op := readBulkOp(v)
		ops[i] = op
		switch {
		case len(op.bulkID) > maxBulkID:
			op.fault, op.bulkID = scim.BadRequest(scim.InvalidValue, "a bulkId has at most %d bytes", maxBulkID), ""
		case op.method != http.MethodPost || op.bulkID == "":
		case taken[op.bulkID]:
			op.fault = scim.BadRequest(scim.InvalidValue, "the bulkId %q is taken by an earlier operation", scim.Abbreviate(op.bulkID))
			op.bulkID = ""
		default:
			taken[op.bulkID] = true
		}
	}
	return ops, failOnErrors, nil
}

func readBulkOp(v scim.Value) *bulkOp {
	text := func(name string) string {
		member, _ := v.Lookup(name)
		return member.Text()
	}
	data, _ := v.Lookup("data")
	op := &bulkOp{method: strings.ToUpper(text("method")), path: text("path"), bulkID: text("bulkId"), version: text("version"), data: data}
	switch op.method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		if data.Kind() != scim.Object {
			op.fault = scim.BadRequest(scim.InvalidSyntax, "%s needs data, an object", op.method)
		}
	case http.MethodDelete:
	default:
		op.fault = scim.BadRequest(scim.InvalidSyntax, "method must be POST, PUT, PATCH or DELETE, not %q", scim.Abbreviate(op.method))
	}
	return op
}

const bulkIDPrefix = "bulkId:"

// Bounds, in bytes, of what a response repeats.
const (
	maxBulkID = 256
	maxID     = 64 // of a resource, see storage.Document
)

// references lists the creations whose bulkId an operation names.
func (b *bulk) references(op *bulkOp) []*bulkOp {
	var found []*bulkOp
	note := func(text string) {
		if other := b.byBulkID[bulkIDOf(text)]; other != nil && other != op {
			found = append(found, other)
		}
	}
	_, id, _ := strings.Cut(strings.Trim(op.path, "/"), "/")
	note(id)
	eachText(op.data, note)
	return found
}

// bulkIDOf returns the bulkId that a text stands for, or "".
func bulkIDOf(text string) string {
	id, ok := strings.CutPrefix(text, bulkIDPrefix)
	if !ok {
		return ""
	}
	return id
}

// eachText visits every string of a value.
func eachText(v scim.Value, visit func(string)) {
	if v.Kind() == scim.String {
		visit(v.Text())
	}
	for i := range v.Len() {
		eachText(v.At(i), visit)
	}
}

// resolve puts ids for the bulkIds in a value, also inside the filter of a PATCH
// path. It fails if a bulkId is nobody's, or that of an operation that failed
// (RFC 7644 section 3.7.1).
func (b *bulk) resolve(op *bulkOp, v scim.Value) (scim.Value, error) {
	switch v.Kind() {
	case scim.String:
		text, err := b.resolveText(op, v.Text())
		return scim.StringValue(text), err
	case scim.Array, scim.Object:
		return v.Map(func(name string, member scim.Value) (scim.Value, error) {
			if name == "path" && op.method == http.MethodPatch && member.Kind() == scim.String {
				return b.resolvePath(op, member)
			}
			return b.resolve(op, member)
		})
	}
	return v, nil
}

func (b *bulk) resolveText(op *bulkOp, text string) (string, error) {
	bulkID := bulkIDOf(text)
	if bulkID == "" {
		return text, nil
	}
	other := b.byBulkID[bulkID]
	switch {
	case other == nil:
		return "", scim.Errorf(http.StatusConflict, "", "no POST of this request has the bulkId %q", scim.Abbreviate(bulkID))
	case other.refusal != nil || other.id == "":
		return "", scim.Errorf(http.StatusConflict, "", "the operation with the bulkId %q failed", scim.Abbreviate(bulkID))
	}
	return other.id, nil
}

// resolvePath puts ids into a path such as members[value eq "bulkId:x"].
func (b *bulk) resolvePath(op *bulkOp, path scim.Value) (scim.Value, error) {
	parts := strings.Split(path.Text(), `"`)
	for i := 1; i < len(parts); i += 2 {
		text, err := b.resolveText(op, parts[i])
		if err != nil {
			return path, err
		}
		parts[i] = text
	}
	return scim.StringValue(strings.Join(parts, `"`)), nil
}
