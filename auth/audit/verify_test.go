package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/audit"
	"roster/storage"
)

// exported is a fixture with both logs, and the exports of an account and of the
// system's log.
func exported(t *testing.T, test func(t *testing.T, f *fixture, account, system [][]byte)) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.twoLogs(24)
		test(t, f, f.export("acme", time.Time{}, time.Time{}), f.export(storage.System, time.Time{}, time.Time{}))
	})
}

func TestVerify(t *testing.T) {
	exported(t, func(t *testing.T, f *fixture, account, system [][]byte) {
		for _, lines := range [][][]byte{account, system} {
			report := verify(t, lines)
			require.Empty(t, report.Problems)
			require.Equal(t, len(lines)-1, report.Records)
			require.Zero(t, report.Unproven)
			require.Equal(t, report.Extent.Heads, report.Heads)
		}
		require.Len(t, account, 1+12+8)
		require.Len(t, system, 1+12)
		for name, lines := range map[string][][]byte{
			"nothing": f.export("nobody", time.Time{}, time.Time{}),
			"a part":  f.export("acme", noon.Add(5*time.Second), noon.Add(9*time.Second)),
			"the end": f.export("acme", noon.Add(20*time.Second), time.Time{}),
			"later":   f.export("acme", noon.Add(20*time.Minute), time.Time{}),
		} {
			report := verify(t, lines)
			require.Empty(t, report.Problems, name)
			require.Zero(t, report.Unproven)
			require.Equal(t, len(lines)-1, report.Records)
		}
	})
}

// TestTampering: what is done to the lines of an export is found, and where.
func TestTampering(t *testing.T) {
	replaced := func(line []byte, old, now string) []byte {
		return bytes.Replace(line, []byte(old), []byte(now), 1)
	}
	exported(t, func(t *testing.T, f *fixture, account, system [][]byte) {
		for _, tt := range []struct {
			name    string
			lines   [][]byte
			tamper  func([][]byte) [][]byte
			problem string
		}{
			{"an actor", account, func(l [][]byte) [][]byte { l[3] = replaced(l[3], "actor-", "author-"); return l }, "line 4: altered"},
			{"a type", system, func(l [][]byte) [][]byte { l[3] = replaced(l[3], "created", "revoked"); return l }, "line 4: altered"},
			{"a time", system, func(l [][]byte) [][]byte { l[3] = replaced(l[3], "12:00:06", "12:00:07"); return l }, "line 4: altered"},
			{"a time, by less than a log keeps", system, func(l [][]byte) [][]byte { l[3] = replaced(l[3], ".123Z", ".1234Z"); return l }, "line 4: altered"},
			{"a subject", account, func(l [][]byte) [][]byte { l[1] = replaced(l[1], "user-1", "user-2"); return l }, "line 2: altered"},
			{"an account", account, func(l [][]byte) [][]byte { l[1] = replaced(l[1], `"acme"`, `"other"`); return l }, "line 2: about another account"},
			{"a log", account, func(l [][]byte) [][]byte { l[1] = replaced(l[1], `"account"`, `"system"`); return l }, "line 2: "},
			{"another log", system, func(l [][]byte) [][]byte { l[1] = replaced(l[1], `"system"`, `"account"`); return l }, "line 2: of a log that the export does not have"},
			{"a member more", system, func(l [][]byte) [][]byte { l[1] = replaced(l[1], `{`, `{"note":"x",`); return l }, "line 2: altered"},
			{"a member twice", system, func(l [][]byte) [][]byte {
				l[1] = replaced(l[1], `"type"`, `"type":"account.deleted","type"`)
				return l
			}, "line 2: altered"},
			{"a line that is made anew", system, func(l [][]byte) [][]byte {
				r := recordIn(t, l[3])
				l[3] = replaced(replaced(l[3], "created", "revoked"), r.Hash, rehashed(t, r, "token.revoked"))
				return l
			}, "line 5: record 4 of the system log does not fit the one before it"},
			{"what was before", system, func(l [][]byte) [][]byte {
				l[3] = replaced(l[3], `,"previous":"`+recordIn(t, l[3]).Previous+`"`, "")
				return l
			}, "line 4: altered: it does not say what was before it"},
			{"removed", system, func(l [][]byte) [][]byte { return slices.Delete(l, 3, 5) }, "line 4: records 3 to 4 of the system log are missing before it"},
			{"removed from an account's log", account, func(l [][]byte) [][]byte { return slices.Delete(l, 3, 4) }, "line 5: records 2 to 2 of the account log are missing before it"},
			{"removed at the front", system, func(l [][]byte) [][]byte { return slices.Delete(l, 1, 3) }, "line 2: records 1 to 2 of the system log are missing before it"},
			{"cut off", system, func(l [][]byte) [][]byte { return l[:11] }, "record 12 of the system log is missing, of which it is known that it was there"},
			{"cut off an account's export", account, func(l [][]byte) [][]byte { return l[:11] }, "record 12 of the account log is missing, of which it is known that it was there"},
			{"cut within a line", system, func(l [][]byte) [][]byte { l[12] = l[12][:50]; return l }, "line 13: no record"},
			{"reordered", system, func(l [][]byte) [][]byte { l[3], l[4] = l[4], l[3]; return l }, "line 5: record 3 of the system log is there twice or in the wrong place"},
			{"doubled", account, func(l [][]byte) [][]byte { return slices.Insert(l, 4, l[3]) }, "line 5: record 2 of the account log is there twice or in the wrong place"},
			{"an empty line", system, func(l [][]byte) [][]byte { return slices.Insert(l, 4, []byte("\n")) }, "line 5: no record"},
			{"a very long line", system, func(l [][]byte) [][]byte {
				return slices.Insert(l, 4, []byte(`"`+strings.Repeat("x", 1<<20)+"\"\n"))
			}, "line 5: too long to be a record"},
			{"no heading", system, func(l [][]byte) [][]byte { return l[1:] }, "line 1: not the heading of an export; nothing of it can be checked"},
			{"another heading", system, func(l [][]byte) [][]byte { return append([][]byte{account[0]}, l[1:]...) }, "line 4: about another account"},
			{"nothing at all", system, func([][]byte) [][]byte { return nil }, "the export is empty"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				report := verify(t, tt.tamper(slices.Clone(tt.lines)))
				require.NotEmpty(t, report.Problems)
				require.Contains(t, texts(report.Problems), tt.problem)
			})
		}
	})
}

func texts(problems []audit.Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// rehashed is the hash of a record's event under another type.
func rehashed(t *testing.T, r audit.Record, typ string) string {
	var previous []byte
	_, err := fmt.Sscanf(r.Previous, "%x", &previous)
	require.NoError(t, err)
	data, err := r.Data.MarshalJSON()
	require.NoError(t, err)
	return fmt.Sprintf("%x", storage.Chain(previous, &storage.Event{Sequence: r.Sequence, Time: r.At, Type: typ, Subject: r.Subject, Data: data}))
}

// TestEveryByteCounts: no byte of a record can be another one.
func TestEveryByteCounts(t *testing.T) {
	exported(t, func(t *testing.T, f *fixture, account, _ [][]byte) {
		file := bytes.Join(account[:5], nil)
		heads := len(account[0])
		clean, err := audit.Verify(bytes.NewReader(file))
		require.NoError(t, err)
		for i := heads; i < len(file)-1; i++ {
			other := bytes.Clone(file)
			other[i] ^= 1
			report, err := audit.Verify(bytes.NewReader(other))
			require.NoError(t, err)
			require.Greater(t, len(report.Problems), len(clean.Problems), "byte %d", i)
		}
	})
}

// TestKnownHeads: a chain that was made anew fits itself, and not what was noted
// down before.
func TestKnownHeads(t *testing.T) {
	exported(t, func(t *testing.T, f *fixture, account, system [][]byte) {
		known := verify(t, system).Heads[0]
		for range 3 {
			f.write(storage.System, 60, "x", "")
		}
		later := f.export(storage.System, time.Time{}, time.Time{})
		require.Empty(t, verify(t, later, known).Problems)

		other := known
		other.Hash = strings.Repeat("0", 64)
		require.Equal(t, "line 13: record 12 of the system log is another one than what is known of it", texts(verify(t, later, other).Problems))

		other = verify(t, later).Heads[0]
		require.Equal(t, "record 15 of the system log is missing, of which it is known that it was there", texts(verify(t, system, other).Problems))
	})
}

// TestTrimmedExport: what was forgotten is no problem, and the first record that is
// left is said to be unproven.
func TestTrimmedExport(t *testing.T) {
	exported(t, func(t *testing.T, f *fixture, _, _ [][]byte) {
		require.NoError(t, f.Trim(t.Context(), storage.System, 5))
		require.NoError(t, f.Trim(t.Context(), "acme", 4))
		system := f.export(storage.System, time.Time{}, time.Time{})
		report := verify(t, system)
		require.Empty(t, report.Problems)
		require.Equal(t, 7, report.Records)
		require.Equal(t, 1, report.Unproven)
		report = verify(t, f.export("acme", time.Time{}, time.Time{}))
		require.Empty(t, report.Problems)

		system[2] = bytes.Replace(system[2], []byte("created"), []byte("revoked"), 1)
		require.Contains(t, texts(verify(t, system).Problems), "line 3: altered")
		require.NoError(t, f.Trim(t.Context(), storage.System, 12))
		report = verify(t, f.export(storage.System, time.Time{}, time.Time{}))
		require.Empty(t, report.Problems)
		require.Zero(t, report.Records)
	})
}

// TestManyProblems: a report is bounded, whatever the file is.
func TestManyProblems(t *testing.T) {
	exported(t, func(t *testing.T, f *fixture, account, _ [][]byte) {
		report := verify(t, append(account, bytes.Repeat([]byte("x\n"), 10_000)))
		require.Len(t, report.Problems, 100)
	})
}

func TestErrorOfReading(t *testing.T) {
	broken := errors.New("broken")
	_, err := audit.Verify(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
}

func FuzzVerify(f *testing.F) {
	heading := `{"export":{"account":"acme","heads":[{"log":"account","sequence":1,"hash":""}]}}` + "\n"
	f.Add([]byte(heading))
	f.Add([]byte(heading + `{"sequence":1,"log":"account","account":"acme","at":"2024-02-29T12:00:00.123Z","type":"x","data":{"actor":{"id":""}},"previous":"00","hash":""}` + "\n"))
	f.Add([]byte(heading + `{"sequence":18446744073709551615,"log":"system","at":"0000-01-01T00:00:00Z","type":"","data":"AA==","hash":"zz"}`))
	f.Add([]byte(heading + `{"log":"account","data":null}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		report, err := audit.Verify(bytes.NewReader(file))
		require.NoError(t, err)
		if len(file) > 0 && report.Records == 0 && len(report.Problems) == 0 {
			require.True(t, bytes.HasPrefix(file, []byte(`{"export":`)))
		}
	})
}
