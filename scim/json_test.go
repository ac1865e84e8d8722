package scim_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
)

func TestParseJSON(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{` {"b":1.50,"a":[true,false,null,"x\u00e9\n"],"c":{}} `, `{"b":1.50,"a":[true,false,null,"xé\n"],"c":{}}`},
		{`"\ud83d\ude00\u0000"`, `"😀\u0000"`},
		{`["","\\","\"","\\\"","a\"b","\"b","a\\"]`, `["","\\","\"","\\\"","a\"b","\"b","a\\"]`},
		{`{"\u0061\"":"b","" : "\/"}`, `{"a\"":"b","":"/"}`},
		{`12345678901234567890.000000000000000000001`, `12345678901234567890.000000000000000000001`},
	} {
		v, err := scim.ParseJSON([]byte(row.text))
		require.NoError(t, err)
		require.Equal(t, row.want, v.String())
	}
}

func TestParseJSONRefuses(t *testing.T) {
	many := make([]string, 40)
	for i := range many {
		many[i] = `"n` + strings.Repeat("x", i) + `":1`
	}
	for name, row := range map[string]struct{ text, want string }{
		"nothing":                     {` `, "empty"},
		"an open object":              {`{"secret":"value"`, "too early"},
		"garbage":                     {`{"secret":value}`, "byte"},
		"something behind it":         {`{} {}`, "more follows"},
		"a name twice":                {`{"a":1,"a":2}`, "twice"},
		"a name in another case":      {`{"userName":1,"USERNAME":2}`, "another case"},
		"a name twice among many":     {`{` + strings.Join(many, ",") + `,"N":1,"NX":1}`, "another case"},
		"invalid UTF-8":               {"\"\xff\"", "UTF-8"},
		"half a surrogate":            {`"\ud83d"`, "byte"},
		"a number that is none":       {`01`, "byte"},
		"very deep lists":             {strings.Repeat("[", 100_000), "deeper than 32"},
		"deep objects":                {strings.Repeat(`{"a":`, 40), "deeper than 32"},
		"very many values":            {"[" + strings.Repeat("0,", 300_000) + "0]", "more than 200000 values"},
		"a control character":         {"\"a\nb\"", "byte"},
		"a comma at the end":          {`{"a":1,}`, "byte"},
		"a name that is not a string": {`{1:2}`, "byte"},
	} {
		_, err := scim.ParseJSON([]byte(row.text))
		require.ErrorContains(t, err, row.want, name)
		require.NotContains(t, err.Error(), "secret", name)
		require.NotContains(t, err.Error(), "value}", name)
	}
}

func TestValuesAreImmutable(t *testing.T) {
	before, err := scim.ParseJSON([]byte(`{"a":1,"b":[1,2],"c":{"d":1}}`))
	require.NoError(t, err)
	text := before.String()
	after := before.With("a", scim.StringValue("x")).With("b", before.Get("b").Append(scim.BoolValue(true))).With("c", scim.Value{}).With("e", scim.IntValue(7))
	require.Equal(t, `{"a":"x","b":[1,2,true],"e":7}`, after.String())
	require.Equal(t, text, before.String())
	first, second := before.With("x", scim.IntValue(1)), before.With("y", scim.IntValue(2))
	require.NotEqual(t, first.String(), second.String())
	require.True(t, first.Get("y").IsNull())
}

func TestEqual(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true},
		{`{"a":1}`, `{"a":1,"b":2}`, false},
		{`{"a":1}`, `{"b":1}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`"1"`, `1`, false},
		{`{"a":[{"x":true}]}`, `{"a":[{"x":true}]}`, true},
		{`{"a":false}`, `{"a":true}`, false},
	} {
		a, _ := scim.ParseJSON([]byte(row.a))
		b, _ := scim.ParseJSON([]byte(row.b))
		require.Equal(t, row.want, a.Equal(b), "%s %s", row.a, row.b)
		require.Equal(t, row.want, b.Equal(a), "%s %s", row.b, row.a)
	}
}

// TestCosts: what is there already is set for nothing, and reading a resource
// makes no copy of each text in it.
func TestCosts(t *testing.T) {
	v, err := scim.ParseJSON([]byte(`{"a":"x","b":{"c":[true,{"d":"y"}]},"e":[]}`))
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(10, func() {
		v.With("a", scim.StringValue("x")).With("b", v.Get("b").With("c", v.Get("b").Get("c"))).With("e", scim.ArrayValue())
	}))
	read := func(n int) float64 {
		text := []byte("[" + strings.Repeat(`"text",`, n) + `"text"]`)
		return testing.AllocsPerRun(10, func() { _, _ = scim.ParseJSON(text) })
	}
	require.Less(t, read(1000)-read(100), 100.0)
}

// FuzzParseJSON holds the reader against the standard library's: what it takes,
// that takes too and understands the same; and writing gives back what was read.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"x"],"b":{"c":null}}`, `[[[]]]`, `"\u0000\ud83d\ude00"`, `{"A":1,"a":2}`, "\"\xff\"", `-0.0`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := scim.ParseJSON(data)
		if err != nil {
			return
		}
		written := v.AppendJSON(nil)
		require.Equal(t, standard(t, data), standard(t, written))
		again, err := scim.ParseJSON(written)
		require.NoError(t, err)
		require.True(t, v.Equal(again))
	})
}

func standard(t *testing.T, text []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return v
}

var user = []byte(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"0193","userName":"bjensen@example.com","name":{"formatted":"Ms. Barbara J Jensen, III","familyName":"Jensen","givenName":"Barbara"},"emails":[{"value":"bjensen@example.com","type":"work","primary":true},{"value":"babs@jensen.org","type":"home"}],"active":true,"title":"Tour Guide"}`)

func BenchmarkParseJSON(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(user)))
	for b.Loop() {
		if _, err := scim.ParseJSON(user); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	v, err := scim.ParseJSON(user)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		v.AppendJSON(make([]byte, 0, 1024))
	}
}
