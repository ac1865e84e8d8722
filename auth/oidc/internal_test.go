package oidc

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestManyIssuers: no more keyrings are kept than fit, and the newest always is.
func TestManyIssuers(t *testing.T) {
	a := New(Config{})
	for n := range maxRings + 100 {
		issuer := fmt.Sprint("https://login.example.com/", n)
		require.Same(t, a.ring(issuer), a.ring(issuer))
		require.LessOrEqual(t, len(a.rings), maxRings)
	}
}
