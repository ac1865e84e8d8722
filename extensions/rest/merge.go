package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"roster/scim"
)

// mediaMerge is the media type of a Merge, which may be sent as plain JSON too.
const mediaMerge = "application/merge-patch+json"

// Merge is a body that changes a T as its JSON is merged into that of the present
// one (RFC 7396): what is absent stays, null goes back to the default, an object is
// merged member by member, and everything else replaces what is there.
type Merge[T any] struct{ patch scim.Value }

// Into returns the present T with the patch, read by the rules of its fields.
func (m Merge[T]) Into(present T) (merged T, err error) {
	text, err := json.Marshal(present)
	if err != nil {
		return merged, fmt.Errorf("encode %T: %w", present, err)
	}
	v, err := scim.ParseJSON(text)
	if err != nil {
		return merged, fmt.Errorf("read %T: %w", present, err)
	}
	into := reflect.ValueOf(&merged).Elem()
	return merged, decodeObject(mergePatch(v, m.patch), into, membersOf(into.Type(), "json"), "")
}

// DecodeJSON implements Decoder.
func (m *Merge[T]) DecodeJSON(v scim.Value) error {
	m.patch = v
	if v.Kind() != scim.Object {
		return errors.New("must be an object")
	}
	return nil
}

// Schema implements Decoder.
func (*Merge[T]) Schema() map[string]any {
	return object{"type": "object", "description": "A merge patch (RFC 7396) of #/components/schemas/" + componentName(reflect.TypeFor[T]())}
}

// media implements patching.
func (*Merge[T]) media() string { return mediaMerge }

// patching is a Merge of any type, by its address.
type patching interface{ media() string }

// mergePatch is the procedure of RFC 7396 section 2, in time that grows with the
// texts and not with their product.
func mergePatch(target, patch scim.Value) scim.Value {
	if patch.Kind() != scim.Object {
		return patch
	}
	changes := map[string]scim.Value{}
	for name, value := range patch.Members() {
		changes[name] = value
	}
	var merged []scim.Member
	for name, value := range target.Members() { // none if it is no object
		change, changed := changes[name]
		delete(changes, name)
		switch {
		case !changed:
			merged = append(merged, scim.Member{Name: name, Value: value})
		case !change.IsNull():
			merged = append(merged, scim.Member{Name: name, Value: mergePatch(value, change)})
		}
	}
	for name, value := range patch.Members() {
		if _, isNew := changes[name]; isNew && !value.IsNull() {
			merged = append(merged, scim.Member{Name: name, Value: mergePatch(scim.Value{}, value)})
		}
	}
	return scim.ObjectValue(merged...)
}
