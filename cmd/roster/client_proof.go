package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"roster/auth/registry"
)

// proof is what a client shows instead of a secret.
type proof struct {
	PublicKey       string `type:"existingfile" placeholder:"FILE" xor:"proof" help:"Public key in PEM, or as a JWK, whose private half signs the client's assertions."`
	Issuer          string `placeholder:"URL" xor:"proof" help:"Issuer of the client's assertions, as Entra ID shows it for workload identity federation; with --subject and --audience."`
	Subject         string `placeholder:"TEXT" help:"The sub of its assertions."`
	Audience        string `placeholder:"TEXT" help:"The aud of its assertions."`
	Certificate     string `type:"existingfile" placeholder:"FILE" xor:"proof" help:"Certificate in PEM that the client shows, known by its fingerprint."`
	CertificateName string `placeholder:"NAME" xor:"proof" help:"Name in a certificate that a CA of --tls-client-ca signed: dns:NAME, uri:URI, email:ADDRESS or cn:NAME."`
}

// material is what a proof names.
type material struct {
	form        registry.Form
	key         []byte
	federated   registry.Federated
	certificate registry.Certificate
}

// read is the material of a proof. Without one it is a secret.
func (p proof) read() (m material, err error) {
	if given := p.Issuer + p.Subject + p.Audience; given != "" && (p.Issuer == "" || p.Subject == "" || p.Audience == "") {
		return material{}, errors.New("--issuer, --subject and --audience belong together: name all three")
	}
	switch {
	case p.PublicKey != "":
		m.form = registry.FormKey
		m.key, err = readSome(p.PublicKey)
	case p.Issuer != "":
		m.form = registry.FormFederated
		m.federated = registry.Federated{Issuer: p.Issuer, Audience: p.Audience, Subject: p.Subject}
	case p.Certificate != "":
		m.form = registry.FormCertificate
		m.certificate.Fingerprint, err = fingerprint(p.Certificate)
	case p.CertificateName != "":
		m.form, m.certificate.Name = registry.FormCertificate, p.CertificateName
	default:
		m.form = registry.FormSecret
	}
	return m, err
}

// readSome reads a file, but not more than any key or certificate has.
func readSome(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, 64<<10))
}

// fingerprint is the SHA-256 of the client's certificate in a file, which may have
// those that it chains to behind it.
func fingerprint(path string) (string, error) {
	text, err := readSome(path)
	if err != nil {
		return "", err
	}
	var chain []*x509.Certificate
	private := false
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		private = private || strings.HasSuffix(block.Type, "PRIVATE KEY")
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		chain = append(chain, c)
	}
	switch {
	case len(chain) == 0 && private:
		return "", fmt.Errorf("%s has a private key, which only the client may know: give the file of its certificate", path)
	case len(chain) == 0:
		return "", fmt.Errorf("%s has no certificate: give a file in PEM, with -----BEGIN CERTIFICATE-----", path)
	}
	return leafOf(chain, path)
}

func leafOf(chain []*x509.Certificate, path string) (string, error) {
	leaf := chain[0]
	for _, c := range chain[1:] {
		if !c.Equal(leaf) && c.CheckSignatureFrom(leaf) == nil {
			return "", fmt.Errorf("the first certificate in %s has signed another one there: put that of the client first", path)
		}
	}
	if time.Now().After(leaf.NotAfter) {
		return "", fmt.Errorf("the certificate in %s has expired, on %s", path, leaf.NotAfter.Format(time.DateOnly))
	}
	sum := sha256.Sum256(leaf.Raw)
	return hex.EncodeToString(sum[:]), nil
}
