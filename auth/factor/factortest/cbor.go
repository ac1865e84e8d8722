package factortest

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/binary"
	"fmt"
)

// es256 is ECDSA with SHA-256 on P-256 in COSE (RFC 9053 section 2.1).
const es256 = -7

// coseKey encodes a public key (RFC 9053 section 7.1.1): type, algorithm, curve, and
// the two coordinates.
func coseKey(key *ecdsa.PublicKey) ([]byte, error) {
	point, err := key.Bytes() // 4, x, y
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	return cborMap(cborInt(1), cborInt(2), cborInt(3), cborInt(es256), cborInt(-1), cborInt(1),
		cborInt(-2), cborBytes(point[1:33]), cborInt(-3), cborBytes(point[33:])), nil
}

// What is needed of CBOR (RFC 8949 section 3.1).

func cborInt(n int) []byte {
	if n < 0 {
		return cborHead(1, -1-n)
	}
	return cborHead(0, n)
}

func cborBytes(b []byte) []byte { return append(cborHead(2, len(b)), b...) }
func cborText(s string) []byte  { return append(cborHead(3, len(s)), s...) }

// cborMap takes keys and values in turn, in the order in which they are to be.
func cborMap(items ...[]byte) []byte {
	return append(cborHead(5, len(items)/2), bytes.Join(items, nil)...)
}

func cborHead(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	default:
		return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
	}
}
