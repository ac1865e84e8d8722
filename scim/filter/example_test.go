package filter_test

import (
	"fmt"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

func Example() {
	user := schema.Core()[0]
	tree, err := filter.Parse(`Emails[Type Eq "work"].value ew "@example.com"`, scim.DefaultLimits())
	if err != nil {
		panic(err)
	}
	bound, err := filter.Bind(user, tree, scim.DefaultProfile())
	if err != nil {
		panic(err)
	}
	person, err := scim.ParseJSON([]byte(`{"emails": [{"type": "work", "value": "babs@example.com"}]}`))
	if err != nil {
		panic(err)
	}
	fmt.Println(filter.Print(tree))
	fmt.Println(bound)
	fmt.Println(filter.Match(bound, person))
	// Output:
	// Emails[Type eq "work" and value ew "@example.com"]
	// emails[(type eq ? and value ew ?)]
	// true
}
