package auth

import (
	"context"
	"net/netip"
)

// Origin is where a request comes from, and what its sender reached.
type Origin struct {
	Address netip.Addr // of the client; not valid if it is not known
	// Scheme and Host are what the client used; Host may have a port, and is "" if
	// the client did not say.
	Scheme, Host string
	// Account is the name or id of the account that the path names, "" if it names
	// none. It is what the client wrote, and proves nothing.
	Account string
}

// Text is the address as it is written into logs, "" if it is not known.
func (o Origin) Text() string {
	if !o.Address.IsValid() {
		return ""
	}
	return o.Address.Unmap().String()
}

type originKey struct{}

// WithOrigin returns a context that carries where a request comes from.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginFrom returns where a request comes from, the zero value if that is not
// known.
func OriginFrom(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
