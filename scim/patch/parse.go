package patch

import (
	"net/http"
	"strings"

	"roster/scim"
	"roster/scim/schema"
)

// Parse reads the body of a PATCH request for a resource of the type. Paths are
// bound, and an operation without a path becomes one for each attribute that its
// value names. What the profile ignores is left out, so there may be no
// operations at all. Limits that are not set are the default ones.
//
// Errors are *scim.Error: 413 beyond a limit, else 400 with a keyword of RFC
// 7644 table 9; they name the operation.
func Parse(rt *schema.ResourceType, body scim.Value, p scim.Profile, l scim.Limits) ([]Op, error) {
	operations, err := operationsOf(body, p)
	if err != nil {
		return nil, err
	}
	r := reader{rt: rt, profile: p, limits: withDefaults(l)}
	if operations.Len() > r.limits.PatchOps {
		return nil, r.tooManyOperations()
	}
	r.ops = make([]Op, 0, operations.Len())
	for i, operation := range operations.Elements() {
		if err := r.read(i+1, operation); err != nil {
			return nil, Op{number: i + 1}.located(err)
		}
	}
	return r.ops, nil
}

func withDefaults(l scim.Limits) scim.Limits {
	if l.PatchOps <= 0 {
		l.PatchOps = scim.DefaultLimits().PatchOps
	}
	if l.PatchMembers <= 0 {
		l.PatchMembers = scim.DefaultLimits().PatchMembers
	}
	return l
}

// operationsOf returns the list of operations of a message.
func operationsOf(body scim.Value, p scim.Profile) (scim.Value, error) {
	if body.Kind() != scim.Object {
		return scim.Value{}, scim.BadRequest(scim.InvalidSyntax, "the body must be a JSON object, not %s", body.Kind())
	}
	if schemas, _ := body.Lookup("schemas"); !p.LooseSchemas && !holds(schemas, scim.MessagePatchOp) {
		return scim.Value{}, scim.BadRequest(scim.InvalidSyntax, "schemas must be a list that holds %q", scim.MessagePatchOp)
	}
	operations, _ := body.Lookup("Operations")
	if operations.Kind() != scim.Array || operations.Len() == 0 {
		return scim.Value{}, scim.BadRequest(scim.InvalidSyntax, "Operations must be a list of at least one operation")
	}
	return operations, nil
}

func holds(list scim.Value, urn string) bool {
	for _, element := range list.Elements() {
		if strings.EqualFold(element.Text(), urn) {
			return true
		}
	}
	return false
}

// reader reads the operations of one message.
type reader struct {
	rt      *schema.ResourceType
	profile scim.Profile
	limits  scim.Limits
	ops     []Op
	values  int
}

func (r *reader) read(number int, operation scim.Value) error {
	kind, err := kindOf(operation)
	if err != nil {
		return err
	}
	path, err := pathOf(operation)
	if err != nil {
		return err
	}
	value, sent := operation.Lookup("value")
	if r.values += count(value); r.values > r.limits.PatchMembers {
		return scim.Errorf(http.StatusRequestEntityTooLarge, "",
			"the request has more than %d values of multi-valued attributes; send them in several requests", r.limits.PatchMembers)
	}
	switch {
	case path == "" && kind == Remove:
		return scim.BadRequest(scim.NoTarget, "remove needs a path that says what to remove")
	case !sent && kind != Remove:
		return scim.BadRequest(scim.InvalidValue, "add and replace need a value; null unassigns an attribute")
	case path == "":
		return r.readAttributes(Op{Kind: kind, Value: value, number: number})
	}
	return r.readPath(path, Op{Kind: kind, Value: value, number: number})
}

// kindOf reads `op`, in any case: Microsoft Entra ID sends "Add".
func kindOf(operation scim.Value) (Kind, error) {
	if operation.Kind() != scim.Object {
		return 0, scim.BadRequest(scim.InvalidSyntax, "an operation must be an object, not %s", operation.Kind())
	}
	op, _ := operation.Lookup("op")
	switch {
	case op.Kind() != scim.String:
		return 0, scim.BadRequest(scim.InvalidSyntax, "op must be one of the strings add, replace and remove, not %s", op.Kind())
	case strings.EqualFold(op.Text(), "add"):
		return Add, nil
	case strings.EqualFold(op.Text(), "replace"):
		return Replace, nil
	case strings.EqualFold(op.Text(), "remove"):
		return Remove, nil
	}
	return 0, scim.BadRequest(scim.InvalidSyntax, "op must be add, replace or remove, not %q", scim.Abbreviate(op.Text()))
}

func pathOf(operation scim.Value) (string, error) {
	path, _ := operation.Lookup("path")
	if path.Kind() != scim.String && !path.IsNull() {
		return "", scim.BadRequest(scim.InvalidPath, "path must be a string, not %s", path.Kind())
	}
	return path.Text(), nil
}

// count counts the elements of all lists in a value.
func count(v scim.Value) (n int) {
	if v.Kind() == scim.Array {
		n = v.Len()
	}
	if v.Kind() == scim.Array || v.Kind() == scim.Object {
		for i := range v.Len() {
			n += count(v.At(i))
		}
	}
	return n
}
