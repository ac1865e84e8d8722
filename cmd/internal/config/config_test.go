package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"roster/cmd/internal/config"
)

func TestDefaultsAreValid(t *testing.T) {
	c := config.Defaults()
	require.ErrorContains(t, c.Validate(), "--data", "the folder is the only setting without a default")
	c.Data = "data"
	require.NoError(t, c.Validate())
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*config.Config)
		problem string // "" if it is valid
	}{
		{"any host", func(c *config.Config) { c.Listen = ":0" }, ""},
		{"IPv6", func(c *config.Config) { c.Listen = "[::1]:8080" }, ""},
		{"no port", func(c *config.Config) { c.Listen = "localhost" }, "like 127.0.0.1:8080"},
		{"port by name", func(c *config.Config) { c.Listen = "localhost:http" }, "must be a number"},
		{"large port", func(c *config.Config) { c.Listen = "localhost:65536" }, "must be a number"},
		{"public URL", func(c *config.Config) { c.PublicURL = "https://scim.example.com" }, ""},
		{"public URL with a path", func(c *config.Config) { c.PublicURL = "https://example.com/roster/" }, ""},
		{"public URL without scheme", func(c *config.Config) { c.PublicURL = "scim.example.com" }, "like https://"},
		{"public URL of another scheme", func(c *config.Config) { c.PublicURL = "ftp://example.com" }, "like https://"},
		{"public URL with a query", func(c *config.Config) { c.PublicURL = "https://example.com?a=b" }, "leave out"},
		{"public URL with a password", func(c *config.Config) { c.PublicURL = "https://a:b@example.com" }, "leave out"},
		{"public URL of the base", func(c *config.Config) { c.PublicURL = "https://example.com/scim/v2/" }, "leave out /scim/v2"},
		{"certificate without key", func(c *config.Config) { c.TLSCertificate = "a.pem" }, "belong together"},
		{"key without certificate", func(c *config.Config) { c.TLSKey = "a.pem" }, "belong together"},
		{"TLS", func(c *config.Config) { c.TLSCertificate, c.TLSKey = "a.pem", "b.pem" }, ""},
		{"client certificates without TLS", func(c *config.Config) { c.TLSClientCertificates = true }, "need TLS"},
		{"client CA without TLS", func(c *config.Config) { c.TLSClientCA = "ca.pem" }, "need TLS"},
		{"proxy", func(c *config.Config) { c.TrustedProxies = []string{"10.0.0.7", "10.1.0.0/16", "fd00::/8", "::1"} }, ""},
		{"proxy by name", func(c *config.Config) { c.TrustedProxies = []string{"proxy.example.com"} }, `trusted-proxy "proxy.example.com"`},
		{"proxy with a wide mask", func(c *config.Config) { c.TrustedProxies = []string{"10.0.0.0/33"} }, "like 10.0.0.7"},
		{"internal network", func(c *config.Config) { c.InternalNetworks = []string{"10.0.0.7", "10.1.0.0/16", "fd00::/8", "::1"} }, ""},
		{"internal network by name", func(c *config.Config) { c.InternalNetworks = []string{"corp.example.com"} }, `internal-network "corp.example.com"`},
		{"origin", func(c *config.Config) {
			c.CORSOrigins = []string{"https://app.example.com", "http://localhost:3000"}
		}, ""},
		{"any origin", func(c *config.Config) { c.CORSOrigins = []string{"*"} }, "scheme and host only"},
		{"origin with a path", func(c *config.Config) { c.CORSOrigins = []string{"https://app.example.com/"} }, "scheme and host only"},
		{"origin with a user", func(c *config.Config) { c.CORSOrigins = []string{"https://a@app.example.com"} }, "scheme and host only"},
		{"origin in capitals", func(c *config.Config) { c.CORSOrigins = []string{"https://App.example.com"} }, "in lower case"},
		{"origins of a domain", func(c *config.Config) { c.CORSOrigins = []string{"https://*.example.com"} }, "without *"},
		{"log level", func(c *config.Config) { c.LogLevel = "loud" }, "choose debug"},
		{"log format", func(c *config.Config) { c.LogFormat = "xml" }, "choose auto"},
		{"no timeout", func(c *config.Config) { c.ReadTimeout = 0 }, "read-timeout is 0s"},
		{"negative timeout", func(c *config.Config) { c.ShutdownTimeout = -1 }, "shutdown-timeout"},
		{"no rate", func(c *config.Config) { c.AddressRate = 0 }, "address-rate is 0"},
		{"large rate", func(c *config.Config) { c.AddressRate = 1_000_001 }, "address-rate is 1000001"},
		{"no concurrency", func(c *config.Config) { c.Concurrency = 3 }, "concurrency is 3"},
		{"large concurrency", func(c *config.Config) { c.Concurrency = 1_000_001 }, "concurrency is 1000001"},
		{"tiny header", func(c *config.Config) { c.MaxHeaderBytes = 1 }, "max-header-bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := config.Defaults()
			c.Data = "data"
			tt.change(&c)
			if tt.problem == "" {
				require.NoError(t, c.Validate())
				return
			}
			require.ErrorContains(t, c.Validate(), tt.problem)
		})
	}
}

// TestValidateReportsAll: an operator mends everything at once.
func TestValidateReportsAll(t *testing.T) {
	c := config.Defaults()
	c.Listen, c.LogLevel = "", ""
	err := c.Validate()
	for _, problem := range []string{"--data", "listen", "log-level"} {
		require.ErrorContains(t, err, problem)
	}
}
