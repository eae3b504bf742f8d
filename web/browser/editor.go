package browser

// Editor is a rich text field of the page. What goes into it is cleaned first.
type Editor struct {
	// HTML is what stands in it; pictures have their Content-Id in data-cid.
	HTML func() string
	// Set puts HTML in the place of all that is there.
	Set func(html string)
	// Show puts a picture where the caret is.
	Show func(picture File, cid string)
	// Insert puts HTML where the caret is.
	Insert func(html string)
	// Focus puts the caret at the beginning.
	Focus func()
	// Close takes the editor off its element.
	Close func()
}

// EditorEvents is what an editor tells.
type EditorEvents struct {
	// Changed says that something was written: at once, then a few times a second.
	Changed func()
	// Pictures were pasted or dropped into the text.
	Pictures func([]File)
}

// noEditor is where nothing can be written.
var noEditor = Editor{HTML: func() string { return "" }, Set: func(string) {}, Show: func(File, string) {}, Insert: func(string) {}, Focus: func() {}, Close: func() {}}
