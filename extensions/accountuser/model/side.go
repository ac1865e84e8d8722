package model

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"roster/scim/provider"
	"roster/scim/query"
)

// Names, and beginnings of names, of the side records of a user. What is not
// metadata dies with the user's removal.
const (
	SidePassword    = "password" // hash; the provider's own, named as the attribute is
	SideFactor      = "factor:"  // and the id of a factor
	SideSecret      = "secret:"  // and the id of the credential of a machine
	SideKey         = "key:"     // likewise
	SideToken       = "pat:"     // likewise
	SideInvitation  = "invitation"
	SideVerifyEmail = "verify:email"
	SideVerifyPhone = "verify:phone"
	SideReset       = "reset"
	SideLink        = "link:"  // and the id of a registration link or a registration
	SideLogin       = "login:" // and the id of what an authentication has sent

	sideMetadata     = "meta:" // and what metadataSide says
	sideMetadataSize = "metasize"
)

// metadataSide names the record of a metadata value. A key can be longer than the
// name of a side record.
func metadataSide(key string) string {
	sum := sha256.Sum256([]byte(key))
	return sideMetadata + base64.RawURLEncoding.EncodeToString(sum[:])
}

// Beside tells which attribute a side record of a user keeps that has changed,
// where the resource itself does not tell: "" if none. It is for the history.
func Beside(c *provider.Change, side string) (path string) {
	if c.Type.Name != User || c.Document == nil || !strings.HasPrefix(side, sideMetadata) {
		return ""
	}
	for _, e := range Of(c.After).A("metadata").Elements() {
		key := e.Get("key")
		if metadataSide(key.Text()) != side {
			continue
		}
		if _, had := byKey(Of(query.Resource(c.Document)))[key.Text()]; had {
			return UserURN + ":metadata[key eq " + string(key.AppendJSON(nil)) + "]"
		}
	}
	return ""
}

// outlivesRemoval reports whether a side record stays when the user is removed.
func outlivesRemoval(name string) bool {
	return strings.HasPrefix(name, sideMetadata) || name == sideMetadataSize
}
