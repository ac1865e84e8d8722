package receiver

import (
	"encoding/base64"
	"errors"
	"strings"

	"roster/auth"
)

// SigningKey reads the secret that messages to a URL are signed with, as Standard
// Webhooks writes it: "whsec_" and the base64 of 24 to 64 bytes. Its error does
// not repeat the secret.
func SigningKey(secret auth.Secret) ([]byte, error) {
	const least, most = 24, 64
	encoded, found := strings.CutPrefix(secret.Reveal(), "whsec_")
	if found && len(encoded) <= base64.StdEncoding.EncodedLen(most) {
		key, err := base64.StdEncoding.DecodeString(encoded)
		canonical := base64.StdEncoding.EncodeToString(key) == encoded // decoding skips line ends
		if err == nil && canonical && len(key) >= least && len(key) <= most {
			return key, nil
		}
	}
	return nil, errors.New(`is not "whsec_" and the base64 of 24 to 64 bytes`)
}
