package model

import (
	"time"

	"roster/scim"
)

// Status is where a user stands in the life of an account.
type Status string

// The statuses.
const (
	Invited  Status = "invited"
	Active   Status = "active"
	Inactive Status = "inactive"
	Locked   Status = "locked"
	Gone     Status = "removed"
)

// Kinds of users.
const (
	Human   = "human"
	Machine = "machine"
)

// View reads a User resource.
type View struct{ scim.Resource }

// Of returns the view of a resource, which may be null.
func Of(r scim.Resource) View { return View{r} }

// A returns an attribute of the extension [UserURN], null if it has no value.
func (v View) A(name string) scim.Value { return v.Get(UserURN).Get(name) }

// With returns the resource with that attribute of the extension set; null
// removes it.
func (v View) With(name string, value scim.Value) View {
	return View{v.Resource.With(UserURN, v.Get(UserURN).With(name, value))}
}

// WithCore returns the resource with an attribute of the core schema set.
func (v View) WithCore(name string, value scim.Value) View {
	return View{v.Resource.With(name, value)}
}

// ID returns the id.
func (v View) ID() string { return v.Get("id").Text() }

// Status returns the status, "" for a resource that never had one.
func (v View) Status() Status { return Status(v.A("status").Text()) }

// IsMachine reports whether the user is a program.
func (v View) IsMachine() bool { return v.A("kind").Text() == Machine }

// Email returns the primary e-mail address, else the first one, "" if there is
// none.
func (v View) Email() string { return primary(v.Get("emails")) }

// Phone is Email for phone numbers.
func (v View) Phone() string { return primary(v.Get("phoneNumbers")) }

func primary(list scim.Value) string {
	if i := mainOf(list); i >= 0 {
		return list.At(i).Get("value").Text()
	}
	return ""
}

// mainOf finds the element of a list of addresses that counts: the primary one,
// else the first; -1 if there is none.
func mainOf(list scim.Value) int {
	first := -1
	for i, e := range list.Elements() {
		if e.Get("value").Text() == "" {
			continue
		}
		if e.Get("primary").Bool() {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

// Roles returns the values of the user's own roles, as they are written.
func (v View) Roles() []string {
	var roles []string
	for _, e := range v.Get("roles").Elements() {
		if value := e.Get("value").Text(); value != "" {
			roles = append(roles, value)
		}
	}
	return roles
}

// Time reads a dateTime of the extension; it is zero if there is none.
func (v View) Time(name string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, v.A(name).Text())
	if err != nil {
		return time.Time{}
	}
	return t
}

// TimeValue writes a time as the model keeps it: UTC with milliseconds; null for
// the zero time.
func TimeValue(t time.Time) scim.Value {
	if t.IsZero() {
		return scim.Value{}
	}
	return scim.StringValue(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}
