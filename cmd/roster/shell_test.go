package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shellToken is a part of a script: what may stand in single quotes, in double
// quotes, unquoted, an escaped line break, blanks, or the end of a line.
var shellToken = regexp.MustCompile(`^(?:'([^']*)'|"([^"]*)"|([^\s'"\\#][^\s'"\\]*)|(\\\n)|([ \t]+)|((?:#[^\n]*)?\n))`)

// splitShell splits a script into commands and their words, for the little of a
// shell's language that documentation needs: quotes, $NAME, comments, and lines
// that go on behind a backslash.
func splitShell(t *testing.T, script string, variable func(string) string) (commands [][]string) {
	t.Helper()
	var words []string
	var word strings.Builder
	inWord := false
	endWord := func() {
		if inWord {
			words = append(words, word.String())
			word.Reset()
			inWord = false
		}
	}
	for rest := script; rest != ""; {
		part := shellToken.FindStringSubmatch(rest)
		require.NotNil(t, part, "cannot read %q", rest)
		rest = rest[len(part[0]):]
		switch text := part[0]; {
		case text[0] == '\'':
			word.WriteString(part[1])
			inWord = true
		case text[0] == '"' || part[3] != "":
			word.WriteString(expand(part[2]+part[3], variable))
			inWord = true
		case part[6] != "":
			endWord()
			if len(words) > 0 {
				commands = append(commands, words)
				words = nil
			}
		default:
			endWord()
		}
	}
	return commands
}

var shellVariable = regexp.MustCompile(`\$[A-Z]+`)

func expand(text string, variable func(string) string) string {
	return shellVariable.ReplaceAllStringFunc(text, func(name string) string { return variable(name[1:]) })
}

func TestSplitShell(t *testing.T) {
	const script = `
# a comment
A=b
curl -s "$URL/x y" \
  -d '{"a": "$URL",
 "b": 1}' # another
go test ./...
`
	commands := splitShell(t, script, func(name string) string { return "<" + name + ">" })
	require.Equal(t, [][]string{
		{"A=b"},
		{"curl", "-s", "<URL>/x y", "-d", "{\"a\": \"$URL\",\n \"b\": 1}"},
		{"go", "test", "./..."},
	}, commands)
}
