package upstream

import "context"

type traceKey struct{}

// WithTrace has reached told of each step on the way to a server that succeeds in what is
// done with the context it gives: one of jmap.Step…, and more about it in words. Not for
// several servers at once.
func WithTrace(ctx context.Context, reached func(step, detail string)) context.Context {
	return context.WithValue(ctx, traceKey{}, reached)
}

// Reached says that a step has succeeded.
func Reached(ctx context.Context, step, detail string) {
	if reached, ok := ctx.Value(traceKey{}).(func(step, detail string)); ok {
		reached(step, detail)
	}
}
