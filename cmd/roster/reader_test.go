package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/factor"
)

// reader is somebody who does what a page of the documentation says, in a folder
// of their own: types its commands, copies what they print, saves its files.
type reader struct {
	t         *testing.T
	folder    string
	variables map[string]string
	server    *serving
	screen    []string // what each command printed
	answers   []string // status and method of each curl
	bodies    []string // what each curl printed

	// instead of what only an example has, such as an issuer, there is what the
	// test has. given is what a reader does not get from the screen.
	instead *strings.Replacer
	given   map[string]func() string

	send func(t *testing.T, folder string, args []string) (status, method, body string) // curl
	make func(t *testing.T, folder string, args []string)                               // openssl
}

// page returns the text of a page of the documentation.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(text)
}

func newReader(t *testing.T) *reader {
	t.Helper()
	r := &reader{
		t: t, folder: t.TempDir(), variables: map[string]string{}, instead: strings.NewReplacer(),
		send: chooseTool(t, "curl", installedCurl, ownCurl), make: chooseTool(t, "openssl", installedOpenSSL, ownOpenSSL),
	}
	t.Cleanup(r.stop)
	return r
}

// follow does what a page says, after what is done with the reader before.
func follow(t *testing.T, name string, before ...func(*reader)) *reader {
	t.Helper()
	text := page(t, name)
	r := newReader(t)
	for _, do := range before {
		do(r)
	}
	for _, file := range namedFile.FindAllStringSubmatch(text, -1) {
		r.save(file[1], file[2])
	}
	commands := blocks(text, "sh")
	require.NotEmpty(t, commands)
	for _, block := range commands {
		for _, words := range splitShell(t, block, func(name string) string { return later + name + later }) {
			r.run(words)
		}
	}
	return r
}

// later stands around the name of a variable that is read when its command is run:
// the one before it in the block may have set it.
const later = "\x00"

var reading = regexp.MustCompile(later + "([A-Z]+)" + later)

// namedFile is a block whose name stands right before it: "`acme.json`:".
var namedFile = regexp.MustCompile("(?s)`([\\w./]+)`[^\n`]*:\n\n```[a-z]+\n(.*?)```")

// blocks returns the blocks of a page in some language.
func blocks(text, language string) (found []string) {
	for _, block := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		found = append(found, block[1])
	}
	return found
}

func (r *reader) save(name, text string) {
	file := filepath.Join(r.folder, filepath.FromSlash(name))
	require.NoError(r.t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(r.t, os.WriteFile(file, []byte(r.instead.Replace(text)), 0o600))
}

var assignment = regexp.MustCompile(`^([A-Z]+)=(\S+)$`)

func (r *reader) run(words []string) {
	for i, word := range words {
		word = reading.ReplaceAllStringFunc(word, func(name string) string { return r.value(strings.Trim(name, later)) })
		words[i] = r.instead.Replace(word)
	}
	line := strings.Join(words, " ")
	switch {
	case assignment.MatchString(line):
		found := assignment.FindStringSubmatch(line)
		r.assign(found[1], found[2])
	case line == "go test ./...":
		// This is one of those tests.
	case strings.HasPrefix(line, "go run ./cmd/roster serve ") && !slices.Contains(words, "--check"):
		r.serve(words[4:])
	case strings.HasPrefix(line, "go run ./cmd/roster "):
		r.roster(words[3:])
	case words[0] == "curl":
		r.curl(words[1:])
	case words[0] == "openssl":
		r.make(r.t, r.folder, words[1:])
	default:
		r.t.Fatalf("the page shows %q, which this test cannot run", line)
	}
}

func (r *reader) value(name string) string {
	value, set := r.variables[name]
	require.True(r.t, set, "the page uses $%s before it says what that is", name)
	return value
}

var token = regexp.MustCompile(`(?m)^(?:token: )?(roster_\S+)$`)

// looks says what that which a reader copies from the screen looks like.
var looks = map[string]*regexp.Regexp{
	"TOKEN":      token,
	"ID":         regexp.MustCompile(`"id":"([^"]+)"`),
	"GROUP":      regexp.MustCompile(`"id":"([^"]+)"`),
	"MANAGER":    regexp.MustCompile(`"id":"([^"]+)"`),
	"UNIT":       regexp.MustCompile(`"id":"([^"]+)"`),
	"MACHINE":    regexp.MustCompile(`"userId":"([^"]+)"`),
	"PAT":        regexp.MustCompile(`"token":"(roster_pat_[^"]+)"`),
	"LETTER":     regexp.MustCompile(`(?m)^([0-9a-f-]{36}) `),
	"INVITATION": regexp.MustCompile("(" + factor.OneTimePattern + ")"),
	"CREDENTIAL": regexp.MustCompile(`(?m)^([0-9a-f-]{36})  `),
	"CLIENT":     regexp.MustCompile(`(?m)(?:^client_id: |"clientId":")([^"\s]+)`),
	"KID":        regexp.MustCompile(`(?m)^kid: (\S+)$`),
	"SECRET":     regexp.MustCompile(`(?m)(?:^client_secret: |"clientSecret":")([^"\s]+)`),
	"ADMIN":      token,
	"OPERATOR":   token,
	"HEAD":       regexp.MustCompile(`(?m)^head (account:\S+)$`),
	"ACCESS":     regexp.MustCompile(`"access_token":"([^"]+)"`),
}

// assign gives a variable a value. One that is cut short is to be copied, and where
// the server serves is known: see serve.
func (r *reader) assign(name, value string) {
	switch {
	case name == "SCIM" || name == "API" || name == "SERVER":
	case r.given[name] != nil:
		r.variables[name] = r.given[name]()
	case strings.HasSuffix(value, "..."):
		r.copy(name)
	default:
		r.variables[name] = value
	}
}

// copy gives a variable what the latest command printed of that look.
func (r *reader) copy(name string) {
	look := looks[name]
	require.NotNil(r.t, look, "this test does not know where a reader gets %s from", name)
	for _, printed := range slices.Backward(r.screen) {
		if found := look.FindStringSubmatch(printed); found != nil {
			r.variables[name] = found[1]
			return
		}
	}
	r.t.Fatalf("nothing on the screen looks like %s", name)
}

func (r *reader) serve(args []string) {
	r.stop()
	s, err := startServer(r.folder, os.Environ(), args...)
	require.NoError(r.t, err)
	r.server = s
	r.variables["SCIM"] = s.scim
	r.variables["SERVER"] = strings.TrimSuffix(s.scim, "/scim/v2")
	r.variables["API"] = r.variables["SERVER"] + "/v1/account"
	r.screen = append(r.screen, "scim: "+s.scim+"\ntoken: "+s.token+"\n")
}

func (r *reader) stop() {
	if r.server != nil {
		require.NoError(r.t, r.server.stop(terminate), r.server.stderr.String())
		r.server = nil
	}
}

// roster runs the command, whose stdout may go to a file: "> name".
func (r *reader) roster(args []string) {
	args, file := cutWord(args, ">")
	command := exec.Command("roster", args...)
	command.Dir = r.folder
	var stdout, screen bytes.Buffer
	command.Stdout, command.Stderr = &screen, &screen
	if file != nil {
		command.Stdout = &stdout
	}
	require.NoError(r.t, command.Run(), "roster %q: %s", args, &screen)
	if file != nil {
		r.save(file[0], stdout.String())
	}
	r.screen = append(r.screen, screen.String())
}

// cutWord is strings.Cut for words.
func cutWord(words []string, at string) (before, after []string) {
	if i := slices.Index(words, at); i >= 0 {
		return words[:i], words[i+1:]
	}
	return words, nil
}

func (r *reader) curl(args []string) {
	status, method, body := r.send(r.t, r.folder, args)
	r.answers = append(r.answers, status+" "+method)
	r.bodies = append(r.bodies, body)
	r.screen = append(r.screen, body)
}
