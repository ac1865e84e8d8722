// Package config is the settings of a server. The comments of the fields of
// Config are the operator's manual: what a setting does, and its default.
//
// A configuration that Validate accepts starts, unless the machine itself stands
// in the way (a folder that cannot be written, a port that is taken).
package config

import "time"

// Config is the settings of one server. Start from Defaults: a zero Config has
// no address to listen at.
type Config struct {
	// Data is the folder that holds everything the server keeps: the database
	// and the socket for administration. It is made if it is not there, readable
	// by its owner only. One server at a time uses it. Required.
	Data string

	// Schemas is a folder of JSON files that define more than users and groups, or
	// one such file: schemas and resource types (RFC 7643 sections 6 and 7), as
	// docs/schemas.md explains. They are read when the server starts. A server
	// that starts without a definition that has data says so and stops. By default
	// there are none.
	Schemas string

	// Listen is the address to serve at, host:port. A host of 0.0.0.0 or :: takes
	// requests from other machines; port 0 takes any free one. Default
	// 127.0.0.1:8080.
	//
	// Where requests come over a network, they need TLS (RFC 7644 section 7.2): that
	// of the server, with TLSCertificate, or that of a proxy in front of it, with
	// TrustedProxies and PublicURL.
	Listen string

	// TLSCertificate and TLSKey are files in PEM: the certificate with those that it
	// chains to, and its private key. The server reads them again when they change.
	// By default it speaks plain HTTP.
	TLSCertificate, TLSKey string

	// TLSClientCertificates lets clients show a certificate instead of a token, which
	// "roster client create" made known by its fingerprint. TLSClientCA is a file in PEM
	// with the CAs that sign such certificates: they may then be known by a name
	// that is in them, too, and those of anybody else are refused. Both need
	// TLSCertificate; by default no certificate is asked for.
	TLSClientCertificates bool
	TLSClientCA           string

	// TrustedProxies are the addresses, or networks like 10.0.0.0/8, of the proxies
	// that requests may come through. What they say in Forwarded, X-Forwarded-For,
	// X-Forwarded-Proto and X-Forwarded-Host is believed; of anybody else it is not.
	// By default there are none.
	TrustedProxies []string

	// InternalNetworks are networks, like 10.0.0.0/8, or addresses, that the server may
	// send to though they are not public: where the host names of issuers and webhooks
	// lead, which administrators of accounts set. Link-local addresses need a network of
	// their own, such as 169.254.0.0/16. By default there are none. Of a URL with an
	// address or localhost in it, which only the operator can set, and behind a proxy
	// (HTTPS_PROXY), nothing is asked.
	InternalNetworks []string

	// CORSOrigins are the sites whose pages may call the server from a browser, such
	// as https://app.example.com. By default there are none.
	CORSOrigins []string

	// PublicURL is where clients reach the server, such as
	// https://scim.example.com, without the /scim/v2 that follows. The absolute
	// locations in answers start with it. By default each answer uses the scheme
	// and host of its request.
	PublicURL string

	// LogFormat is text for people, json for machines, or auto: text on a
	// terminal, json otherwise. Default auto.
	LogFormat string

	// LogLevel is the least important level to log: debug, info, warn or error.
	// Default info, with one line for each request.
	LogLevel string

	// ShutdownTimeout is how long requests that are being answered may take to
	// finish once the server was told to stop. Default 20 s.
	ShutdownTimeout time.Duration

	// ReadHeaderTimeout is how long a client may take to send the header of a
	// request. Default 10 s.
	ReadHeaderTimeout time.Duration

	// ReadTimeout is how long a client may take to send a whole request. Default
	// 1 min.
	ReadTimeout time.Duration

	// WriteTimeout is how long an answer may take, from the end of the request's
	// header to the last byte. Default 2 min.
	WriteTimeout time.Duration

	// IdleTimeout is how long a connection is kept open for a next request.
	// Default 2 min.
	IdleTimeout time.Duration

	// MaxHeaderBytes bounds the request line and header of a request, and what a
	// connection costs in memory before it is known who sends it. A longer one
	// is answered without a SCIM error, because nobody has read it. Default 1 MiB.
	MaxHeaderBytes int

	// AddressRate is how many requests a second without a valid token one address
	// may send in the long run, and ten times as many at once. A fifth of it may
	// be tokens that are wrong. Behind a proxy that is not one of TrustedProxies,
	// all clients have its address.
	// Default 50. What a token and an account may send, the account sets.
	AddressRate int

	// Concurrency is how many requests are in work at once, where each 16 KiB of a
	// body count as one more. It bounds memory: one of 1 MiB may take 30 MiB while
	// it is in work. Others wait up to two seconds. Default 512.
	Concurrency int
}

// Defaults returns the settings of a server that sets none; Data is still to be
// set.
func Defaults() Config {
	return Config{
		Listen:            "127.0.0.1:8080",
		LogFormat:         "auto",
		LogLevel:          "info",
		ShutdownTimeout:   20 * time.Second,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    1 << 20,
		AddressRate:       50,
		Concurrency:       512,
	}
}
