# How much each fuzz test runs: a number of tries, which takes a few seconds. With
# a time instead, such as 1m, a run may end in "context deadline exceeded", which
# is no finding.
FUZZTIME ?= 20000x

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: check
check: format vet staticcheck tidy race fuzz ## Everything that must hold before a change goes in

.PHONY: test
test: ## Run the tests
	go test ./...

.PHONY: race
race: ## Run the tests with the race detector; needs a C compiler
	CGO_ENABLED=1 go test -race ./...

# Only one fuzz test can run at a time, so they are looked up.
.PHONY: fuzz
fuzz: ## Run each fuzz test for FUZZTIME, 20000x unless set
	@grep -rEo --include='*_test.go' --exclude-dir='.?*' '^func Fuzz[A-Za-z0-9_]*' . | \
	while IFS=: read -r file function; do \
		name=$${function#func }; \
		echo "$$name in $$(dirname $$file)"; \
		go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x "$$(dirname $$file)" || exit 1; \
	done

.PHONY: conformance
conformance: ## Run the public SCIM conformance suite against the binary; needs python3 and the package index
	@.ci/conformance

.PHONY: bench
bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: build
build: ## Build ./roster
	go build -o roster ./cmd/roster

.PHONY: format
format: ## Find files that gofmt would change
	@files=$$(gofmt -l .) && if [ -n "$$files" ]; then echo "run gofmt -w on:"; echo "$$files"; exit 1; fi

.PHONY: vet
vet: ## Run go vet
	go vet ./...

.PHONY: staticcheck
staticcheck: ## Run staticcheck
	go tool staticcheck ./...

.PHONY: tidy
tidy: ## Find what go mod tidy would change
	go mod tidy -diff
