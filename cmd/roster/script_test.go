package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// raceOptions keeps processes with the race detector from sleeping for a second
// before they end.
const raceOptions = "atexit_sleep_ms=0"

// TestMain lets the test binary be the command roster too, in processes of its
// own.
func TestMain(m *testing.M) {
	if err := os.Setenv("GORACE", raceOptions); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"roster": main})
}

// TestScripts runs the sessions in testdata/script. Besides the commands of
// testscript they have
//
//	serve [args]              start a server; sets SCIM, SITE, ADDRESS and TOKEN
//	stop [-KILL]              stop it; its log is then in server.log
//	http status method path   send a request below SCIM with TOKEN, and with the
//	     [file]               body in the file; the answer is in stdout
//	grant status id secret   ask the token endpoint for an access token, which is TOKEN
//	                          then; the answer is in stdout
//	set variable [member]     set a variable to the last stdout, trimmed, or to a
//	                          string of the JSON object there
//	none pattern              fail if there is a file whose name matches
//
// The script starts in a folder of its own and must stop what it starts.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			s := &session{}
			env.Values[sessionKey{}] = s
			env.Setenv("GORACE", raceOptions)
			env.Defer(func() {
				if s.server != nil {
					_ = s.server.stop(os.Kill)
				}
			})
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": inSession((*session).serve),
			"stop":  inSession((*session).stop),
			"http":  inSession((*session).http),
			"grant": inSession((*session).grant),
			"set":   inSession((*session).set),
			"none":  inSession((*session).none),
		},
	})
}

type sessionKey struct{}

// session is the state of a script.
type session struct{ server *serving }

func inSession(command func(*session, *testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, negated bool, args []string) {
		if negated {
			ts.Fatalf("this command cannot be negated")
		}
		command(ts.Value(sessionKey{}).(*session), ts, args)
	}
}

func (s *session) serve(ts *testscript.TestScript, args []string) {
	if s.server != nil {
		ts.Fatalf("a server is running already")
	}
	var environment []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR", "GORACE", "ROSTER_DATA", "ROSTER_DEV_TOKEN"} {
		if value := ts.Getenv(name); value != "" {
			environment = append(environment, name+"="+value)
		}
	}
	server, err := startServer(ts.MkAbs("."), environment, args...)
	ts.Check(err)
	s.server = server
	ts.Setenv("SCIM", server.scim)
	ts.Setenv("SITE", strings.TrimSuffix(server.scim, "/scim/v2"))
	ts.Setenv("ADDRESS", strings.TrimPrefix(ts.Getenv("SITE"), "http://"))
	if server.token != "" {
		ts.Setenv("TOKEN", server.token)
	}
}

func (s *session) stop(ts *testscript.TestScript, args []string) {
	if s.server == nil {
		ts.Fatalf("no server is running")
	}
	var signal os.Signal = terminate
	if len(args) == 1 && args[0] == "-KILL" {
		signal = os.Kill
	}
	server := s.server
	s.server = nil
	err := server.stop(signal)
	ts.Check(os.WriteFile(ts.MkAbs("server.log"), server.stderr.Bytes(), 0o600))
	ts.Check(err)
}

func (s *session) http(ts *testscript.TestScript, args []string) {
	if len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: http status method path [file]")
	}
	var body io.Reader
	if len(args) == 4 {
		body = strings.NewReader(ts.ReadFile(args[3]))
	}
	request, err := http.NewRequest(args[1], ts.Getenv("SCIM")+args[2], body)
	ts.Check(err)
	request.Header.Set("Content-Type", "application/scim+json")
	if token := ts.Getenv("TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	s.send(ts, args[0], request)
}

// send returns the answer, which must have that status.
func (s *session) send(ts *testscript.TestScript, status string, request *http.Request) []byte {
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	ts.Check(err)
	_, err = io.Copy(ts.Stdout(), bytes.NewReader(answer))
	ts.Check(err)
	if strconv.Itoa(response.StatusCode) != status {
		ts.Fatalf("status %d, not %s", response.StatusCode, status)
	}
	return answer
}

func (s *session) grant(ts *testscript.TestScript, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: grant status id secret")
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	request, err := http.NewRequest(http.MethodPost, ts.Getenv("SITE")+"/oauth2/token", strings.NewReader(form.Encode()))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(args[1], args[2])
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	ts.Check(json.Unmarshal(s.send(ts, args[0], request), &granted))
	ts.Setenv("TOKEN", granted.AccessToken)
}

func (s *session) set(ts *testscript.TestScript, args []string) {
	text := ts.ReadFile("stdout")
	switch len(args) {
	case 1:
		ts.Setenv(args[0], strings.TrimSpace(text))
	case 2:
		var object map[string]any
		ts.Check(json.Unmarshal([]byte(text), &object))
		value, ok := object[args[1]].(string)
		if !ok {
			ts.Fatalf("stdout has no string %s", args[1])
		}
		ts.Setenv(args[0], value)
	default:
		ts.Fatalf("usage: set variable [member]")
	}
}

func (s *session) none(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: none pattern")
	}
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) > 0 {
		ts.Fatalf("there is %q", found)
	}
}
