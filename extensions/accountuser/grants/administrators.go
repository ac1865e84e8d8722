package grants

import (
	"context"
	"math/rand/v2"
	"net/http"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// administers reports whether a user is an administrator: active, and with the
// role itself.
func administers(user scim.Resource) bool {
	v := model.Of(user)
	return v.Status() == model.Active && holds(v.Roles(), Administrator)
}

// checkAdministrators lets an administrator become none only if another one
// stays, and never by its own doing.
func checkAdministrators(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	before, after := live(c)
	if !administers(before) || administers(after) || c.Action == model.ActionLockOut {
		return nil
	}
	if c.Call.Actor.User == c.ID {
		return model.Refuse(http.StatusConflict, model.SelfLockout, "nobody can take one's own administration away; another administrator can")
	}
	others, err := otherAdministrators(ctx, s, c.ID)
	if err != nil {
		return err
	}
	if len(others) == 0 {
		return model.Refuse(http.StatusConflict, model.LastAdministrator, "this is the last active user with the role %s; give it to another one first", Administrator)
	}
	pin(c, others[rand.IntN(len(others))])
	return nil
}

// witnesses is how many other administrators are looked at. One that stays is
// enough; some to choose from keep many changes at once from all waiting for the
// same one.
const witnesses = 16

func otherAdministrators(ctx context.Context, s storage.Snapshot, id string) ([]*storage.Document, error) {
	leaf := func(path, value string, check func(model.View) bool) storage.Node {
		return &storage.Leaf{
			Index: model.User + ":" + path, Op: storage.Equal, Value: []byte(value), Text: model.User + ":" + path + " eq",
			Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
				return check(model.Of(query.Resource(d))), nil
			},
		}
	}
	page, err := s.Query(ctx, storage.Query{Type: model.User, Limit: witnesses, Where: storage.And{
		leaf("roles.value", Administrator, func(v model.View) bool { return holds(v.Roles(), Administrator) }),
		leaf(model.UserURN+":status", string(model.Active), func(v model.View) bool { return v.Status() == model.Active }),
		storage.Not{Node: &storage.Leaf{
			Index: storage.IDIndex, Op: storage.Equal, Value: []byte(id), Text: model.User + ":id eq",
			Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) { return d.ID == id, nil },
		}},
	}})
	return page.Documents, err
}
