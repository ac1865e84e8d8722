package storetest

import "strings"

// cut is a length at which an engine may shorten what it keeps in an index.
const cut = 1024

// Values returns values that are hard to keep in order: empty, with bytes that
// keys often use as separators or ends, prefixes of one another, of more than
// one script, and longer than an index entry may be while they differ only
// near their ends.
func Values() []string {
	long := strings.Repeat("x", cut)
	return []string{
		"", " ", "\x00", "\x00\x00", "\x00\x01", "\x01", "\xff", "\xff\xff", "\xff\x00", "\x00\xff",
		"a", "a\x00", "a\x00a", "a\x00\xff", "a\x01", "aa", "ab", "a\xff", "a\xff\xff", "b", "A",
		"ä", "a\u0308", "日本語", "日本", "🙂", "id", "0", "10", "2",
		long[:cut-1], long, long + "\x00", long + "a", long + "b", long + long, long + long + "a",
		long[:cut-1] + "y", long[:cut-1] + "\xff", "a" + long, long + "\xff",
		strings.Repeat("\xff", cut), strings.Repeat("\xff", cut+1), strings.Repeat("\x00", cut+1),
		strings.Repeat("ab", cut),
	}
}

// probes returns values to compare with: those that are stored, and neighbours
// of them that are not.
func probes() []string {
	long := strings.Repeat("x", cut)
	return append(Values(),
		"c", "bb", "aaa", "x", "xx", "b\x00", "\xfe", "\xff\xff\xff",
		long+"aa", long+long+long, long[:cut-2], long+"ab", "xa", "abab",
		strings.Repeat("\xff", cut-1), strings.Repeat("\x00", cut),
	)
}

// ids returns ids of documents that are hard to tell apart in keys.
func ids() []string {
	return []string{
		"a", "a\x00", "a\x00b", "a\x01", "ab", "b", "A", "\x00", "\xff", "\xff\xff", "a\xff", "a/b", "a|b", "ä",
		strings.Repeat("i", 63), strings.Repeat("i", 64), strings.Repeat("\xff", 64),
	}
}
