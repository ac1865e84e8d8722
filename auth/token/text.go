package token

import (
	"crypto/rand"
	"hash/crc32"
)

// Alphabet is base 62: a double click selects the whole of a text made of it,
// and no transport has to escape it.
const Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const (
	// RandomLength is how many characters of Alphabet carry 256 bits: 62^43 is a
	// little more than 2^256.
	RandomLength = 43
	// ChecksumLength is that of the checksum: 62^6 is more than 2^32.
	ChecksumLength = 6
)

// AppendRandom appends n characters of the alphabet, which has 1 to 256 of them,
// each of one byte. Each is drawn with equal probability: bytes above the largest
// multiple of the alphabet's length are drawn again.
func AppendRandom(dst []byte, alphabet string, n int) []byte {
	fair := 256 / len(alphabet) * len(alphabet)
	var pool [2 * RandomLength]byte
	for wanted := len(dst) + n; len(dst) < wanted; {
		rand.Read(pool[:]) // never fails: it ends the process instead
		for _, b := range pool {
			if int(b) < fair && len(dst) < wanted {
				dst = append(dst, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return dst
}

// AppendChecksum appends the checksum of a text to it.
func AppendChecksum(text []byte) []byte {
	var digits [ChecksumLength]byte
	sum := crc32.ChecksumIEEE(text)
	for i := ChecksumLength - 1; i >= 0; i-- {
		digits[i] = Alphabet[sum%uint32(len(Alphabet))]
		sum /= uint32(len(Alphabet))
	}
	return append(text, digits[:]...)
}

// CutChecksum returns a text without its checksum, and whether that was right. It
// does not look at the characters.
func CutChecksum(text string) (checked string, ok bool) {
	if len(text) < ChecksumLength {
		return "", false
	}
	checked = text[:len(text)-ChecksumLength]
	return checked, string(AppendChecksum([]byte(checked))) == text
}

// Alphanumeric reports whether all characters are of Alphabet.
func Alphanumeric(text string) bool {
	for i := range len(text) {
		c := text[i]
		if !('0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z') {
			return false
		}
	}
	return true
}
