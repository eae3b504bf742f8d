package browser

// Drag is what a page is asked while something of it is dragged: from an element with
// data-drag to one with data-drop, whose values say what they are.
type Drag struct {
	// Start says what is taken along: the words to show at the pointer, and a file for
	// other programs as "TYPE:NAME:URL", "" for none. ok false: it is not to be dragged.
	Start func(from string) (label, file string, ok bool)
	// May reports whether it can be let go here.
	May func(to string) bool
	// Hover is told when it is held over a place for a while.
	Hover func(to string)
	// Drop lets it go.
	Drop func(to string)
}
