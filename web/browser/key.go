package browser

// Key is a key that was pressed.
type Key struct {
	Name    string // KeyboardEvent.key: "a", "Enter", "ArrowDown"
	Shift   bool
	Alt     bool
	Command bool   // Ctrl, or Cmd on a Mac
	Typing  bool   // the focus is in a field: no shortcuts
	Button  bool   // the focus is on what Enter and Space press
	Target  string // the id of the element with the focus
}
