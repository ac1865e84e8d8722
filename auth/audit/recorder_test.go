package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/audit"
	"roster/auth/authtest"
	"roster/storage"
	"roster/storage/memory"
)

// caller is the context of a request of a principal, or of nobody.
func caller(ctx context.Context, account, principal string) context.Context {
	ctx = auth.WithOrigin(ctx, auth.Origin{Address: netip.MustParseAddr("192.0.2.7"), Account: "what the path says"})
	if principal == "" {
		return ctx
	}
	return auth.WithPrincipal(ctx, &auth.Principal{Account: account, Subject: principal, Method: auth.ByToken})
}

// counts are the refusals that are recorded and those that are counted, by account.
func counts(records []audit.Record) (recorded, omitted map[string]int) {
	recorded, omitted = map[string]int{}, map[string]int{}
	for _, r := range records {
		switch r.Type {
		case audit.RefusedType:
			recorded[r.Account]++
		case audit.OmittedType:
			omitted[r.Account] += r.Data.Omitted
		}
	}
	return recorded, omitted
}

func (f *fixture) system() []audit.Record { return f.walk(audit.Query{Account: storage.System}) }

// TestRefusal: a record says who was refused what, and why.
func TestRefusal(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		recorder := audit.NewRecorder(audit.RecorderConfig{Store: f.Store, Now: authtest.NewClock(noon).Now})
		recorder.Refused(called(t.Context()), audit.Refusal{Status: 403, Operation: "users.delete", Scope: "user:delete", Reason: "scope"})
		recorder.Refused(caller(t.Context(), "", ""), audit.Refusal{Status: 401, Reason: "credential"})
		recorder.Refused(caller(t.Context(), "", ""), audit.Refusal{Status: 401, Reason: "client secret", Account: "acme"})
		require.NoError(t, recorder.Close())
		var got []string
		for _, r := range f.system() {
			data, err := r.Data.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, noon, r.At)
			require.Equal(t, audit.RefusedType, r.Type)
			got = append(got, r.Account+" "+string(data))
		}
		require.Equal(t, []string{
			`acme {"actor":{"id":"token-1","name":"Okta <1>","user":"ann","method":"pat"},"address":"192.0.2.7","correlationId":"request-1",` +
				`"outcome":"refused","status":403,"reason":"scope","scope":"user:delete","operation":"users.delete"}`,
			` {"actor":{"id":""},"address":"192.0.2.7","outcome":"refused","status":401,"reason":"credential"}`,
			`acme {"actor":{"id":""},"address":"192.0.2.7","outcome":"refused","status":401,"reason":"client secret"}`,
		}, got)
		require.Len(t, f.walk(audit.Query{Account: "acme"}), 2)
	})
}

// TestFlood: of very many refusals a bounded number is recorded, whoever causes
// them, and all the others are counted.
func TestFlood(t *testing.T) {
	const n = 10_000
	for _, tt := range []struct {
		name              string
		ctx               func(i int) context.Context
		recorded, records int // records: with those of the counts
	}{
		{"of one principal", func(int) context.Context { return caller(t.Context(), "acme", "token-1") }, 5, 6},
		{"of one account", func(i int) context.Context { return caller(t.Context(), "acme", fmt.Sprint("token-", i)) }, 10, 11},
		{"of all accounts", func(i int) context.Context { return caller(t.Context(), fmt.Sprint("account-", i), "token-1") }, 20, 41},
		{"of nobody", func(int) context.Context { return caller(t.Context(), "", "") }, 10, 11},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				clock := authtest.NewClock(noon)
				recorder := audit.NewRecorder(audit.RecorderConfig{Store: f.Store, Now: clock.Now})
				for minute := range 3 {
					for i := range n {
						recorder.Refused(tt.ctx(i), audit.Refusal{Status: 429, Reason: "rate"})
					}
					clock.Advance(time.Minute)
					if minute == 1 {
						clock.Advance(-time.Hour) // set back, which is no way around the limits, nor an end of the recording
					}
				}
				require.NoError(t, recorder.Close())
				records := f.system()
				require.Len(t, records, 3*tt.records)
				recorded, omitted := counts(records)
				require.Equal(t, 3*tt.recorded, sum(recorded))
				require.Equal(t, 3*n, sum(recorded)+sum(omitted), "nothing is lost")
			})
		})
	}
}

func sum(counts map[string]int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
}

// TestFloodHidesNobodyElse: who causes very many refusals takes the room of none
// but those of the same account.
func TestFloodHidesNobodyElse(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		recorder := audit.NewRecorder(audit.RecorderConfig{Store: f.Store, Now: authtest.NewClock(noon).Now})
		for range 1000 {
			recorder.Refused(caller(t.Context(), "acme", "noisy"), audit.Refusal{Status: 403})
			recorder.Refused(caller(t.Context(), "", ""), audit.Refusal{Status: 401})
		}
		recorder.Refused(caller(t.Context(), "acme", "quiet"), audit.Refusal{Status: 403})
		recorder.Refused(caller(t.Context(), "other", "token-2"), audit.Refusal{Status: 403})
		require.NoError(t, recorder.Close())
		recorded, omitted := counts(f.system())
		require.Equal(t, map[string]int{"": 10, "acme": 6, "other": 1}, recorded)
		require.Equal(t, map[string]int{"": 990, "acme": 995}, omitted)
	})
}

// TestCountsComeByThemselves: a flood that ends is told of though nothing follows.
func TestCountsComeByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{Store: memory.New(nil), t: t}
		f.Log.Store = f.Store
		recorder := audit.NewRecorder(audit.RecorderConfig{Store: f.Store})
		for range 100 {
			recorder.Refused(caller(t.Context(), "acme", "token-1"), audit.Refusal{Status: 403})
		}
		synctest.Wait()
		require.Len(t, f.system(), 5, "they are written at once")
		time.Sleep(2 * time.Minute) // of the test's own clock
		synctest.Wait()
		records := f.system()
		require.Len(t, records, 6)
		require.Equal(t, 95, records[5].Data.Omitted)
		require.Equal(t, "acme", records[5].Account)
		require.NoError(t, recorder.Close())
		require.Len(t, f.system(), 6)
	})
}

// disk is a store that writes only when it is told to.
type disk struct {
	storage.Store
	answers chan error // of each Apply; nil writes
}

func (d disk) Apply(ctx context.Context, account storage.Account, b storage.Batch) (storage.Receipt, error) {
	if err := <-d.answers; err != nil {
		return storage.Receipt{}, err
	}
	return d.Store.Apply(ctx, account, b)
}

// TestStoreThatDoesNotWrite: refusals wait for no store, take bounded memory while
// it hangs, and are counted when it fails, which is logged.
func TestStoreThatDoesNotWrite(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		clock := authtest.NewClock(noon)
		answers := make(chan error)
		var log bytes.Buffer
		recorder := audit.NewRecorder(audit.RecorderConfig{Store: disk{f.Store, answers}, Now: clock.Now, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		const minutes = 200
		for range minutes {
			for range 10 {
				recorder.Refused(caller(t.Context(), "acme", "token-1"), audit.Refusal{Status: 403})
			}
			clock.Advance(time.Minute)
		}
		answers <- errors.New("disk full")
		close(answers) // from now on it writes
		require.NoError(t, recorder.Close())
		require.Contains(t, log.String(), "disk full")
		records := f.system()
		recorded, omitted := counts(records)
		require.LessOrEqual(t, len(records), 502)
		require.Equal(t, 10*minutes, recorded["acme"]+omitted["acme"], "nothing is lost")
	})
}

// TestClosed: what cannot be written in the end is an error, and what comes later
// is logged.
func TestClosed(t *testing.T) {
	store := memory.New(nil)
	require.NoError(t, store.Close())
	var log bytes.Buffer
	recorder := audit.NewRecorder(audit.RecorderConfig{Store: store, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	recorder.Refused(caller(t.Context(), "acme", "token-1"), audit.Refusal{Status: 403})
	require.Error(t, recorder.Close())
	require.Error(t, recorder.Close())
	require.Contains(t, log.String(), "refusals were not recorded")
	recorder.Refused(caller(t.Context(), "acme", "token-1"), audit.Refusal{Status: 403})
	require.Contains(t, log.String(), "because the server stops")
}

// TestStrangeAccount: a refusal about what can be no account keeps no other one from
// the log.
func TestStrangeAccount(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		recorder := audit.NewRecorder(audit.RecorderConfig{Store: f.Store})
		recorder.Refused(t.Context(), audit.Refusal{Status: 401, Account: strings.Repeat("x", 65)})
		recorder.Refused(t.Context(), audit.Refusal{Status: 401, Account: strings.Repeat("x", 64)})
		require.NoError(t, recorder.Close())
		recorded, _ := counts(f.system())
		require.Equal(t, map[string]int{"": 1, strings.Repeat("x", 64): 1}, recorded)
	})
}

// TestRecordAtOnce: an event is there when Record returns, and no limit keeps it out.
func TestRecordAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		recorder := audit.NewRecorder(audit.RecorderConfig{Store: f.Store})
		for i := range 50 {
			require.NoError(t, recorder.Record(t.Context(), audit.Event(called(t.Context()), "token.issued", "acme", nil)))
			require.Len(t, f.walk(audit.Query{Account: "acme"}), i+1)
		}
		require.NoError(t, recorder.Close())
		require.Empty(t, verify(t, f.export("acme", time.Time{}, time.Time{})).Problems)
	})
}
