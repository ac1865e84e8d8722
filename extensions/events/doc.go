// Package events keeps the history of an account: who changed what, when, from
// where, by which way in, and in which request. It is a part of the account's audit:
// package auth/audit reads the same log, and its Data names what an event says as
// it is named here.
//
// Promises:
//
//   - Every change that really changes something has exactly one event, and the
//     event is in the batch of the change: there is never one without the other,
//     also after a crash. A change that changes nothing has none.
//   - Sequences are dense and in the order of commit, over all of an account, so
//     a sequence is a cursor for one reader of one order.
//   - The history of a resource is found without a look at others, and outlives
//     the resource.
//   - No secret is in it. What is stored as a hash, is never returned, or is in
//     [Config.NamesOnly] is named when it changes, without a value.
//   - An event is bounded: at most 16 KiB, and 1 KiB for each value. What is left
//     out for that is told.
//
// Caveats: other values of a resource are in the history on purpose, also personal
// ones, because they are what its readers ask for. They stay when the resource is
// removed and when it is purged, until the log is trimmed: see auth/audit. Events do not tell that a group lost a member because that was
// removed: the event of the removal does. The elements that an event says were
// added or removed are those that its writer saw; another writer may have added
// one of them in the same moment.
//
// The types are the server's own. SCIM events (RFC 9967) can be made of them: the
// names of the changed attributes are paths, as "attributes" of section 2.2 asks,
// and none is missing unless the event is truncated; the correlation id can be
// the "txn". "created" is prov:create there, "removed" prov:delete, and any other
// change of a resource that is there prov:patch, with prov:deactivate for
// "deactivated" and "locked", and prov:activate for "reactivated", "unlocked" and
// "restored".
package events
