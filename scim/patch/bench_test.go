package patch_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/patch"
)

const fullUser = `{"schemas":["` + scim.SchemaUser + `","` + scim.SchemaEnterpriseUser + `"],"id":"1","externalId":"0a21f0f2",
	"userName":"u@x.org","active":true,"displayName":"D","title":"T","preferredLanguage":"de","locale":"de-CH","timezone":"Europe/Zurich",
	"name":{"givenName":"G","familyName":"F","formatted":"G F"},
	"emails":[{"type":"work","value":"w@x.org","primary":true},{"type":"home","value":"h@x.org"}],
	"addresses":[{"type":"work","streetAddress":"S","locality":"L","postalCode":"8000","country":"CH"}],
	"phoneNumbers":[{"type":"work","value":"1"},{"type":"mobile","value":"2"}],
	"` + scim.SchemaEnterpriseUser + `":{"employeeNumber":"7","department":"D","manager":{"value":"2"}}}`

func BenchmarkPatch(b *testing.B) {
	for _, row := range []struct{ name, operations string }{
		{"active", `[{"op":"replace","path":"active","value":false}]`},
		{"no path", `[{"op":"replace","value":{"active":false}}]`},
		{"no change", `[{"op":"replace","path":"active","value":true}]`},
		{"value path", `[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@b"}]`},
		{"extension", `[{"op":"Add","path":"` + scim.SchemaEnterpriseUser + `:department","value":"X"}]`},
		{"ten", `[{"op":"Replace","path":"active","value":"False"},{"op":"Replace","path":"title","value":"X"},
			{"op":"Add","path":"emails[type eq \"work\"].value","value":"a"},{"op":"Add","path":"emails[type eq \"other\"].value","value":"a"},
			{"op":"Add","path":"name.givenName","value":"X"},{"op":"Add","path":"addresses[type eq \"work\"].country","value":"AT"},
			{"op":"Remove","path":"phoneNumbers[type eq \"mobile\"].value"},{"op":"Add","path":"locale","value":"X"},
			{"op":"Add","path":"manager","value":"9"},{"op":"Add","path":"nickName","value":"X"}]`},
	} {
		b.Run(row.name, func(b *testing.B) {
			rt, r, body := resourceType("User"), parse(b, fullUser), message(parse(b, row.operations))
			b.ReportAllocs()
			for b.Loop() {
				ops, err := patch.Parse(rt, body, scim.DefaultProfile(), scim.DefaultLimits())
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err = patch.Apply(rt, r, ops, scim.DefaultProfile()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMembers(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		r := longGroup(n)
		benchmarkMembers(b, fmt.Sprintf("add one to %d", n), r, parse(b, `[{"op":"add","path":"members","value":[{"value":"x"}]}]`))
		benchmarkMembers(b, fmt.Sprintf("add %d to %d", min(n, 10_000), n), r,
			scim.ArrayValue(parse(b, `{"op":"add","path":"members"}`).With("value", values(n, n+min(n, 10_000)))))
		benchmarkMembers(b, fmt.Sprintf("remove one of %d", n), r, parse(b, `[{"op":"remove","path":"members[value eq \"v0000500\"]"}]`))
	}
}

func benchmarkMembers(b *testing.B, name string, r, operations scim.Value) {
	b.Run(name, func(b *testing.B) {
		rt := resourceType("Group")
		ops, err := patch.Parse(rt, message(operations), scim.DefaultProfile(), scim.DefaultLimits())
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := patch.Apply(rt, r, ops, scim.DefaultProfile()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
