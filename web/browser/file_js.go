package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall/js"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Picked takes the files out of a file field.
func Picked(id string) []File {
	e, ok := byID(id)
	if !ok {
		return nil
	}
	list := files(e.Get("files"))
	e.Set("value", "") // so that the same file may be picked again
	return list
}

// OnFiles calls f with the files dropped on an element or pasted into it. over says
// that something is held above it.
func OnFiles(id string, over func(bool), f func([]File)) (forget func()) {
	e, ok := byID(id)
	if !ok {
		return func() {}
	}
	take := func(event, data js.Value) {
		if !data.Truthy() || data.Get("files").Length() == 0 {
			return
		}
		event.Call("preventDefault")
		f(files(data.Get("files")))
	}
	holds := func(event js.Value) bool {
		data := event.Get("dataTransfer")
		return data.Truthy() && data.Get("types").Call("includes", "Files").Bool()
	}
	all := []func(){
		listen(e, "dragover", func(event js.Value) {
			if holds(event) {
				event.Call("preventDefault")
				over(true)
			}
		}),
		listen(e, "dragleave", func(event js.Value) {
			if !e.Call("contains", event.Get("relatedTarget")).Bool() {
				over(false)
			}
		}),
		listen(e, "drop", func(event js.Value) { over(false); take(event, event.Get("dataTransfer")) }),
		listen(e, "paste", func(event js.Value) { take(event, event.Get("clipboardData")) }),
	}
	return func() {
		for _, forget := range all {
			forget()
		}
	}
}

func files(list js.Value) []File {
	out := make([]File, list.Length())
	for i := range out {
		out[i] = fileOf(list.Index(i))
	}
	return out
}

func fileOf(f js.Value) File {
	file := File{Name: f.Get("name").String(), Type: f.Get("type").String(), Size: int64(f.Get("size").Float()), Source: f}
	if file.Type == "" {
		file.Type = "application/octet-stream"
	}
	return file
}

// Shrink makes a picture small enough to be mailed; source is a File's Source. ok is false
// where it gets no smaller. It blocks.
func Shrink(source any) (smaller File, ok bool) {
	f, err := await(window.Get("hearthmail").Call("shrink", source))
	if err != nil || !f.Truthy() {
		return File{}, false
	}
	return fileOf(f), true
}

// lost is the error of a connection that broke.
type lost struct{}

func (lost) Error() string   { return "the connection was lost" }
func (lost) Temporary() bool { return true }

// Uploader brings files to the bridge. It is an action.Uploader.
type Uploader struct {
	URL string // template of the session: {accountId}
}

// Upload sends octets of a file from where the browser has it: they are never read into
// the app's memory. source is a File's Source.
func (u Uploader) Upload(ctx context.Context, account jmap.Id, mediaType string, source any, from, to int64, progress func(int64)) (jmap.Upload, error) {
	file, ok := source.(js.Value)
	if !ok {
		return jmap.Upload{}, errors.New("not a file")
	}
	done := make(chan error, 1)
	finish := func(err error) {
		select {
		case done <- err:
		default: // an abort that comes after the end
		}
	}
	xhr := window.Get("XMLHttpRequest").New()
	xhr.Call("open", "POST", strings.ReplaceAll(u.URL, "{accountId}", string(account)))
	xhr.Call("setRequestHeader", "Content-Type", mediaType)
	for _, forget := range []func(){
		listen(xhr.Get("upload"), "progress", func(e js.Value) { progress(int64(e.Get("loaded").Float())) }),
		listen(xhr, "load", func(js.Value) { finish(nil) }),
		listen(xhr, "error", func(js.Value) { finish(lost{}) }),
		listen(xhr, "timeout", func(js.Value) { finish(lost{}) }),
	} {
		defer forget()
	}
	xhr.Call("send", file.Call("slice", from, to))
	select {
	case err := <-done:
		if err != nil {
			return jmap.Upload{}, err
		}
	case <-ctx.Done():
		xhr.Call("abort")
		return jmap.Upload{}, ctx.Err()
	}
	body := xhr.Get("responseText").String()
	if status := xhr.Get("status").Int(); status/100 != 2 {
		return jmap.Upload{}, refusal(status, body)
	}
	var up jmap.Upload
	if err := json.Unmarshal([]byte(body), &up); err != nil {
		return jmap.Upload{}, fmt.Errorf("upload: %w", err)
	}
	return up, nil
}
