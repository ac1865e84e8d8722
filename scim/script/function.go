package script

import (
	"context"
	"strings"

	"roster/scim"
)

// Function is one that whoever plays a script adds to it, such as {{mail user}} for
// what was sent to that user. It is called with the words behind its name, in which
// the name of a variable has become its value: texts as they are, all else as JSON.
// What it returns is written like the value of a variable. It may be called
// concurrently if the script is played so.
type Function func(ctx context.Context, words []string) (scim.Value, error)

// bind gives functions the context of a run.
func bind(ctx context.Context, functions map[string]Function) map[string]func([]string) (scim.Value, error) {
	bound := make(map[string]func([]string) (scim.Value, error), len(functions))
	for name, f := range functions {
		bound[name] = func(words []string) (scim.Value, error) { return f(ctx, words) }
	}
	return bound
}

// function calls the one of that name, if there is one.
func (s *scope) function(name, argument string) (v scim.Value, found bool, err error) {
	f := s.functions[name]
	if f == nil {
		return v, false, nil
	}
	words := strings.Fields(argument)
	for i, word := range words {
		if kept, ok := s.values[word]; ok {
			words[i] = plain(kept)
		}
	}
	v, err = f(words)
	return v, true, err
}
