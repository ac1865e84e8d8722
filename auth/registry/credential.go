package registry

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"roster/auth/receiver"
)

// Form is how a client shows that a credential is its own.
type Form string

// The forms.
const (
	// FormBearer is a token that the client sends with each request.
	FormBearer Form = "bearer"
	// FormSecret is a secret that the client sends to the token endpoint (RFC 6749
	// section 2.3.1).
	FormSecret Form = "secret"
	// FormKey is a public key, whose private half signs assertions for the token
	// endpoint (RFC 7523 section 2.2).
	FormKey Form = "key"
	// FormFederated names the assertions of another issuer that the token endpoint
	// takes: workload identity federation.
	FormFederated Form = "federated"
	// FormCertificate is a certificate that the client shows in the TLS handshake.
	FormCertificate Form = "certificate"
)

// Forms lists the forms.
func Forms() []Form { return []Form{FormBearer, FormSecret, FormKey, FormFederated, FormCertificate} }

// isOfClient reports whether the token endpoint takes credentials of the form.
func (f Form) isOfClient() bool { return f == FormSecret || f == FormKey || f == FormFederated }

// Federated says which assertions of another issuer are a client's: those with
// these values as iss, aud (one of them) and sub, to the letter. Entra ID, for
// example, issues them as https://login.microsoftonline.com/<tenant>/v2.0, for
// api://<application>, with the id of an object as subject.
type Federated struct {
	Issuer   string `json:"issuer"`   // https URL without query and fragment
	Audience string `json:"audience"` // 1 to 512 bytes of text
	Subject  string `json:"subject"`  // 1 to 255 bytes of text
}

// Certificate says which client certificate is meant: one of the two.
type Certificate struct {
	// Fingerprint is the SHA-256 of one certificate's DER in hexadecimal, with or
	// without colons. It is kept in lower case without them.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Name is in every certificate that is meant, which must be signed by a CA of
	// the operator: "dns:", "uri:" or "email:" and a subject alternative name, or
	// "cn:" and the common name of the subject; to the letter, without wildcards.
	Name string `json:"name,omitempty"`
}

// proof is what a client proves by other means than a secret of the server's.
type proof struct {
	Key         []byte      `json:"key,omitempty"` // PKIX
	KeyID       string      `json:"keyId,omitempty"`
	Federated   Federated   `json:"federated,omitzero"`
	Certificate Certificate `json:"certificate,omitzero"`
}

// newProof checks that a credential of a form has what it needs and nothing else.
func newProof(form Form, key []byte, f Federated, c Certificate) (p proof, err error) {
	for _, part := range []struct {
		form  Form
		given bool
	}{{FormKey, len(key) > 0}, {FormFederated, f != Federated{}}, {FormCertificate, c != Certificate{}}} {
		if part.given && form != part.form {
			return proof{}, fmt.Errorf("a %s in a credential of the form %s is %w: use the form %s, or leave it out", part.form, form, ErrInvalid, part.form)
		}
	}
	switch form {
	case FormBearer, FormSecret:
	case FormKey:
		p.Key, p.KeyID, err = readPublicKey(key)
	case FormFederated:
		p.Federated, err = f, f.check()
	case FormCertificate:
		p.Certificate, err = c.normalised()
	default:
		err = invalid("form", string(form), "bearer, secret, key, federated or certificate")
	}
	return p, err
}

func (f Federated) check() error {
	var audience, subject error
	if !printable(f.Audience, maxIdentifier) {
		audience = invalid("audience", f.Audience, "what the issuer writes into aud: 1 to 512 bytes of text")
	}
	if !printable(f.Subject, maxClaim) {
		subject = invalid("subject", f.Subject, "what the issuer writes into sub: 1 to 255 bytes of text")
	}
	return errors.Join(checkIssuerURL(f.Issuer), audience, subject)
}

func (c Certificate) normalised() (Certificate, error) {
	if (c.Fingerprint == "") == (c.Name == "") {
		return c, fmt.Errorf("a certificate without either a fingerprint or a name is %w: give one of the two", ErrInvalid)
	}
	if c.Name != "" {
		return c, checkCertificateName(c.Name)
	}
	digits := strings.ToLower(strings.ReplaceAll(c.Fingerprint, ":", ""))
	if sum, err := hex.DecodeString(digits); err != nil || len(sum) != 32 {
		return c, invalid("fingerprint", c.Fingerprint, "the SHA-256 of the certificate's DER, 64 hexadecimal digits, as from: openssl x509 -noout -fingerprint -sha256 -in client.pem")
	}
	return Certificate{Fingerprint: digits}, nil
}

// text is what tells certificates apart.
func (c Certificate) text() string {
	if c.Name != "" {
		return c.Name
	}
	return fingerprintKind + c.Fingerprint
}

const fingerprintKind = "sha256:" // no kind of name

func checkCertificateName(name string) error {
	kind, value, _ := strings.Cut(name, ":")
	ok := printable(value, maxClaim)
	switch kind {
	case "dns":
		domain, err := normaliseDomain(value)
		ok = err == nil && domain == value
	case "email":
		ok = ok && receiver.IsMailAddress(value)
	case "uri":
		ok = ok && strings.Contains(value, ":")
	case "cn":
	default:
		ok = false
	}
	if !ok {
		return invalid("certificate name", name, "dns:, uri:, email: or cn: and what is in the certificate, such as dns:hr.example.com in lower case")
	}
	return nil
}
