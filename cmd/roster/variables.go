package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// fromKubernetes are the variables that Kubernetes sets in every container for a
// service that is called roster.
var fromKubernetes = regexp.MustCompile(`^ROSTER_(SERVICE_|PORT$|PORT_[0-9])`)

// checkVariables refuses a variable that looks like a setting and is none, so
// that a misspelt one does not go unnoticed.
func checkVariables(grammar *kong.Application, variables []string) error {
	known := map[string]bool{}
	for _, command := range grammar.Leaves(false) {
		for _, flag := range command.Flags {
			for _, name := range flag.Envs {
				known[name] = true
			}
		}
	}
	for _, variable := range variables {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "ROSTER_") && !known[name] && !fromKubernetes.MatchString(name) {
			return fmt.Errorf("the environment sets %s, which is no setting: see the names in \"roster serve --help\"", name)
		}
	}
	return nil
}
