package registry

import (
	"bytes"
	"encoding/binary"
	"time"

	"roster/storage"
)

// Indexes returns what the store's catalogue must hold.
func Indexes() []storage.Index {
	return []storage.Index{
		{Type: accountType, Name: nameIndex, Form: "1", Extract: extract(accountName)},
		{Type: accountType, Name: issuerIndex, Form: "1", Multi: true, Extract: accountIssuers},
		{Type: deletedType, Name: deletingIndex, Form: "1", Extract: extract(deleting)},
		{Type: tokenType, Name: accountIndex, Form: "1", Extract: extract(tokenAccount)},
		{Type: tokenType, Name: clientIndex, Form: "1", Extract: extract(tokenClient)},
	}
}

// extract makes an index of a key; a document without one is not in it.
func extract(key func(*storage.Document) []byte) func(*storage.Document) ([][]byte, []byte) {
	return func(d *storage.Document) ([][]byte, []byte) {
		k := key(d)
		if len(k) == 0 {
			return nil, nil
		}
		return [][]byte{k}, k
	}
}

func accountName(d *storage.Document) []byte {
	var b accountBody
	_ = decodeBody(d, &b) // a body that is none has no name
	return []byte(b.Name)
}

func tokenAccount(d *storage.Document) []byte {
	var b tokenBody
	_ = decodeBody(d, &b)
	return []byte(b.Account)
}

// tokenClient is the key of credentials that the token endpoint takes.
func tokenClient(d *storage.Document) []byte {
	var b tokenBody
	_ = decodeBody(d, &b)
	if !b.Form.isOfClient() || !b.Revoked.IsZero() {
		return nil
	}
	return clientKey(b.Client, b.Expires)
}

// clientKey sorts by client and then by expiry.
func clientKey(client string, expires time.Time) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(client), 0), uint64(expires.UnixMilli()))
}

// accountsAfter is a page of accounts by name.
func accountsAfter(name string, limit int) storage.Query {
	return storage.Query{
		Type: accountType,
		Where: &storage.Leaf{
			Index: nameIndex, Op: storage.Greater, Value: []byte(name), Text: "account:name gt",
			Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
				return bytes.Compare(accountName(d), []byte(name)) > 0, nil
			},
		},
		Sort:  &storage.Sort{Index: nameIndex, Key: accountName},
		Limit: pageSize(limit),
	}
}

// tokensAfter is a page of an account's tokens by id, that is by creation.
func tokensAfter(account, id string, limit int) storage.Query {
	return storage.Query{
		Type: tokenType,
		Where: storage.And{
			&storage.Leaf{
				Index: accountIndex, Op: storage.Equal, Value: []byte(account), Text: "token:account eq",
				Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
					return string(tokenAccount(d)) == account, nil
				},
			},
			&storage.Leaf{
				Index: storage.IDIndex, Op: storage.Greater, Value: []byte(id), Text: "id gt",
				Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) { return d.ID > id, nil },
			},
		},
		Limit: pageSize(limit),
	}
}

// tokensOfClient are the credentials of a client that may be used at a time, the
// latest first.
func tokensOfClient(client string, now time.Time) storage.Query {
	bound := func(op storage.Op, value []byte, text string, within func(order int) bool) *storage.Leaf {
		return &storage.Leaf{
			Index: clientIndex, Op: op, Value: value, Text: text,
			Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
				key := tokenClient(d)
				return key != nil && within(bytes.Compare(key, value)), nil
			},
		}
	}
	return storage.Query{
		Type: tokenType,
		Where: storage.And{
			bound(storage.Greater, clientKey(client, now), "token:client gt", func(order int) bool { return order > 0 }),
			bound(storage.Less, append([]byte(client), 1), "token:client lt", func(order int) bool { return order < 0 }),
		},
		Sort:  &storage.Sort{Descending: true},
		Limit: maxPage,
	}
}

func pageSize(limit int) int {
	if limit < 1 || limit > maxPage {
		return maxPage
	}
	return limit
}
