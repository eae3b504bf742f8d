package browser

import (
	"context"
	"errors"
	"syscall/js"
)

// ShowPicture draws what lies at a URL in the <img> with an id, if it is a picture of at
// most so many octets. The element's data-picture says how far that is: loading, shown or
// failed. close takes it away.
func ShowPicture(id, url string, most int) (end func()) {
	img, ok := byID(id)
	if !ok {
		return func() {}
	}
	shown := window.Get("hearthmail").Call("showPicture", img, url, most)
	return func() { shown.Call("close") }
}

// ShowPDF draws the PDF document at a URL, of at most so many octets, into the element with an
// id; name is what a page is called, with {n} and {all} in it. told gets how far that is, the
// page that is read and how many there are.
func ShowPDF(id, url string, most int, name string, told func(state string, page, pages int)) PDF {
	host, ok := byID(id)
	if !ok {
		return noPDF
	}
	tell := js.FuncOf(func(_ js.Value, args []js.Value) any {
		told(args[0].String(), args[1].Int(), args[2].Int())
		return nil
	})
	shown := window.Get("hearthmail").Call("showPDF", host, url, most, name, tell)
	return PDF{
		Zoom:  func(by int) { shown.Call("zoom", by) },
		Close: func() { shown.Call("close"); tell.Release() },
	}
}

// Text reads what lies at a URL as text in a charset, the first octets of it only. It
// waits: not for the UI loop.
func Text(ctx context.Context, url, charset string, most int) (text string, cut bool, err error) {
	abort := window.Get("AbortController").New()
	defer abort.Call("abort")
	defer context.AfterFunc(ctx, func() { abort.Call("abort") })()
	response, err := await(window.Call("fetch", url, map[string]any{"signal": abort.Get("signal")}))
	if err != nil {
		return "", false, err
	}
	if !response.Get("ok").Bool() {
		return "", false, refusal(response.Get("status").Int(), "")
	}
	reader := response.Get("body").Call("getReader")
	decoder := textDecoder(charset)
	for read := 0; ; {
		piece, err := await(reader.Call("read"))
		if err != nil {
			return "", false, err
		}
		if piece.Get("done").Bool() {
			return text + decoder.Call("decode").String(), false, nil
		}
		octets := piece.Get("value")
		if over := read + octets.Length() - most; over > 0 {
			octets = octets.Call("subarray", 0, octets.Length()-over)
			return text + decoder.Call("decode", octets, map[string]any{"stream": true}).String(), true, nil
		}
		read += octets.Length()
		text += decoder.Call("decode", octets, map[string]any{"stream": true}).String()
	}
}

// textDecoder is that of a charset, of UTF-8 where the name means nothing.
func textDecoder(charset string) (decoder js.Value) {
	constructor := window.Get("TextDecoder")
	defer func() {
		if recover() != nil {
			decoder = constructor.New()
		}
	}()
	if charset == "" || charset == "us-ascii" {
		charset = "utf-8"
	}
	return constructor.New(charset)
}

// SaveText has the browser keep a text as a file.
func SaveText(name, mediaType, text string) {
	blob := window.Get("Blob").New([]any{text}, map[string]any{"type": mediaType})
	url := window.Get("URL").Call("createObjectURL", blob)
	Save(url.String(), name)
	window.Get("URL").Call("revokeObjectURL", url)
}

// ReadText reads the first octets of a File's Source as text. It waits: not for the UI loop.
func ReadText(source any, most int) (string, error) {
	file, ok := source.(js.Value)
	if !ok {
		return "", errors.New("not a file")
	}
	text, err := await(file.Call("slice", 0, most).Call("text"))
	if err != nil {
		return "", err
	}
	return text.String(), nil
}

// Save has the browser keep what lies at a URL as a file.
func Save(url, name string) {
	link := document.Call("createElement", "a")
	link.Set("href", url)
	link.Set("download", name)
	document.Get("body").Call("append", link)
	link.Call("click")
	link.Call("remove")
}

// Copy puts a text on the clipboard.
func Copy(text string) { window.Get("navigator").Get("clipboard").Call("writeText", text) }

// Print opens the browser's print dialog.
func Print() { window.Call("print") }

// SetMailView says of the frame ShowMail made in an element whether its folded quote is
// shown, and whether it keeps its own colours in the dark.
func SetMailView(id string, quotes, original bool) {
	host, ok := byID(id)
	if !ok {
		return
	}
	host.Call("toggleAttribute", "data-quotes", quotes)
	host.Call("toggleAttribute", "data-original", original)
}

// SetMailZoom shows the mail in an element larger or smaller than it was made, or with 0 as
// it fits.
func SetMailZoom(id string, zoom float64) {
	if host, ok := byID(id); ok {
		host.Get("dataset").Set("zoom", zoom)
	}
}

// MailFit is how large the mail in an element is to fit: 1 unless it was made for wider
// screens.
func MailFit(id string) (zoom float64) {
	host, ok := byID(id)
	if !ok {
		return 1
	}
	fit := host.Get("dataset").Get("fit")
	if !fit.Truthy() {
		return 1
	}
	return window.Call("Number", fit).Float()
}

// MailQuoted reports whether the frame in an element has a quote that is folded.
func MailQuoted(id string) bool {
	host, ok := byID(id)
	return ok && host.Get("dataset").Get("quoted").Truthy()
}
