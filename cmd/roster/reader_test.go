package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
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
// of their own: types its commands, copies what they print, saves its files. It
// reads curl lines itself, so that curl need not be installed.
type reader struct {
	t         *testing.T
	folder    string
	variables map[string]string
	server    *serving
	screen    []string // what each command printed
	answers   []string // status and method of each curl
	bodies    []string // what each curl printed
}

// page returns the text of a page of the documentation.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(text)
}

// follow does what a page says, after what is done with the reader before.
func follow(t *testing.T, name string, before ...func(*reader)) *reader {
	t.Helper()
	text := page(t, name)
	r := &reader{t: t, folder: t.TempDir(), variables: map[string]string{}}
	t.Cleanup(r.stop)
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
	require.NoError(r.t, os.WriteFile(file, []byte(text), 0o600))
}

var assignment = regexp.MustCompile(`^([A-Z]+)=\S+$`)

func (r *reader) run(words []string) {
	for i, word := range words {
		words[i] = reading.ReplaceAllStringFunc(word, func(name string) string { return r.value(strings.Trim(name, later)) })
	}
	line := strings.Join(words, " ")
	switch {
	case assignment.MatchString(line):
		r.copy(assignment.FindStringSubmatch(line)[1])
	case line == "go test ./...":
		// This is one of those tests.
	case strings.HasPrefix(line, "go run ./cmd/roster serve ") && !slices.Contains(words, "--check"):
		r.serve(words[4:])
	case strings.HasPrefix(line, "go run ./cmd/roster "):
		r.roster(words[3:])
	case words[0] == "curl":
		r.curl(words[1:])
	default:
		r.t.Fatalf("the page shows %q, which this test cannot run", line)
	}
}

func (r *reader) value(name string) string {
	value, set := r.variables[name]
	require.True(r.t, set, "the page uses $%s before it says what that is", name)
	return value
}

// looks says what that which a reader copies from the screen looks like.
var looks = map[string]*regexp.Regexp{
	"TOKEN":      regexp.MustCompile(`(?m)^(?:token: )?(roster_\S+)$`),
	"ID":         regexp.MustCompile(`"id":"([^"]+)"`),
	"UNIT":       regexp.MustCompile(`"id":"([^"]+)"`),
	"MACHINE":    regexp.MustCompile(`"userId":"([^"]+)"`),
	"PAT":        regexp.MustCompile(`"token":"(roster_pat_[^"]+)"`),
	"LETTER":     regexp.MustCompile(`(?m)^([0-9a-f-]{36}) `),
	"INVITATION": regexp.MustCompile("(" + factor.OneTimePattern + ")"),
}

// copy gives a variable what the latest command printed of that look.
func (r *reader) copy(name string) {
	if name == "SCIM" || name == "API" {
		return // where the server serves: see serve
	}
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
	r.variables["API"] = strings.TrimSuffix(s.scim, "/scim/v2") + "/v1/account"
	r.screen = append(r.screen, "scim: "+s.scim+"\ntoken: "+s.token+"\n")
}

func (r *reader) stop() {
	if r.server != nil {
		require.NoError(r.t, r.server.stop(terminate), r.server.stderr.String())
		r.server = nil
	}
}

func (r *reader) roster(args []string) {
	command := exec.Command("roster", args...)
	command.Dir = r.folder
	output, err := command.CombinedOutput()
	require.NoError(r.t, err, "roster %q: %s", args, output)
	r.screen = append(r.screen, string(output))
}

// curl understands the flags that the documentation uses.
func (r *reader) curl(args []string) {
	method, target := "", ""
	header, query := http.Header{}, url.Values{}
	var body string
	for len(args) > 0 {
		flag := args[0]
		args = args[1:]
		switch flag {
		case "-sS", "-G":
			continue
		case "-X":
			method = args[0]
		case "-H":
			name, value, found := strings.Cut(args[0], ": ")
			require.True(r.t, found, args[0])
			header.Set(name, value)
		case "-d":
			body = args[0]
		case "--data-urlencode":
			name, value, _ := strings.Cut(args[0], "=")
			query.Set(name, value)
		default:
			require.NotRegexp(r.t, "^-", flag, "this test does not know the flag")
			target = flag
			continue
		}
		args = args[1:]
	}
	if method == "" {
		method = map[bool]string{true: http.MethodPost, false: http.MethodGet}[body != ""]
	}
	request, err := http.NewRequest(method, target, strings.NewReader(body))
	require.NoError(r.t, err)
	request.Header = header
	request.URL.RawQuery = query.Encode()
	response, err := http.DefaultClient.Do(request)
	require.NoError(r.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(r.t, err)
	r.answers = append(r.answers, fmt.Sprint(response.StatusCode, " ", method))
	r.bodies = append(r.bodies, string(answer))
	r.screen = append(r.screen, string(answer))
}
