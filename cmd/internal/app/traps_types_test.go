package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAccountTypes: roles, entitlements and org units are discovered, filtered,
// sorted, paged and patched like everything else, and in the form that Okta reads
// where the account wants that.
func TestAccountTypes(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		for _, c := range []struct{ name, endpoint, key string }{{"Role", "/Roles", "value"}, {"Entitlement", "/Entitlements", "value"}, {"OrgUnit", "/OrgUnits", "name"}} {
			urn := s.scim("GET", "/ResourceTypes/"+c.name, "").is(200).Get("schema").Text()
			require.Equal(t, c.endpoint, s.scim("GET", "/ResourceTypes/"+c.name, "").Get("endpoint").Text())
			require.Contains(t, s.scim("GET", "/Schemas/"+urn, "").is(200).text, `"`+c.key+`"`)
			made := map[string]string{}
			for _, value := range []string{"b", "c", "a"} {
				made[value] = s.scim("POST", c.endpoint, `{"`+c.key+`":"`+value+`"}`).is(201).Get("id").Text()
			}
			only := "?filter=" + c.key + "+lt+%22account%22"
			found := func(query string) (list []string) {
				for _, r := range s.scim("GET", c.endpoint+query, "").is(200).Get("Resources").Elements() {
					list = append(list, r.Get(c.key).Text())
				}
				return list
			}
			require.Equal(t, []string{"a"}, found(only))
			require.Equal(t, []string{"b"}, found("?filter="+c.key+"+eq+%22B%22"))
			require.Equal(t, []string{"c", "b"}, found("?filter="+c.key+"+eq+%22b%22+or+"+c.key+"+eq+%22c%22&sortBy="+c.key+"&sortOrder=descending"))
			require.Len(t, found("?count=2&startIndex=2"), 2)
			attribute := map[string]string{"value": "display", "name": "code"}[c.key]
			r := s.scim("PATCH", c.endpoint+"/"+made["a"], `{"Operations":[{"op":"add","path":"`+attribute+`","value":"x"}]}`).is(200)
			require.Equal(t, "x", r.Get(attribute).Text())
			require.Equal(t, []string{"a"}, found("?filter="+attribute+"+eq+%22x%22"))
			s.scim("POST", c.endpoint, `{"`+c.key+`":"C"}`).is(409, "uniqueness")
			s.scim("GET", c.endpoint+"/"+made["a"], "", "If-None-Match: "+r.header.Get("ETag")).is(304)
			s.scim("DELETE", c.endpoint+"/"+made["a"], "").is(204)
		}

		s.set(`{"switches":{"oktaGrants":true}}`)
		require.Contains(t, s.scim("GET", "/ServiceProviderConfig", "").is(200).text, `"RolesAndEntitlements"`)
		for name, urn := range map[string]string{"Role": "urn:okta:scim:schemas:core:1.0:Role", "Entitlement": "urn:okta:scim:schemas:core:1.0:Entitlement"} {
			require.Equal(t, urn, s.scim("GET", "/ResourceTypes/"+name, "").is(200).Get("schema").Text())
			s.scim("GET", "/Schemas/"+urn, "").is(200)
			first := s.scim("GET", "/"+name+"s", "").is(200).Get("Resources").At(0)
			require.NotEmpty(t, first.Get("id").Text())
			require.Equal(t, urn, first.Get("schemas").At(0).Text())
			require.True(t, first.Get("value").IsNull())
		}
	})
}
