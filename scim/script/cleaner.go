package script

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"roster/scim"
)

// Cleaner is a transport that remembers which resources are created through it,
// so that what a script leaves behind, because a step failed, can be deleted. It
// may be used concurrently. It assumes nothing of the server but that a new
// resource is below the endpoint of its POST.
type Cleaner struct {
	Base string            // URL in front of /Users; required
	Next http.RoundTripper // nil: http.DefaultTransport

	mu            sync.Mutex
	paths         []string // below Base, in the order of creation
	authorization string   // of the latest creation
}

// RoundTrip implements http.RoundTripper.
func (c *Cleaner) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next().RoundTrip(req)
	if err != nil || resp.StatusCode >= http.StatusMultipleChoices {
		return resp, err
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(req.URL.String(), c.Base), "?")
	switch req.Method {
	case http.MethodDelete:
		c.forget(path)
	case http.MethodPost:
		err = c.remember(req, resp, strings.TrimRight(path, "/"))
	}
	return resp, err
}

func (c *Cleaner) next() http.RoundTripper {
	if c.Next == nil {
		return http.DefaultTransport
	}
	return c.Next
}

// remember reads the answer to a POST, and puts its body back.
func (c *Cleaner) remember(req *http.Request, resp *http.Response, path string) error {
	content, err := io.ReadAll(io.LimitReader(resp.Body, longest))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(content))
	if err != nil {
		return err
	}
	body, _ := scim.ParseJSON(content)
	var created []string
	switch {
	case strings.HasSuffix(path, "/.search"):
	case path == "/Bulk":
		for _, op := range body.Get("Operations").Elements() {
			if op.Get("method").Text() == http.MethodPost {
				created = append(created, lastSegments(op.Get("location").Text(), 2))
			}
		}
	case body.Get("id").Text() != "":
		created = append(created, path+"/"+escapeURL(body.Get("id").Text()))
	default:
		if id := lastSegments(resp.Header.Get("Location"), 1); id != "" {
			created = append(created, path+id)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range created {
		if p != "" {
			c.paths, c.authorization = append(c.paths, p), req.Header.Get("Authorization")
		}
	}
	return nil
}

// lastSegments returns the end of a URL's path, with its slash.
func lastSegments(url string, n int) string {
	segments := strings.Split(strings.TrimRight(url, "/"), "/")
	if len(segments) <= n {
		return ""
	}
	return "/" + strings.Join(segments[len(segments)-n:], "/")
}

func (c *Cleaner) forget(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paths = slices.DeleteFunc(c.paths, func(p string) bool { return p == path })
}

// Clean deletes what is left, the newest first, and returns the URLs of what it
// could not delete.
func (c *Cleaner) Clean(ctx context.Context) (left []string) {
	c.mu.Lock()
	paths, authorization := c.paths, c.authorization
	c.paths = nil
	c.mu.Unlock()
	for _, path := range slices.Backward(paths) {
		if !c.delete(ctx, c.Base+path, authorization) {
			left = append(left, c.Base+path)
		}
	}
	return left
}

func (c *Cleaner) delete(ctx context.Context, url, authorization string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, url, nil)
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", authorization)
	resp, err := c.next().RoundTrip(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode < http.StatusMultipleChoices || resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone
}
