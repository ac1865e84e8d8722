package httpauth

import (
	"net/http"
	"net/netip"

	"roster/auth"
)

// originOf says where a request comes from. Those whose address is not known are
// counted together.
func originOf(r *http.Request) auth.Origin {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	o := auth.Origin{Address: from.Addr(), Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		o.Scheme = "https"
	}
	return o
}
