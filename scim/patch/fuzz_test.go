package patch_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/patch"
)

// FuzzApply holds that whatever a client sends, the outcome is a valid resource
// or an error for the client.
func FuzzApply(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.rt.Name == "Group", e.before.String(), e.operations.String())
	}
	f.Fuzz(func(t *testing.T, isGroup bool, before, operations string) {
		rt := resourceType("User")
		if isGroup {
			rt = resourceType("Group")
		}
		body, err := scim.ParseJSON([]byte(before))
		if err != nil {
			return
		}
		list, err := scim.ParseJSON([]byte(operations))
		if err != nil {
			return
		}
		r, err := rt.Accept(body, scim.DefaultProfile())
		if err != nil || rt.Check(r) != nil {
			return
		}
		for _, p := range []scim.Profile{scim.DefaultProfile(), scim.StrictProfile()} {
			ops, err := patch.Parse(rt, message(list), p, scim.DefaultLimits())
			if err == nil {
				var out scim.Resource
				if out, _, err = patch.Apply(rt, r, ops, p); err == nil {
					requireValid(t, rt, out)
					continue
				}
			}
			var refusal *scim.Error
			require.True(t, errors.As(err, &refusal), "%v", err)
		}
	})
}
