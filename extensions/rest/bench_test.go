package rest

import (
	"net/url"
	"reflect"
	"testing"

	"roster/scim"
)

// BenchmarkDecode is what the adaptor costs: the query of a list, and the body of a
// change.
func BenchmarkDecode(b *testing.B) {
	b.Run("query", func(b *testing.B) {
		members := membersOf(reflect.TypeFor[toyQuery](), "query")
		raw := url.Values{"word": {"ada"}, "order": {"desc"}, "number": {"5"}}.Encode()
		b.ReportAllocs()
		for b.Loop() {
			var in toyQuery
			if err := decodeQuery(raw, reflect.ValueOf(&in).Elem(), members); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("body", func(b *testing.B) {
		members := membersOf(reflect.TypeFor[toy](), "json")
		body, err := scim.ParseJSON([]byte(`{"name":"x","title":"Countess","parts":[{"id":"1"}],"roles":["viewer"]}`))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			var in toy
			if err := decodeObject(body, reflect.ValueOf(&in).Elem(), members, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
}
