package main

import (
	"context"
	"encoding/json"
	"html"
	"maps"
	"os"
	"path/filepath"

	"github.com/hearthmail/hearthmail/web/words"
)

// catalogue is the texts of a language, as web/words reads them.
type catalogue struct {
	Words   map[string]string            `json:"words"`
	Plurals map[string]map[string]string `json:"plurals"`
}

func (c catalogue) word(text string) string {
	if found, ok := c.Words[text]; ok {
		return found
	}
	return text
}

// escaped is a text in the language, for HTML.
func (c catalogue) escaped(text string) string { return html.EscapeString(c.word(text)) }

// quoted is a text in the language, for JSON.
func (c catalogue) quoted(text string) (string, error) {
	quoted, err := json.Marshal(c.word(text))
	return string(quoted), err
}

// words takes over the languages; English is in the program.
func (b *builder) words(context.Context) error {
	for _, l := range words.Languages {
		switch l.Tag {
		case "en":
			continue
		case words.Pseudo:
			b.catalogues[l.Tag] = pretended(b.catalogues["de"]) // which is complete: a test of web/words sees to it
		default:
			var c catalogue
			text, err := os.ReadFile(filepath.Join(b.web, "static", "words", l.Tag+".json"))
			if err != nil {
				return err
			}
			if err := json.Unmarshal(text, &c); err != nil {
				return err
			}
			b.catalogues[l.Tag] = c
		}
		data, err := json.Marshal(b.catalogues[l.Tag])
		if err != nil {
			return err
		}
		b.add(l.Tag+".json", data)
	}
	return nil
}

// pretended is the pseudo-language's wording of all that another language has words for.
func pretended(of catalogue) catalogue {
	c := catalogue{maps.Clone(of.Words), maps.Clone(of.Plurals)}
	for text := range c.Words {
		c.Words[text] = words.Pretend(text)
	}
	for text := range c.Plurals {
		c.Plurals[text] = map[string]string{"other": words.Pretend(text)}
	}
	return c
}

func pageName(l words.Language) string     { return inLanguage("index", l, ".html") }
func manifestName(l words.Language) string { return inLanguage("manifest", l, ".webmanifest") }

// inLanguage is the name of a page in a language, as bridge/downstream looks for it.
func inLanguage(name string, l words.Language, ext string) string {
	if l.Tag == "en" {
		return name + ext
	}
	return name + "." + l.Tag + ext
}

// spoken is a language for the templates: Words is where they are, "" where they are in
// the program.
type spoken struct{ Tag, Direction, Words, Manifest string }

// pageIn is what the templates ask about the language of a page, and the others.
func (b *builder) pageIn(l words.Language) any {
	var all []spoken
	for _, other := range words.Languages {
		if other.Tag != "en" {
			all = append(all, b.spoken(other))
		}
	}
	return struct {
		spoken
		All []spoken
	}{b.spoken(l), all}
}

func (b *builder) spoken(l words.Language) spoken {
	return spoken{l.Tag, l.Direction(), b.asset[l.Tag+".json"], manifestName(l)}
}
