package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadme does what the README says, in its order.
func TestReadme(t *testing.T) {
	r := follow(t, "README.md")
	require.Equal(t, []string{"201 POST", "200 GET", "201 POST", "200 GET", "201 POST", "200 POST"}, r.answers)
	require.Contains(t, r.bodies[1], `"totalResults":1,`)
	require.Contains(t, r.bodies[1], `"userName":"bjensen@example.com"`)
	require.Contains(t, r.bodies[3], `"rowCount":1,`)
	require.Contains(t, r.bodies[3], `"status":"active"`)
	require.Contains(t, r.bodies[4], `"invitationStatus":"pending"`)
	require.Contains(t, r.bodies[5], `"status":"active"`)
}
