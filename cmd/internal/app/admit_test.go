package app_test

import "testing"

// TestTokenOfUserEndsWithTheUser: a token that an operator made for a user lets
// nobody in while the user is inactive, locked or removed; else the user could undo
// that by it.
func TestTokenOfUserEndsWithTheUser(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.user("eve")
		at, eve := "/users/"+id, s.as(id)
		for _, way := range []struct{ end, back string }{{"/deactivate", "/reactivate"}, {"/lock", "/unlock"}} {
			eve.api("GET", "/me", "").is(200)
			s.api("POST", at+way.end, "").is(200)
			eve.api("POST", at+way.back, "").is(401)
			eve.scim("GET", "/Me", "").is(401)
			s.api("POST", at+way.back, "").is(200)
		}
		s.api("DELETE", at, "").is(204)
		eve.api("POST", at+"/restore", "").is(401)
	})
}
