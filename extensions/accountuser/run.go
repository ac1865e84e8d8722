package accountuser

import (
	"context"
	"errors"
	"sync"

	"roster/extensions"
)

// run delivers messages and purges removed users whose time has come, until ctx
// ends.
func (p *parts) run(ctx context.Context, h extensions.Host) error {
	var all sync.WaitGroup
	var delivering, purging error
	all.Go(func() { delivering = p.worker.Run(ctx) })
	all.Go(func() { purging = p.model.Users(h).Purge(ctx) })
	all.Wait()
	return errors.Join(delivering, purging)
}
