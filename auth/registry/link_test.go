package registry_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/registry"
)

func TestLinks(t *testing.T) {
	tests := []struct {
		link  string
		valid bool
	}{
		{"", true},
		{"https://app.example.com/welcome/{token}", true},
		{"https://app.example.com/welcome?token={token}&from=mail", true},
		{"https://app.example.com/#{token}", true},
		{"https://app.example.com:8443/{token}", true},
		{"HTTPS://app.example.com/{token}", true},
		{"http://localhost:3000/{token}", true},
		{"http://127.0.0.1/{token}", true},
		{"http://[::1]:3000/{token}", true},
		{"http://app.example.com/{token}", false},
		{"http://localhost.example.com/{token}", false},
		{"http://10.0.0.1/{token}", false},
		{"https://app.example.com/welcome", false},
		{"https://app.example.com/{token}/{token}", false},
		{"https://app.example.com/{Token}", false},
		{"https://{token}.example.com/", false},
		{"https://{token}@app.example.com/", false},
		{"https://babs:secret@app.example.com/{token}", false},
		{"https://app.example.com:{token}/", false},
		{"https:///{token}", false},
		{"https:app.example.com/{token}", false},
		{"//app.example.com/{token}", false},
		{"/welcome/{token}", false},
		{"javascript:alert('{token}')", false},
		{"myapp://welcome/{token}", false},
		{"https://app.example.com/\n{token}", false},
		{"https://app.example.com/" + strings.Repeat("x", 2048) + "{token}", false},
	}
	for _, tt := range tests {
		kinds := map[string]registry.Links{
			"invitation": {Invitation: tt.link}, "verification": {Verification: tt.link},
			"passwordReset": {PasswordReset: tt.link}, "passkey": {Passkey: tt.link},
		}
		for kind, links := range kinds {
			kept, err := registry.Settings{Links: links}.Normalised()
			if tt.valid {
				require.NoError(t, err, tt.link)
				require.Equal(t, links, kept.Links)
				continue
			}
			require.ErrorIs(t, err, registry.ErrInvalid, tt.link)
			require.ErrorContains(t, err, "link "+kind+" ")
			require.ErrorContains(t, err, "use an https URL with {token} in it once")
			require.Less(t, len(err.Error()), 300)
		}
	}
}
