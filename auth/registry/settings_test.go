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
			p, limits, err := tt.settings.Resolve()
			require.NoError(t, err)
			require.Equal(t, tt.want, p.Name)
			require.Equal(t, scim.DefaultLimits(), limits)
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
			p, _, err := s.Resolve()
			require.NoError(t, err)
			require.Equal(t, on, reflect.ValueOf(p).FieldByIndex(field.Index).Bool())
		}
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[scim.Limits]()) {
		most := 100 * reflect.ValueOf(scim.DefaultLimits()).FieldByIndex(field.Index).Int()
		for n, valid := range map[int64]bool{-1: false, 0: false, most: true, most + 1: false, 150: true} {
			s := registry.Settings{Limits: map[string]int{nameOf(field.Name): int(n), "maxPageSize": 100_000}}
			if field.Name == "MaxPageSize" {
				s.Limits["maxPageSize"] = int(n)
			}
			_, l, err := s.Resolve()
			if !valid {
				require.ErrorIs(t, err, registry.ErrInvalid, "%s %d", field.Name, n)
				continue
			}
			require.NoError(t, err, "%s %d", field.Name, n)
			require.Equal(t, n, reflect.ValueOf(l).FieldByIndex(field.Index).Int())
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
		_, _, err := tt.settings.Resolve()
		require.ErrorIs(t, err, registry.ErrInvalid)
		require.ErrorContains(t, err, tt.message)
	}
}
