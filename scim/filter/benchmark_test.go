package filter_test

import (
	"testing"

	"roster/scim"
	"roster/scim/filter"
)

const (
	oneTerm  = `userName eq "x"`
	sixTerms = `userName sw "b" and active eq true and emails[type eq "work" and value co "@"] and (title pr or meta.created gt "2011-01-01T00:00:00Z")`
)

func BenchmarkParse(b *testing.B) {
	l := scim.DefaultLimits()
	for name, text := range map[string]string{"one": oneTerm, "six": sixTerms, "urn": userURN + `:name.givenName eq "x"`, "escaped": `userName eq "\u00e9"`} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := filter.Parse(text, l); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParsePath(b *testing.B) {
	l := scim.DefaultLimits()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := filter.ParsePath(`emails[type eq "work"].value`, l); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBind(b *testing.B) {
	rt, p := userType(), scim.DefaultProfile()
	for name, text := range map[string]string{"one": oneTerm, "six": sixTerms} {
		e := parse(b, text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := filter.Bind(rt, e, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	person := resource(b, people["a"])
	for name, text := range map[string]string{"one": `userName eq "bjensen"`, "six": sixTerms, "value path": `emails[type eq "home"]`} {
		n := bind(b, userType(), text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !filter.Match(n, person) {
					b.Fatal("no match")
				}
			}
		})
	}
}
