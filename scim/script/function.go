package script

import (
	"context"
	"errors"
	"strings"

	"roster/scim"
)

// Function is one that whoever plays a script adds to it, such as {{mail user}} for
// what was sent to that user. It is called with the words behind its name, in which
// the name of a variable has become its value: texts as they are, all else as JSON.
// What it returns is written like the value of a variable. It may be called
// concurrently if the script is played so.
type Function func(ctx context.Context, words []string) (scim.Value, error)

// TextFunction makes a function of one that takes a single word and returns a text.
func TextFunction(f func(ctx context.Context, word string) (string, error)) Function {
	return func(ctx context.Context, words []string) (scim.Value, error) {
		if len(words) != 1 {
			return scim.Value{}, errOneWord
		}
		text, err := f(ctx, words[0])
		return scim.StringValue(text), err
	}
}

// JSONFunction makes a function of one that takes a single word and returns JSON.
func JSONFunction(f func(word []byte) ([]byte, error)) Function {
	return func(_ context.Context, words []string) (scim.Value, error) {
		if len(words) != 1 {
			return scim.Value{}, errOneWord
		}
		text, err := f([]byte(words[0]))
		if err != nil {
			return scim.Value{}, err
		}
		return scim.ParseJSON(text)
	}
}

var errOneWord = errors.New("the function takes one word")

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
