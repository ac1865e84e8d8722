package schema

import (
	"embed"
	"fmt"
	"sync"
)

//go:embed definitions
var definitions embed.FS

// builtin loads a definition that ships with the server; it is tested, so a
// fault is a fault of the program.
func builtin(name string) func() *Schema {
	return sync.OnceValue(func() *Schema {
		text, err := definitions.ReadFile("definitions/" + name + ".json")
		if err != nil {
			panic(err)
		}
		s, err := Load(text)
		if err != nil {
			panic(fmt.Errorf("%s: %w", name, err))
		}
		return s
	})
}

var (
	commonSchema         = builtin("common")
	userSchema           = builtin("user")
	groupSchema          = builtin("group")
	enterpriseUserSchema = builtin("enterprise-user")
)

// Core returns the resource types of RFC 7643 section 4: users with the
// enterprise extension, and groups.
func Core() []*ResourceType {
	user, err := NewResourceType("User", "/Users", "User Account", userSchema(), Extension{Schema: enterpriseUserSchema()})
	if err != nil {
		panic(err)
	}
	group, err := NewResourceType("Group", "/Groups", "Group", groupSchema())
	if err != nil {
		panic(err)
	}
	return []*ResourceType{user, group}
}
