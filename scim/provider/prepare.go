package provider

import "context"

// Preparer is a [Rule] that needs more than a snapshot holds, such as the
// settings of the account.
type Preparer interface {
	// Prepare is asked once for each change, before anything is read, and returns
	// the context that Derive and Check get: they must not wait for anything, not
	// for the store either.
	Prepare(ctx context.Context, c Call) (context.Context, error)
}

// prepare lets each rule get what it needs.
func (p *Provider) prepare(ctx context.Context, c Call) (context.Context, error) {
	for _, rule := range p.Rules {
		if r, ok := rule.(Preparer); ok {
			var err error
			if ctx, err = r.Prepare(ctx, c); err != nil {
				return ctx, err
			}
		}
	}
	return ctx, nil
}
