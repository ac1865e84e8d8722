package bolt

import (
	"iter"
	"math"
	"math/bits"

	"github.com/RoaringBitmap/roaring/v2"
)

// stretch is the ordinals from low up to, and without, high, in one of two
// directions. Nothing outside of it is gone through.
type stretch struct {
	low, high  uint64
	descending bool
}

func everyOrdinal(descending bool) stretch {
	return stretch{high: math.MaxUint32 + 1, descending: descending}
}

// behind is the part that comes behind an ordinal.
func (s stretch) behind(ordinal uint64) stretch {
	if s.descending {
		s.high = min(s.high, ordinal)
	} else {
		s.low = min(s.high, ordinal) + 1
	}
	return s
}

func (s stretch) isEmpty() bool { return s.low >= s.high }

func (s stretch) contains(ordinal uint32) bool {
	return s.low <= uint64(ordinal) && uint64(ordinal) < s.high
}

// within is the part of the entries of one value.
func (s stretch) within(value span) span {
	switch {
	case s.isEmpty():
		return span{value.to, value.to}
	case s.descending && s.high <= math.MaxUint32:
		return value.and(span{nil, entryKey(value.from, uint32(s.high))})
	default:
		return value.and(span{entryKey(value.from, uint32(s.low)), nil})
	}
}

// through iterates over those of a set, leaving out the first few.
func (s stretch) through(set *roaring.Bitmap, skip int) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		n := int(set.CardinalityInRange(s.low, s.high))
		if skip >= n {
			return
		}
		first := skip
		if s.descending {
			first = n - 1 - skip
		}
		it := s.iterator(set, int(set.CardinalityInRange(0, s.low))+first)
		for left := n - skip; left > 0 && it.HasNext() && yield(it.Next()); left-- {
		}
	}
}

// iterator begins with the n-th member of a set, from 0.
func (s stretch) iterator(set *roaring.Bitmap, n int) roaring.IntIterable {
	first, err := set.Select(uint32(n))
	if err != nil {
		return roaring.New().Iterator() // there is none
	}
	if !s.descending {
		it := set.Iterator()
		it.AdvanceIfNeeded(first)
		return it
	}
	rest := set.Clone()
	rest.RemoveRange(uint64(first)+1, math.MaxUint32+1)
	return rest.ReverseIterator()
}

// mask leaves only those bits of a word that are in the stretch; the first bit
// stands for that ordinal.
func (s stretch) mask(word uint64, first uint32) uint64 {
	from, to := uint64(first), uint64(first)+64
	if s.low > from {
		word &= math.MaxUint64 << min(s.low-from, 64)
	}
	if s.high < to {
		word &= math.MaxUint64 >> min(to-s.high, 64)
	}
	return word
}

// next is the bit of a word that comes first in the direction.
func (s stretch) next(word uint64) int {
	if s.descending {
		return bits.Len64(word) - 1
	}
	return bits.TrailingZeros64(word)
}
