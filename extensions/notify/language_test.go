package notify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLanguages(t *testing.T) {
	tests := []struct {
		wanted, account string
		chain           []string
	}{
		{"", "", []string{"en"}},
		{"de-CH", "", []string{"de-CH", "de", "en"}},
		{"de_ch", "", []string{"de-CH", "de", "en"}},
		{"de-CH", "fr-CA", []string{"de-CH", "de", "fr-CA", "fr", "en"}},
		{"fr;q=0.5, de-CH", "", []string{"de-CH", "de", "fr", "en"}},
		{"sr-Latn-RS", "", []string{"sr-Latn-RS", "sr-Latn", "sr", "en"}},
		{"en-GB", "de", []string{"en-GB", "en", "de"}},
		{"de-x-plain", "", []string{"de-x-plain", "de", "en"}},
		{"../../etc", "de", []string{"de", "en"}},
		{"not a language", "nor this", []string{"en"}},
		{strings.Repeat("de,", 1000), "", []string{"en"}},
	}
	for _, tt := range tests {
		require.Equal(t, tt.chain, languages(tt.wanted, tt.account), tt.wanted)
	}
}
