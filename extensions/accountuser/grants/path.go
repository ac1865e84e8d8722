package grants

import (
	"context"
	"strings"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// unitPath is where a unit is in the tree.
func unitPath(ctx context.Context, s storage.Snapshot, _ provider.Call, d *storage.Document, _ scim.Value) (scim.Value, error) {
	path, err := pathOf(ctx, s, d)
	return scim.StringValue(path), err
}

// pathOf names the units from the root down to one: "/Europe/Berlin".
func pathOf(ctx context.Context, s storage.Snapshot, unit *storage.Document) (string, error) {
	var names []string
	err := climb(ctx, s, unit.ID, func(d *storage.Document) error {
		names = append(names, query.Resource(d).Get("name").Text())
		return nil
	})
	var path strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		path.WriteString("/" + names[i])
	}
	return path.String(), err
}
