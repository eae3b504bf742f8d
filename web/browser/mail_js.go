package browser

import "syscall/js"

// MarkWords marks words in the mail that an element shows, now or when it is there.
func MarkWords(id string, words []string) {
	host, ok := byID(id)
	if !ok || len(words) == 0 {
		return
	}
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	js.Global().Get("hearthmail").Call("markWords", host, list)
}

// ShowMail shows a mail's HTML in a frame within an element, cleaned and unable to run or
// load anything; title is what the frame is called. pictures maps the Content-Id of a part to where it is fetched from.
// followed is asked when a link is, with its target and text, and reports whether it is
// to be opened; it runs within the browser's event. A long mail is Busy: told gets what was
// left out when all of it is there.
func ShowMail(id, title, html string, pictures map[string]string, followed func(target, text string) bool, told func(blocked, remote int)) Mail {
	host, ok := byID(id)
	if !ok {
		return noMail
	}
	follow := js.FuncOf(func(_ js.Value, args []js.Value) any { return followed(args[0].String(), args[1].String()) })
	tell := js.FuncOf(func(_ js.Value, args []js.Value) any {
		told(args[0].Int(), args[1].Int())
		return nil
	})
	shown := js.Global().Get("hearthmail").Call("showMail", host, title, html, object(pictures), follow, tell)
	return Mail{
		Busy: shown.Get("busy").Bool(), Blocked: shown.Get("blocked").Int(), Remote: shown.Get("remote").Int(), Truncated: shown.Get("truncated").Bool(),
		Load:  func() { shown.Call("load") },
		Close: func() { shown.Call("close"); follow.Release(); tell.Release() },
	}
}

// ShowText fills an element with texts of any length, as they come from where parts say;
// the element above it may be taken away meanwhile. told gets "" when all is there, else why
// it is not. end takes them away.
func ShowText(id string, parts []TextPart, told func(problem string)) (end func()) {
	host, ok := byID(id)
	if !ok {
		return func() {}
	}
	list := make([]any, len(parts))
	for i, p := range parts {
		list[i] = map[string]any{"url": p.URL, "charset": p.Charset}
	}
	tell := js.FuncOf(func(_ js.Value, args []js.Value) any {
		told(args[0].String())
		return nil
	})
	shown := js.Global().Get("hearthmail").Call("showText", host, list, tell)
	return func() { shown.Call("close"); tell.Release() }
}

// OnMailto calls f with the address of each mailto: link that is followed in the page.
func OnMailto(f func(uri string)) {
	listen(document, "click", func(e js.Value) {
		target := e.Get("target")
		if !target.Get("closest").Truthy() {
			return
		}
		if link := target.Call("closest", "a[href^='mailto:' i]"); link.Truthy() {
			e.Call("preventDefault")
			f(link.Get("href").String())
		}
	})
}

// Open opens an address in a new tab that has no way back to us.
func Open(url string) { window.Call("open", url, "_blank", "noopener,noreferrer") }
