package app

import "roster/cmd/internal/transport"

// tls reads what the server speaks TLS with, nil if it does not.
func (c Config) tls() (*transport.TLS, error) {
	if c.TLSCertificate == "" {
		return nil, nil
	}
	return transport.New(transport.Config{
		CertificateFile:           c.TLSCertificate,
		KeyFile:                   c.TLSKey,
		ClientCAFile:              c.TLSClientCA,
		RequestClientCertificates: c.TLSClientCertificates,
		Logger:                    c.Logger,
	})
}
