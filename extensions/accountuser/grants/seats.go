package grants

import (
	"context"
	"net/http"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// checkSeats lets a user have a limited role only if a seat is left. Roles that
// the user has already are not asked for: a limit that was lowered takes nothing
// away.
func checkSeats(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	before, after := live(c)
	for _, value := range gained(model.Of(before).Roles(), model.Of(after).Roles()) {
		d, err := roles.find(ctx, s, value)
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		pin(c, d)
		if err := takeSeat(ctx, s, c, query.Resource(d)); err != nil {
			return err
		}
	}
	return nil
}

func takeSeat(ctx context.Context, s storage.Snapshot, c *provider.Change, role scim.Resource) error {
	if !isLimited(role) {
		return nil
	}
	value := role.Get("value").Text()
	permitted, _ := role.Get("totalAssignmentsPermitted").Int()
	used, err := s.Counter(ctx, holders.of(value))
	if err != nil {
		return err
	}
	if used >= int64(permitted) {
		return model.Refuse(http.StatusConflict, model.NoSeat, "all %d seats of the role %q are taken; take one from another user, or raise totalAssignmentsPermitted", permitted, scim.Abbreviate(value))
	}
	c.Guards = append(c.Guards, storage.CounterWithin{Name: holders.of(value), Max: int64(permitted)})
	return nil
}

// showLicences lists the roles of a user that take a seat.
func showLicences(ctx context.Context, s storage.Snapshot, _ provider.Call, d *storage.Document, _ scim.Value) (scim.Value, error) {
	var licences []scim.Value
	for _, value := range gained(nil, model.Of(query.Resource(d)).Roles()) {
		role, err := roles.find(ctx, s, value)
		if err != nil {
			return scim.Value{}, err
		}
		if role != nil && isLimited(query.Resource(role)) {
			licences = append(licences, query.Resource(role).Get("value"))
		}
	}
	return listOf(licences), nil
}
