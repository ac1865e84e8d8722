package patch

import (
	"net/http"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

// budget bounds the work of one request on long lists, in elements looked at by
// one comparison: enough for 1,000 operations on 10,000 elements, and at most
// about a second. Without it a request of a megabyte could keep the server busy
// for minutes.
const budget = 10_000_000

// spend refuses an operation on the list that would exceed the budget.
func (e *editor) spend(a *schema.Attribute, present scim.Value, adds int, where filter.Node) error {
	work := present.Len() * max(1, min(adds, fewAdds))
	if where != nil {
		work = size(present) * comparisons(where)
	}
	if e.spent += work; e.spent <= budget {
		return nil
	}
	return scim.Errorf(http.StatusRequestEntityTooLarge, "",
		"the operations on %s, which has %d elements, are too much work for one request; send fewer in each, or replace the attribute as a whole",
		a.Path(), present.Len())
}

// size counts the elements of a list; long texts, which take long to compare,
// count as more.
func size(v scim.Value) int {
	const long, slice = 256, 16
	n := 0
	for _, element := range v.Elements() {
		n++
		for _, sub := range element.Members() {
			if len(sub.Text()) > long {
				n += len(sub.Text()) / slice
			}
		}
		if len(element.Text()) > long {
			n += len(element.Text()) / slice
		}
	}
	return n
}

// comparisons counts those of a filter.
func comparisons(n filter.Node) int {
	count := 0
	switch n := n.(type) {
	case filter.And:
		for _, operand := range n {
			count += comparisons(operand)
		}
	case filter.Or:
		for _, operand := range n {
			count += comparisons(operand)
		}
	case filter.Not:
		count = comparisons(n.Node)
	case *filter.ValuePath:
		count = comparisons(n.Where)
	default:
		count = 1
	}
	return count
}
