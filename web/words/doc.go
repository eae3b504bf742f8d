// Package words puts what people read into their language: texts with what is filled
// into them, numbers, sizes and dates. Every room of the app that says something says
// it through here.
//
// A text is looked up by its English wording, as in gettext, so that code reads as the
// screen does. English is compiled in: it is the keys themselves. The other languages are
// one file each in web/static/words, fetched before the app draws anything where
// the page is in that language; a language that cannot be had is English.
//
// What is filled in stands in braces and has a name for whoever translates. A text that
// means two things has a context before a bar, which nobody sees: "mailbox|Archive".
// words_test.go reads the sources, and fails where a language lacks a text.
//
// Use it on the UI loop only: a change of language is seen by what is drawn after it.
package words
