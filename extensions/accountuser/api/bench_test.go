package api

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
		members := membersOf(reflect.TypeFor[search](), "query")
		raw := url.Values{"q": {"ada"}, "status": {"active"}, "take": {"50"}}.Encode()
		b.ReportAllocs()
		for b.Loop() {
			var in search
			if err := decodeQuery(raw, reflect.ValueOf(&in).Elem(), members); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("body", func(b *testing.B) {
		members := membersOf(reflect.TypeFor[UserChange](), "json")
		body, err := scim.ParseJSON([]byte(`{"title":"Countess","employee":{"department":"Engines"},"roles":["viewer"]}`))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			var in UserChange
			if err := decodeObject(body, reflect.ValueOf(&in).Elem(), members, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
}
