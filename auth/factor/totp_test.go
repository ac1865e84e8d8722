package factor_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
)

// rfcSecret is "12345678901234567890" of RFC 6238 appendix B.
const rfcSecret auth.Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// TestRFC6238 takes the vectors of appendix B for SHA-1, of which six digits are
// the last of eight.
func TestRFC6238(t *testing.T) {
	tests := []struct {
		at   int64
		code auth.Secret
		step int64
	}{
		{59, "287082", 0x1},
		{1111111109, "081804", 0x23523EC},
		{1111111111, "050471", 0x23523ED},
		{1234567890, "005924", 0x273EF07},
		{2000000000, "279037", 0x3F940AA},
		{20000000000, "353130", 0x27BC86AA},
	}
	for _, tt := range tests {
		step, ok := factor.VerifyTOTP(rfcSecret, tt.code, time.Unix(tt.at, 0), 0)
		require.True(t, ok, tt.at)
		require.Equal(t, tt.step, step)
	}
}

func TestVerifyTOTP(t *testing.T) {
	const step, code = 0x23523ED, auth.Secret("050471")
	begin := time.Unix(step*30, 0)
	tests := []struct {
		name         string
		secret, code auth.Secret
		at           time.Time
		last         int64
		ok           bool
	}{
		{"at its begin", rfcSecret, code, begin, 0, true},
		{"at its end", rfcSecret, code, begin.Add(29 * time.Second), 0, true},
		{"one step late", rfcSecret, code, begin.Add(59 * time.Second), 0, true},
		{"two steps late", rfcSecret, code, begin.Add(60 * time.Second), 0, false},
		{"one step early", rfcSecret, code, begin.Add(-30 * time.Second), 0, true},
		{"two steps early", rfcSecret, code, begin.Add(-31 * time.Second), 0, false},
		{"after the step before", rfcSecret, code, begin, step - 1, true},
		{"again", rfcSecret, code, begin, step, false},
		{"again, later", rfcSecret, code, begin.Add(30 * time.Second), step, false},
		{"after a later one", rfcSecret, code, begin, step + 1, false},
		{"with a space", rfcSecret, "050 471", begin, 0, true},
		{"wrong", rfcSecret, "050472", begin, 0, false},
		{"without leading zero", rfcSecret, "50471", begin, 0, false},
		{"with one more zero", rfcSecret, "0050471", begin, 0, false},
		{"empty", rfcSecret, "", begin, 0, false},
		{"very long", rfcSecret, auth.Secret(strings.Repeat(" ", 1<<20) + "050471"), begin, 0, false},
		{"other digits", rfcSecret, "٠٥٠٤٧١", begin, 0, false},
		{"other secret", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJR", code, begin, 0, false},
		{"secret is none", "secret!", code, begin, 0, false},
		{"no secret", "", code, begin, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := factor.VerifyTOTP(tt.secret, tt.code, tt.at, tt.last)
			require.Equal(t, tt.ok, ok)
			if ok {
				require.EqualValues(t, step, got)
			}
		})
	}
}

func TestNewTOTP(t *testing.T) {
	secret := factor.NewTOTP()
	require.Regexp(t, "^[A-Z2-7]{32}$", secret.Reveal())
	require.NotEqual(t, secret.Reveal(), factor.NewTOTP().Reveal())
	imported, err := factor.ImportedTOTP(secret)
	require.NoError(t, err)
	require.Equal(t, secret.Reveal(), imported.Reveal())
}

func TestImportedTOTP(t *testing.T) {
	tests := []struct {
		name           string
		secret, result auth.Secret // "" if it is refused
	}{
		{"canonical", rfcSecret, rfcSecret},
		{"as people see it", "gezd gnbv gy3t-qojq gezd gnbv gy3t qojq", rfcSecret},
		{"80 bits", "JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP"},
		{"with padding", "JBSWY3DPEHPK3PXPJA======", "JBSWY3DPEHPK3PXPJA"},
		{"empty", "", ""},
		{"72 bits", "JBSWY3DPEHPK3PQ", ""},
		{"64 bytes", auth.Secret(strings.Repeat("A", 103)), auth.Secret(strings.Repeat("A", 103))},
		{"65 bytes", auth.Secret(strings.Repeat("A", 104)), ""},
		{"very long", auth.Secret(strings.Repeat("A", 1<<20)), ""},
		{"not base32", "JBSWY3DPEHPK3PX1", ""},
		{"incomplete", "JBSWY3DPEHPK3PXPJ", ""},
		{"line break", "JBSWY3DP\nEHPK3PXP", ""},
		{"padding inside", "JBSWY3DP=EHPK3PXP", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			result, err := factor.ImportedTOTP(tt.secret)
			require.Equal(t, tt.result.Reveal(), result.Reveal())
			if tt.result == "" {
				require.ErrorIs(t, err, factor.ErrTOTP)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestTOTPURL(t *testing.T) {
	text := factor.TOTPURL(rfcSecret, "Zone: A & B", "anna+x@example.com").Reveal()
	require.Equal(t, "otpauth://totp/Zone%20%20A%20%26%20B:anna%2Bx%40example.com?secret="+rfcSecret.Reveal()+
		"&issuer=Zone%20%20A%20%26%20B&algorithm=SHA1&digits=6&period=30", text)
	u, err := url.Parse(text)
	require.NoError(t, err)
	require.Equal(t, "/Zone  A & B:anna+x@example.com", u.Path)
	require.Equal(t, "Zone  A & B", u.Query().Get("issuer"))
}

// FuzzTOTP: nothing that is sent makes it panic, and what is imported is canonical.
func FuzzTOTP(f *testing.F) {
	f.Add("JBSWY3DPEHPK3PXP", "050471", int64(0x23523ED*30))
	f.Add("", "", int64(-1))
	f.Fuzz(func(t *testing.T, secret, code string, at int64) {
		factor.VerifyTOTP(auth.Secret(secret), auth.Secret(code), time.Unix(at, 0), 0)
		imported, err := factor.ImportedTOTP(auth.Secret(secret))
		if err == nil {
			again, err := factor.ImportedTOTP(imported)
			require.NoError(t, err)
			require.Equal(t, imported.Reveal(), again.Reveal())
		}
	})
}

func BenchmarkVerifyTOTP(b *testing.B) {
	now := time.Unix(1111111111, 0)
	for b.Loop() {
		factor.VerifyTOTP(rfcSecret, "000000", now, 0)
	}
}
