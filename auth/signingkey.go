package auth

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// SigningKey is a key that the server signs access tokens with. No log, no format
// verb and no JSON shows the private half.
type SigningKey struct {
	ID      string
	Created time.Time
	Signs   time.Time // from when on it does
	Private []byte    `json:"-"` // PKCS #8, of ECDSA on P-256
}

func (k SigningKey) String() string             { return "signing key " + k.ID }
func (k SigningKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }
func (k SigningKey) LogValue() slog.Value       { return slog.StringValue(k.String()) }
