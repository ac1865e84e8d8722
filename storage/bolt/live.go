package bolt

import (
	"encoding/binary"
	"iter"
	"math/bits"

	"github.com/RoaringBitmap/roaring/v2"
)

// The ordinals of a type's documents are kept in chunks of chunkSize bits, so
// that a complement, a total or a page far down is known without reading
// documents: a million take 245 chunks.
const (
	chunkBits  = 12
	chunkSize  = 1 << chunkBits
	chunkWords = chunkSize / 64
)

func chunkKey(typ string, chunk uint32) []byte {
	return binary.BigEndian.AppendUint32(typeKey(typ), chunk)
}

// setLive notes that the type has, or no longer has, a document there.
func (a *account) setLive(typ string, ordinal uint32, is bool) {
	key := chunkKey(typ, ordinal>>chunkBits)
	chunk := make([]byte, chunkSize/8)
	copy(chunk, a.in(live).get(key))
	bit := ordinal % chunkSize
	if is {
		chunk[bit/8] |= 1 << (bit % 8)
	} else {
		chunk[bit/8] &^= 1 << (bit % 8)
	}
	a.put(live, key, chunk)
	count := parseNumber(a.in(live).get(typeKey(typ)))
	if is {
		count++
	} else {
		count--
	}
	a.put(live, typeKey(typ), number(count))
}

// countLive returns how many documents a type has.
func (a *account) countLive(typ string) int {
	return int(parseNumber(a.in(live).get(typeKey(typ))))
}

// liveChunks iterates over the chunks of a type that were ever used and reach
// into a stretch.
func (a *account) liveChunks(typ string, within stretch) iter.Seq2[uint32, []byte] {
	return func(yield func(chunk uint32, words []byte) bool) {
		if within.isEmpty() {
			return
		}
		first, last := uint32(within.low>>chunkBits), uint32((within.high-1)>>chunkBits)
		chunks := span{chunkKey(typ, first), next(chunkKey(typ, last))}
		for k, v := range a.in(live).steps(chunks, within.descending) {
			if !yield(binary.BigEndian.Uint32(k[len(k)-4:]), v) {
				return
			}
		}
	}
}

func word(chunk []byte, i int) uint64 { return binary.LittleEndian.Uint64(chunk[8*i:]) }

// liveSet returns the ordinals of a type.
func (a *account) liveSet(typ string) *roaring.Bitmap {
	var dense []uint64
	for chunk, words := range a.liveChunks(typ, everyOrdinal(false)) {
		for len(dense) < int(chunk)*chunkWords {
			dense = append(dense, 0)
		}
		for i := range chunkWords {
			dense = append(dense, word(words, i))
		}
	}
	return roaring.FromDense(dense, true)
}

// liveWords iterates over the bits of a type in a stretch, 64 at a time, each
// with the ordinal of its first bit.
func (a *account) liveWords(typ string, within stretch) iter.Seq2[uint32, uint64] {
	return func(yield func(first uint32, word uint64) bool) {
		for chunk, words := range a.liveChunks(typ, within) {
			for i := range chunkWords {
				if within.descending {
					i = chunkWords - 1 - i
				}
				first := chunk<<chunkBits | uint32(64*i)
				if !yield(first, within.mask(word(words, i), first)) {
					return
				}
			}
		}
	}
}

// liveThrough iterates over the ordinals of a type in a stretch, leaving out the
// first few.
func (a *account) liveThrough(typ string, within stretch, skip int) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for first, w := range a.liveWords(typ, within) {
			if n := bits.OnesCount64(w); skip >= n {
				skip -= n
				continue
			}
			for w != 0 {
				bit := within.next(w)
				w &^= 1 << bit
				if skip > 0 {
					skip--
				} else if !yield(first + uint32(bit)) {
					return
				}
			}
		}
	}
}
