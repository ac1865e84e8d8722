package credentials

import "roster/extensions/accountuser/model"

// Side records beside those that package model names. All are gone with the
// removal of the user.
const (
	linkPrefix         = model.SideLink             // and a kind of authenticator: the link to register one
	registrationPrefix = model.SideLink + "begun:"  // and the id of a registration
	sentPrefix         = model.SideLogin            // and a factor: what was asked for last
	spentPrefix        = model.SideLogin + "spent:" // and the id of a transaction; the name is all
	usedPrefix         = "used:"                    // and the id of a credential of a machine: when it was last used
)

// loginsOf names the counter of what logins write beside a user. It stands in for
// the revision of the user, which they leave alone.
func loginsOf(user string) string { return "logins:" + user }
