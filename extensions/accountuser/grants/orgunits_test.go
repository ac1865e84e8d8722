package grants_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim"
)

// unit makes an org unit below another one, "" for a root.
func (f *fixture) unit(name, parent string) string {
	f.t.Helper()
	if parent == "" {
		return f.make(model.OrgUnit, `{"name": %q}`, name)
	}
	return f.make(model.OrgUnit, `{"name": %q, "parent": {"value": %q}}`, name, parent)
}

// move puts a unit below another one.
func (f *fixture) move(id, parent string) error {
	return f.patch(model.OrgUnit, id, `[{"op": "replace", "path": "parent.value", "value": "`+parent+`"}]`)
}

func (f *fixture) path(id string) string {
	f.t.Helper()
	return f.get(model.OrgUnit, id, "path").Get("path").Text()
}

// TestTrap29OrgUnits: the units are a tree.
func TestTrap29OrgUnits(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		europe := f.unit("Europe", "")
		de := f.unit("DE", europe)
		berlin := f.unit("Berlin", de)
		require.Equal(t, "/Europe/DE/Berlin", f.path(berlin))
		require.True(t, f.get(model.OrgUnit, berlin).Get("active").Bool(), "by default")

		for what, err := range map[string]error{
			"its own parent":                f.move(europe, europe),
			"below its child":               f.move(europe, de),
			"its own grandparent":           f.move(europe, berlin),
			"its own grandparent, by PUT":   f.put(model.OrgUnit, europe, `{"name": "Europe", "parent": {"value": "`+berlin+`"}}`),
			"its own grandparent, in Bulk":  f.bulk("PUT", "/OrgUnits/"+europe, `{"name": "Europe", "parent": {"value": "`+berlin+`"}}`),
			"its own parent when it begins": f.bulk("POST", "/OrgUnits", `{"name": "x", "parent": {"value": "bulkId:x"}}`),
		} {
			t.Run(what, func(t *testing.T) { refused(t, err, 409, model.Cycle) })
		}
		refused(t, second(f.post(model.OrgUnit, `{"name": "x", "parent": {"value": "nowhere"}}`)), 400, "")
		tolerant := *f
		tolerant.call.Profile.UnknownReferences = true
		refused(t, second(tolerant.post(model.OrgUnit, `{"name": "x", "parent": {"value": "nowhere"}}`)), 400, model.UnknownOrgUnit)
		refused(t, second(tolerant.post(model.OrgUnit, `{"name": "x", "parent": {"value": "`+f.user("ann")+`"}}`)), 400, model.UnknownOrgUnit)

		same := refused(t, second(f.post(model.OrgUnit, `{"name": "berlin", "parent": {"value": "`+de+`"}}`)), 409, "")
		require.Equal(t, scim.Uniqueness, same.Type)
		other := f.unit("Berlin", europe)
		refused(t, f.move(other, de), 409, "")
		require.NoError(t, f.patch(model.OrgUnit, other, `[{"op": "remove", "path": "parent"}]`))
		require.Equal(t, "/Berlin", f.path(other))

		refused(t, f.delete(model.OrgUnit, de), 409, model.InUse)
		require.NoError(t, f.move(berlin, other))
		require.NoError(t, f.delete(model.OrgUnit, de))
		require.Equal(t, "/Berlin/Berlin", f.path(berlin))
		require.NoError(t, f.patch(model.OrgUnit, other, `[{"op": "replace", "path": "name", "value": "BER"}]`))
		require.Equal(t, "/BER/Berlin", f.path(berlin))
		require.NoError(t, f.put(model.OrgUnit, other, `{"name": "BER", "code": "B"}`))
		require.Equal(t, "/BER/Berlin", f.path(berlin), "nothing above it changed")
	})
}

// TestDepth: no more than 64 units stand above one another, however they come
// there.
func TestDepth(t *testing.T) {
	chain := func(f *fixture, name string, n int) (ids []string) {
		parent := ""
		for i := range n {
			parent = f.unit(fmt.Sprint(name, i), parent)
			ids = append(ids, parent)
		}
		return ids
	}
	onEachEngine(t, func(t *testing.T, f *fixture) {
		deep := chain(f, "a", 64)
		require.Equal(t, 64, strings.Count(f.path(deep[63]), "/"))
		refused(t, second(f.post(model.OrgUnit, `{"name": "x", "parent": {"value": "`+deep[63]+`"}}`)), 400, "")
		short := chain(f, "b", 10)
		f.unit("beside", short[0])
		refused(t, f.move(short[0], deep[54]), 400, "")
		require.NoError(t, f.move(short[0], deep[53]))
		require.Equal(t, 64, strings.Count(f.path(short[9]), "/"))
	})
}

// TestTreeAtOnce: two that are put below one another at once do not become a
// circle; a unit is not removed while another one is put below it, nor does the
// tree grow too deep.
func TestTreeAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		for i := range 20 {
			ids := []string{f.unit(fmt.Sprint("a", i), ""), f.unit(fmt.Sprint("b", i), "")}
			outcomes := atOnce(2, func(n int) error { return f.move(ids[n], ids[1-n]) })
			require.Equal(t, map[int]int{0: 1, 409: 1}, outcomes)
		}
		for i := range 20 {
			ids := []string{f.unit(fmt.Sprint("c", i), ""), f.unit(fmt.Sprint("d", i), ""), f.unit(fmt.Sprint("e", i), "")}
			outcomes := atOnce(3, func(n int) error { return f.move(ids[n], ids[(n+1)%3]) })
			require.Equal(t, map[int]int{0: 2, 409: 1}, outcomes)
		}
		for i := range 20 {
			parent, child := f.unit(fmt.Sprint("p", i), ""), f.unit(fmt.Sprint("q", i), "")
			outcomes := atOnce(2, func(n int) error {
				if n == 0 {
					return f.delete(model.OrgUnit, parent)
				}
				return f.move(child, parent)
			})
			require.Equal(t, 1, outcomes[0], outcomes)
		}
		outcomes := atOnce(10, func(int) error { return second(f.post(model.OrgUnit, `{"name": "the same"}`)) })
		require.Equal(t, map[int]int{0: 1, 409: 9}, outcomes)
	})
}

// TestDepthAtOnce: a unit is moved down while one is added below it.
func TestDepthAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		parent := ""
		for i := range 62 {
			parent = f.unit(fmt.Sprint("u", i), parent)
		}
		for i := range 10 {
			top := f.unit(fmt.Sprint("top", i), "")
			low := f.unit("low", top)
			_ = atOnce(2, func(n int) error {
				if n == 0 {
					return f.move(top, parent)
				}
				return second(f.post(model.OrgUnit, `{"name": "lowest", "parent": {"value": "`+low+`"}}`))
			})
			found, _, err := f.Search(t.Context(), f.call, f.host.Type(model.OrgUnit), listBy(`parent.value eq "`+low+`"`))
			require.NoError(t, err)
			moved := strings.Count(f.path(low), "/") == 64
			require.NotEqual(t, moved, len(found) == 1)
		}
	})
}

// TestCircleInOneBatch: a Bulk whose creations refer to one another makes no
// circle either.
func TestCircleInOneBatch(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		post := func(name, parent string) string {
			return `{"method": "POST", "path": "/OrgUnits", "bulkId": "` + name + `", "data": {"name": "` + name + `", "parent": {"value": "bulkId:` + parent + `"}}}`
		}
		for _, err := range f.bulks("[" + post("a", "b") + "," + post("b", "c") + "," + post("c", "a") + "]") {
			refused(t, err, 409, "")
		}
		_, total, err := f.Search(t.Context(), f.call, f.host.Type(model.OrgUnit), listBy(""))
		require.NoError(t, err)
		require.Zero(t, total)
	})
}
