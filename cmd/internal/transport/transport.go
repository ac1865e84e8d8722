// Package transport is how clients reach the server over TLS.
//
// It promises: TLS 1.2 or later, with HTTP/2; certificates that are replaced on
// disk are in use for connections that begin a few seconds later, without a
// restart, and connections that are open go on; files that cannot be used change
// nothing but the log, so that a slip in replacing them takes no server down.
package transport

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a TLS needs. All files are PEM.
type Config struct {
	// CertificateFile has the certificate of the server and those that lead from
	// it to an authority, in this order; KeyFile its private key. Required.
	CertificateFile, KeyFile string
	// ClientCAFile has the certificates of the CAs that sign those of clients. A client
	// need not have one, but one that they did not sign ends the handshake. What
	// connections have shown they keep after the file changes.
	ClientCAFile string
	// RequestClientCertificates asks clients for a certificate, of which only that
	// they have its key is checked: not who signed it, and not until when it is
	// valid. It means nothing with a ClientCAFile.
	RequestClientCertificates bool
	// Logger is told what is loaded, and what cannot be. Default slog.Default().
	Logger *slog.Logger
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// lookEvery is how often the files are looked at, and only if a client comes.
const lookEvery = 2 * time.Second

// TLS may be used concurrently.
type TLS struct {
	config  Config
	current atomic.Pointer[tls.Config]

	mu     sync.Mutex // of what follows
	looked time.Time
	loaded []os.FileInfo // as they were when current was read
	told   string        // what was logged of files that cannot be used
}

// New reads the files. An error says which of them cannot be used.
func New(c Config) (*TLS, error) {
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	t := &TLS{config: c, looked: c.Now()}
	if err := t.load(); err != nil {
		return nil, err
	}
	return t, nil
}

// Config is for an http.Server, which is then started with ServeTLS and no files.
func (t *TLS) Config() *tls.Config {
	c := t.current.Load().Clone()
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		t.look()
		return t.current.Load(), nil
	}
	return c
}

// look loads the files if they have changed. One handshake does so, and others do
// not wait for it.
func (t *TLS) look() {
	if !t.mu.TryLock() {
		return
	}
	defer t.mu.Unlock()
	if now := t.config.Now(); now.Sub(t.looked) >= lookEvery {
		t.looked = now
		t.reload()
	}
}

// reload tries again each time until the files can be used, because they may be
// half written.
func (t *TLS) reload() {
	if found, err := t.files(); err == nil && same(found, t.loaded) {
		return
	}
	err := t.load()
	if err != nil && err.Error() != t.told {
		t.told = err.Error()
		t.config.Logger.Error("the certificates have changed and cannot be used; the old ones are kept", "error", err)
	}
}

// load reads the files and uses them. It looks at them first, so that it is done
// again if they change meanwhile.
func (t *TLS) load() error {
	found, err := t.files()
	if err != nil {
		return err
	}
	loaded, err := t.config.read()
	if err != nil {
		return err
	}
	t.current.Store(loaded)
	t.loaded, t.told = found, ""
	t.config.tell(loaded.Certificates[0].Leaf)
	return nil
}
