package browser

// PDF is a document on screen.
type PDF struct {
	// Zoom makes its pages larger (1) or smaller (-1), or as wide as there is room (0).
	Zoom func(by int)
	// Close takes it away.
	Close func()
}

// noPDF is where none can be shown.
var noPDF = PDF{Zoom: func(int) {}, Close: func() {}}

// How far a document is, once it is known.
const (
	PDFShown  = "shown"
	PDFLocked = "locked" // by a password
	PDFBroken = "broken"
)
