package outgoing

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCheck: which addresses are dialled with which networks allowed.
func TestCheck(t *testing.T) {
	tests := []struct {
		at, internal string
		named        string // by the refusal, "" if it is dialled
	}{
		{"1.1.1.1:443", "", ""},
		{"[2606:4700:4700::1111]:443", "", ""},
		{"[64:ff9b::101:101]:443", "", ""},
		{"127.0.0.1:443", "", "127.0.0.1"},
		{"127.0.0.1:443", "127.0.0.1/32", ""},
		{"127.0.0.1:443", "10.0.0.0/8", "127.0.0.1"},
		{"[::1]:443", "", "::1"},
		{"[::1]:443", "::1/128", ""},
		{"[::ffff:10.0.0.1]:443", "", "10.0.0.1"},
		{"[::ffff:10.0.0.1]:443", "10.0.0.0/8", ""},
		{"0.0.0.0:443", "", "0.0.0.0"},
		{"100.64.0.1:443", "", "100.64.0.1"},
		{"[fd00::1]:443", "", "fd00::1"},
		{"[fd00::1]:443", "fd00::/8", ""},
		{"[fd00::1]:443", "0.0.0.0/0", "fd00::1"},
		{"[64:ff9b::a00:1]:443", "", "10.0.0.1"},
		{"[64:ff9b::a00:1]:443", "10.0.0.0/8", ""},
		{"169.254.169.254:80", "", "169.254.169.254"},
		{"169.254.169.254:80", "0.0.0.0/0", "169.254.169.254"},
		{"169.254.169.254:80", "169.254.169.254/32", ""},
		{"169.254.169.254:80", "169.254.0.0/16", ""},
		{"[fe80::1%eth0]:443", "::/0", "fe80::1"},
		{"[fe80::1%eth0]:443", "fe80::/10", ""},
	}
	for _, tt := range tests {
		t.Run(tt.at+" with "+tt.internal, func(t *testing.T) {
			c := Config{}
			if tt.internal != "" {
				c.Internal = []netip.Prefix{netip.MustParsePrefix(tt.internal)}
			}
			err := New(c).check(t.Context(), "tcp", tt.at, nil)
			if tt.named == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, "the address is not public: if the server may send there, allow it with --internal-network "+tt.named+" (ROSTER_INTERNAL_NETWORK)")
		})
	}
	require.Error(t, New(Config{}).check(t.Context(), "tcp", "nowhere", nil))
}
