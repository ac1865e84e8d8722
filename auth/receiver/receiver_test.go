package receiver_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/receiver"
)

func TestIsMailAddress(t *testing.T) {
	long := strings.Repeat("a", 64) + "@" + strings.Repeat("b.", 90) + "example"
	for text, want := range map[string]bool{
		"ada@example.com":                       true,
		"ada.lovelace+x@example.com":            true,
		"ada@bücher.example":                    true,
		"":                                      false,
		"ada":                                   false,
		"@example.com":                          false,
		"ada@":                                  false,
		"<ada@example.com>":                     false,
		"Ada <ada@example.com>":                 false,
		"ada@example.com, eve@example.com":      false,
		"ada@example.com\r\nBcc: eve@x.example": false,
		" ada@example.com":                      false,
		long:                                    true,
		long + strings.Repeat("x", 10):          false,
	} {
		t.Run(text, func(t *testing.T) { require.Equal(t, want, receiver.IsMailAddress(text)) })
	}
}

func TestIsPhoneNumber(t *testing.T) {
	for text, want := range map[string]bool{
		"+4930123456":       true,
		"+1234567":          true,
		"+123456789012345":  true,
		"":                  false,
		"+":                 false,
		"+123456":           false,
		"+1234567890123456": false,
		"+0301234567":       false,
		"4930123456":        false,
		"+49 30 123456":     false,
		"++4930123456":      false,
		"+4930123456,1":     false,
	} {
		t.Run(text, func(t *testing.T) { require.Equal(t, want, receiver.IsPhoneNumber(text)) })
	}
}

func TestIsPrivateURL(t *testing.T) {
	for text, want := range map[string]bool{
		"https://app.example.com":             true,
		"https://app.example.com:8443/a?b=c#": true,
		"http://localhost:3000/":              true,
		"http://127.0.0.1/":                   true,
		"http://[::1]:3000/":                  true,
		"":                                    false,
		"http://app.example.com":              false,
		"http://localhost.example.com":        false,
		"http://10.0.0.1":                     false,
		"https://":                            false,
		"https:app.example.com":               false,
		"//app.example.com":                   false,
		"ftp://app.example.com":               false,
		"https://ada@app.example.com":         false,
		"https://ada:secret@app.example.com":  false,
		"https://app.example.com/\n":          false,
	} {
		t.Run(text, func(t *testing.T) { require.Equal(t, want, receiver.IsPrivateURL(text)) })
	}
}

func TestSigningKey(t *testing.T) {
	written := func(key []byte) string { return base64.StdEncoding.EncodeToString(key) }
	for _, n := range []int{24, 32, 64} {
		key := []byte(strings.Repeat("k", n))
		got, err := receiver.SigningKey(auth.Secret("whsec_" + written(key)))
		require.NoError(t, err)
		require.Equal(t, key, got)
	}
	whole := written(make([]byte, 24))
	for _, secret := range []string{
		"", "whsec_", whole, "WHSEC_" + whole, "whsec_" + written(make([]byte, 23)), "whsec_" + written(make([]byte, 65)),
		"whsec_" + whole + "\n", "whsec_" + whole[:30], "whsec_sesame!",
	} {
		_, err := receiver.SigningKey(auth.Secret(secret))
		require.EqualError(t, err, `is not "whsec_" and the base64 of 24 to 64 bytes`)
	}
}
