package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// serving is a server that runs in a process of its own.
type serving struct {
	process     *exec.Cmd
	stdout      *bufio.Reader
	stderr      bytes.Buffer // complete once the process has ended
	scim, token string
}

// startTimeout is far longer than a start takes on a busy machine.
const startTimeout = time.Minute

// startServer runs roster serve with a free port and returns when the server is
// ready, or has failed.
func startServer(folder string, environment []string, args ...string) (*serving, error) {
	s := &serving{process: exec.Command("roster", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)}
	s.process.Dir = folder
	s.process.Env = environment
	s.process.Stderr = &s.stderr
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.stdout = bufio.NewReader(stdout)
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	giveUp := time.AfterFunc(startTimeout, func() { _ = s.process.Process.Kill() })
	defer giveUp.Stop()
	s.scim, err = s.line("scim: ")
	if err == nil && slices.Contains(args, "--dev") {
		s.token, err = s.line("token: ")
	}
	if err != nil {
		err = errors.Join(err, s.stop(os.Kill))
		return nil, fmt.Errorf("%w; stderr:\n%s", err, s.stderr.String())
	}
	return s, nil
}

// line reads a line of stdout that must begin with the prefix.
func (s *serving) line(prefix string) (string, error) {
	line, err := s.stdout.ReadString('\n')
	value, found := strings.CutPrefix(strings.TrimSuffix(line, "\n"), prefix)
	if err != nil || !found {
		return "", fmt.Errorf("expected a line %q, got %q", prefix, line)
	}
	return value, nil
}

// stop sends the signal and waits. A server that is asked to stop must do so
// with status 0 and have printed nothing more.
func (s *serving) stop(signal os.Signal) error {
	if err := s.process.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	rest, readErr := io.ReadAll(s.stdout)
	err := s.process.Wait()
	if signal == os.Kill {
		return nil
	}
	if len(rest) > 0 {
		err = errors.Join(err, fmt.Errorf("the server printed more: %q", rest))
	}
	return errors.Join(err, readErr)
}

// terminate is the signal that asks a server to stop.
const terminate = syscall.SIGTERM
