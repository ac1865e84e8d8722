package audit

import (
	"bufio"
	"context"
	"io"
	"time"

	"roster/storage"
)

// Heading is the first line of an export, which says what the others are.
type Heading struct {
	Export Extent `json:"export"`
}

// Extent is what an export holds.
type Extent struct {
	Account storage.Account `json:"account"` // as in Query
	From    time.Time       `json:"from,omitzero"`
	To      time.Time       `json:"to,omitzero"`
	// Heads are the last records of the logs when the export began. They are in
	// it, so that it shows if it was cut off.
	Heads []Head `json:"heads,omitempty"`
}

// Export writes an audit as JSON lines: a Heading, and then each Record, oldest
// first. Times are as in Query; zero ones do not bound. [Verify] checks it. It reads
// some records at a time, and pins nothing while it writes. Records of the system's
// log have their hashes here as anywhere, but an account's export has only those
// about the account, so only an export of storage.System shows that none is missing.
func (l Log) Export(ctx context.Context, w io.Writer, account storage.Account, from, to time.Time) error {
	q := Query{Account: account, From: from, To: to, Limit: MaxLimit}
	heads, err := l.heads(ctx, q)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := writeLine(out, Heading{Extent{Account: account, From: from.UTC(), To: to.UTC(), Heads: heads}}); err != nil {
		return err
	}
	for {
		page, err := l.Read(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range page.Records {
			if err := writeLine(out, r); err != nil {
				return err
			}
		}
		if q.After = page.Next; q.After == "" {
			return out.Flush()
		}
	}
}

// heads are the last records of each log that a query asks for.
func (l Log) heads(ctx context.Context, q Query) ([]Head, error) {
	var heads []Head
	q.Descending = true
	for _, s := range sourcesOf(l.Store, q) {
		if err := s.bound(ctx, q); err != nil {
			return nil, err
		}
		last, err := s.peek(ctx)
		if err != nil {
			return nil, err
		}
		if last != nil {
			heads = append(heads, last.head())
		}
	}
	return heads, nil
}

func (r *Record) head() Head { return Head{Log: r.Log, Sequence: r.Sequence, Hash: r.Hash} }

func writeLine(w *bufio.Writer, v any) error {
	line, err := storage.EventJSON(v)
	if err != nil {
		return err
	}
	_, _ = w.Write(line) // an error stays with the writer
	return w.WriteByte('\n')
}
