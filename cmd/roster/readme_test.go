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
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadme runs every command that the README shows, in its order, and reads
// its curl lines itself, so that curl need not be installed.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	require.Greater(t, len(blocks), 3)

	r := &reader{t: t, folder: t.TempDir(), variables: map[string]string{}}
	t.Cleanup(r.stop)
	for _, block := range blocks {
		for _, words := range splitShell(t, block[1], func(name string) string { return r.variables[name] }) {
			r.run(words)
		}
	}
	require.Equal(t, []string{"201 POST", "200 GET"}, r.answers)
	require.Contains(t, r.lastAnswer, `"totalResults":1,`)
	require.Contains(t, r.lastAnswer, `"userName":"bjensen@example.com"`)
}

// reader is somebody who types what the README shows.
type reader struct {
	t          *testing.T
	folder     string
	variables  map[string]string
	server     *serving
	answers    []string // status and method of each curl
	lastAnswer string
}

func (r *reader) run(words []string) {
	line := strings.Join(words, " ")
	switch {
	case strings.HasPrefix(line, "SCIM=") || strings.HasPrefix(line, "TOKEN="):
		// The reader copies these from what the server printed.
	case line == "go test ./...":
		// This is one of those tests.
	case strings.HasPrefix(line, "go run ./cmd/roster serve "):
		r.serve(words[4:])
	case strings.HasPrefix(line, "go run ./cmd/roster "):
		r.roster(words[3:])
	case words[0] == "curl":
		r.curl(words[1:])
	default:
		r.t.Fatalf("the README shows %q, which this test cannot run", line)
	}
}

func (r *reader) serve(args []string) {
	r.stop()
	s, err := startServer(r.folder, os.Environ(), args...)
	require.NoError(r.t, err)
	r.server = s
	r.variables["SCIM"], r.variables["TOKEN"] = s.scim, s.token
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
}

// curl understands the flags that the README uses.
func (r *reader) curl(args []string) {
	method, target := http.MethodGet, ""
	header, query := http.Header{}, url.Values{}
	var body io.Reader
	for len(args) > 0 {
		flag := args[0]
		args = args[1:]
		switch flag {
		case "-sS", "-G":
		case "-H":
			name, value, found := strings.Cut(args[0], ": ")
			require.True(r.t, found, args[0])
			header.Set(name, value)
			args = args[1:]
		case "-d":
			method, body = http.MethodPost, strings.NewReader(args[0])
			args = args[1:]
		case "--data-urlencode":
			name, value, _ := strings.Cut(args[0], "=")
			query.Set(name, value)
			args = args[1:]
		default:
			require.NotRegexp(r.t, "^-", flag, "this test does not know the flag")
			target = flag
		}
	}
	request, err := http.NewRequest(method, target, body)
	require.NoError(r.t, err)
	request.Header = header
	request.URL.RawQuery = query.Encode()
	response, err := http.DefaultClient.Do(request)
	require.NoError(r.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(r.t, err)
	r.answers = append(r.answers, fmt.Sprint(response.StatusCode, " ", method))
	r.lastAnswer = string(answer)
}
