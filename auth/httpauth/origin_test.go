package httpauth_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/limit"
)

// proxied answers with the origin of a request. It trusts 10.0.0.0/8 and
// 2001:db8:1::/48.
func proxied() http.Handler {
	m, err := httpauth.NewMux(httpauth.Config{
		Authenticator:  tokens{},
		Logger:         slog.New(slog.DiscardHandler),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")},
	}, httpauth.Surface{Root: "/v1", Fail: plainly(""), Routes: []httpauth.Route{
		{Method: "GET", Pattern: "/v1", Name: "origin", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			o := auth.OriginFrom(r.Context())
			fmt.Fprintf(w, "%s %s %s", o.Text(), o.Scheme, o.Host)
		})},
	}})
	if err != nil {
		panic(err)
	}
	return m
}

// originOf asks where a request comes from that is sent from an address with
// lines of headers.
func originOf(h http.Handler, target, from string, headers ...string) string {
	r := httptest.NewRequest("GET", target, nil)
	r.RemoteAddr = from
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}

// TestOrigin: rows of what the connection says, what headers say, and what is
// believed. The host is "here" and the scheme http unless it is told.
func TestOrigin(t *testing.T) {
	const client, proxy = "192.0.2.1:1", "10.0.0.1:1"
	for _, row := range []struct {
		name, from string
		headers    []string
		want       string
	}{
		{"a client", client, nil, "192.0.2.1 http here"},
		{"one of IPv6", "[2001:db8::1]:443", nil, "2001:db8::1 http here"},
		{"with a zone", "[fe80::1%eth0]:443", nil, "fe80::1 http here"},
		{"IPv4 in IPv6", "[::ffff:192.0.2.1]:443", nil, "192.0.2.1 http here"},
		{"a socket without addresses", "@", []string{"X-Forwarded-For: 192.0.2.7"}, " http here"},
		{"a client that pretends", client, []string{"Forwarded: for=192.0.2.7;proto=https;host=there"}, "192.0.2.1 http here"},
		{"a client that pretends otherwise", client, []string{"X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: there"}, "192.0.2.1 http here"},
		{"a proxy for itself", proxy, nil, "10.0.0.1 http here"},

		{"a hop", proxy, []string{"Forwarded: for=192.0.2.7;proto=https;host=there"}, "192.0.2.7 https there"},
		{"a proxy of IPv6", "[2001:db8:1::9]:1", []string{"Forwarded: for=192.0.2.7"}, "192.0.2.7 http here"},
		{"a proxy of IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{"Forwarded: for=192.0.2.7"}, "192.0.2.7 http here"},
		{"a proxy with a zone", "[2001:db8:1::9%eth0]:1", []string{"Forwarded: for=192.0.2.7"}, "192.0.2.7 http here"},
		{"names in any case", proxy, []string{"Forwarded: For=192.0.2.7;PROTO=HTTPS;Host=there"}, "192.0.2.7 https there"},
		{"quotes", proxy, []string{`Forwarded: for="192.0.2.7";proto="https";host="there:8443"`}, "192.0.2.7 https there:8443"},
		{"ports", proxy, []string{`Forwarded: for="192.0.2.7:4711"`}, "192.0.2.7 http here"},
		{"IPv6", proxy, []string{`Forwarded: for="[2001:db8::7]"`}, "2001:db8::7 http here"},
		{"IPv6 with a port", proxy, []string{`Forwarded: for="[2001:db8::7]:4711"`}, "2001:db8::7 http here"},
		{"IPv6 with a zone", proxy, []string{`Forwarded: for="[fe80::7%eth0]:4711"`}, "fe80::7 http here"},
		{"other parameters", proxy, []string{`Forwarded: by=_x;for=192.0.2.7;a="b,c;for=192.0.2.8";proto=https`}, "192.0.2.7 https here"},
		{"blanks", proxy, []string{"Forwarded:  for=192.0.2.9 ,  ; for=192.0.2.7 ; proto=https ; "}, "192.0.2.7 https here"},
		{"the last element counts", proxy, []string{"Forwarded: for=192.0.2.9;proto=https;host=there, for=192.0.2.7"}, "192.0.2.7 http here"},
		{"two hops", proxy, []string{"Forwarded: for=192.0.2.9, for=192.0.2.7;proto=https;host=there, for=10.0.0.2;host=inner"}, "192.0.2.7 https there"},
		{"two hops, in lines", proxy, []string{"Forwarded: for=192.0.2.7;proto=https", "Forwarded: for=10.0.0.2;host=inner"}, "192.0.2.7 https inner"},
		{"a trusted address at the end", proxy, []string{"Forwarded: for=10.0.0.3"}, "10.0.0.3 http here"},

		{"unknown", proxy, []string{"Forwarded: for=192.0.2.7, for=unknown;proto=https"}, "10.0.0.1 https here"},
		{"hidden", proxy, []string{`Forwarded: for=192.0.2.7, for="_gazonk"`}, "10.0.0.1 http here"},
		{"no address", proxy, []string{"Forwarded: for=192.0.2.7, proto=https"}, "10.0.0.1 https here"},
		{"no value", proxy, []string{"Forwarded: for=192.0.2.7, for"}, "10.0.0.1 http here"},
		{"a parameter twice", proxy, []string{"Forwarded: for=192.0.2.7, for=192.0.2.8;for=192.0.2.9;proto=https"}, "10.0.0.1 http here"},
		{"no address of IPv4", proxy, []string{"Forwarded: for=192.0.2.256"}, "10.0.0.1 http here"},
		{"no port", proxy, []string{`Forwarded: for="192.0.2.7:x"`}, "10.0.0.1 http here"},
		{"half a bracket", proxy, []string{`Forwarded: for="[2001:db8::7"`}, "10.0.0.1 http here"},
		{"half a quotation", proxy, []string{`Forwarded: for="192.0.2.7`}, "10.0.0.1 http here"},
		{"half a quotation of the client", proxy, []string{`Forwarded: for="192.0.2.9, for="[2001:db8::7]"`}, "2001:db8::7 http here"},
		{"an open end of the client", proxy, []string{`Forwarded: for=192.0.2.9;a="\`, "Forwarded: for=192.0.2.7"}, "192.0.2.7 http here"},
		{"a quotation in a host", proxy, []string{`Forwarded: for=192.0.2.7;host="x\", for=192.0.2.9;a=\""`}, "192.0.2.7 http here"},
		{"another scheme", proxy, []string{"Forwarded: for=192.0.2.7;proto=javascript"}, "192.0.2.7 http here"},
		{"no host", proxy, []string{`Forwarded: for=192.0.2.7;host="a b"`}, "192.0.2.7 http here"},
		{"a host with a path", proxy, []string{`Forwarded: for=192.0.2.7;host="there/x"`}, "192.0.2.7 http here"},
		{"a long host", proxy, []string{"Forwarded: for=192.0.2.7;host=" + strings.Repeat("x", 256)}, "192.0.2.7 http here"},
		{"many hops", proxy, []string{"Forwarded: for=192.0.2.7" + strings.Repeat(", for=10.0.0.2", 32)}, "10.0.0.2 http here"},

		{"X-Forwarded-For", proxy, []string{"X-Forwarded-For: 192.0.2.9, 192.0.2.7"}, "192.0.2.7 http here"},
		{"with scheme and host", proxy, []string{"X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: there"}, "192.0.2.7 https there"},
		{"of two hops", proxy, []string{"X-Forwarded-For: 192.0.2.9, 192.0.2.7", "X-Forwarded-For: 10.0.0.2", "X-Forwarded-Proto: https, http", "X-Forwarded-Host: there"}, "192.0.2.7 https there"},
		{"of a client, with a port", proxy, []string{"X-Forwarded-For: 192.0.2.7:4711"}, "192.0.2.7 http here"},
		{"of a client of IPv6", proxy, []string{"X-Forwarded-For: 2001:db8::7"}, "2001:db8::7 http here"},
		{"of a client of IPv6, with a port", proxy, []string{"X-Forwarded-For: [2001:db8::7]:4711"}, "2001:db8::7 http here"},
		{"of an unknown client", proxy, []string{"X-Forwarded-For: 192.0.2.9, unknown", "X-Forwarded-Proto: https"}, "10.0.0.1 https here"},
		{"of nobody", proxy, []string{"X-Forwarded-Proto: https", "X-Forwarded-Host: there"}, "10.0.0.1 https there"},
		{"an empty one", proxy, []string{"X-Forwarded-For: "}, "10.0.0.1 http here"},

		{"both, alike", proxy, []string{"Forwarded: for=192.0.2.7;host=there", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Host: other"}, "192.0.2.7 http there"},
		{"both, not alike", proxy, []string{"Forwarded: for=192.0.2.7;host=there", "X-Forwarded-For: 192.0.2.8", "X-Forwarded-Host: other"}, "10.0.0.1 http here"},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, originOf(proxied(), "http://here/v1", row.from, row.headers...))
		})
	}
	require.Equal(t, "192.0.2.1 https here", originOf(proxied(), "https://here/v1", client))
}

// TestLimitsAreThoseOfTheClient: not of the proxy that it comes by.
func TestLimitsAreThoseOfTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := httpauth.NewMux(httpauth.Config{
			Authenticator:  tokens{},
			Logger:         slog.New(slog.NewTextHandler(io.Discard, nil)),
			Limiter:        limit.New(limit.Config{Anonymous: limit.Rate{PerSecond: 1, Burst: 1}}),
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")},
		}, surface)
		require.NoError(t, err)
		for _, row := range []struct {
			from, told string
			status     int
		}{
			{here, "198.51.100.1", 200},
			{here, "198.51.100.2", 200},
			{again, "198.51.100.1", 429},
			{"198.51.100.2:1", "198.51.100.3", 429},
		} {
			r := httptest.NewRequest("GET", "/optional", nil)
			r.RemoteAddr = row.from
			r.Header.Set("X-Forwarded-For", row.told)
			w := httptest.NewRecorder()
			m.ServeHTTP(w, r)
			require.Equal(t, row.status, w.Code, row)
		}
	})
}

// FuzzForwarded: whatever a client puts before what the proxy adds, the proxy's
// word is the one that counts.
func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{"", "for=192.0.2.9", `for="`, `a="\`, `"`, `\`, ",,;;==", `for="[::1]:1";proto=https`, "10.0.0.2, 10.0.0.3", `a="b\"c"`} {
		f.Add(seed)
	}
	h := proxied()
	f.Fuzz(func(t *testing.T, sent string) {
		for _, added := range []string{"for=192.0.2.7;proto=https;host=there", `proto="https";host="there";for="192.0.2.7:1"`} {
			require.Equal(t, "192.0.2.7 https there", originOf(h, "http://here/v1", "10.0.0.1:1", "Forwarded: "+sent+", "+added))
			require.Equal(t, "192.0.2.7 https there", originOf(h, "http://here/v1", "10.0.0.1:1", "Forwarded: "+sent, "Forwarded: "+added))
		}
		require.Equal(t, "192.0.2.7 http here", originOf(h, "http://here/v1", "10.0.0.1:1", "X-Forwarded-For: "+sent+", 192.0.2.7"))
		require.NotEmpty(t, originOf(h, "http://here/v1", "10.0.0.1:1", "Forwarded: "+sent))
		require.NotEmpty(t, originOf(h, "http://here/v1", "10.0.0.1:1", "X-Forwarded-For: "+sent))
	})
}
