package registry

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"strings"

	"roster/auth"
	"roster/storage"
)

// shown is a certificate as it was shown.
type shown struct {
	fingerprint [sha256.Size]byte
	verified    bool
}

// Certificate returns whose client certificate it is, which the TLS handshake
// proved the possession of; verified says that it is signed by a CA of the operator,
// without which its names count for nothing. It fails with auth.ErrUnauthenticated
// if the certificate is unknown or not valid now, its credential expired or revoked,
// or its names those of several credentials; and with another error if the store
// cannot be read. It answers from memory like Authenticate; the principal is shared.
func (r *Registry) Certificate(ctx context.Context, leaf *x509.Certificate, verified bool) (*auth.Principal, error) {
	now := r.now()
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		return nil, auth.ErrUnauthenticated
	}
	key := shown{sha256.Sum256(leaf.Raw), verified}
	h, err := r.certificates.get(key, now, func() (*holder, error) { return r.lookUpCertificate(ctx, key, leaf) })
	if err != nil {
		return nil, err
	}
	return r.admit(h, now)
}

// lookUpCertificate prefers the credential of the certificate itself to those of
// its names.
func (r *Registry) lookUpCertificate(ctx context.Context, key shown, leaf *x509.Certificate) (*holder, error) {
	return r.lookUpHolder(ctx, func(s storage.Snapshot) (*holder, error) {
		h, err := r.withCertificate(ctx, s, fingerprintKind+hex.EncodeToString(key.fingerprint[:]))
		if h != nil || err != nil || !key.verified {
			return h, orUnknown(h, err)
		}
		var found *holder
		for _, name := range namesOf(leaf) {
			h, err := r.withCertificate(ctx, s, name)
			switch {
			case err != nil:
				return nil, err
			case h == nil:
			case found != nil && found.principal.Subject != h.principal.Subject:
				return nil, auth.ErrUnauthenticated
			default:
				found = h
			}
		}
		return found, orUnknown(found, nil)
	})
}

// withCertificate returns nil if there is no credential for it that may be used.
func (r *Registry) withCertificate(ctx context.Context, s storage.Snapshot, text string) (*holder, error) {
	now := r.now()
	h, err := r.claimed(ctx, s, certificateClaim, []byte(text), func(b *tokenBody) bool {
		return b.Form == FormCertificate && b.Certificate.text() == text && b.usable(now)
	})
	if errors.Is(err, storage.ErrNotFound) || errors.Is(err, auth.ErrUnauthenticated) {
		return nil, nil
	}
	return h, err
}

func orUnknown(h *holder, err error) error {
	if h == nil && err == nil {
		return auth.ErrUnauthenticated
	}
	return err
}

// namesOf lists the names by which a certificate can be meant, as Certificate.Name
// has them: the first hundred, which is more than certificates of clients have.
func namesOf(leaf *x509.Certificate) (names []string) {
	for _, name := range leaf.DNSNames {
		names = append(names, "dns:"+strings.ToLower(name))
	}
	for _, uri := range leaf.URIs {
		names = append(names, "uri:"+uri.String())
	}
	for _, address := range leaf.EmailAddresses {
		names = append(names, "email:"+address)
	}
	if leaf.Subject.CommonName != "" {
		names = append(names, "cn:"+leaf.Subject.CommonName)
	}
	return names[:min(len(names), 100)]
}
