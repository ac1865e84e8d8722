package archtest

// anything, as the only entry of a row, lifts the restriction.
const anything = "*"

// imports says which packages of the module a package may import. Paths are
// relative to the module.
var imports = map[string][]string{
	"scim":                {},
	"storage":             {},
	"auth":                {},
	"cmd/internal/config": {},

	"scim/schema":   {"scim"},
	"scim/filter":   {"scim", "scim/schema"},
	"scim/patch":    {"scim", "scim/schema", "scim/filter"},
	"scim/query":    {"scim", "scim/schema", "scim/filter", "storage"},
	"scim/provider": {"scim", "scim/schema", "scim/filter", "scim/patch", "scim/query", "storage", "auth"},
	"scim/server":   {"scim", "scim/schema", "scim/provider", "auth", "auth/httpauth"},

	"scim/script":      {"scim"},
	"scim/conformance": {"scim", "scim/script", "testdata"},
	"scim/scimtest":    {"scim/script"},

	"storage/memory":    {"storage"},
	"storage/bolt":      {"storage"},
	"storage/storetest": {"storage"},

	"auth/token":             {"auth"},
	"auth/password":          {"auth"},
	"auth/limit":             {"auth"},
	"auth/httpauth":          {"auth", "auth/limit"},
	"auth/receiver":          {"auth"},
	"auth/outgoing":          {"auth/receiver"},
	"auth/lastuse":           {"storage"},
	"auth/federation":        {"auth"},
	"auth/jwt":               {"auth"},
	"auth/oidc":              {"auth", "auth/federation", "auth/jwt", "auth/outgoing", "auth/receiver"},
	"auth/audit":             {"auth", "storage"},
	"auth/oauth":             {"auth", "auth/federation", "auth/jwt", "auth/oidc", "auth/httpauth"},
	"auth/registry":          {"auth", "auth/audit", "auth/federation", "auth/receiver", "auth/lastuse", "storage", "scim"},
	"auth/authtest":          {"auth"},
	"auth/factor":            {"auth", "auth/token"},
	"auth/factor/factortest": {},

	"extensions":               {"scim/schema", "scim/provider", "storage", "auth", "auth/httpauth"},
	"extensions/rest":          {"scim", "scim/provider", "auth", "auth/httpauth"},
	"extensions/rest/resttest": {},
	"extensions/platform":      {"extensions/rest", "scim", "storage", "auth", "auth/registry", "auth/federation", "auth/receiver", "auth/audit"},
	"extensions/notify":        {"auth", "auth/outgoing", "auth/receiver", "storage"},
	"extensions/events":        {"scim", "scim/schema", "scim/query", "scim/provider", "storage"},

	"extensions/accountuser":       {anything},
	"extensions/accountuser/model": {"extensions", "extensions/notify", "scim", "scim/schema", "scim/query", "scim/provider", "storage", "auth", "auth/receiver"},
	"extensions/accountuser/grants": {"extensions", "extensions/accountuser/model",
		"scim", "scim/schema", "scim/query", "scim/provider", "storage", "auth"},
	"extensions/accountuser/credentials": {"extensions/accountuser/model", "extensions/notify",
		"scim", "scim/query", "scim/provider", "storage", "auth", "auth/factor", "auth/lastuse", "auth/password"},
	"extensions/accountuser/invitations": {"extensions/accountuser/model", "extensions/notify",
		"scim", "scim/schema", "scim/query", "scim/provider", "storage", "auth", "auth/factor"},
	"extensions/accountuser/api": {"extensions/rest", "extensions/events", "extensions/accountuser/model", "extensions/accountuser/grants",
		"extensions/accountuser/credentials", "extensions/accountuser/invitations",
		"scim", "scim/provider", "auth", "auth/httpauth"},

	"cmd/internal/telemetry": {},
	"cmd/internal/transport": {},
	"cmd/internal/admin":     {"storage", "auth", "auth/audit", "auth/registry", "extensions/notify"},
	"cmd/internal/archtest":  {},
	"cmd/internal/app":       {anything},
	"cmd/roster":             {anything},
}

// inTests says what test files may import, beyond what their package reaches:
// an engine to run on, and the packages made for tests.
var inTests = []string{
	"storage/memory", "storage/bolt",
	"storage/storetest", "scim/scimtest", "scim/script", "scim/conformance", "auth/authtest", "auth/factor/factortest", "extensions/rest/resttest",
}

// inTestsOf says what else the test files of one package may import: an
// implementation of what the package asks for.
var inTestsOf = map[string][]string{
	"auth/oauth":                         {"auth/registry", "auth/token"},
	"auth/registry":                      {"auth/token"},
	"extensions/platform":                {"auth/token"},
	"cmd/internal/admin":                 {"auth/token"},
	"extensions/accountuser/api":         {"extensions/accountuser"},
	"extensions/accountuser/credentials": {"extensions/events", "extensions/accountuser/grants"},
	"extensions/events":                  {"auth/audit"},
}

// modules says which packages may import a module from elsewhere. What is not
// listed here is not used at all.
var modules = map[string][]string{
	"github.com/RoaringBitmap/roaring/v2": {"storage/bolt"},
	"github.com/alecthomas/kong":          {"cmd/roster"},
	"github.com/coreos/go-oidc/v3":        {"auth/oidc"},
	"github.com/elimity-com/scim":         {"scim/schema"},
	"github.com/go-chi/chi/v5":            {"auth/httpauth"},
	"github.com/go-jose/go-jose/v4":       {"auth/jwt", "auth/oidc", "auth/oauth", "auth/authtest"},
	"github.com/go-json-experiment/json":  {"scim", "scim/schema", "cmd/internal/admin"},
	"github.com/go-webauthn/webauthn":     {"auth/factor"},
	"github.com/wneessen/go-mail":         {"extensions/notify"},
	"github.com/google/uuid":              {"storage"},
	"github.com/scim2/filter-parser/v2":   {"scim/filter"},
	"go.etcd.io/bbolt":                    {"storage/bolt"},
	"golang.org/x/crypto":                 {"auth/password"},
	"golang.org/x/net":                    {"auth/authtest", "auth/receiver", "auth/registry", "extensions/notify", "extensions/accountuser/model"},
	"golang.org/x/sync":                   {"auth/limit"},
	"golang.org/x/text":                   {"scim/schema", "auth/password", "auth/registry", "extensions/notify", "extensions/accountuser/model"},
}

// testModules are for test files and the packages made for tests.
var testModules = []string{
	"github.com/stretchr/testify",
	"github.com/rogpeppe/go-internal",
	"github.com/emersion/go-smtp",
	"github.com/emersion/go-sasl",
	"github.com/santhosh-tekuri/jsonschema/v6",
	"pgregory.net/rapid",
}

// testPackages are made for tests: they may import the test modules and
// testing, and only test files may import them.
var testPackages = []string{"storage/storetest", "scim/scimtest", "auth/authtest", "auth/factor/factortest", "extensions/rest/resttest"}
