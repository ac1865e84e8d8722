// Package authtest has what tests of authentication stand on: an issuer of access
// tokens, a real one, with discovery and keys over HTTP on this machine, whose keys
// can be changed while it is asked, and which can be made to fail; a clock; and a
// resolver of names.
package authtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"roster/auth"
)

// Paths of an Issuer.
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	KeysPath      = "/keys"
)

// Issuer may be used concurrently. It ends with its test.
type Issuer struct {
	t      testing.TB
	server *httptest.Server

	mu      sync.Mutex
	keys    []*Key       // published
	instead http.Handler // that answers, if it is set
	asked   map[string]int
}

// NewIssuer starts an issuer that publishes keys.
func NewIssuer(t testing.TB, keys ...*Key) *Issuer {
	i := &Issuer{t: t, keys: keys, asked: map[string]int{}}
	i.server = httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.server.Close)
	return i
}

// URL is the issuer's identifier.
func (i *Issuer) URL() string { return i.server.URL }

// Publish sets the keys that the issuer has from now on.
func (i *Issuer) Publish(keys ...*Key) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = slices.Clone(keys)
}

// Answer lets something else answer; nil: the issuer itself again.
func (i *Issuer) Answer(instead http.Handler) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.instead = instead
}

// Asked is how often a path was asked for.
func (i *Issuer) Asked(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[path]
}

// Token signs claims, with `iss` unless they have one.
func (i *Issuer) Token(key *Key, claims map[string]any) auth.Secret {
	all := map[string]any{"iss": i.URL()}
	for name, value := range claims {
		all[name] = value
	}
	return key.Sign(i.t, all)
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.asked[r.URL.Path]++
	keys, instead := i.keys, i.instead
	i.mu.Unlock()
	if instead != nil {
		instead.ServeHTTP(w, r)
		return
	}
	switch r.URL.Path {
	case DiscoveryPath:
		i.answer(w, map[string]any{"issuer": i.URL(), "jwks_uri": i.URL() + KeysPath})
	case KeysPath:
		i.answer(w, KeySet(keys...))
	default:
		http.NotFound(w, r)
	}
}

func (i *Issuer) answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		i.t.Error(err)
	}
}

// KeySet is what is published of keys.
func KeySet(keys ...*Key) jose.JSONWebKeySet {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range keys {
		set.Keys = append(set.Keys, k.Public())
	}
	return set
}
