package rest

import (
	"encoding"
	"encoding/json"
	"fmt"
	"go/token"
	"maps"
	"path"
	"reflect"
	"strconv"
	"strings"
	"time"

	"roster/scim"
)

// object is a JSON object of the OpenAPI document. Members are written in the
// order of their names.
type object = map[string]any

// Alternatives is a type that stands for one of several.
type Alternatives interface{ OneOf() []reflect.Type }

// schemas are those of the document by name. Named struct types become one each;
// others are written where they are used.
type schemas struct {
	named map[string]object
	types map[string]reflect.Type
	codes codes
}

// of returns the JSON Schema (2020-12) of a type under rules.
func (s schemas) of(t reflect.Type, r rules) object {
	schema := s.plain(t, r)
	if r.doc != "" {
		schema = maps.Clone(schema)
		schema["description"] = r.doc
	}
	return schema
}

func (s schemas) plain(t reflect.Type, r rules) object {
	switch x := reflect.New(t).Interface().(type) {
	case maybe:
		return s.plain(x.content().Type(), r)
	case Decoder:
		return x.Schema()
	case Alternatives:
		var list []object
		for _, one := range x.OneOf() {
			list = append(list, s.plain(one, rules{}))
		}
		return object{"oneOf": list}
	case *scim.Value:
		return object{"type": "object"}
	case *time.Time:
		return object{"type": "string", "format": "date-time"}
	case *[]byte:
		return object{"type": "string", "contentEncoding": "base64"}
	case json.Marshaler:
		return object{} // it alone knows
	case encoding.TextUnmarshaler:
		return object{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.plain(t.Elem(), r))
	case reflect.Struct:
		return s.structure(t)
	case reflect.Slice:
		list := object{"type": "array", "items": s.plain(t.Elem(), r.ofElements())}
		return bounded(list, "minItems", r.minItems, "maxItems", r.maxItems)
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.plain(t.Elem(), r.ofElements())}
	case reflect.Bool:
		return r.withDefault(object{"type": "boolean"})
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return bounded(r.withDefault(object{"type": "integer"}), "minimum", r.minimum, "maximum", r.maximum)
	case reflect.String:
		return r.text(t, s.codes)
	}
	panic(fmt.Sprintf("rest: no schema for %s", t))
}

func (r rules) text(t reflect.Type, all codes) object {
	text := r.withDefault(object{"type": "string"})
	if r.enum != nil {
		text["enum"] = r.enum
	}
	if t == reflect.TypeFor[Code]() {
		text["enum"] = all.words()
	}
	if r.format != "" {
		text["format"] = r.format
	}
	return bounded(text, "minLength", r.minLength, "maxLength", r.maxLength)
}

// structure returns the schema of an object, which has no other members.
func (s schemas) structure(t reflect.Type) object {
	name := componentName(t)
	if name == "" {
		return s.members(t)
	}
	if first, taken := s.types[name]; taken && first != t {
		name += "Of" + camel(" "+path.Base(t.PkgPath())) // of another package
	}
	if s.named[name] == nil {
		s.types[name] = t
		s.named[name] = object{} // ends a recursion
		s.named[name] = s.members(t)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

func (s schemas) members(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, m := range membersOf(t, "json") {
		properties[m.name] = s.of(m.kind, m.rules)
		if !m.optional {
			required = append(required, m.name)
		}
	}
	schema := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

// componentName is the name of a type in the document, "" for one that is not
// exported, and for an instance of a generic one.
func componentName(t reflect.Type) string {
	if !token.IsExported(t.Name()) || strings.Contains(t.Name(), "[") {
		return ""
	}
	return t.Name()
}

func nullable(schema object) object {
	kind, plain := schema["type"].(string)
	if !plain {
		return object{"anyOf": []object{schema, {"type": "null"}}}
	}
	schema = maps.Clone(schema)
	schema["type"] = []string{kind, "null"}
	if words, ok := schema["enum"].([]string); ok {
		values := []any{nil}
		for _, word := range words {
			values = append(values, word)
		}
		schema["enum"] = values
	}
	return schema
}

// withDefault says what an absent value stands for.
func (r rules) withDefault(schema object) object {
	if r.fallback == nil {
		return schema
	}
	switch schema["type"] {
	case "boolean":
		schema["default"] = *r.fallback == "true"
	case "integer":
		schema["default"], _ = strconv.Atoi(*r.fallback)
	default:
		schema["default"] = *r.fallback
	}
	return schema
}

func bounded(schema object, low string, least *int, high string, most *int) object {
	if least != nil {
		schema[low] = *least
	}
	if most != nil {
		schema[high] = *most
	}
	return schema
}
