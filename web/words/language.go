package words

import (
	"encoding/json"
	"strings"

	"github.com/hearthmail/hearthmail/web/browser"
)

// Language is one that the app speaks.
type Language struct {
	Tag         string // BCP 47; also the name of its file
	Name        string // in itself
	RightToLeft bool
	Hidden      bool // is not offered
}

// Languages are all of them. The last one is English made up to look foreign, from right
// to left: what is still readable in it was never translated (pseudo.go).
var Languages = []Language{
	{Tag: "en", Name: "English"},
	{Tag: "de", Name: "Deutsch"},
	{Tag: "fr", Name: "Français"},
	{Tag: "es", Name: "Español"},
	{Tag: Pseudo, Name: "Pseudo", RightToLeft: true, Hidden: true},
}

// Direction is the value of the attribute dir.
func (l Language) Direction() string {
	if l.RightToLeft {
		return "rtl"
	}
	return "ltr"
}

// Current is the language that is spoken.
func Current() Language { return tongue }

// page is the language that the page came in.
var page string

// PageDiffers reports whether what the page itself says is in another language by now.
func PageDiffers() bool { return page != tongue.Tag }

// Start speaks the language of the page, with what boot.js fetched for it.
func Start() {
	tag, text := browser.PageLanguage()
	page = tag
	if !use(tag, text) {
		Speak("en", "")
	}
}

// Wanted is the language for a choice; where there is none, the first that the system
// asks for and we speak.
func Wanted(choice string) string {
	if l, ok := find(choice); ok {
		return l.Tag
	}
	for _, tag := range browser.SystemLanguages() {
		if l, ok := find(tag); ok {
			return l.Tag
		}
	}
	return Languages[0].Tag
}

// find is our language for a tag, which may name a region too: de-AT is German.
func find(tag string) (Language, bool) {
	for _, l := range Languages {
		if strings.EqualFold(tag, l.Tag) || len(tag) > len(l.Tag) && strings.EqualFold(tag[:len(l.Tag)+1], l.Tag+"-") {
			return l, true
		}
	}
	return Language{}, false
}

// Speak changes to a language, by what browser.Catalogue fetched of it. False: it could
// not be read, and nothing changed.
func Speak(tag, text string) bool {
	if !use(tag, text) {
		return false
	}
	browser.SetLanguage(tongue.Tag, tongue.Direction())
	return true
}

func use(tag, text string) bool {
	l, ok := find(tag)
	if !ok {
		return false
	}
	var c catalogue
	if l.Tag != "en" && (json.Unmarshal([]byte(text), &c) != nil || len(c.Words) == 0) {
		return false
	}
	tongue, texts = l, c
	return true
}
