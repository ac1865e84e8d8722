package receiver

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// IsInternal takes the host of a URL if it says by itself that it is not on the
// public internet: localhost, or an address that is not IsPublic. Where another
// name leads, it does not ask.
func IsInternal(host string) bool {
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii // as an HTTP client reads it: １２７.０.０.１ is an address, too
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761 section 6.3
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && !IsPublic(address)
}

// IsPublic takes an address that anybody on the internet can have: none of this
// machine, of its network, of a private one or of a group. Of an IPv4 address
// inside an IPv6 one, the IPv4 address counts.
func IsPublic(address netip.Addr) bool {
	address = Plain(address)
	if address.Is6() && !global.Contains(address) {
		return false
	}
	for _, network := range special {
		if network.Contains(address) {
			return false
		}
	}
	return address.IsValid()
}

// Plain returns an address without its zone, and as IPv4 if it stands for that: mapped
// (RFC 4291 section 2.5.5.2), or translated on its way (RFC 6052).
func Plain(address netip.Addr) netip.Addr {
	address = address.Unmap().WithZone("")
	if translated.Contains(address) {
		bytes := address.As16()
		return netip.AddrFrom4([4]byte(bytes[12:]))
	}
	return address
}

var (
	global     = netip.MustParsePrefix("2000::/3") // what is given out of IPv6 (RFC 4291 section 2.4)
	translated = netip.MustParsePrefix("64:ff9b::/96")
)

// special are the networks of the IANA registries of special-purpose addresses (RFC
// 6890) that reach somebody, and are not public.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),      // this network
	netip.MustParsePrefix("10.0.0.0/8"),     // private
	netip.MustParsePrefix("100.64.0.0/10"),  // shared by the customers of a carrier
	netip.MustParsePrefix("127.0.0.0/8"),    // loopback
	netip.MustParsePrefix("169.254.0.0/16"), // link-local: also the metadata of clouds
	netip.MustParsePrefix("172.16.0.0/12"),  // private
	netip.MustParsePrefix("192.0.0.0/24"),   // protocol assignments
	netip.MustParsePrefix("192.168.0.0/16"), // private
	netip.MustParsePrefix("198.18.0.0/15"),  // benchmarks
	netip.MustParsePrefix("224.0.0.0/4"),    // multicast
	netip.MustParsePrefix("240.0.0.0/4"),    // reserved, and broadcast
	netip.MustParsePrefix("2001::/23"),      // protocol assignments: also Teredo, with an IPv4 address inside
	netip.MustParsePrefix("2002::/16"),      // 6to4, with an IPv4 address inside
}
