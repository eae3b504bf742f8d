package browser

import "syscall/js"

// OpenEditor makes an element a rich text field; the program for it is loaded by
// then, or is loaded now. toolbar names the element whose buttons with data-format change what is
// selected. pictures maps the Content-Id of a part to where it is fetched from.
func OpenEditor(id, toolbar, html string, pictures map[string]string, e EditorEvents) Editor {
	host, ok := byID(id)
	tools, also := byID(toolbar)
	if !ok || !also {
		return noEditor
	}
	changed := js.FuncOf(func(js.Value, []js.Value) any { e.Changed(); return nil })
	pasted := js.FuncOf(func(_ js.Value, args []js.Value) any { e.Pictures(files(args[0])); return nil })
	editor := window.Get("hearthmail").Call("openEditor", host, tools, html, object(pictures), changed, pasted)
	return Editor{
		HTML:   func() string { return editor.Call("html").String() },
		Set:    func(html string) { editor.Call("set", html) },
		Show:   func(picture File, cid string) { editor.Call("show", picture.Source, cid) },
		Insert: func(html string) { editor.Call("insert", html) },
		Focus:  func() { editor.Call("focus") },
		Close: func() {
			editor.Call("close")
			changed.Release()
			pasted.Release()
		},
	}
}

// AwaitEditor has the program of the editor loaded once there is nothing else to do.
func AwaitEditor() { window.Get("hearthmail").Call("awaitEditor") }

func object(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		out[key] = value
	}
	return out
}

// Flatten cleans a mail's HTML and puts its style sheets into the styles of its elements.
func Flatten(html string) string { return window.Get("hearthmail").Call("flatten", html).String() }
