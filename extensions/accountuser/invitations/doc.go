// Package invitations is how people who have no way into an account get one: they
// are sent something, and redeem it. It invites users, verifies mail addresses
// and phone numbers, and lets a forgotten password be set anew.
//
// It promises:
//
//   - What is sent is in the batch of the change that it is about, so there is a
//     message exactly if there is the change.
//   - A token or code works once, until it expires, and for the address that it
//     was sent to: another address, however it came about, ends it. The next one
//     that is sent ends it too. Of two who redeem the same one at once, one does.
//   - Only hashes are stored. The text itself is in the message alone, and so in
//     the queue until it is delivered.
//   - A token has 256 random bits, so trying is hopeless. A code has six digits:
//     after five guesses at it no more are looked at, also if they come at once.
//   - Whoever redeems is not told whether a token is unknown, used, replaced,
//     revoked or expired, nor what is wrong with a code. Before a token has been
//     found to be right, it costs one read.
//   - Nobody is mailed because of SCIM, unless sendInvitation is true at creation.
//
// Caveats: how long a refusal takes can tell whether a code is pending, to
// somebody who knows the ids of account and user: a guess is counted on disk. A
// message that waits in the queue is sent even if what it carries has ended
// meanwhile. Sessions are the applications' matter: what a new password ends is
// theirs to decide, by the events.
package invitations
