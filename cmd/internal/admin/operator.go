package admin

import (
	"context"
	"os/user"

	"roster/auth"
)

// asOperator returns a context that says for the audit who asks: the owner of the
// data folder, for nobody else gets in.
func asOperator(ctx context.Context) context.Context {
	p := &auth.Principal{Subject: "operator", Method: auth.ByCommand}
	if u, err := user.Current(); err == nil {
		p.Name = u.Username
	}
	return auth.WithPrincipal(ctx, p)
}
