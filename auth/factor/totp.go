package factor

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"roster/auth"
)

// ErrTOTP: a text is no secret of an authenticator app.
var ErrTOTP = errors.New("the secret is not 10 to 64 bytes in base32")

// What every authenticator app can do, and some can do nothing else.
const (
	totpDigits = 6
	totpPeriod = 30 // seconds
	totpSecret = 20 // bytes, as many as SHA-1 has (RFC 4226 section 4, R6)
)

// NewTOTP returns a new secret of 160 bits for an authenticator app, in base32.
// It must be read again for each code, so it is not hashed, see [Key.Seal].
func NewTOTP() auth.Secret {
	secret := make([]byte, totpSecret)
	rand.Read(secret) // never fails: it ends the process instead
	return auth.Secret(totpEncoding().EncodeToString(secret))
}

// ImportedTOTP checks a secret that another system made, and returns it as NewTOTP
// would have written it: spaces, hyphens, padding and lower case are taken. It
// accepts 80 bits, which is less than RFC 4226 wants but what has been given out
// for years. The codes must be of 6 digits, 30 seconds and SHA-1. It fails with
// ErrTOTP.
func ImportedTOTP(secret auth.Secret) (auth.Secret, error) {
	if len(secret) > 256 {
		return "", ErrTOTP
	}
	text := strings.NewReplacer(" ", "", "-", "").Replace(strings.ToUpper(secret.Reveal()))
	decoded, ok := decodeTOTP(strings.TrimRight(text, "="))
	if !ok {
		return "", ErrTOTP
	}
	return auth.Secret(totpEncoding().EncodeToString(decoded)), nil
}

// TOTPURL returns what an authenticator app reads from a QR code:
// otpauth://totp/issuer:name?secret=…&issuer=… It contains the secret. A colon in
// issuer or name becomes a space, because it is what divides them.
func TOTPURL(secret auth.Secret, issuer, name string) auth.Secret {
	escape := func(s string) string { // "+" for a space is shown as such by some apps
		return strings.ReplaceAll(url.QueryEscape(strings.ReplaceAll(s, ":", " ")), "+", "%20")
	}
	return auth.Secret(fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d",
		escape(issuer), escape(name), secret.Reveal(), escape(issuer), totpDigits, totpPeriod))
}

// VerifyTOTP reports whether code is right for the secret at that time, or one step
// of 30 seconds before or after it (RFC 6238 section 5.2), and which step it is
// for. A code is taken once only: one whose step is not after lastStep is refused.
// The caller keeps the step that is returned and passes it as the next lastStep, 0
// at first.
//
// A code can be guessed with three in a million: whoever calls has to allow a few
// wrong ones only. A secret that is none matches nothing.
func VerifyTOTP(secret, code auth.Secret, now time.Time, lastStep int64) (step int64, ok bool) {
	key, valid := decodeTOTP(secret.Reveal())
	text := strings.ReplaceAll(code.Reveal(), " ", "")
	if !valid || len(code) > 2*totpDigits || len(text) != totpDigits {
		return 0, false
	}
	current := now.Unix() / totpPeriod
	for candidate := current - 1; candidate <= current+1; candidate++ {
		same := subtle.ConstantTimeCompare([]byte(hotp(key, candidate)), []byte(text)) == 1
		if same && candidate > lastStep {
			step, ok = candidate, true // the last, should two steps have the same code
		}
	}
	return step, ok
}

// hotp is the code of a counter (RFC 4226 section 5.3).
func hotp(key []byte, counter int64) string {
	m := hmac.New(sha1.New, key)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(counter)))
	sum := m.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, number%1_000_000)
}

func totpEncoding() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }

func decodeTOTP(text string) ([]byte, bool) {
	decoded, err := totpEncoding().DecodeString(text)
	whole := totpEncoding().EncodedLen(len(decoded)) == len(text) // no line breaks, no single letter behind
	return decoded, err == nil && whole && len(decoded) >= 10 && len(decoded) <= 64
}
