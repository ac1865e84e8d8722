package httpauth

import (
	"net/http"
	"net/netip"
	"slices"

	"roster/auth"
)

// maxHops is how many proxies are followed back.
const maxHops = 32

// proxies are the addresses of those that are believed whom they speak for.
type proxies []netip.Prefix

func (p proxies) trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// origin says where a request comes from. Those whose address is not known are
// counted together.
//
// Behind a trusted proxy it is what Forwarded (RFC 7239) says, or else
// X-Forwarded-For, -Proto and -Host. Proxies that write one of them may pass on
// the other as the client made it up, so where both are there, they must tell of
// the same address, or neither is believed.
func (p proxies) origin(r *http.Request) auth.Origin {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	o := auth.Origin{Address: plain(from.Addr()), Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		o.Scheme = "https"
	}
	if !p.trust(o.Address) {
		return o
	}
	standard, common := newForwarded(r.Header), newXForwarded(r.Header)
	if *standard == "" {
		return p.walk(o, common.hop)
	}
	told := p.walk(o, standard.hop)
	if common.addresses != "" && p.walk(o, common.hop).Address != told.Address {
		return o
	}
	return told
}

// walk follows the hops back, of which next returns the one before, to the first
// address that is no trusted proxy, or the last that is known.
func (p proxies) walk(o auth.Origin, next func() hop) auth.Origin {
	for range maxHops {
		h := next()
		if h.scheme != "" {
			o.Scheme = h.scheme
		}
		if h.host != "" {
			o.Host = h.host
		}
		if !h.address.IsValid() {
			return o
		}
		if o.Address = h.address; !p.trust(o.Address) {
			return o
		}
	}
	return o
}

// plain is an address in the one form that it is compared and counted in.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
