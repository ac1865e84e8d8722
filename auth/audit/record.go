package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"
	"unicode/utf8"

	"roster/storage"
)

// The logs that a record may be in.
const (
	AccountLog = "account" // of the account itself
	SystemLog  = "system"  // of the server
)

// Record is one event of a log. Its JSON is a line of an export, and says all that
// [storage.Chain] needs.
type Record struct {
	Sequence uint64 `json:"sequence"` // dense from 1 in its log
	Log      string `json:"log"`      // AccountLog or SystemLog
	// Account is the id of the account that it is about, "" if it is about none.
	Account string    `json:"account,omitempty"`
	At      time.Time `json:"at"` // UTC, milliseconds
	Type    string    `json:"type"`
	// Subject is the id of the resource, and in the system's log of the account,
	// that it is about.
	Subject string `json:"subject,omitempty"`
	// Data is the event's data as it is in the log.
	Data Data `json:"data"`
	// Previous is the hash of the event before it, in hexadecimal: zeros before the
	// first, "" if that event was forgotten. Hash is its own.
	Previous string `json:"previous,omitempty"`
	Hash     string `json:"hash"`
}

// Head is where a log ended at some time.
type Head struct {
	Log      string `json:"log"` // AccountLog or SystemLog
	Sequence uint64 `json:"sequence"`
	Hash     string `json:"hash"` // in hexadecimal
}

// recordOf tells of an event of a log of that account. previous is nil if it is not
// known.
func recordOf(log string, account storage.Account, e storage.Event, previous []byte) Record {
	r := Record{
		Sequence: e.Sequence, Log: log, Account: string(account), At: e.Time.UTC().Truncate(time.Millisecond), Type: e.Type, Subject: e.Subject,
		Data: dataOf(e.Data), Previous: hex.EncodeToString(previous), Hash: hex.EncodeToString(e.Hash),
	}
	if log == SystemLog {
		r.Account = e.Subject
	}
	return r
}

// event is what recordOf was made from.
func (r *Record) event() *storage.Event {
	return &storage.Event{Sequence: r.Sequence, Time: r.At, Type: r.Type, Subject: r.Subject, Data: r.Data.raw}
}

// dataOf reads the data of an event. Of data that is not in the form of Data, only
// the bytes are kept.
func dataOf(raw []byte) Data {
	var d members
	if err := json.Unmarshal(raw, &d); err != nil {
		d = members{}
	}
	d.raw = append([]byte{}, raw...) // not nil
	return Data(d)
}

// members is Data that is encoded member by member.
type members Data

// MarshalJSON writes the data as it is in the log, byte for byte if it is a compact
// JSON object, and else as a string of base64. Data that was not read from a log
// has its members.
func (d Data) MarshalJSON() ([]byte, error) {
	switch {
	case d.raw == nil:
		return storage.EventJSON(members(d))
	case isCompactObject(d.raw):
		return d.raw, nil
	}
	return storage.EventJSON(base64.StdEncoding.EncodeToString(d.raw))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *Data) UnmarshalJSON(text []byte) error {
	raw := text
	if text[0] == '"' {
		var err error
		if err = json.Unmarshal(text, &raw); err != nil {
			return err
		}
	}
	*d = dataOf(raw)
	return nil
}

func isCompactObject(text []byte) bool {
	var compact bytes.Buffer
	return len(text) > 0 && text[0] == '{' && utf8.Valid(text) &&
		json.Compact(&compact, text) == nil && bytes.Equal(compact.Bytes(), text)
}
