package schema

import (
	"embed"
	"sync"
)

//go:embed definitions
var definitions embed.FS

// builtin reads a definition that ships with the server; it is tested, so a
// fault is a fault of the program.
func builtin(name string) (func() *schemaStatement, func() *Schema) {
	read := sync.OnceValue(func() *schemaStatement {
		text, err := definitions.ReadFile("definitions/" + name + ".json")
		if err != nil {
			panic(err)
		}
		st, err := load(&Source{Name: name, Text: string(text), shipped: true})
		if err != nil {
			panic(err)
		}
		return st
	})
	return read, sync.OnceValue(func() *Schema { return read().compile() })
}

var (
	commonStatement, commonSchema                 = builtin("common")
	userStatement, userSchema                     = builtin("user")
	groupStatement, groupSchema                   = builtin("group")
	enterpriseUserStatement, enterpriseUserSchema = builtin("enterprise-user")
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
