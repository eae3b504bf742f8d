package browser

// Mail is a mail's HTML on screen.
type Mail struct {
	// Blocked counts what was left out because it is elsewhere; Remote, what of it are
	// pictures that Load fetches.
	Blocked, Remote int
	// Truncated says that the end is missing.
	Truncated bool
	// Busy says that it is long and not all there yet.
	Busy bool
	// Load has the bridge fetch the pictures, and fills them in as they come.
	Load func()
	// Close takes the mail away.
	Close func()
}

// noMail is where nothing can be shown.
var noMail = Mail{Load: func() {}, Close: func() {}}
