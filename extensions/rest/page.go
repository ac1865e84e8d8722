package rest

// Page is a part of a list.
type Page[T any] struct {
	CurrentPage int `json:"currentPage" doc:"Number of the page, from 0: from / take"`
	PageCount   int `json:"pageCount" doc:"Pages in all; 0 if take is 0"`
	PageSize    int `json:"pageSize" doc:"take"`
	RowCount    int `json:"rowCount" doc:"Results in all"`
	Results     []T `json:"results" doc:"Fewer than take at the end, or if they are very large: go on behind the last one"`
}

// List is a list in one piece.
type List[T any] struct {
	Results []T `json:"results"`
}

// ListOf returns the list of a handler that found all of it.
func ListOf[T any](all []T, err error) (List[T], error) { return List[T]{OrEmpty(all)}, err }

// Window says which part of a list is asked for.
type Window struct {
	From int `query:"from" default:"0" doc:"Place in the list of the first result, from 0"`
	Take int `query:"take" default:"20" maximum:"1000" doc:"Results at most; 0 only counts"`
}

// PageOf makes the page that a window shows of so many results.
func PageOf[T any](w Window, total int, results []T) Page[T] {
	p := Page[T]{PageSize: w.Take, RowCount: total, Results: OrEmpty(results)}
	if w.Take > 0 {
		p.CurrentPage = w.From / w.Take
		p.PageCount = (total + w.Take - 1) / w.Take
	}
	return p
}

// Mapped returns what convert makes of each element, never nil.
func Mapped[From, To any](list []From, convert func(From) To) []To {
	all := make([]To, len(list))
	for i, e := range list {
		all[i] = convert(e)
	}
	return all
}

// OrEmpty returns the list, never nil, so that JSON has a list.
func OrEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
