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

// ShowMail shows a mail's HTML in a frame within an element, cleaned and unable to
// run or load anything. pictures maps the Content-Id of a part to where it is
// fetched from. blocked counts what was left out because it is elsewhere;
// truncated says that the end is missing. close takes the frame away.
func ShowMail(id, html string, pictures map[string]string) (blocked int, truncated bool, close func()) {
	host, ok := byID(id)
	if !ok {
		return 0, false, func() {}
	}
	urls := make(map[string]any, len(pictures))
	for cid, url := range pictures {
		urls[cid] = url
	}
	shown := js.Global().Get("hearthmail").Call("showMail", host, html, urls)
	return shown.Get("blocked").Int(), shown.Get("truncated").Bool(), func() { shown.Call("close") }
}
