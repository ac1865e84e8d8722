package grants

import (
	"context"
	"errors"
	"net/http"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// parentOf returns the id of the unit that another one is part of, "" at a root.
func parentOf(unit scim.Resource) string { return unit.Get("parent").Get("value").Text() }

// activeByDefault says of a unit that users can be given it, if nobody says
// otherwise.
func activeByDefault(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	if c.Way == provider.Create && c.After.Get("active").IsNull() {
		c.After = c.After.With("active", scim.BoolValue(true))
	}
	return nil
}

// checkOrgUnit keeps the units a tree with names that are unique below a parent,
// and those in use where they are.
func checkOrgUnit(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if c.Way == provider.Remove {
		return checkUnitUnused(ctx, s, c)
	}
	parent := parentOf(c.After)
	c.Claims = append(c.Claims, storage.Claim{
		Attribute: model.OrgUnit + ":name",
		Value:     []byte(parent + "/" + schema.Fold(c.After.Get("name").Text())),
	})
	if parent == "" || parent == parentOf(c.Before) {
		return nil
	}
	return place(ctx, s, c, parent)
}

func checkUnitUnused(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	for _, use := range []struct {
		counter kind
		advice  string
	}{
		{unitsBelow, "the unit has units below it; move or remove them first"},
		{usersAssigned, "users are in the unit; move them first, or make it inactive"},
	} {
		unused, err := free(ctx, s, c, use.counter.of(c.ID))
		if err != nil {
			return err
		}
		if !unused {
			return model.Refuse(http.StatusConflict, model.InUse, "%s", use.advice)
		}
	}
	return nil
}

// maxDepth bounds how many units may stand above one another.
const maxDepth = 64

// place checks a unit's new place in the tree, and guards that everything that
// this rests on stays: each unit above, and what is below.
func place(ctx context.Context, s storage.Snapshot, c *provider.Change, parent string) error {
	cycle := model.Refuse(http.StatusConflict, model.Cycle, "parent: a unit cannot be part of itself, directly or through others")
	if parent == c.ID {
		return cycle
	}
	depth := 1
	err := climb(ctx, s, parent, func(above *storage.Document) error {
		if above.ID == c.ID {
			return cycle
		}
		if depth++; depth > maxDepth {
			return tooDeep()
		}
		pin(c, above)
		return nil
	})
	if err != nil {
		return err
	}
	height := 0
	if c.Way != provider.Create { // units of the same batch check for themselves
		height, err = heightBelow(ctx, s, c)
	}
	if err == nil && depth+height > maxDepth {
		return tooDeep()
	}
	return err
}

func tooDeep() error {
	return scim.BadRequest(scim.InvalidValue, "parent: the tree would be more than %d units deep", maxDepth)
}

// climb visits a unit and those above it, nearest first, until visit returns an
// error. A unit that is not there is a 400.
func climb(ctx context.Context, s storage.Snapshot, id string, visit func(*storage.Document) error) error {
	for id != "" {
		unit, err := findUnit(ctx, s, id)
		if err == nil {
			err = visit(unit)
		}
		if err != nil {
			return err
		}
		id = parentOf(query.Resource(unit))
	}
	return nil
}

// findUnit returns the unit with that id. It is a 400 if there is none.
func findUnit(ctx context.Context, s storage.Snapshot, id string) (*storage.Document, error) {
	d, err := s.Get(ctx, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && d.Type != model.OrgUnit {
		return nil, model.Refuse(http.StatusBadRequest, model.UnknownOrgUnit, "there is no org unit %q; /OrgUnits lists what there is", scim.Abbreviate(id))
	}
	return d, err
}

// maxMoved bounds how many units may be moved at a time, with the one that they
// are below.
const maxMoved = 10_000

// heightBelow is how many levels of units are below the one that is moved. It
// guards that none is added there meanwhile.
func heightBelow(ctx context.Context, s storage.Snapshot, c *provider.Change) (height int, err error) {
	level, visited := []string{c.ID}, 0
	for ; ; height++ {
		var next []string
		for _, id := range level {
			children, err := childrenOf(ctx, s, c, id)
			if err != nil {
				return 0, err
			}
			next = append(next, children...)
		}
		if visited += len(next); visited > maxMoved {
			return 0, scim.BadRequest(scim.InvalidValue, "parent: more than %d units are below this one; move parts of them", maxMoved)
		}
		if level = next; len(level) == 0 || height > maxDepth {
			return height, nil
		}
	}
}

func childrenOf(ctx context.Context, s storage.Snapshot, c *provider.Change, id string) ([]string, error) {
	counter := unitsBelow.of(id)
	n, err := s.Counter(ctx, counter)
	if err != nil {
		return nil, err
	}
	c.Guards = append(c.Guards, storage.CounterWithin{Name: counter, Min: n, Max: n})
	if n == 0 {
		return nil, nil
	}
	page, err := s.Query(ctx, storage.Query{Type: model.OrgUnit, Limit: int(min(n, maxMoved+1)), Where: &storage.Leaf{
		Index: model.OrgUnit + ":parent.value", Op: storage.Equal, Value: []byte(id), Text: model.OrgUnit + ":parent.value eq",
		Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
			return parentOf(query.Resource(d)) == id, nil
		},
	}})
	children := make([]string, len(page.Documents))
	for i, d := range page.Documents {
		children[i] = d.ID
	}
	return children, err
}
