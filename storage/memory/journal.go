package memory

// journal remembers how to undo what was done to maps and slices.
type journal []func()

// set is m[k] = v.
func set[K comparable, V any](j *journal, m map[K]V, k K, v V) {
	j.remember(restore(m, k))
	m[k] = v
}

// remove is delete(m, k).
func remove[K comparable, V any](j *journal, m map[K]V, k K) {
	j.remember(restore(m, k))
	delete(m, k)
}

// assign is *p = v.
func assign[V any](j *journal, p *V, v V) {
	old := *p
	j.remember(func() { *p = old })
	*p = v
}

func restore[K comparable, V any](m map[K]V, k K) func() {
	old, was := m[k]
	if !was {
		return func() { delete(m, k) }
	}
	return func() { m[k] = old }
}

func (j *journal) remember(undo func()) { *j = append(*j, undo) }

// rollback undoes everything, last first.
func (j *journal) rollback() {
	for i := len(*j) - 1; i >= 0; i-- {
		(*j)[i]()
	}
	*j = nil
}
