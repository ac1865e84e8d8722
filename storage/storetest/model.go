package storetest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"

	"roster/storage"
)

// Types of the suite's documents, which all have a [Body].
const (
	Person = "Person"
	Team   = "Team"
)

// Body is what the suite's documents say, as JSON. A nil field is no value; an
// empty one is a value. Bytes, and not text, so that values are arbitrary.
type Body struct {
	Name []byte
	Tags [][]byte
	Age  *int64
	Note []byte
}

// Encode returns the bytes that are stored.
func (b Body) Encode() []byte {
	data, err := json.Marshal(b)
	if err != nil {
		panic(err) // a Body is always JSON
	}
	return data
}

// bodyOf decodes by way of the document, so that an engine which hands over
// what was decoded of an earlier body is found out.
func bodyOf(d *storage.Document) *Body {
	return d.Decoded(func(d *storage.Document) any {
		var b Body
		if err := json.Unmarshal(d.Body, &b); err != nil {
			panic(err) // every body of the suite was made by Encode
		}
		return &b
	}).(*Body)
}

// Attribute is a part of the body with its index form.
type Attribute struct {
	Type  string // of the documents
	Name  string
	Multi bool
	Form  string
	// Indexed: it is in the catalogue, as Sparse or not.
	Indexed, Sparse bool
	// Extract as in storage.Index.
	Extract func(*storage.Document) (values [][]byte, sort []byte)
}

// Name has at most one value.
func Name(typ string) Attribute {
	return Attribute{Type: typ, Name: "name", Form: "1", Indexed: true, Extract: func(d *storage.Document) ([][]byte, []byte) {
		return single(bodyOf(d).Name)
	}}
}

// FoldedName is the name in another form, in which upper and lower case of
// ASCII are the same.
func FoldedName(typ string) Attribute {
	a := Name(typ)
	a.Form = "2"
	a.Extract = func(d *storage.Document) ([][]byte, []byte) { return single(folded(bodyOf(d).Name)) }
	return a
}

func folded(name []byte) []byte {
	if name == nil {
		return nil
	}
	lower := make([]byte, len(name))
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return lower
}

// Tags has any number of values, and sorts by the first as it was written.
func Tags(typ string) Attribute {
	return Attribute{Type: typ, Name: "tags", Form: "1", Multi: true, Indexed: true, Extract: func(d *storage.Document) ([][]byte, []byte) {
		tags := bodyOf(d).Tags
		if len(tags) == 0 {
			return nil, nil
		}
		return distinct(tags), present(tags[0])
	}}
}

// Nick is the name once more, in a sparse index.
func Nick(typ string) Attribute {
	a := Name(typ)
	a.Name, a.Sparse = "nick", true
	return a
}

// Labels are the tags once more, in a sparse index.
func Labels(typ string) Attribute {
	a := Tags(typ)
	a.Name, a.Sparse = "labels", true
	return a
}

// Age is a number; its values are 8 bytes in the order of numbers.
func Age(typ string) Attribute {
	return Attribute{Type: typ, Name: "age", Form: "1", Indexed: true, Extract: func(d *storage.Document) ([][]byte, []byte) {
		if age := bodyOf(d).Age; age != nil {
			return single(Number(*age))
		}
		return nil, nil
	}}
}

// Note has at most one value and is in no index.
func Note(typ string) Attribute {
	return Attribute{Type: typ, Name: "note", Extract: func(d *storage.Document) ([][]byte, []byte) {
		return single(bodyOf(d).Note)
	}}
}

// ID is the id of the document, whose index every engine has.
func ID(typ string) Attribute {
	return Attribute{Type: typ, Name: storage.IDIndex, Extract: func(d *storage.Document) ([][]byte, []byte) {
		return single([]byte(d.ID))
	}}
}

// Number returns the normalised value of a number.
func Number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)^1<<63) }

func single(value []byte) ([][]byte, []byte) {
	if value == nil {
		return nil, nil
	}
	return [][]byte{bytes.Clone(value)}, present(value)
}

// present returns a copy that is not nil.
func present(value []byte) []byte { return append([]byte{}, value...) }

func distinct(values [][]byte) [][]byte {
	var seen [][]byte
	for _, v := range values {
		if !slices.ContainsFunc(seen, func(s []byte) bool { return bytes.Equal(s, v) }) {
			seen = append(seen, present(v))
		}
	}
	return seen
}

// Catalogue returns the indexes of both types.
func Catalogue() []storage.Index {
	return Indexes(Name(Person), Tags(Person), Age(Person), Name(Team), Tags(Team), Age(Team), Nick(Person), Labels(Person))
}

// Indexes declares attributes as indexes.
func Indexes(attributes ...Attribute) []storage.Index {
	var indexes []storage.Index
	for _, a := range attributes {
		indexes = append(indexes, storage.Index{
			Type: a.Type, Name: a.index(), Form: a.Form, Multi: a.Multi, Sparse: a.Sparse, Extract: a.Extract,
		})
	}
	return indexes
}

// index is the name of the attribute's index, "" if it has none.
func (a Attribute) index() string {
	switch {
	case a.Name == storage.IDIndex:
		return storage.IDIndex
	case a.Indexed:
		return a.path()
	default:
		return ""
	}
}

func (a Attribute) path() string { return a.Type + ":" + a.Name }

// Leaf returns a condition on the attribute.
func (a Attribute) Leaf(op storage.Op, value []byte) *storage.Leaf {
	return &storage.Leaf{
		Index: a.index(),
		Op:    op,
		Value: value,
		Text:  a.path() + " " + op.String(),
		Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
			values, _ := a.Extract(d)
			return satisfies(values, op, value), nil
		},
	}
}

// Is returns the condition that a value equals that text.
func (a Attribute) Is(value string) *storage.Leaf { return a.Leaf(storage.Equal, []byte(value)) }

// Present returns the condition that there is a value.
func (a Attribute) Present() *storage.Leaf { return a.Leaf(storage.Present, nil) }

// Sort returns an order by the attribute.
func (a Attribute) Sort(descending bool) *storage.Sort {
	return &storage.Sort{
		Index:      a.index(),
		Descending: descending,
		Key: func(d *storage.Document) []byte {
			_, key := a.Extract(d)
			return key
		},
	}
}

// satisfies is what [storage.Leaf] says of its fields.
func satisfies(values [][]byte, op storage.Op, value []byte) bool {
	return slices.ContainsFunc(values, func(v []byte) bool {
		switch op {
		case storage.Present:
			return true
		case storage.Equal:
			return bytes.Equal(v, value)
		case storage.Prefix:
			return bytes.HasPrefix(v, value)
		case storage.Suffix:
			return bytes.HasSuffix(v, value)
		case storage.Contains:
			return bytes.Contains(v, value)
		case storage.Less:
			return bytes.Compare(v, value) < 0
		case storage.LessOrEqual:
			return bytes.Compare(v, value) <= 0
		case storage.Greater:
			return bytes.Compare(v, value) > 0
		default:
			return bytes.Compare(v, value) >= 0
		}
	})
}

// operators returns all that compare with a value.
func operators() []storage.Op {
	return []storage.Op{
		storage.Equal, storage.Prefix, storage.Suffix, storage.Contains,
		storage.Less, storage.LessOrEqual, storage.Greater, storage.GreaterOrEqual,
	}
}
