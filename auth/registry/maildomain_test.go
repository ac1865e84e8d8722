package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/registry"
)

// TestMailDomains: two spellings of a domain are one.
func TestMailDomains(t *testing.T) {
	tests := []struct{ set, kept string }{
		{"example.com", "example.com"},
		{"Example.COM", "example.com"},
		{"bücher.example", "xn--bcher-kva.example"},
		{"BÜCHER.example", "xn--bcher-kva.example"},
		{"bu\u0308cher.example", "xn--bcher-kva.example"}, // not composed
		{"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
		{"straße.example", "xn--strae-oqa.example"}, // not strasse.example
		{"例え。テスト", "xn--r8jz45g.xn--zckzah"},        // with an ideographic full stop
		{"mail.example.com", "mail.example.com"},
		{"localhost", "localhost"},
		{strings.Repeat("a", 63) + ".example", strings.Repeat("a", 63) + ".example"},
	}
	for _, tt := range tests {
		kept, err := registry.Settings{MailDomains: []string{tt.set}}.Normalised()
		require.NoError(t, err, tt.set)
		require.Equal(t, []string{tt.kept}, kept.MailDomains)
	}
}

func TestMailDomainsRefuse(t *testing.T) {
	many := make([]string, 201)
	for i := range many {
		many[i] = fmt.Sprintf("a%d.example", i)
	}
	const use = ": use a domain such as example.com, without @ and *"
	tests := []struct {
		domains []string
		message string
	}{
		{[]string{""}, use}, {[]string{"@example.com"}, use}, {[]string{"a@example.com"}, use},
		{[]string{"*.example.com"}, use}, {[]string{"example.com."}, use}, {[]string{".example.com"}, use},
		{[]string{"example..com"}, use}, {[]string{"exa mple.com"}, use}, {[]string{" example.com"}, use},
		{[]string{"exa_mple.com"}, use}, {[]string{"-example.com"}, use}, {[]string{"example.com\n"}, use},
		{[]string{"\xff.com"}, use}, {[]string{"xn--a.example"}, use}, {[]string{"https://example.com"}, use},
		{[]string{strings.Repeat("a", 64) + ".example"}, use},
		{[]string{strings.Repeat("a.", 200) + "example"}, use},
		{[]string{strings.Repeat("ü", 1<<20)}, use},
		{[]string{"example.com", "example.org", "EXAMPLE.com"}, `mail domain "EXAMPLE.com" is not valid: it is there twice`},
		{[]string{"bücher.example", "xn--bcher-kva.example"}, "it is there twice"},
		{many, "201 mail domains are not valid: use at most 200"},
	}
	for _, tt := range tests {
		_, err := registry.Settings{MailDomains: tt.domains}.Normalised()
		require.ErrorIs(t, err, registry.ErrInvalid, "%.80q", tt.domains)
		require.ErrorContains(t, err, tt.message)
		require.Less(t, len(err.Error()), 300)
	}
}

// TestAdmitsMail: a sub-domain is another domain, and so is what only ends alike.
func TestAdmitsMail(t *testing.T) {
	some := registry.Settings{MailDomains: []string{"example.com", "xn--bcher-kva.example"}}
	tests := map[string]bool{
		"babs@example.com": true, "babs@EXAMPLE.Com": true, "a@b@example.com": true, `"a@b"@example.com`: true,
		"babs@bücher.example": true, "babs@xn--bcher-kva.example": true, "babs@BÜCHER.EXAMPLE": true,
		"babs@mail.example.com": false, "babs@notexample.com": false, "babs@com": false, "babs@example.com.evil.org": false,
		"babs@example.com.": false, "babs@example.com ": false, "babs@example.org": false, "babs@example.com@evil.org": false,
		"example.com": false, "@example.com": false, "babs@": false, "babs": false, "": false, "babs@\xff": false,
	}
	for address, admitted := range tests {
		require.Equal(t, admitted, some.AdmitsMail(address), "%q", address)
		require.True(t, registry.Settings{}.AdmitsMail(address), "none set: %q", address)
	}
}

// FuzzMailDomain: a domain that is kept is ASCII in lower case, stays what it is,
// and admits the addresses of who wrote it.
func FuzzMailDomain(f *testing.F) {
	for _, seed := range []string{"example.com", "Bücher.Example", "例え。テスト", "xn--bcher-kva.example", "a..b", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, domain string) {
		kept, err := registry.Settings{MailDomains: []string{domain}}.Normalised()
		if err != nil {
			require.ErrorIs(t, err, registry.ErrInvalid)
			return
		}
		require.Regexp(t, `^[a-z0-9.-]{1,253}$`, kept.MailDomains[0])
		again, err := kept.Normalised()
		require.NoError(t, err)
		require.Equal(t, kept, again)
		require.True(t, kept.AdmitsMail("babs@"+domain))
		require.True(t, kept.AdmitsMail("babs@"+kept.MailDomains[0]))
		require.False(t, kept.AdmitsMail("babs@a."+domain))
	})
}
