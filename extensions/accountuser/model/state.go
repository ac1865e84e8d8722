package model

import "net/http"

// Trigger is what can happen to a user.
type Trigger string

// The triggers.
const (
	Create         Trigger = "create"
	CreateInactive Trigger = "create inactive" // SCIM with active false
	Initialise     Trigger = "initialise"      // an invitation is accepted, or the user gets a way in otherwise
	Resend         Trigger = "resend"          // of the invitation
	Deactivate     Trigger = "deactivate"
	Reactivate     Trigger = "reactivate"
	Lock           Trigger = "lock" // by an administrator, or by failed authentications
	Unlock         Trigger = "unlock"
	Remove         Trigger = "remove"
	Restore        Trigger = "restore"
	Purge          Trigger = "purge"
)

// None is the status of a user that is not there: not yet, or no longer.
const None Status = ""

// home is active for a user who was ready to log in before, else invited.
const home Status = "home"

// outcome is a cell of the table: where a trigger leads, or the code of the
// refusal.
type outcome struct {
	to      Status
	refusal string
}

func to(s Status) outcome       { return outcome{to: s} }
func no(refusal string) outcome { return outcome{refusal: refusal} }

// transitions is the state machine. A trigger that is not in a row is refused as
// refusals says.
//
//	        create, restore*, unlock*, reactivate*     (* leads home: to active for a
//	                      |                               user who was initialised,
//	         +------------+------------+                  else to invited)
//	         v                         v
//	    +---------+   initialise   +--------+
//	    | invited |--------------->| active |
//	    +---------+                +--------+
//	     |  |  ^ resend              |   |
//	     |  |  +-- (itself)          |   |
//	     |  |          lock          |   |
//	     |  +-----------+------------+   |
//	     |              v                |
//	     |          +--------+           |
//	     |          | locked |--unlock*  |
//	     |          +--------+           |
//	     |              |                |
//	     |  deactivate  v                |
//	     +-------->+----------+<---------+
//	               | inactive |--reactivate*
//	create  ------>+----------+
//	inactive
//
//	    any of the four --remove--> +---------+ --purge--> none
//	                                | removed |
//	                                +---------+ --restore*
var transitions = map[Status]map[Trigger]outcome{
	None: {
		Create: to(home), CreateInactive: to(Inactive),
	},
	Invited: {
		Initialise: to(Active), Resend: to(Invited),
		Deactivate: to(Inactive), Lock: to(Locked), Remove: to(Gone),
	},
	Active: {
		Deactivate: to(Inactive), Lock: to(Locked), Remove: to(Gone),
	},
	Locked: {
		Deactivate: to(Inactive), Unlock: to(home), Remove: to(Gone),
		Lock: no(AlreadyLocked), Initialise: no(NotActive), Resend: no(NotActive),
	},
	Inactive: {
		Reactivate: to(home), Remove: to(Gone),
		Deactivate: no(AlreadyInactive), Lock: no(NotActive), Initialise: no(NotActive), Resend: no(NotActive),
	},
	Gone: {
		Restore: to(home), Purge: to(None),
		Create: no(Uniqueness), CreateInactive: no(Uniqueness),
	},
}

// refusals is what a trigger is refused with in a row that does not have it.
// Whoever is not there, or was removed, is not found.
var refusals = map[Trigger]string{
	Create: Uniqueness, CreateInactive: Uniqueness,
	Initialise: AlreadyInitialised, Resend: AlreadyInitialised,
	Reactivate: NotInactive, Unlock: NotLocked,
	Restore: NotRemoved, Purge: NotRemoved,
}

// Next returns the status that a trigger leads to; initialised tells whether the
// user was ever ready to log in. Where the trigger is not for users of that
// status it fails with a [Refusal].
func Next(from Status, t Trigger, initialised bool) (Status, error) {
	o := next(from, t)
	switch {
	case o.refusal != "":
		return from, refuse(o.refusal)
	case o.to == home && initialised:
		return Active, nil
	case o.to == home:
		return Invited, nil
	}
	return o.to, nil
}

func next(from Status, t Trigger) outcome {
	o, ok := transitions[from][t]
	switch {
	case ok:
		return o
	case from == None || from == Gone:
		return no(NotFound)
	}
	return no(refusals[t])
}

// refuse says in words why a trigger is not for a user.
func refuse(code string) *Refusal {
	status := http.StatusConflict
	if code == NotFound {
		status = http.StatusNotFound
	}
	return Refuse(status, code, "%s", reasons[code])
}

var reasons = map[string]string{
	NotFound:           "there is no such user",
	Uniqueness:         "the user is there already",
	AlreadyInitialised: "the user has accepted an invitation, or got a way in otherwise, already",
	AlreadyInactive:    "the user is inactive already",
	AlreadyLocked:      "the user is locked already",
	NotInactive:        "the user is not inactive",
	NotLocked:          "the user is not locked",
	NotActive:          "the user is locked or inactive; unlock or reactivate the user first",
	NotRemoved:         "the user was not removed",
}
