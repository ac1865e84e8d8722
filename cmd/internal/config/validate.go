package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Validate reports every setting that cannot work, each with what to do. It
// looks at nothing but c.
func (c Config) Validate() error {
	return errors.Join(
		c.validateData(),
		c.validateListen(),
		c.validatePublicURL(),
		c.validateTLS(),
		c.validateNetworks(),
		c.validateOrigins(),
		c.validateLog(),
		c.validateBounds(),
	)
}

func (c Config) validateData() error {
	if c.Data == "" {
		return errors.New("no data folder: name one with --data DIR or ROSTER_DATA (roster serve --dev can do without)")
	}
	return nil
}

func (c Config) validateListen() error {
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listen %q is not host:port: write it like 127.0.0.1:8080", c.Listen)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("listen %q: the port must be a number from 0 to 65535", c.Listen)
	}
	return nil
}

func (c Config) validatePublicURL() error {
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("public-url %q: write it like https://scim.example.com", c.PublicURL)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("public-url: leave out user, query and fragment")
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/scim/v2"):
		return fmt.Errorf("public-url %q: leave out /scim/v2, the server adds it", c.PublicURL)
	}
	return nil
}

func (c Config) validateTLS() error {
	switch {
	case (c.TLSCertificate == "") != (c.TLSKey == ""):
		return errors.New("tls-cert and tls-key belong together: name the files of the certificate and of its private key")
	case c.TLSCertificate == "" && (c.TLSClientCertificates || c.TLSClientCA != ""):
		return errors.New("tls-client-certs and tls-client-ca need TLS: name tls-cert and tls-key as well")
	}
	return nil
}

func (c Config) validateNetworks() error {
	_, proxies := c.Proxies()
	_, internal := c.Internal()
	return errors.Join(proxies, internal)
}

// Proxies returns the networks of TrustedProxies.
func (c Config) Proxies() ([]netip.Prefix, error) { return networks("trusted-proxy", c.TrustedProxies) }

// Internal returns the networks of InternalNetworks.
func (c Config) Internal() ([]netip.Prefix, error) {
	return networks("internal-network", c.InternalNetworks)
}

// networks reads a setting of addresses and networks.
func networks(setting string, texts []string) (networks []netip.Prefix, err error) {
	for _, text := range texts {
		network, err := netip.ParsePrefix(text)
		if address, failed := netip.ParseAddr(text); failed == nil {
			address = address.Unmap()
			network, err = address.Prefix(address.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%s %q: write an address or a network, like 10.0.0.7 or 10.0.0.0/8", setting, text)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

func (c Config) validateOrigins() error {
	for _, text := range c.CORSOrigins {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ToLower(u.Scheme+"://"+u.Host) != text || strings.Contains(text, "*") {
			return fmt.Errorf("cors-origin %q: write scheme and host only, in lower case and without *, like https://app.example.com", text)
		}
	}
	return nil
}

func (c Config) validateLog() error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return fmt.Errorf("log-level %q: choose debug, info, warn or error", c.LogLevel)
	}
	switch c.LogFormat {
	case "auto", "text", "json":
		return nil
	}
	return fmt.Errorf("log-format %q: choose auto, text or json", c.LogFormat)
}

func (c Config) validateBounds() error {
	durations := []struct {
		name  string
		value time.Duration
	}{
		{"shutdown-timeout", c.ShutdownTimeout},
		{"read-header-timeout", c.ReadHeaderTimeout},
		{"read-timeout", c.ReadTimeout},
		{"write-timeout", c.WriteTimeout},
		{"idle-timeout", c.IdleTimeout},
	}
	for _, d := range durations {
		if d.value <= 0 {
			return fmt.Errorf("%s is %s: it must be more than nothing, such as 20s", d.name, d.value)
		}
	}
	if c.MaxHeaderBytes < 4<<10 {
		return fmt.Errorf("max-header-bytes is %d: it must be at least 4096", c.MaxHeaderBytes)
	}
	if c.AddressRate < 1 || c.AddressRate > 1_000_000 {
		return fmt.Errorf("address-rate is %d: it must be from 1 to 1000000", c.AddressRate)
	}
	if c.Concurrency < 4 || c.Concurrency > 1_000_000 {
		return fmt.Errorf("concurrency is %d: it must be from 4 to 1000000", c.Concurrency)
	}
	return nil
}
