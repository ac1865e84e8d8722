package auth

import (
	"context"
	"crypto/rand"
	"strings"
)

// maxCorrelation is how many characters a correlation id may have.
const maxCorrelation = 128

// Correlation returns the id that ties together what one request leads to: its
// answer, its entry in the log, the events of what it changed. It is what the
// client sent, if that is 1 to 128 characters of [A-Za-z0-9._:/+=-], so that it
// is harmless wherever it is written; else it is a new random one.
func Correlation(sent string) string {
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._:/+=-"
	if sent == "" || len(sent) > maxCorrelation || strings.Trim(sent, characters) != "" {
		return rand.Text()
	}
	return sent
}

type correlationKey struct{}

// WithCorrelation returns a context that carries a correlation id.
func WithCorrelation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, correlationKey{}, id)
}

// CorrelationFrom returns the correlation id, "" if there is none.
func CorrelationFrom(ctx context.Context) string {
	id, _ := ctx.Value(correlationKey{}).(string)
	return id
}
