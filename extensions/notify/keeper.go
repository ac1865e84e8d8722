package notify

import (
	"context"
	"errors"
	"log/slog"

	"roster/storage"
)

// keeper keeps boxes small.
type keeper struct {
	store  storage.Store
	keep   int
	logger *slog.Logger
	agenda *agenda[line]
}

func (k *keeper) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.agenda.more:
		}
		for box, found := k.agenda.next(); found && ctx.Err() == nil; box, found = k.agenda.next() {
			if err := k.trim(ctx, box); err != nil && ctx.Err() == nil {
				k.logger.Warn("a box of letters cannot be trimmed", "account", box.account, "box", box.queue, "error", err)
			}
		}
	}
}

// trim drops the oldest letters of a box beyond those that are kept.
func (k *keeper) trim(ctx context.Context, box line) error {
	var batch storage.Batch
	err := k.store.View(ctx, box.account, func(s storage.Snapshot) error {
		messages, err := s.Messages(ctx, box.queue, ever, all)
		for _, m := range messages[:max(len(messages)-k.keep, 0)] {
			batch.Dequeue = append(batch.Dequeue, storage.MessageID{Queue: m.Queue, ID: m.ID})
		}
		return err
	})
	if err != nil || len(batch.Dequeue) == 0 {
		return err
	}
	_, err = k.store.Apply(ctx, box.account, batch)
	switch {
	case errors.Is(err, storage.ErrErased):
		return nil // the box is empty
	case err == nil:
		k.logger.Info("the oldest letters of a box were dropped", "account", box.account, "box", box.queue, "letters", len(batch.Dequeue))
	}
	return err
}
