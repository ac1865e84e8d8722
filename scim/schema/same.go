package schema

import (
	"slices"
	"strconv"
	"strings"

	"roster/scim"
)

// Same reports whether two values of the attribute are equal in SCIM's sense: as
// filters compare them, and lists in any order of their elements (RFC 7643
// section 2.4). Members that the schema does not know are not looked at.
func (a *Attribute) Same(x, y scim.Value) bool { return a.text(x) == a.text(y) }

// text is the same for values that are the same, and differs for others.
func (a *Attribute) text(v scim.Value) string {
	switch {
	case v.IsUnassigned():
		return ""
	case a.MultiValued && v.Kind() == scim.Array:
		var list []string
		for _, e := range v.Elements() {
			list = append(list, framed(a.elementText(e)))
		}
		slices.Sort(list)
		return strings.Join(list, "")
	}
	return a.elementText(v)
}

func (a *Attribute) elementText(v scim.Value) string {
	if a.Type != ComplexType {
		if n, ok := a.Normal(v); ok {
			return "=" + n
		}
		return string(v.AppendJSON(nil))
	}
	var b strings.Builder
	for _, sub := range a.Sub {
		b.WriteString(framed(sub.text(v.Get(sub.Name))))
	}
	return b.String()
}

// framed tells where a text ends among others.
func framed(text string) string { return strconv.Itoa(len(text)) + ":" + text }
