package httpauth

import (
	"net/http"
	"net/netip"
	"strings"
)

// hop is what one proxy says of the request that it took. What it does not say, or
// not in a form that is understood, is "" or not valid.
type hop struct {
	address      netip.Addr
	scheme, host string
}

// forwarded is what the header Forwarded has left to say.
type forwarded string

func newForwarded(h http.Header) *forwarded {
	f := forwarded(joined(h, "Forwarded"))
	return &f
}

// hop takes the last element (RFC 7239 section 4). One that is malformed says
// nothing.
func (f *forwarded) hop() hop {
	var said struct{ address, scheme, host string }
	for element := popLast((*string)(f), ','); element != ""; {
		name, value, found := strings.Cut(popLast(&element, ';'), "=")
		var into *string
		switch strings.ToLower(name) {
		case "for":
			into = &said.address
		case "proto":
			into = &said.scheme
		case "host":
			into = &said.host
		default:
			continue
		}
		if !found || *into != "" {
			return hop{}
		}
		*into = value
	}
	return hop{addressOf(strip(said.address, `""`)), schemeOf(strip(said.scheme, `""`)), hostOf(strip(said.host, `""`))}
}

// xForwarded is what the headers X-Forwarded-For, -Proto and -Host have left to
// say. They have no specification; the last elements belong together.
type xForwarded struct{ addresses, schemes, hosts string }

func newXForwarded(h http.Header) *xForwarded {
	return &xForwarded{joined(h, "X-Forwarded-For"), joined(h, "X-Forwarded-Proto"), joined(h, "X-Forwarded-Host")}
}

func (x *xForwarded) hop() hop {
	return hop{addressOf(popLast(&x.addresses, ',')), schemeOf(popLast(&x.schemes, ',')), hostOf(popLast(&x.hosts, ','))}
}

// joined is a header that may have been sent in several lines (RFC 9110 section
// 5.3).
func joined(h http.Header, name string) string { return strings.Join(h.Values(name), ",") }

// popLast takes the last element from a list, "" if there is none. It reads from
// the end, so that nothing that a client sends changes how that is read which a
// proxy adds behind it.
func popLast(list *string, separator byte) string {
	s, quoted, end := *list, false, 0
	for i := len(s) - 1; i >= 0 && end == 0; i-- {
		switch {
		case s[i] == '"' && !(quoted && isEscaped(s[:i])):
			quoted = !quoted
		case s[i] == separator && !quoted:
			end = i + 1
		}
	}
	*list = s[:max(end-1, 0)]
	return strings.Trim(s[end:], " \t")
}

// isEscaped reports whether the character behind a text is, by its backslashes.
func isEscaped(before string) bool {
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 1
}

// strip takes off a pair of quotation marks or brackets. Nothing that is
// understood has an escape inside.
func strip(s, pair string) string {
	if len(s) >= 2 && s[0] == pair[0] && s[len(s)-1] == pair[1] {
		return s[1 : len(s)-1]
	}
	return s
}

// addressOf reads an address, which may have a port, and is then in brackets if it
// is one of IPv6. Others, such as "unknown" and "_hidden" (RFC 7239 section 6),
// are not known.
func addressOf(s string) netip.Addr {
	if withPort, err := netip.ParseAddrPort(s); err == nil {
		return plain(withPort.Addr())
	}
	a, _ := netip.ParseAddr(strip(s, "[]"))
	return plain(a)
}

func schemeOf(s string) string {
	if s = strings.ToLower(s); s == "http" || s == "https" {
		return s
	}
	return ""
}

// hostOf takes a host, which may have a port, of the characters that are harmless
// in a URL.
func hostOf(s string) string {
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._:[]"
	if len(s) > 255 || strings.Trim(s, characters) != "" {
		return ""
	}
	return s
}
