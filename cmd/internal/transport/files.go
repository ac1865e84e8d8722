package transport

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"time"
)

// files says what is on disk now.
func (t *TLS) files() (found []os.FileInfo, err error) {
	names := []string{t.config.CertificateFile, t.config.KeyFile}
	if t.config.ClientCAFile != "" {
		names = append(names, t.config.ClientCAFile)
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("%w: give the path of a PEM file that the server can read", err)
		}
		found = append(found, info)
	}
	return found, nil
}

func same(a, b []os.FileInfo) bool {
	return slices.EqualFunc(a, b, func(a, b os.FileInfo) bool {
		return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
	})
}

// read makes of the files what a handshake needs.
func (c Config) read() (*tls.Config, error) {
	certificate, err := tls.LoadX509KeyPair(c.CertificateFile, c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w: give a PEM certificate and the PEM key that belongs to it", c.CertificateFile, c.KeyFile, err)
	}
	loaded := &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}
	switch {
	case c.ClientCAFile != "":
		loaded.ClientAuth = tls.VerifyClientCertIfGiven
		loaded.ClientCAs, err = readAuthorities(c.ClientCAFile)
	case c.RequestClientCertificates:
		loaded.ClientAuth = tls.RequestClientCert
	}
	return loaded, err
}

func readAuthorities(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("client CA file: %w: give a PEM file that the server can read", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("client CA file %s has no certificate: give a PEM file with those that sign certificates of clients", file)
	}
	return pool, nil
}

// expiresSoon is how long before its end a certificate should have been replaced.
const expiresSoon = 14 * 24 * time.Hour

// tell logs what is in use from now on.
func (c Config) tell(leaf *x509.Certificate) {
	log := c.Logger.With("file", c.CertificateFile, "expires", leaf.NotAfter.UTC())
	switch left := leaf.NotAfter.Sub(c.Now()); {
	case left <= 0:
		log.Warn("the certificate has expired, and clients will refuse it: replace the file")
	case left < expiresSoon:
		log.Warn("the certificate expires soon: replace the file")
	default:
		log.Info("certificate loaded")
	}
}
