package admin

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// The socket has a folder of its own, because the data folder may be there
// already, with any permissions, and a socket cannot be made with its final
// permissions in one step.
const (
	socketFolder = "admin"
	socketName   = "socket"
)

func socketPath(folder string) string { return filepath.Join(folder, socketFolder, socketName) }

// socket removes its file when it is closed, by a path that is still right then.
type socket struct {
	net.Listener
	path string
}

func (s *socket) Close() error {
	err := s.Listener.Close()
	if removed := os.Remove(s.path); removed != nil && !errors.Is(removed, os.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

func listen(folder string) (net.Listener, error) {
	path, err := filepath.Abs(socketPath(folder))
	if err != nil {
		return nil, err
	}
	if err := makePrivate(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove an old socket: %w", err)
	}
	var listener net.Listener
	err = withShortPath(path, func(short string) error {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
		if err != nil {
			return fmt.Errorf("open the socket for administration: %w", err)
		}
		l.SetUnlinkOnClose(false)
		listener = &socket{l, path}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// makePrivate makes a folder that only its owner can enter.
func makePrivate(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.Chmod(folder, 0o700)
}

// maxPath is the longest path of a socket that every system takes: the least of
// them have 104 bytes for it, with a zero at the end.
const maxPath = 103

// withShortPath calls use with a path to the same place that is short enough for
// a socket: through a symbolic link, which is gone again afterwards, where the
// path itself is too long.
func withShortPath(path string, use func(short string) error) error {
	if len(path) <= maxPath {
		return use(path)
	}
	target, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "roster-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	link := filepath.Join(temporary, "link")
	if err := os.Symlink(target, link); err != nil {
		return err
	}
	return use(filepath.Join(link, filepath.Base(path)))
}
