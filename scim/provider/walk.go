package provider

import (
	"cmp"
	"context"
	"math"
	"slices"

	"roster/scim/schema"
	"roster/storage"
)

// walk reads one page of the results of one or more types. Their common order is
// that of the sort value, then of the types, then of creation; descending is the
// reverse of that in every respect. Without a sort, the types follow one another.
type walk struct {
	*Provider
	call   Call
	req    ListRequest
	parts  []*part
	count  int // of the page
	offset int // of the page, if it is not continued from a place

	from     *place // nil: from the start
	backward bool   // towards the start; the page is turned round at the end
}

// part is the share of one type.
type part struct {
	rt         *schema.ResourceType
	query      storage.Query
	projection Projection
}

// sorted reports whether resources of the type can have a sort value.
func (p *part) sorted() bool { return p.query.Sort != nil && p.query.Sort.Key != nil }

// place is the position of a result: of which part, and where in it.
type place struct {
	part int
	id   string // of the result, for a place with a long sort value
	storage.Position
}

// item is a result with its place.
type item struct {
	place
	document *storage.Document
}

// turn sets the direction of the parts' queries.
func (w *walk) turn() {
	for _, p := range w.parts {
		if w.descending() && p.query.Sort == nil {
			p.query.Sort = &storage.Sort{}
		}
		if p.query.Sort != nil {
			p.query.Sort.Descending = w.descending()
		}
	}
}

func (w *walk) descending() bool {
	return (w.req.Descending && w.req.SortBy != "") != w.backward
}

// read answers the query.
func (w *walk) read(ctx context.Context, s storage.Snapshot) (*List, error) {
	if err := w.recall(ctx, s); err != nil {
		return nil, err
	}
	list := &List{StartIndex: w.offset + 1, Paged: w.req.Cursor == nil}
	items, err := w.items(ctx, s, list)
	if err != nil {
		return nil, err
	}
	more := len(items) > w.count || list.short
	items = items[:min(len(items), w.count)]
	size := 0
	for i, it := range items {
		p := w.parts[it.part]
		r, err := w.render(ctx, s, w.call, p.rt, it.document, p.projection)
		if err != nil {
			return nil, err
		}
		if size += len(r.JSON); size > maxListBytes && i > 0 {
			items, more = items[:i], true
			break
		}
		list.Resources = append(list.Resources, r)
	}
	if w.backward {
		slices.Reverse(items)
		slices.Reverse(list.Resources)
	}
	return list, w.setCursors(list, items, more)
}

// items reads what the page may hold, and one more for a page by cursor, to know
// whether there is another.
func (w *walk) items(ctx context.Context, s storage.Snapshot, list *List) ([]item, error) {
	take := w.count
	if w.req.Cursor != nil {
		take++
	}
	merge := w.req.SortBy != "" && len(w.parts) > 1
	if merge && w.offset+take > w.call.Limits.Checks {
		return nil, storage.ErrTooMany
	}
	var items []item
	var cut *item // the first place, in order, behind which a part ended early
	for _, i := range w.order() {
		q := w.parts[i].query
		q.MaxBytes = maxListBytes
		q.Total = true
		q.Offset, q.Limit = max(w.offset-list.Total, 0), take-len(items)
		if merge {
			q.Offset, q.Limit = 0, w.offset+take
			if w.offset > 0 {
				q.MaxBytes = maxSkippedBytes // what is skipped is read too
			}
		}
		if !w.continueAfter(i, &q) || !merge && list.short {
			q.Limit = 0
		}
		page, err := s.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		list.Total += page.Total
		list.Checked += page.Checked
		for _, d := range page.Documents {
			items = append(items, w.item(i, d))
		}
		if list.short = list.short || page.Short; page.Short {
			if last := items[len(items)-1]; cut == nil || w.compare(last, *cut) < 0 {
				cut = &last
			}
		}
	}
	if merge {
		return w.merge(items, cut)
	}
	return items, nil
}

// merge puts what the parts gave into their common order, up to the place where it
// is incomplete, and skips what comes before the page.
func (w *walk) merge(items []item, cut *item) ([]item, error) {
	slices.SortFunc(items, w.compare)
	if cut != nil {
		items = slices.DeleteFunc(items, func(it item) bool { return w.compare(it, *cut) > 0 })
		if len(items) <= w.offset {
			return nil, storage.ErrTooMany
		}
	}
	return items[min(w.offset, len(items)):], nil
}

// order is that of the parts.
func (w *walk) order() []int {
	order := make([]int, len(w.parts))
	for i := range order {
		order[i] = i
	}
	if w.descending() {
		slices.Reverse(order)
	}
	return order
}

func (w *walk) item(i int, d *storage.Document) item {
	it := item{place: place{part: i, id: d.ID, Position: storage.Position{Ordinal: d.Ordinal}}, document: d}
	if p := w.parts[i]; p.sorted() {
		it.Key = p.query.Sort.Key(d)
	}
	return it
}

// compare orders places in the direction of the walk.
func (w *walk) compare(a, b item) int {
	order := cmp.Or(storage.CompareKeys(a.Key, b.Key), cmp.Compare(a.part, b.part), cmp.Compare(a.Ordinal, b.Ordinal))
	if w.descending() {
		return -order
	}
	return order
}

// continueAfter makes the query of a part go on behind the place that the walk
// has come to. It is false if nothing of the part is behind it.
func (w *walk) continueAfter(i int, q *storage.Query) bool {
	if w.from == nil {
		return true
	}
	behind := i > w.from.part
	if w.descending() {
		behind = i < w.from.part
	}
	switch {
	case w.parts[i].sorted():
		q.After = &storage.Position{Key: w.from.Key, Ordinal: w.from.Ordinal}
		if i < w.from.part {
			q.After.Ordinal = math.MaxUint32 // of those with this key, all came before
		} else if i > w.from.part {
			q.After.Ordinal = 0 // none did
		}
		return true
	case w.req.SortBy != "" && w.from.Key != nil: // all of the part is without value
		return !w.descending()
	case i == w.from.part:
		q.After = &storage.Position{Ordinal: w.from.Ordinal}
		return true
	}
	return behind
}
