package factortest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// options are what is used of those for a registration and those for a login
// (WebAuthn sections 5.4 and 5.5).
type options struct {
	PublicKey *options `json:"publicKey"`
	Challenge string   `json:"challenge"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	RPID string `json:"rpId"`
	User struct {
		ID base64url `json:"id"`
	} `json:"user"`
	Selection struct {
		ResidentKey string `json:"residentKey"`
	} `json:"authenticatorSelection"`
	Exclude []descriptor `json:"excludeCredentials"`
	Allow   []descriptor `json:"allowCredentials"`
}

type descriptor struct {
	ID base64url `json:"id"`
}

func parse(text []byte) (options, error) {
	var o options
	if err := json.Unmarshal(text, &o); err != nil {
		return o, fmt.Errorf("decode options: %w", err)
	}
	if o.PublicKey != nil {
		o = *o.PublicKey
	}
	return o, nil
}

func (a *Authenticator) registration(c *credential, challenge string) ([]byte, error) {
	client, err := a.clientData("webauthn.create", challenge)
	if err != nil {
		return nil, err
	}
	public, err := coseKey(&c.key.PublicKey)
	if err != nil {
		return nil, err
	}
	data := a.authenticatorData(c, flagAttested)
	data = append(data, make([]byte, 16)...) // AAGUID: of no known make
	data = binary.BigEndian.AppendUint16(data, uint16(len(c.id)))
	data = append(append(data, c.id...), public...)
	format, statement := "none", cborMap()
	if a.SelfAttested {
		signature, err := c.sign(data, client)
		if err != nil {
			return nil, err
		}
		format, statement = "packed", cborMap(cborText("alg"), cborInt(es256), cborText("sig"), cborBytes(signature))
	}
	object := cborMap(cborText("fmt"), cborText(format), cborText("attStmt"), statement, cborText("authData"), cborBytes(data))
	return answer(c, map[string]any{
		"clientDataJSON": base64url(client), "attestationObject": base64url(object), "transports": []string{"usb"},
	})
}

func (a *Authenticator) assertion(c *credential, challenge string) ([]byte, error) {
	client, err := a.clientData("webauthn.get", challenge)
	if err != nil {
		return nil, err
	}
	data := a.authenticatorData(c, 0)
	signature, err := c.sign(data, client)
	if err != nil {
		return nil, err
	}
	response := map[string]any{
		"clientDataJSON": base64url(client), "authenticatorData": base64url(data), "signature": base64url(signature),
	}
	if c.discoverable {
		response["userHandle"] = base64url(c.user)
	}
	return answer(c, response)
}

// Flags of the authenticator data (WebAuthn section 6.1).
const (
	flagPresent  = 1 << 0
	flagVerified = 1 << 2
	flagAttested = 1 << 6
)

func (a *Authenticator) authenticatorData(c *credential, flags byte) []byte {
	if !a.Absent {
		flags |= flagPresent
	}
	if !a.Unverified {
		flags |= flagVerified
	}
	site := sha256.Sum256([]byte(c.site))
	return binary.BigEndian.AppendUint32(append(site[:], flags), c.counter)
}

// clientData is what the browser adds (WebAuthn section 5.8.1).
func (a *Authenticator) clientData(ceremony, challenge string) ([]byte, error) {
	if a.Challenge != "" {
		challenge = a.Challenge
	}
	return json.Marshal(map[string]any{
		"type": ceremony, "challenge": challenge, "origin": a.Origin, "crossOrigin": a.CrossOrigin,
	})
}

func (c *credential) sign(data, client []byte) ([]byte, error) {
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	return ecdsa.SignASN1(rand.Reader, c.key, digest[:])
}

func answer(c *credential, response map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{
		"id": base64url(c.id), "rawId": base64url(c.id), "type": "public-key",
		"response": response, "clientExtensionResults": map[string]any{},
	})
}

// base64url is how bytes are written in the JSON of WebAuthn.
type base64url []byte

func (b base64url) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

func (b *base64url) UnmarshalText(text []byte) (err error) {
	*b, err = base64.RawURLEncoding.DecodeString(string(text))
	return err
}
