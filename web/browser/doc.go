// Package browser is the one room that knows the browser: the socket to the bridge,
// requests, uploads and files, the address bar, local storage, dates by locale, the
// few things about elements that go-app does not do, and the frame that shows a
// mail's HTML.
//
// What has logic of its own is plain Go and tested natively; each _js.go file is
// only the hands, and native.go is their twin outside of a browser. Callbacks come
// on goroutines of the event loop and must not block.
package browser
