// Package outgoing sends the HTTP requests of the server to where accounts say, such
// as issuers and webhooks.
//
// It promises that no account can use the server to reach what only the server
// reaches: a name may lead to a public address, or into a network that the operator
// allows, and nowhere else. That is asked of the address that is really dialled, so a
// name that leads elsewhere a moment later gains nothing. What is behind a proxy of
// the operator, the proxy decides.
//
// An address, or localhost, in a URL that was configured is dialled as it is: who may
// set such a URL is decided where that is done (see receiver.IsInternal).
package outgoing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"roster/auth/receiver"
)

// Config of a Network. The zero value is one that allows public addresses only.
type Config struct {
	// Internal are networks that are not public and that names may lead into. One that
	// holds link-local addresses among others does not allow those, where clouds tell
	// secrets to who asks: only one of link-local addresses alone does.
	Internal []netip.Prefix
	// Roots are the authorities that may vouch for receivers. Default: the system's.
	Roots *x509.CertPool

	// Proxy returns the proxy for a request, nil for none; default
	// http.ProxyFromEnvironment. Resolver finds addresses; default
	// net.DefaultResolver. For tests.
	Proxy    func(*http.Request) (*url.URL, error)
	Resolver *net.Resolver
}

// Network is made by New and may be used concurrently.
type Network struct {
	config Config
	// They share no connections: what one has dialled, the other does not use.
	open, checked *http.Transport
}

// New returns a Network that has contacted nobody yet.
func New(c Config) *Network {
	if c.Proxy == nil {
		c.Proxy = http.ProxyFromEnvironment
	}
	n := &Network{config: c}
	n.open, n.checked = n.transport(nil), n.transport(n.check)
	n.open.Proxy = c.Proxy
	return n
}

func (n *Network) transport(check func(context.Context, string, string, syscall.RawConn) error) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Resolver: n.config.Resolver, ControlContext: check}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: n.config.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 64 << 10,
		IdleConnTimeout:        30 * time.Second,
	}
}

// Anywhere sends requests to URLs of the operator, wherever they lead.
func (n *Network) Anywhere() http.RoundTripper { return n.open }

// To sends requests to a URL that an account has configured, and to others that the
// receiver names.
func (n *Network) To(configured string) http.RoundTripper {
	w := way{Network: n}
	if u, err := url.Parse(configured); err == nil {
		w.host = u.Hostname()
	}
	return w
}

// way is where a URL leads that was configured.
type way struct {
	*Network
	host string // of the URL
}

func (w way) RoundTrip(r *http.Request) (*http.Response, error) {
	if host := r.URL.Hostname(); receiver.IsInternal(host) {
		if host == w.host {
			return w.open.RoundTrip(r)
		}
	} else if proxy, err := w.config.Proxy(r); proxy != nil || err != nil {
		return w.open.RoundTrip(r)
	}
	return w.checked.RoundTrip(r)
}

// check refuses an address that is about to be dialled.
func (n *Network) check(_ context.Context, _, at string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(at)
	if err != nil {
		return err
	}
	if address := receiver.Plain(to.Addr()); !receiver.IsPublic(address) && !n.allows(address) {
		return fmt.Errorf("the address is not public: if the server may send there, allow it with --internal-network %s (ROSTER_INTERNAL_NETWORK)", address)
	}
	return nil
}

func (n *Network) allows(address netip.Addr) bool {
	for _, network := range n.config.Internal {
		if network.Contains(address) && network.Addr().IsLinkLocalUnicast() == address.IsLinkLocalUnicast() {
			return true
		}
	}
	return false
}
