package registry_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/registry"
	"roster/scim"
)

func TestResolveProfile(t *testing.T) {
	tests := []struct {
		name     string
		settings registry.Settings
		want     string
	}{
		{"nothing set", registry.Settings{}, "default"},
		{"default", registry.Settings{Profile: "default"}, "default"},
		{"strict", registry.Settings{Profile: "strict"}, "strict"},
		{"a switch as it is", registry.Settings{Switches: map[string]bool{"wrapValues": true}}, "default"},
		{"a switch off", registry.Settings{Switches: map[string]bool{"wrapValues": false}}, "default-wrapValues"},
		{"several", registry.Settings{Switches: map[string]bool{"wrapValues": false, "duplicateNames": true}},
			"default+duplicateNames-wrapValues"},
		{"on strict", registry.Settings{Profile: "strict", Switches: map[string]bool{"wrapValues": true}}, "strict+wrapValues"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := tt.settings.Resolve()
			require.NoError(t, err)
			require.Equal(t, tt.want, e.Profile.Name)
			require.Equal(t, scim.DefaultLimits(), e.Limits)
		})
	}
}

// TestEverySettingHasItsName walks the fields of Profile and Limits, so that one
// that is added there cannot be forgotten here.
func TestEverySettingHasItsName(t *testing.T) {
	nameOf := func(field string) string { return strings.ToLower(field[:1]) + field[1:] }
	for _, field := range reflect.VisibleFields(reflect.TypeFor[scim.Profile]()) {
		if field.Name == "Name" {
			continue
		}
		for _, on := range []bool{true, false} {
			s := registry.Settings{Switches: map[string]bool{nameOf(field.Name): on}}
			e, err := s.Resolve()
			require.NoError(t, err)
			require.Equal(t, on, reflect.ValueOf(e.Profile).FieldByIndex(field.Index).Bool())
		}
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[scim.Limits]()) {
		most := 100 * reflect.ValueOf(scim.DefaultLimits()).FieldByIndex(field.Index).Int()
		for n, valid := range map[int64]bool{-1: false, 0: false, most: true, most + 1: false, 150: true} {
			s := registry.Settings{Limits: map[string]int{nameOf(field.Name): int(n), "maxPageSize": 100_000}}
			if field.Name == "MaxPageSize" {
				s.Limits["maxPageSize"] = int(n)
			}
			e, err := s.Resolve()
			if !valid {
				require.ErrorIs(t, err, registry.ErrInvalid, "%s %d", field.Name, n)
				continue
			}
			require.NoError(t, err, "%s %d", field.Name, n)
			require.Equal(t, n, reflect.ValueOf(e.Limits).FieldByIndex(field.Index).Int())
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	tests := []struct {
		settings registry.Settings
		message  string
	}{
		{registry.Settings{Profile: "lax"}, `profile "lax" is not valid: use default or strict`},
		{registry.Settings{Switches: map[string]bool{"wrapvalues": true}},
			`switch "wrapvalues" is not valid: use createFromFilter, duplicateNames, `},
		{registry.Settings{Limits: map[string]int{"memory": 1}}, `limit "memory" is not valid: use body, bulkBody, `},
		{registry.Settings{Limits: map[string]int{"patchOps": 0}}, `limit patchOps "0" is not valid: use 1 to 100000`},
		{registry.Settings{Limits: map[string]int{"maxPageSize": 50}},
			`limit pageSize 100 is not valid: use at most maxPageSize, which is 50`},
	}
	for _, tt := range tests {
		_, err := tt.settings.Resolve()
		require.ErrorIs(t, err, registry.ErrInvalid)
		require.ErrorContains(t, err, tt.message)
	}
}

// TestNormalise: one form of each value is kept.
func TestNormalise(t *testing.T) {
	tests := []struct{ set, kept registry.Settings }{
		{registry.Settings{}, registry.Settings{}},
		{registry.Settings{Language: "DE-at"}, registry.Settings{Language: "de-AT"}},
		{registry.Settings{Language: "pt_BR"}, registry.Settings{Language: "pt-BR"}},
		{registry.Settings{Country: "at"}, registry.Settings{Country: "AT"}},
		{registry.Settings{Currency: "eur"}, registry.Settings{Currency: "EUR"}},
		{registry.Settings{Timezone: "Europe/Vienna"}, registry.Settings{Timezone: "Europe/Vienna"}},
		{registry.Settings{Timezone: "UTC"}, registry.Settings{Timezone: "UTC"}},
		{registry.Settings{DefaultRoles: []string{"Reader", "cost centre 7"}}, registry.Settings{DefaultRoles: []string{"Reader", "cost centre 7"}}},
		{registry.Settings{MailDomains: []string{"Example.COM"}}, registry.Settings{MailDomains: []string{"example.com"}}},
		{registry.Settings{Contact: registry.Contact{Name: "Zoë", Email: "help@example.com", Phone: "+431234567"}},
			registry.Settings{Contact: registry.Contact{Name: "Zoë", Email: "help@example.com", Phone: "+431234567"}}},
	}
	for _, tt := range tests {
		kept, err := tt.set.Normalised()
		require.NoError(t, err, "%+v", tt.set)
		require.Equal(t, tt.kept, kept)
		again, err := kept.Normalised()
		require.NoError(t, err)
		require.Equal(t, kept, again)
	}
}

// TestNormaliseRefuses: a message names what is wrong, and what would be right.
func TestNormaliseRefuses(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	tests := []struct {
		setting string
		use     string
		refused []registry.Settings
	}{
		{"profile", "default or strict", []registry.Settings{{Profile: "lax"}}},
		{"language", "a language tag such as en or de-AT", []registry.Settings{
			{Language: "english language"}, {Language: "und"}, {Language: "en-"}, {Language: "../../etc"}, {Language: "e"},
			{Language: "en-u-" + strings.Repeat("co-phonebk-", 4) + "x"}, {Language: long},
		}},
		{"country", "the two letters of a country", []registry.Settings{
			{Country: "AUT"}, {Country: "040"}, {Country: "EU"}, {Country: "ZZ"}, {Country: "A"}, {Country: "Ä"}, {Country: long},
		}},
		{"currency", "the three letters of a currency", []registry.Settings{
			{Currency: "EU"}, {Currency: "ABC"}, {Currency: "EURO"}, {Currency: "€"}, {Currency: long},
		}},
		{"timezone", "a name of the IANA time zone database", []registry.Settings{
			{Timezone: "Local"}, {Timezone: "Vienna"}, {Timezone: "+01:00"}, {Timezone: "../passwd"}, {Timezone: "/etc/passwd"}, {Timezone: long},
		}},
		{"default role", "the value of a role: 1 to 200 bytes", []registry.Settings{
			{DefaultRoles: []string{""}}, {DefaultRoles: []string{" reader"}}, {DefaultRoles: []string{"a\nb"}},
			{DefaultRoles: []string{"\xff"}}, {DefaultRoles: []string{strings.Repeat("x", 201)}},
		}},
		{"default role", "name it once", []registry.Settings{{DefaultRoles: []string{"Reader", "other", "reader"}}}},
		{"default roles", "use at most 50", []registry.Settings{{DefaultRoles: make([]string, 51)}}},
		{"contact name", "1 to 200 bytes of text", []registry.Settings{
			{Contact: registry.Contact{Name: "a\nb"}}, {Contact: registry.Contact{Name: long}},
		}},
		{"contact email", "an address such as help@example.com", []registry.Settings{
			{Contact: registry.Contact{Email: "help"}}, {Contact: registry.Contact{Email: "Help <help@example.com>"}},
			{Contact: registry.Contact{Email: "<help@example.com>"}}, {Contact: registry.Contact{Email: "a@example.com\nBcc: b@example.com"}},
			{Contact: registry.Contact{Email: "a@example.com, b@example.com"}}, {Contact: registry.Contact{Email: long + "@example.com"}},
		}},
		{"contact phone", "+ and 7 to 15 digits", []registry.Settings{
			{Contact: registry.Contact{Phone: "1234567"}}, {Contact: registry.Contact{Phone: "+123456"}},
			{Contact: registry.Contact{Phone: "+1234567890123456"}}, {Contact: registry.Contact{Phone: "+43 1 234567"}},
			{Contact: registry.Contact{Phone: "++1234567"}}, {Contact: registry.Contact{Phone: "+١٢٣٤٥٦٧"}},
		}},
	}
	for _, tt := range tests {
		for _, s := range tt.refused {
			_, err := s.Normalised()
			require.ErrorIs(t, err, registry.ErrInvalid, "%.200v", s)
			require.ErrorContains(t, err, tt.setting+" ")
			require.ErrorContains(t, err, tt.use)
			require.Less(t, len(err.Error()), 400)
		}
	}
}

// TestNormaliseTellsAll: everything that is wrong is told at once.
func TestNormaliseTellsAll(t *testing.T) {
	_, err := registry.Settings{
		Profile: "lax", MailDomains: []string{"@"}, Policy: registry.Policy{PasswordMin: 7, MaxFailedLogins: -1},
		Traffic:      registry.Traffic{TokenRate: -1, Concurrency: 25_601},
		DefaultRoles: []string{""}, Language: "?", Country: "?", Currency: "?", Timezone: "?",
		Contact:  registry.Contact{Name: "\n", Email: "?", Phone: "?"},
		Links:    registry.Links{Invitation: "?", Passkey: "?"},
		Webhooks: []registry.Webhook{{URL: "?"}},
	}.Normalised()
	require.ErrorIs(t, err, registry.ErrInvalid)
	require.Equal(t, 17, strings.Count(err.Error(), "\n")+1, err.Error())
}

// TestNormalisedSharesNothing: what is kept does not change with what was set.
func TestNormalisedSharesNothing(t *testing.T) {
	set := registry.Settings{
		Switches: map[string]bool{"wrapValues": true}, Limits: map[string]int{"patchOps": 10},
		MailDomains: []string{"example.com"}, DefaultRoles: []string{"reader"},
		Webhooks: []registry.Webhook{webhook("https://a.example", "user.locked")},
	}
	kept, err := set.Normalised()
	require.NoError(t, err)
	set.Switches["wrapValues"], set.Limits["patchOps"] = false, 20
	set.MailDomains[0], set.DefaultRoles[0] = "example.org", "admin"
	set.Webhooks[0].Events[0], set.Webhooks[0].URL = "user.removed", "https://b.example"
	require.Equal(t, registry.Settings{
		Switches: map[string]bool{"wrapValues": true}, Limits: map[string]int{"patchOps": 10},
		MailDomains: []string{"example.com"}, DefaultRoles: []string{"reader"},
		Webhooks: []registry.Webhook{webhook("https://a.example", "user.locked")},
	}, kept)
}
