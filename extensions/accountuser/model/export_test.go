package model

// What tests look at that happens between two steps of others.
var (
	Hold          = (*Draft).hold
	PurgeDocument = (*Users).purge
	PurgeAll      = (*Users).purgeAll
)
