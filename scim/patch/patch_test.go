package patch_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/patch"
	"roster/scim/schema"
)

// example is one entry of the files in testdata: what becomes of a resource.
//
// The resource is the base of its type with the members of Before. What is
// expected is an object of the members that are then different, null for one
// that is gone, so {} means that nothing changed; or the keyword of an error.
// Strict is expected under the strict profile, and the same as Default if it is
// left out. {U}, {G} and {E} stand for the URNs of users, groups and the
// enterprise extension.
type example struct {
	name, file         string
	rt                 *schema.ResourceType
	before, operations scim.Value
	expected           map[string]scim.Value // by profile
}

var bases = map[string]string{
	"User":  `{"schemas":["` + scim.SchemaUser + `"],"id":"1","userName":"u@x.org"}`,
	"Group": `{"schemas":["` + scim.SchemaGroup + `"],"id":"1","displayName":"G"}`,
}

var urns = strings.NewReplacer(
	"{U}", scim.SchemaUser, "{G}", scim.SchemaGroup, "{E}", scim.SchemaEnterpriseUser,
	"{E^}", strings.ToUpper(scim.SchemaEnterpriseUser),
)

func examples(t testing.TB) (all []example) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, v := range parse(t, urns.Replace(string(text))).Elements() {
			rt := resourceType(v.Get("type").Text())
			e := example{name: v.Get("name").Text(), file: filepath.Base(file), rt: rt,
				before: with(parse(t, bases[rt.Name]), v.Get("before")), operations: v.Get("operations"),
				expected: map[string]scim.Value{"default": v.Get("default"), "strict": v.Get("default")}}
			if strict := v.Get("strict"); !strict.IsNull() {
				e.expected["strict"] = strict
			}
			all = append(all, e)
		}
	}
	return all
}

func resourceType(name string) *schema.ResourceType {
	for _, rt := range schema.Core() {
		if rt.Name == name {
			return rt
		}
	}
	return nil
}

func with(r, members scim.Value) scim.Value {
	for name, v := range members.Members() {
		r = r.With(name, v)
	}
	return r
}

func parse(t require.TestingT, text string) scim.Value {
	v, err := scim.ParseJSON([]byte(text))
	require.NoError(t, err, text)
	return v
}

func message(operations scim.Value) scim.Value {
	return scim.ObjectValue(
		scim.Member{Name: "schemas", Value: scim.ArrayValue(scim.StringValue(scim.MessagePatchOp))},
		scim.Member{Name: "Operations", Value: operations})
}

// run parses and applies operations.
func run(rt *schema.ResourceType, r, operations scim.Value, p scim.Profile) (scim.Value, bool, error) {
	ops, err := patch.Parse(rt, message(operations), p, scim.DefaultLimits())
	if err != nil {
		return scim.Value{}, false, err
	}
	return patch.Apply(rt, r, ops, p)
}

func TestExamples(t *testing.T) {
	for _, e := range examples(t) {
		for _, p := range []scim.Profile{scim.DefaultProfile(), scim.StrictProfile()} {
			t.Run(e.file+"/"+e.name+"/"+p.Name, func(t *testing.T) {
				snapshot := e.before.String()
				out, changed, err := run(e.rt, e.before, e.operations, p)
				require.Equal(t, snapshot, e.before.String(), "the resource itself is not changed")
				expected := e.expected[p.Name]
				if expected.Kind() == scim.String {
					requireRefusal(t, expected.Text(), err)
					require.True(t, out.IsNull(), "an error leaves no outcome")
					require.False(t, changed)
					return
				}
				require.NoError(t, err)
				want := with(e.before, expected)
				require.True(t, want.Equal(out), "want %s\n got %s", want, out)
				require.Equal(t, expected.Len() > 0, changed)
			})
		}
	}
}

func requireRefusal(t testing.TB, keyword string, err error) *scim.Error {
	t.Helper()
	var refusal *scim.Error
	require.True(t, errors.As(err, &refusal), "%v", err)
	require.Equal(t, keyword, string(refusal.Type), refusal.Detail)
	require.Equal(t, 400, refusal.Status)
	return refusal
}

// TestCatalogue holds that each pattern of the catalogue has its example.
func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range examples(t) {
		seen[strings.Fields(e.name)[0]] = true
	}
	for tens := '0'; tens <= '6'; tens++ {
		for ones := '0'; ones <= '9'; ones++ {
			name := "P" + string(tens) + string(ones)
			require.Equal(t, name >= "P01" && name <= "P60", seen[name], name)
		}
	}
}
