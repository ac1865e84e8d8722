package oauth_test

import "testing"

// BenchmarkAuthenticate is what a request with an access token costs before its
// client is looked up.
func BenchmarkAuthenticate(b *testing.B) {
	f := newFixture(b)
	token := f.grants(withSecret()).Token
	b.ReportAllocs()
	for b.Loop() {
		f.admits(token)
	}
}

// BenchmarkIssue is what a token costs.
func BenchmarkIssue(b *testing.B) {
	f := newFixture(b)
	f.config.Issued = nil
	body := withSecret().Encode()
	for b.Loop() {
		f.post(body, "")
	}
}
