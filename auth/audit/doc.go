// Package audit tells who did what, to what, from where and with which outcome.
//
// It has no store of its own. What changes a resource of an account is in that
// account's log, where package extensions/events writes it in the batch of the
// change. What the server itself does, such as creating accounts and credentials,
// issuing tokens and refusing requests, is in the log of [storage.System], each
// record with the id of the account that it is about as its subject, or "" if it
// is about none. The audit of an account is both, merged by time.
//
// Promises:
//
//   - A change and its record are one batch: there is never one without the other,
//     also after a crash. Refusals are written soon after they were answered, in
//     batches; a crash loses those of the last moment.
//   - Records are chained by [storage.Chain], so that one that was altered, removed
//     or put elsewhere is found, in the store by [storage.Checker] and in an export
//     by [Verify].
//   - They outlive the account that they are about, until its retention ends.
//   - Refusals cannot fill a disk, and those that are not recorded are counted.
//   - No secret is in a record. A record has at most 16 KiB.
//
// Caveats: personal values are in records on purpose: names and ids of callers,
// addresses of clients, and what extensions/events records of a resource. Treat an
// export as what it is. Who can write to the store or the export can also compute
// a new chain from there on: only a [Head] that was noted elsewhere shows that.
package audit
