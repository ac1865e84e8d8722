package model

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the page that is generated from the table")

var (
	statuses = []Status{None, Invited, Active, Locked, Inactive, Gone}
	triggers = []Trigger{Create, CreateInactive, Initialise, Resend, Deactivate, Reactivate, Lock, Unlock, Remove, Restore, Purge}
)

// everyCell is the state machine as the specification has it, row by row in the
// order of triggers; "home" depends on whether the user was initialised.
var everyCell = map[Status]string{
	None:     "home inactive not_found not_found not_found not_found not_found not_found not_found not_found not_found",
	Invited:  "uniqueness uniqueness active invited inactive not_inactive locked not_locked removed not_removed not_removed",
	Active:   "uniqueness uniqueness already_initialised already_initialised inactive not_inactive locked not_locked removed not_removed not_removed",
	Locked:   "uniqueness uniqueness not_active not_active inactive not_inactive already_locked home removed not_removed not_removed",
	Inactive: "uniqueness uniqueness not_active not_active already_inactive home not_active not_locked removed not_removed not_removed",
	Gone:     "uniqueness uniqueness not_found not_found not_found not_found not_found not_found not_found home none",
}

// TestEveryCell walks the table, status by trigger, for users who were and were
// not initialised.
func TestEveryCell(t *testing.T) {
	for _, from := range statuses {
		cells := strings.Fields(everyCell[from])
		require.Len(t, cells, len(triggers))
		for i, trigger := range triggers {
			for _, initialised := range []bool{false, true} {
				want := cells[i]
				if want == "home" {
					want = map[bool]string{false: "invited", true: "active"}[initialised]
				}
				to, err := Next(from, trigger, initialised)
				if err != nil {
					require.Equal(t, from, to, "a refusal leads nowhere")
					require.NotEmpty(t, err.(*Refusal).SCIM.Detail)
					require.Equal(t, CodeOf(err) == NotFound, err.(*Refusal).SCIM.Status == http.StatusNotFound)
					require.Equal(t, want, CodeOf(err), "%q %s", from, trigger)
					continue
				}
				require.Equal(t, want, statusName(to), "%q %s", from, trigger)
			}
		}
	}
}

func statusName(s Status) string {
	if s == None {
		return "none"
	}
	return string(s)
}

const page = "../../../docs/account-states.md"

// TestDiagram: the page in the docs says what the table says.
func TestDiagram(t *testing.T) {
	want := describe()
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	have, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, want, string(have), "run the test with -update")
}

// describe writes the state machine as a diagram and as a table.
func describe() string {
	var b strings.Builder
	b.WriteString("# The life of a user\n\n" +
		"This page is generated from the state machine of the account model by its test.\n\n" +
		"*home* is active for a user who was initialised (who ever had a way to log in), and invited for everybody else.\n\n" +
		"```mermaid\nstateDiagram-v2\n")
	for _, from := range statuses {
		for _, trigger := range triggers {
			for _, to := range destinations(from, trigger) {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", node(from), node(to), trigger)
			}
		}
	}
	b.WriteString("```\n\nIn the columns stand where a trigger leads, or the code with which the account API refuses it. SCIM says most of them by writing `active` and `locked`; what is so already changes nothing there.\n\n| trigger |")
	for _, from := range statuses {
		fmt.Fprintf(&b, " %s |", statusName(from))
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(statuses)) + "\n")
	for _, trigger := range triggers {
		fmt.Fprintf(&b, "| %s |", trigger)
		for _, from := range statuses {
			fmt.Fprintf(&b, " %s |", cell(next(from, trigger)))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func cell(o outcome) string {
	if o.refusal != "" {
		return o.refusal
	}
	return "**" + statusName(o.to) + "**"
}

func destinations(from Status, t Trigger) []Status {
	switch o := next(from, t); {
	case o.refusal != "":
		return nil
	case o.to == home:
		return []Status{Active, Invited}
	default:
		return []Status{o.to}
	}
}

func node(s Status) string {
	if s == None {
		return "[*]"
	}
	return string(s)
}
