// Package testdata embeds what commands read as well as tests: the register of
// requirements, and the sessions of provisioning clients.
package testdata

import "embed"

// Requirements holds requirements/*.txt, which package conformance reads.
//
//go:embed requirements/*.txt
var Requirements embed.FS

// Clients holds clients/*.http: what each client sends, as a script of package
// script. Bad input and decisions of this server are no clients, and not in it.
//
//go:embed clients/entra-*.http clients/google.http clients/jumpcloud.http
//go:embed clients/microsoft-validator.http clients/okta-*.http clients/onelogin.http
//go:embed clients/ping.http clients/sailpoint.http clients/sap-ips.http
var Clients embed.FS
