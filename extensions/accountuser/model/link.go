package model

// LinkToken stands in a link for the token that it carries.
const LinkToken = "{token}"

// Keys of Settings.Links.
const (
	LinkInvitation    = "invitation"
	LinkVerification  = "verification" // of a mail address
	LinkPasswordReset = "passwordReset"
	LinkPasskey       = "passkey" // registration of one
)
