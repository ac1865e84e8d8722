package invitations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/query"
	"roster/storage/memory"
)

const extension = `"urn:ietf:params:scim:schemas:extension:account:2.0:User"`

// TestOnboardingMailsNobody: an identity provider brings 10,000 users, and no
// message is written.
func TestOnboardingMailsNobody(t *testing.T) {
	types := definedTypes(t)
	f := newFixture(t, memory.New(query.Indexes(types)), types)
	for batch := range 10 {
		var operations []string
		for n := range 1000 {
			name := fmt.Sprintf("user%d.%d@example.com", batch, n)
			operations = append(operations, fmt.Sprintf(`{"method": "POST", "path": "/Users", "bulkId": "%d", "data": {
				"userName": %q, "emails": [{"value": %q, "primary": true}], "phoneNumbers": [{"value": "+4930123456"}]}}`, n, name, name))
		}
		body, err := scim.ParseJSON([]byte(`{"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [` + strings.Join(operations, ",") + `]}`))
		require.NoError(t, err)
		response, err := f.provider.Bulk(t.Context(), f.idp, body)
		require.NoError(t, err)
		for _, result := range response.Get("Operations").Elements() {
			require.Equal(t, "201", result.Get("status").Text())
		}
	}
	require.Equal(t, 10_000, f.count(`urn:ietf:params:scim:schemas:extension:account:2.0:User:status eq "active"`))
	require.Empty(t, f.store.letters)
}

// TestSendInvitation: an identity provider has a user invited by a flag, at
// creation only.
func TestSendInvitation(t *testing.T) {
	tests := []struct {
		name, body string
		status     model.Status
		sent       int
	}{
		{"no flag", `{"userName": "ada", "emails": [{"value": "ada@example.com"}]}`, model.Active, 0},
		{"flag", `{"userName": "ada", "emails": [{"value": "ada@example.com"}], ` + extension + `: {"sendInvitation": true}}`, model.Invited, 1},
		{"flag with a password", `{"userName": "ada", "password": "a good password", "emails": [{"value": "ada@example.com"}], ` + extension + `: {"sendInvitation": true}}`, model.Invited, 1},
		{"flag of an inactive user", `{"userName": "ada", "active": false, "emails": [{"value": "ada@example.com"}], ` + extension + `: {"sendInvitation": true}}`, model.Inactive, 0},
		{"false flag", `{"userName": "ada", "emails": [{"value": "ada@example.com"}], ` + extension + `: {"sendInvitation": false}}`, model.Active, 0},
		{"the primary address", `{"userName": "ada", "emails": [{"value": "a@example.com"}, {"value": "ada@example.com", "primary": true}], ` + extension + `: {"sendInvitation": true}}`, model.Invited, 1},
		{"an invitation that somebody says is there", `{"userName": "ada", "emails": [{"value": "ada@example.com"}], ` + extension + `: {"invitation": {"status": "pending"}}}`, model.Active, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				v := f.get(f.post(tt.body))
				require.Equal(t, tt.status, v.Status())
				require.Len(t, f.store.letters, tt.sent)
				require.Len(t, f.sent(ada), tt.sent)
				require.True(t, v.A("sendInvitation").IsNull())
				if tt.sent == 0 {
					require.True(t, v.A("invitation").IsNull())
					return
				}
				require.Equal(t, "pending", v.A("invitation").Get("status").Text())
				_, err := f.accept(f.token(ada))
				require.NoError(t, err)
			})
		})
	}
}

// TestSendInvitationWithoutAddress: the flag needs an address that mail goes to.
func TestSendInvitationWithoutAddress(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for emails, code := range map[string]string{
			`[]`: model.NoChannel, `[{"value": "nowhere"}]`: "", `[{"value": "ada@example.com\nBcc: eve@example.com"}]`: "",
		} {
			_, err := f.tryPost(`{"userName": "ada", "emails": ` + emails + `, ` + extension + `: {"sendInvitation": true}}`)
			refused(t, err, 400, code)
		}
		require.Empty(t, f.store.letters)
		require.Zero(t, f.count(""))
	})
}

// TestChangesOverSCIMSendNothing, whatever they are.
func TestChangesOverSCIMSendNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.post(`{"userName": "ada", "emails": [{"value": "ada@example.com"}]}`)
		f.patch(id, "emails", `[{"value": "lovelace@example.com"}]`)
		f.patch(id, "phoneNumbers", `[{"value": "+4930123456"}]`)
		f.patch(id, "active", `false`)
		f.patch(id, "active", `true`)
		f.patch(id, `urn:ietf:params:scim:schemas:extension:account:2.0:User:sendInvitation`, `true`)
		require.Empty(t, f.store.letters)
		require.Equal(t, model.Active, f.get(id).Status())
	})
}

// TestAnotherAddressEndsTheInvitation: the token went to the old one, so it must
// not vouch for the new one.
func TestAnotherAddressEndsTheInvitation(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		f.patch(id, "emails", `[{"value": "`+bob+`"}]`)
		v := f.get(id)
		require.Equal(t, model.Invited, v.Status())
		require.Equal(t, "revoked", v.A("invitation").Get("status").Text())
		_, err := f.accept(f.token(ada))
		refused(t, err, 410, model.Expired)
		f.patch(id, "emails", `[{"value": "`+ada+`"}]`)
		_, err = f.accept(f.token(ada))
		refused(t, err, 410, model.Expired)
		_, err = f.Resend(t.Context(), f.call, id, "")
		require.NoError(t, err)
		_, err = f.accept(f.token(ada))
		require.NoError(t, err)
	})
}

// TestClientsCannotWriteInvitations: what the server owns stays as it is, by
// whatever path.
func TestClientsCannotWriteInvitations(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		id := f.invite(ada)
		f.patch(id, "urn:ietf:params:scim:schemas:extension:account:2.0:User", `{"gender": "female", "invitation": {"status": "accepted"}}`)
		f.clock.Advance(week)
		f.patch(id, "urn:ietf:params:scim:schemas:extension:account:2.0:User", `{"gender": "f", "invitation": {"status": "pending"}}`)
		v := f.get(id)
		require.Equal(t, "f", v.A("gender").Text())
		require.Equal(t, "expired", v.A("invitation").Get("status").Text())
		require.Equal(t, model.Invited, v.Status())
		require.Len(t, f.store.letters, 1)
	})
}
