package bolt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/stretchr/testify/require"
)

// TestStretch compares parts of sets, sparse, dense and with long runs, with what
// looking at each member gives.
func TestStretch(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, most := range []int{1, 3, 1000} {
		set := roaring.New()
		for n := uint32(0); n < 300_000; n += 1 + uint32(r.IntN(most)) {
			set.Add(n)
		}
		set.AddRange(400_000, 410_000)
		set.Add(math.MaxUint32)
		set.RunOptimize()
		for range 40 {
			after, skip := aPlace(r), []int{0, 0, 1, 70, 5000, 1_000_000}[r.IntN(6)]
			for _, descending := range []bool{false, true} {
				s := everyOrdinal(descending).behind(after)
				want := naive(set.ToArray(), s, skip)
				got := slices.Collect(s.through(set, skip))
				require.True(t, slices.Equal(want, got), "behind %d, without %d, descending %t", after, skip, descending)
			}
		}
	}
}

func aPlace(r *rand.Rand) uint64 {
	return []uint64{0, 1, uint64(r.IntN(300_000)), uint64(r.IntN(450_000)), math.MaxUint32 - 1, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64}[r.IntN(8)]
}

func naive(members []uint32, s stretch, skip int) []uint32 {
	var found []uint32
	for _, n := range members {
		if s.contains(n) {
			found = append(found, n)
		}
	}
	if s.descending {
		slices.Reverse(found)
	}
	return found[min(skip, len(found)):]
}

// TestStretchMask: one word of bits, cut anywhere.
func TestStretchMask(t *testing.T) {
	for low := uint64(0); low < 200; low++ {
		for high := low; high < 200; high += 1 + low%3 {
			s := stretch{low: low, high: high}
			word := s.mask(math.MaxUint64, 64)
			for bit := range uint32(64) {
				require.Equal(t, s.contains(64+bit), word>>bit&1 == 1, fmt.Sprint(low, " ", high, " ", bit))
			}
		}
	}
}
