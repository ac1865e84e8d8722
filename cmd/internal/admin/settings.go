package admin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"roster/auth/registry"
)

// MaxSettings bounds the text of an account's settings, in bytes.
const MaxSettings = 64 << 10

// errSettings begins what is told of a text that holds no settings.
var errSettings = errors.New("the settings cannot be read")

// readSettings takes the members of a JSON object over settings. Names are
// compared exactly, because a setting that is misspelt or there twice is one that
// somebody believes to be set. What the values may be, the registry decides.
func readSettings(text string, settings *registry.Settings) error {
	if len(text) > MaxSettings {
		return fmt.Errorf("%w: they have %d bytes; use at most %d", errSettings, len(text), MaxSettings)
	}
	// What null, a list or a text would do to an account is not what anybody wants.
	if kind := jsontext.Value(text).Kind(); kind != jsontext.KindBeginObject {
		return fmt.Errorf("%w: begin with {, as \"roster account show NAME --json\" does", errSettings)
	}
	shown := Account{Settings: *settings}
	err := json.Unmarshal([]byte(text), &shown, json.RejectUnknownMembers(true))
	if err != nil {
		return located(text, err)
	}
	*settings = shown.Settings
	return nil
}

// located says where in the text a problem is, and not what is there: it may be
// a secret.
func located(text string, err error) error {
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("%w: line %d: %w", errSettings, line(text, syntactic.ByteOffset), syntactic.Err)
	}
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return fmt.Errorf("%w: %w", errSettings, err)
	}
	problem := semantic.Err
	switch {
	case errors.Is(err, json.ErrUnknownName):
		problem = errors.New(`there is no such setting; "roster account set --help" shows them`)
	case problem == nil:
		problem = errors.New(`the setting has another kind of value; "roster account set --help" shows it`)
	}
	return fmt.Errorf("%w: line %d: %s: %w", errSettings, line(text, semantic.ByteOffset), semantic.JSONPointer, problem)
}

func line(text string, offset int64) int { return 1 + strings.Count(text[:offset], "\n") }
