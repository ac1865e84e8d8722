package password_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/password"
)

const (
	argon2id  = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"
	argon2i   = "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E"
	bcrypt    = "$2b$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG" // of "pässword"
	bcrypt72  = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i" // of 72 times "x"
	pbkdf2256 = "$pbkdf2-sha256$1000$.//..//..//..//..//.eA$rtT8QzxxWri9mh3I5yi69I2j/.cK98iEoeDlS0LHFmI"
	pbkdf2512 = "$pbkdf2-sha512$1000$.//..//..//..//..//.eA$6KgN1PvnBvVD1LfKD6/EScoFa.8pR4YCaS852EpF4oYx.vjeOvBnv8KuRZwJlmfKJIEtU1AAZce4XaWvFNxY8Q"
)

// TestGolden verifies what other implementations made: argon2-cffi, the tests of
// the reference implementation of Argon2, pyca/bcrypt, the tests of crypt_blowfish,
// and passlib.
func TestGolden(t *testing.T) {
	tests := []struct {
		name, stored string
		password     auth.Secret
	}{
		{"Argon2id", argon2id, "password"},
		{"Argon2i", argon2i, "password"},
		{"Argon2id, reference", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"},
		{"Argon2i, reference", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8", "password"},
		{"bcrypt 2b", bcrypt, "pässword"},
		{"bcrypt 2a", strings.Replace(bcrypt, "2b", "2a", 1), "pässword"},
		{"bcrypt 2y", strings.Replace(bcrypt, "2b", "2y", 1), "pässword"},
		{"bcrypt, crypt_blowfish", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
		{"bcrypt, not UTF-8", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\xa3"},
		{"bcrypt, 72 bytes", bcrypt72, auth.Secret(strings.Repeat("x", 72))},
		{"PBKDF2-SHA256", pbkdf2256, "password"},
		{"PBKDF2-SHA512", pbkdf2512, "password"},
	}
	h := password.New(cheap)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			canonical, err := password.Imported(tt.stored)
			require.NoError(t, err)
			require.Equal(t, tt.stored, canonical)
			same, err := h.Verify(t.Context(), canonical, tt.password)
			require.NoError(t, err)
			require.True(t, same)
			same, err = h.Verify(t.Context(), canonical, tt.password+"x")
			require.NoError(t, err)
			require.False(t, same)
			require.True(t, h.NeedsRehash(canonical))
		})
	}
}

// TestRFC7914 takes the vectors of PBKDF2-HMAC-SHA-256 in section 11.
func TestRFC7914(t *testing.T) {
	tests := []struct {
		password     auth.Secret
		rounds, salt string
		output       string
	}{
		{"passwd", "1", "c2FsdA", "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc" +
			"49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"},
		{"Password", "80000", "TmFDbA", "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56" +
			"a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"},
	}
	for _, tt := range tests {
		output, err := hex.DecodeString(tt.output)
		require.NoError(t, err)
		canonical, err := password.Imported("$pbkdf2-sha256$i=" + tt.rounds + ",l=64$" + tt.salt + "$" + base64Of(output))
		require.NoError(t, err)
		same, err := password.New(cheap).Verify(t.Context(), canonical, tt.password)
		require.NoError(t, err)
		require.True(t, same)
	}
}

// TestBcryptBeyond72Bytes: bcrypt itself would take them for the same.
func TestBcryptBeyond72Bytes(t *testing.T) {
	h := password.New(cheap)
	for _, sent := range []auth.Secret{
		auth.Secret(strings.Repeat("x", 73)), auth.Secret(strings.Repeat("x", 200)),
		auth.Secret(strings.Repeat("x", 71) + "é"),
	} {
		same, err := h.Verify(t.Context(), bcrypt72, sent)
		require.NoError(t, err)
		require.False(t, same)
	}
}

// TestImportedTookPasswordsAsSent: what made the hash need not have normalised.
func TestImportedTookPasswordsAsSent(t *testing.T) {
	h := password.New(cheap)
	const composed, decomposed = "p\u00e4ssword", "pa\u0308ssword" // bcrypt is of the first
	of := map[auth.Secret]string{
		composed:   bcrypt,
		decomposed: "$pbkdf2-sha256$1$c2FsdA$" + base64Of(pbkdf2Of(t, decomposed, 32)),
	}
	for set, stored := range of {
		same, err := h.Verify(t.Context(), stored, set)
		require.NoError(t, err)
		require.True(t, same)
	}
	same, err := h.Verify(t.Context(), bcrypt, decomposed)
	require.NoError(t, err)
	require.True(t, same, "and it is normalised too")
}

func TestImportedIsMadeCanonical(t *testing.T) {
	phc := strings.NewReplacer(".", "+", "$1000$", "$i=1000,l=32$").Replace(pbkdf2256)
	tests := []struct{ name, hash, canonical string }{
		{"PHC string format", phc, pbkdf2256},
		{"without the length", strings.Replace(phc, ",l=32", "", 1), pbkdf2256},
		{"with +", strings.ReplaceAll(pbkdf2256, ".", "+"), pbkdf2256},
		{"PBKDF2 with padding", strings.Replace(pbkdf2256, "eA$", "eA==$", 1) + "=", pbkdf2256},
		{"Argon2 with padding", strings.Replace(argon2id, "HQ$", "HQ=$", 1) + "=", argon2id},
		{"stray bits in the salt of bcrypt", strings.Replace(bcrypt, "uum174", "uwm174", 1), bcrypt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			canonical, err := password.Imported(tt.hash)
			require.NoError(t, err)
			require.Equal(t, tt.canonical, canonical)
			_, err = password.New(cheap).Verify(t.Context(), tt.hash, "password")
			require.ErrorIs(t, err, password.ErrFormat, "only the canonical form is stored")
		})
	}
}

func TestImportedIsRefused(t *testing.T) {
	const prefixes = "$argon2id$, $argon2i$, $2a$, $2b$, $2y$, $pbkdf2-sha256$ or $pbkdf2-sha512$"
	replace := strings.Replace
	tests := []struct{ name, hash, says string }{
		{"empty", "", prefixes},
		{"plain text", "secret", prefixes},
		{"DES", "rEK1ecacw.7.c", prefixes},
		{"MD5", "$1$etNnh7FA$OlM7eljE/B7F1J4XYNnk81", prefixes},
		{"SHA-512", "$6$rounds=5000$saltstring$" + strings.Repeat("a", 86), prefixes},
		{"scrypt", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", prefixes},
		{"PBKDF2 with SHA-1", replace(pbkdf2256, "-sha256", "", 1), prefixes},
		{"bcrypt of the broken kind", replace(bcrypt, "2b", "2x", 1), prefixes},
		{"bcrypt before it was mended", replace(bcrypt, "2b", "2", 1), prefixes},
		{"name in another case", replace(argon2id, "argon", "Argon", 1), prefixes},
		{"text before", " " + argon2id, prefixes},
		{"prefix alone", "$argon2id$", "$argon2id$v=19$m=…,t=…,p=…$salt$hash"},
		{"Argon2i is bounded too", replace(argon2i, "m=256", "m=262145", 1), "out of bounds"},
		{"Argon2: all of nothing", "$argon2id$v=19$m=0,t=0,p=0$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObG", "out of bounds"},

		{"bcrypt: time bomb", replace(bcrypt, "$04$", "$31$", 1), "cost of bcrypt must be 04 to 14"},
		{"bcrypt: cost above the bound", replace(bcrypt, "$04$", "$15$", 1), "cost of bcrypt must be 04 to 14"},
		{"bcrypt: cost too low", replace(bcrypt, "$04$", "$03$", 1), "cost of bcrypt must be 04 to 14"},
		{"bcrypt: cost with a sign", replace(bcrypt, "$04$", "$+5$", 1), "cost of bcrypt must be 04 to 14"},
		{"bcrypt: cost of one digit", replace(bcrypt, "$04$", "$4$", 1), "two digits"},
		{"bcrypt: cut off", bcrypt[:len(bcrypt)-1], "53 characters"},
		{"bcrypt: one more", bcrypt + "a", "53 characters"},
		{"bcrypt: field more", bcrypt + "$", "53 characters"},
		{"bcrypt: another alphabet", replace(bcrypt, "abc", "ab+", 1), "base64"},
		{"bcrypt: line break", replace(bcrypt, "abc", "ab\n", 1), "base64"},
		{"bcrypt: stray bits in the hash", bcrypt[:len(bcrypt)-1] + "H", "base64"},

		{"PBKDF2: time bomb", replace(pbkdf2256, "1000", "4294967295", 1), "1 to 2000000 rounds"},
		{"PBKDF2: rounds overflow", replace(pbkdf2256, "1000", "4294968296", 1), "neither"},
		{"PBKDF2: above the bound", replace(pbkdf2256, "1000", "2000001", 1), "1 to 2000000 rounds"},
		{"PBKDF2: above the bound of two blocks", replace(replace(pbkdf2512, "512", "256", 1), "1000", "1000001", 1), "1 to 1000000 rounds"},
		{"PBKDF2: no rounds", replace(pbkdf2256, "1000", "0", 1), "1 to 2000000 rounds"},
		{"PBKDF2: negative", replace(pbkdf2256, "1000", "-1", 1), "neither"},
		{"PBKDF2: leading zero", replace(pbkdf2256, "1000", "01000", 1), "neither"},
		{"PBKDF2: other length told", replace(pbkdf2256, "1000", "i=1000,l=31", 1), "neither"},
		{"PBKDF2: length without rounds", replace(pbkdf2256, "1000", "l=32", 1), "neither"},
		{"PBKDF2: no salt", "$pbkdf2-sha256$1000$$" + strings.Repeat("A", 43), "the salt is not 1 to 64 bytes"},
		{"PBKDF2: long salt", "$pbkdf2-sha256$1000$" + strings.Repeat("A", 87) + "$" + strings.Repeat("A", 43), "the salt is not 1 to 64 bytes"},
		{"PBKDF2: short hash", "$pbkdf2-sha256$1000$c2FsdA$AAAA", "the hash is not 16 to 64 bytes"},
		{"PBKDF2: line break", replace(pbkdf2256, "rtT8", "rtT8\n", 1), "the hash is not 16 to 64 bytes"},
		{"PBKDF2: field missing", "$pbkdf2-sha256$1000$c2FsdA", "$pbkdf2-sha256$rounds$salt$hash"},
		{"very long", "$2b$" + strings.Repeat("a", 1<<20), "longer than 512 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			canonical, err := password.Imported(tt.hash)
			require.ErrorIs(t, err, password.ErrFormat)
			require.ErrorContains(t, err, tt.says)
			require.Less(t, len(err.Error()), 250)
			require.Empty(t, canonical)
			_, err = password.New(cheap).Verify(t.Context(), tt.hash, "password")
			require.ErrorIs(t, err, password.ErrFormat)
		})
	}
}

func TestNeedsRehash(t *testing.T) {
	h := password.New(cheap)
	stored, err := h.Hash(t.Context(), "secret")
	require.NoError(t, err)
	require.False(t, h.NeedsRehash(stored))
	require.True(t, password.New(password.Config{Memory: 16, Time: 1, Threads: 1}).NeedsRehash(stored), "another cost")
	require.True(t, h.NeedsRehash("$argon2i$v=19$m=8,t=1,p=1"+stored[len("$argon2id$v=19$m=8,t=1,p=1"):]), "another algorithm")
	require.True(t, h.NeedsRehash("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ"+stored[len(stored)-44:]), "a short salt")
	require.True(t, h.NeedsRehash("$argon2id$v=19$m=8,t=1,p=1$"+strings.Repeat("A", 22)+"$"+strings.Repeat("A", 22)), "a short hash")
	require.True(t, h.NeedsRehash("damaged"))
}

// FuzzImported: whatever is accepted has a canonical form, which is its own, and
// which Verify takes.
func FuzzImported(f *testing.F) {
	for _, seed := range []string{
		argon2id, argon2i, bcrypt, pbkdf2256, pbkdf2512, "", "$", "$2b$", "$argon2id$$$$$", "$pbkdf2-sha256$i=1,l=16$AA==$" + strings.Repeat("A", 22),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		canonical, err := password.Imported(hash)
		if err != nil {
			require.ErrorIs(t, err, password.ErrFormat)
			require.Less(t, len(err.Error()), 250)
			return
		}
		again, err := password.Imported(canonical)
		require.NoError(t, err)
		require.Equal(t, canonical, again)
		require.True(t, password.New(cheap).NeedsRehash(canonical) || strings.HasPrefix(canonical, "$argon2id$v=19$m=8,t=1,p=1$"))
	})
}
