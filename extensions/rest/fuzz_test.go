package rest

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
)

// FuzzRequest: whatever is sent is decoded or refused, and never the server's fault.
func FuzzRequest(f *testing.F) {
	h := serve(f, Route{Method: "POST", Pattern: "/toys/{id}", Scope: auth.UserWrite, Status: 204,
		Operation: Handle(func(context.Context, *Request, struct {
			toyQuery
			Body toy
		}) (None, error) {
			return None{}, nil
		})},
		Route{Method: "PATCH", Pattern: "/box", Scope: auth.UserWrite, Status: 200,
			Operation: Handle(func(_ context.Context, _ *Request, in struct{ Body Merge[Box] }) (Box, error) {
				return in.Body.Into(Box{Sizes: map[string]int{"a": 1}})
			})})
	f.Add("word=a&names=x&names=y", `{"name":"x","at":"2026-01-31T10:30:00Z","data":"AAE=","parts":[{"id":"1"}],"roles":null,"nick":null}`)
	f.Add("number=%zz", `{"name":[[[[`)
	f.Add("after=-1;", "\x00\xff")
	f.Add("", `{"name":null,"sizes":{"a":null,"b":2},"every":"1s","inner":{"deep":null}}`)
	f.Fuzz(func(t *testing.T, query, body string) {
		r := request("POST", "/toys/1", body)
		r.URL.RawQuery = query
		status := send(h, r).Code
		require.Contains(t, []int{http.StatusNoContent, http.StatusBadRequest, http.StatusRequestEntityTooLarge}, status)
		status = send(h, request("PATCH", "/box", body)).Code
		require.Contains(t, []int{http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge}, status)
	})
}
