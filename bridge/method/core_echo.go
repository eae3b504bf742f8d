package method

import "context"

// coreEcho answers with its arguments (RFC 8620 §4).
func coreEcho(_ context.Context, c *call) (any, error) { return c.args, nil }
