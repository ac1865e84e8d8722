package script

import (
	"fmt"
	"slices"
	"strings"

	"roster/scim"
)

// Difference is the first place where a response is not what was expected.
type Difference struct {
	Path string // $.emails[0].value, header ETag, or status
	Want string
	Have string
}

func (d *Difference) Error() string {
	return fmt.Sprintf("%s: want %s, have %s", d.Path, d.Want, d.Have)
}

// matcher compares an expected body with a real one and collects what the
// placeholders keep.
type matcher struct {
	vars    *scope
	exactly bool
	kept    []scim.Member
}

func (m *matcher) match(path string, want, have scim.Value) *Difference {
	switch want.Kind() {
	case scim.String:
		return m.matchString(path, want.Text(), have)
	case scim.Object:
		return m.matchObject(path, want, have)
	case scim.Array:
		return m.matchArray(path, want, have)
	}
	if !want.Equal(have) {
		return differ(path, want.String(), have)
	}
	return nil
}

func differ(path, want string, have scim.Value) *Difference {
	text := "nothing"
	if !have.IsNull() {
		text = abbreviate(have.String(), 400)
	}
	return &Difference{path, want, text}
}

// matchString compares with a placeholder, a kept value, or a plain string.
// What was kept is data: it is compared as it is.
func (m *matcher) matchString(path, want string, have scim.Value) *Difference {
	if p, ok := parsePlaceholder(want); ok {
		return m.matchPlaceholder(path, p, have)
	}
	value, err := m.vars.value(want)
	if err != nil {
		return &Difference{path, want, err.Error()}
	}
	return firstDifference(path, value, have)
}

// firstDifference compares two values as data.
func firstDifference(path string, want, have scim.Value) *Difference {
	switch {
	case want.Equal(have):
		return nil
	case want.Kind() != have.Kind() || want.Len() != have.Len() || want.Len() == 0:
		return differ(path, abbreviate(want.String(), 400), have)
	}
	for name, w := range want.Members() {
		if d := firstDifference(join(path, name), w, have.Get(name)); d != nil {
			return d
		}
	}
	for i, w := range want.Elements() {
		if d := firstDifference(fmt.Sprintf("%s[%d]", path, i), w, have.At(i)); d != nil {
			return d
		}
	}
	return differ(path, abbreviate(want.String(), 400), have)
}

func (m *matcher) matchPlaceholder(path string, p placeholder, have scim.Value) *Difference {
	argument, err := m.vars.expand(p.argument, verbatim)
	if err != nil {
		return &Difference{path, p.argument, err.Error()}
	}
	if !kinds[p.kind](argument, have) {
		return differ(path, strings.TrimSpace("<"+p.kind+" "+argument)+">", have)
	}
	if p.keep != "" {
		m.kept = append(m.kept, scim.Member{Name: p.keep, Value: have})
	}
	return nil
}

func (m *matcher) matchObject(path string, want, have scim.Value) *Difference {
	if have.Kind() != scim.Object {
		return differ(path, "an object", have)
	}
	var keys []string
	for name, w := range want.Members() {
		key, err := m.vars.expand(name, verbatim)
		if err != nil {
			return &Difference{path, name, err.Error()}
		}
		if d := m.match(join(path, key), w, have.Get(key)); d != nil {
			return d
		}
		keys = append(keys, key)
	}
	if !m.exactly {
		return nil
	}
	for name, h := range have.Members() {
		if !slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(key, name) }) {
			return &Difference{join(path, name), "nothing", abbreviate(h.String(), 400)}
		}
	}
	return nil
}

// join appends a member's name to a path; names with other characters than
// those of attributes, such as URNs, are quoted.
func join(path, name string) string {
	if strings.ContainsAny(name, ".: []") {
		return fmt.Sprintf("%s[%q]", path, name)
	}
	return path + "." + name
}

func (m *matcher) matchArray(path string, want, have scim.Value) *Difference {
	if have.Kind() != scim.Array {
		return differ(path, "a list", have)
	}
	wants, mode := splitMode(want)
	if mode == each && len(wants) == 1 {
		return m.matchEach(path, wants[0], have)
	}
	if len(wants) > have.Len() || len(wants) < have.Len() && mode != andOthers {
		return differ(path, fmt.Sprintf("a list of %d", len(wants)), have)
	}
	if mode == inOrder {
		return m.matchInOrder(path, wants, have)
	}
	return m.matchAnyOrder(path, wants, have)
}

func splitMode(want scim.Value) (wants []scim.Value, mode string) {
	for i, w := range want.Elements() {
		if i == 0 && (w.Text() == inOrder || w.Text() == andOthers || w.Text() == each) {
			mode = w.Text()
			continue
		}
		wants = append(wants, w)
	}
	return wants, mode
}

func (m *matcher) matchEach(path string, want, have scim.Value) *Difference {
	for i, h := range have.Elements() {
		if d := m.match(fmt.Sprintf("%s[%d]", path, i), want, h); d != nil {
			return d
		}
	}
	return nil
}

func (m *matcher) matchInOrder(path string, wants []scim.Value, have scim.Value) *Difference {
	for i, w := range wants {
		if d := m.match(fmt.Sprintf("%s[%d]", path, i), w, have.At(i)); d != nil {
			return d
		}
	}
	return nil
}

// matchAnyOrder gives each expected element the first real one that is left and
// matches. The difference it tells is that from the element in the same place.
func (m *matcher) matchAnyOrder(path string, wants []scim.Value, have scim.Value) *Difference {
	taken := make([]bool, have.Len())
	for i, w := range wants {
		if !m.take(path, w, have, taken) {
			if have.Len() == len(wants) && !taken[i] {
				return m.match(fmt.Sprintf("%s[%d]", path, i), w, have.At(i))
			}
			return differ(path, "an element "+w.String(), have)
		}
	}
	return nil
}

func (m *matcher) take(path string, want, have scim.Value, taken []bool) bool {
	for i, h := range have.Elements() {
		before := len(m.kept)
		if !taken[i] && m.match(path, want, h) == nil {
			taken[i] = true
			return true
		}
		m.kept = m.kept[:before]
	}
	return false
}
