package platform

import (
	"time"

	"roster/auth"
	"roster/auth/registry"
	"roster/extensions/rest"
)

// ClientToken is all that is known of a credential of a client but its secret.
type ClientToken struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Form       string       `json:"form" enum:"bearer,secret,key,federated,certificate" doc:"How the client shows that it is its own"`
	ClientID   string       `json:"clientId" doc:"For the token endpoint; it stays the same through rotations"`
	Scopes     []auth.Scope `json:"scopes"`
	UserID     string       `json:"userId,omitzero" doc:"Of the user that it belongs to"`
	Domain     string       `json:"domain,omitzero" doc:"Provisioning domain: its externalIds are the client's own (RFC 7643 section 3.1)"`
	CreatedAt  time.Time    `json:"createdAt"`
	ExpiresAt  time.Time    `json:"expiresAt"`
	RevokedAt  time.Time    `json:"revokedAt,omitzero"`
	LastUsedAt time.Time    `json:"lastUsedAt,omitzero" doc:"To the minute; absent if it never was used"`
	Replaces   string       `json:"replaces,omitzero" doc:"Identifier of the one in whose place it came"`
	ReplacedBy string       `json:"replacedBy,omitzero" doc:"Identifier of the one that came in its place"`

	PublicKey   string               `json:"publicKey,omitzero" doc:"With the form key, in PEM"`
	KeyID       string               `json:"keyId,omitzero" doc:"kid of the client's assertions"`
	Federated   registry.Federated   `json:"federated,omitzero"`
	Certificate registry.Certificate `json:"certificate,omitzero"`
}

func tokenOf(t registry.Token) ClientToken {
	return ClientToken{
		ID: t.ID, Name: t.Name, Form: string(t.Form), ClientID: t.Client, Scopes: rest.OrEmpty(t.Scopes), UserID: t.User, Domain: t.Domain,
		CreatedAt: rest.ShownTime(t.Created), ExpiresAt: rest.ShownTime(t.Expires),
		RevokedAt: shownOrNone(t.Revoked), LastUsedAt: shownOrNone(t.LastUsed), Replaces: t.Replaces, ReplacedBy: t.ReplacedBy,
		PublicKey: string(t.Key), KeyID: t.KeyID, Federated: t.Federated, Certificate: t.Certificate,
	}
}

// IssuedClientToken is a credential that was just made.
type IssuedClientToken struct {
	ClientToken
	Secret string `json:"secret,omitzero" doc:"Shown once: what a bearer token is sent as, or the client's secret for the token endpoint; absent for other forms"`
}

// proof is what the client shows, of the forms that have no secret of the server's.
type proof struct {
	PublicKey   string               `json:"publicKey,omitzero" minLength:"1" maxLength:"8192" doc:"With the form key: RSA, EC or Ed25519, in PEM or as a JWK"`
	Federated   registry.Federated   `json:"federated,omitzero" doc:"With the form federated: the assertions of another issuer that are the client's"`
	Certificate registry.Certificate `json:"certificate,omitzero" doc:"With the form certificate: its SHA-256 fingerprint, or a name in it, such as dns:hr.example.com"`
}

func (p proof) key() []byte {
	if p.PublicKey == "" {
		return nil
	}
	return []byte(p.PublicKey)
}

// NewClientToken is a credential to be made.
type NewClientToken struct {
	Name     string            `json:"name" minLength:"1" maxLength:"100" doc:"For people, such as the connector that uses it"`
	Form     string            `json:"form" default:"bearer" enum:"bearer,secret,key,federated,certificate" doc:"How the client shows that it is its own: bearer with each request, certificate in the TLS handshake, the others at the token endpoint"`
	Scopes   []auth.Scope      `json:"scopes" minItems:"1" maxItems:"20" doc:"roles stands for what the roles of the user allow"`
	UserID   string            `json:"userId,omitzero" minLength:"1" maxLength:"64" doc:"Of the user that it belongs to; of nobody, if it is absent"`
	Domain   string            `json:"domain,omitzero" minLength:"1" maxLength:"64" doc:"Provisioning domain, of a-z, 0-9, '.', '_' and '-'; that of the account, if it is absent"`
	Lifetime registry.Duration `json:"lifetime,omitzero" doc:"Such as 90d or 12h; 365d if it is absent, or what the account allows if that is less"`
	proof
}

func (n NewClientToken) in(account string) registry.NewToken {
	return registry.NewToken{
		Account: account, Name: n.Name, Form: registry.Form(n.Form), Scopes: n.Scopes, User: n.UserID, Domain: n.Domain,
		Lifetime: time.Duration(n.Lifetime), Key: n.key(), Federated: n.Federated, Certificate: n.Certificate,
	}
}

// ClientRotation is what the next one has of its own.
type ClientRotation struct {
	Overlap  registry.Duration `json:"overlap,omitzero" doc:"How long the old one may still be used; 1d if it is absent, or what the account allows if that is less"`
	Lifetime registry.Duration `json:"lifetime,omitzero" doc:"Of the new one; that of the old one if it is absent, or what the account allows if that is less"`
	proof
}

func (r ClientRotation) rotation() registry.Rotation {
	o := registry.Rotation{Overlap: time.Duration(r.Overlap), Lifetime: time.Duration(r.Lifetime), Key: r.key()}
	if (r.Federated != registry.Federated{}) {
		o.Federated = &r.Federated
	}
	if (r.Certificate != registry.Certificate{}) {
		o.Certificate = &r.Certificate
	}
	return o
}
