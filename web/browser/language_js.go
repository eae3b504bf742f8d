package browser

import (
	"context"
	"errors"
	"strings"
)

// languageCookie tells the bridge in which language to serve the page. It outlives a
// session: the form to sign in with is in it too.
const languageCookie = "hearthmail-language"

// PageLanguage is the language the page is in, and what boot.js fetched for it.
func PageLanguage() (tag, words string) {
	return document.Get("documentElement").Get("lang").String(), window.Get("hearthmail").Get("words").String()
}

// SetLanguage says which language and direction the page has now; dates and numbers are
// written in it.
func SetLanguage(tag, direction string) {
	root := document.Get("documentElement")
	root.Set("lang", tag)
	root.Set("dir", direction)
	writeAs(tag)
}

// RememberLanguage has the next page come in a language, with "" in that of the system.
func RememberLanguage(tag string) {
	cookie := languageCookie + "=" + tag + "; Path=/; SameSite=Lax"
	if strings.HasPrefix(Origin(), "https:") {
		cookie += "; Secure"
	}
	life := "; Max-Age=31536000" // a year
	if tag == "" {
		life = "; Max-Age=0"
	}
	document.Set("cookie", cookie+life)
}

// Catalogue fetches the words of a language. English needs none.
func Catalogue(ctx context.Context, tag string) (string, error) {
	if tag == "en" {
		return "", nil
	}
	for language := range strings.FieldsSeq(document.Call("querySelector", "meta[name=languages]").Get("content").String()) {
		if address, ok := strings.CutPrefix(language, tag+"="); ok {
			return fetchText(ctx, address, map[string]any{"method": "GET"})
		}
	}
	return "", errors.New("there is no language " + tag)
}
