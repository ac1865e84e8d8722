package rest

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rules are what a value must be, as the tags of its field say it.
type rules struct {
	doc, format          string
	fallback             *string
	enum                 []string
	minLength, maxLength *int
	minItems, maxItems   *int
	minimum, maximum     *int
	members              []member // of the object, or of each in the list
}

func rulesOf(tag reflect.StructTag) rules {
	number := func(name string) *int {
		n, err := strconv.Atoi(tag.Get(name))
		if err != nil {
			return nil
		}
		return &n
	}
	r := rules{
		doc: tag.Get("doc"), format: tag.Get("format"),
		minLength: number("minLength"), maxLength: number("maxLength"),
		minItems: number("minItems"), maxItems: number("maxItems"),
		minimum: number("minimum"), maximum: number("maximum"),
	}
	if text, ok := tag.Lookup("default"); ok {
		r.fallback = &text
	}
	if text := tag.Get("enum"); text != "" {
		r.enum = strings.Split(text, ",")
	}
	return r
}

// ofElements are the rules that hold for the elements of a list.
func (r rules) ofElements() rules {
	return rules{enum: r.enum, format: r.format, minLength: r.minLength, maxLength: r.maxLength, members: r.members}
}

func (r rules) checkText(text, path string) error {
	n := utf8.RuneCountInString(text)
	switch {
	case r.enum != nil && !slices.Contains(r.enum, text):
		return refuse("invalid_value", "%s must be one of %s", path, strings.Join(r.enum, ", "))
	case r.minLength != nil && n < *r.minLength:
		return refuse("invalid_value", "%s must have at least %d characters", path, *r.minLength)
	case r.maxLength != nil && n > *r.maxLength:
		return refuse("invalid_value", "%s must have at most %d characters", path, *r.maxLength)
	}
	return nil
}

func (r rules) checkItems(n int, path string) error {
	switch {
	case r.minItems != nil && n < *r.minItems:
		return refuse("invalid_value", "%s must have at least %d elements", path, *r.minItems)
	case r.maxItems != nil && n > *r.maxItems:
		return refuse("invalid_value", "%s must have at most %d elements", path, *r.maxItems)
	}
	return nil
}

func (r rules) checkNumber(n int, path string) error {
	switch {
	case r.minimum != nil && n < *r.minimum:
		return refuse("invalid_value", "%s must be at least %d", path, *r.minimum)
	case r.maximum != nil && n > *r.maximum:
		return refuse("invalid_value", "%s must be at most %d", path, *r.maximum)
	}
	return nil
}
