package app_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/server"
)

// TestRandomHistory lets random changes come in by all ways, one after the other
// and several at a time, and holds the history and the counters to what is served:
// every change has one event, and what nobody has, and nothing else, can be
// deleted. RANDOM_SEED repeats a run, one after the other at least.
func TestRandomHistory(t *testing.T) {
	for engine, memory := range engines {
		t.Run(engine+" one after the other", func(t *testing.T) {
			r := newRandomHistory(t, memory)
			for range 150 {
				r.stepAndCompare()
			}
			r.settle()
		})
		t.Run(engine+" at once", func(t *testing.T) {
			r := newRandomHistory(t, memory)
			var all sync.WaitGroup
			for i := range uint64(8) {
				own := &randomHistory{harness: r.harness, token: r.token, Rand: rand.New(rand.NewPCG(r.seed, i+1))}
				all.Go(func() {
					for range 40 {
						own.step()
					}
				})
			}
			all.Wait()
			r.settle()
		})
	}
}

type randomHistory struct {
	*harness
	*rand.Rand
	seed  uint64
	token string
	trail []string // of requests, with their statuses
}

func newRandomHistory(t *testing.T, memory bool) *randomHistory {
	seed := rand.Uint64()
	if text := os.Getenv("RANDOM_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("RANDOM_SEED=%d", seed)
	h := newHarness(t, memory)
	r := &randomHistory{harness: h, Rand: rand.New(rand.NewPCG(seed, 0)), seed: seed, token: h.account("a", "default", everything()...)}
	h.base = strings.TrimSuffix(h.base, server.Root)
	for _, body := range []string{`{"value":"r0"}`, `{"value":"r1","contains":["r0"]}`, `{"value":"seat","limitedAssignmentsPermitted":true,"totalAssignmentsPermitted":2}`} {
		r.ask("POST", "/scim/v2/Roles", body)
	}
	return r
}

// ask sends a request, which the server must have an answer for.
func (r *randomHistory) ask(method, path, body string) (int, scim.Value) {
	status, text := r.send(r.token, method, path, body)
	r.trail = append(r.trail, strconv.Itoa(status)+" "+method+" "+path+" "+body)
	require.Less(r.t, status, 500, "%s: %s", r.trail[len(r.trail)-1], text)
	v, _ := scim.ParseJSON([]byte(text))
	return status, v
}

// list reads all resources below an endpoint.
func (r *randomHistory) list(endpoint, query string) map[string]scim.Value {
	_, page := r.ask("GET", "/scim/v2/"+endpoint+"?count=1000&"+query, "")
	byID := map[string]scim.Value{}
	for _, e := range page.Get("Resources").Elements() {
		byID[e.Get("id").Text()] = e
	}
	require.Len(r.t, byID, int(must(page.Get("totalResults").Int())))
	return byID
}

func must(n int, _ bool) int { return n }

var endpoints = []string{"Users", "Groups", "Roles", "Entitlements", "OrgUnits"}

// versions maps what is there to its entity tag.
func (r *randomHistory) versions() map[string]string {
	all := map[string]string{}
	for _, endpoint := range endpoints {
		for id, e := range r.list(endpoint, "attributes=meta.version") {
			all[id] = endpoint + " " + e.Get("meta").Get("version").Text()
		}
	}
	return all
}

// events reads the history behind a sequence, in which no number is left out.
func (r *randomHistory) events(after int) (list []scim.Value) {
	for {
		path := "/v1/account/events?limit=1000"
		if after > 0 {
			path += "&after=" + strconv.Itoa(after)
		}
		_, page := r.ask("GET", path, "")
		for _, e := range page.Get("results").Elements() {
			after++
			require.Equal(r.t, after, must(e.Get("sequence").Int()), "dense")
			list = append(list, e)
		}
		if page.Get("next").IsNull() {
			return list
		}
	}
}

// stepAndCompare makes a change, and holds the new events to the versions that
// moved.
func (r *randomHistory) stepAndCompare() {
	versions, known, begin := r.versions(), len(r.events(0)), len(r.trail)
	several := r.step()
	request := strings.Join(r.trail[begin:], "\n")
	told, someoneLeft := map[string]int{}, false
	for _, e := range r.events(known) {
		told[e.Get("subject").Text()]++
		someoneLeft = someoneLeft || e.Get("type").Text() == "user.removed" || e.Get("type").Text() == "group.removed"
	}
	now := r.versions()
	for id, version := range now {
		if _, is := versions[id]; !is {
			versions[id] = ""
		}
		neighbour := someoneLeft && strings.HasPrefix(version, "Groups ")
		switch {
		case versions[id] == version:
			require.True(r.t, told[id] == 0 || several, "no change, no event: %s", request)
		case !neighbour || told[id] > 0:
			require.True(r.t, told[id] == 1 || several && told[id] > 0, "one event for %s: %d after %s", id, told[id], request)
		}
		delete(versions, id)
		delete(told, id)
	}
	for id := range versions {
		require.True(r.t, told[id] == 1 || several && told[id] > 0, "one event for the removed %s: %s", id, request)
		delete(told, id)
	}
	require.True(r.t, len(told) == 0 || several, "events of nothing: %v after %s", told, request)
}
