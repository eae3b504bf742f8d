package words_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// spoken are the rooms that say something to people.
var spoken = []string{"screen", "action", "search", "draft", "browser", "words", "client", "store", "mailinfo", "invite", "."}

// used is what the sources say: texts, and texts about a number by their English for many.
type used struct {
	words   map[string]bool
	plurals map[string]string // the English for one
}

// source is one file of the app that is built into it.
type source struct {
	name string
	set  *token.FileSet
	file *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	for _, room := range spoken {
		names, err := filepath.Glob(filepath.Join("..", room, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", room, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, source{name, set, file})
		}
	}
	return list
}

// call is the name of a function of this room that is called, "" for any other.
func call(e *ast.CallExpr) string {
	if f, ok := e.Fun.(*ast.SelectorExpr); ok {
		if room, ok := f.X.(*ast.Ident); ok && room.Name == "words" {
			return f.Sel.Name
		}
	}
	return ""
}

// literal is the text of a constant.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text, true
		}
	case *ast.BinaryExpr:
		x, ok := literal(e.X)
		y, also := literal(e.Y)
		return x + y, ok && also && e.Op == token.ADD
	}
	return "", false
}

// read finds what the sources and the pages say.
func read(t *testing.T) used {
	t.Helper()
	found := used{map[string]bool{}, map[string]string{}}
	for _, s := range sources(t) {
		inside := filepath.Base(filepath.Dir(s.name)) == "words"
		ast.Inspect(s.file, func(n ast.Node) bool {
			e, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := call(e)
			if f, ok := e.Fun.(*ast.Ident); ok && inside {
				name = f.Name
			}
			where := s.set.Position(e.Pos())
			switch name {
			case "T", "Mark":
				text, ok := literal(e.Args[0])
				if !ok && !inside {
					t.Errorf("%s: the text is not written out", where)
				}
				if ok {
					found.words[text] = true
				}
				if want := len(e.Args) - 1; ok && name == "T" && e.Ellipsis == token.NoPos && len(placeholders(text)) != want {
					t.Errorf("%s: %q is given %d to fill in", where, text, want)
				}
			case "N":
				one, ok := literal(e.Args[1])
				many, also := literal(e.Args[2])
				if !ok || !also {
					t.Errorf("%s: the text is not written out", where)
					break
				}
				if was, ok := found.plurals[many]; ok && was != one {
					t.Errorf("%s: one of %q is %q elsewhere", where, many, was)
				}
				found.plurals[many] = one
				names := placeholders(many)
				delete(names, "n")
				if want := len(e.Args) - 3; len(names) != want || !placeholders(many)["n"] {
					t.Errorf("%s: %q is given %d to fill in beside {n}", where, many, want)
				}
			}
			return true
		})
	}
	for _, page := range []string{"../static/index.html", "../static/manifest.webmanifest"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\{\{(?:t|quoted) ("(?:[^"\\]|\\.)*")\}\}`).FindAllStringSubmatch(string(text), -1) {
			word, err := strconv.Unquote(m[1])
			if err != nil {
				t.Fatal(err)
			}
			found.words[word] = true
		}
	}
	return found
}

// placeholders are the names in braces.
func placeholders(text string) map[string]bool {
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`\{([^{}]*)\}`).FindAllStringSubmatch(text, -1) {
		names[m[1]] = true
	}
	return names
}

// prose is what looks like words for people.
var prose = regexp.MustCompile("^[A-Z(][a-z]|[a-zA-Z,.:’'“”] [a-zA-Z]|[a-z]…|^ [a-z]|[a-z] $")

// apart are literals that look like words, but are none for people: names of keys and of
// what the app is made with, for the browser and for servers.
var apart = map[string]bool{
	"ArrowDown": true, "ArrowUp": true, "Ctrl k": true, "Ctrl ": true, "Ctrl Enter": true, "Ctrl +": true, "Ctrl -": true, "Ctrl 0": true, "Delete": true, "Enter": true, "Esc": true, "Escape": true,
	"Home": true, "End": true, "Page": true, "Page ↓": true, "Page ↑": true, "Shift": true, "Shift ": true, "Shift ↓": true, "Shift ↑": true, "Ctrl": true,
	"ArrowRight": true, "ArrowLeft": true, "PageDown": true, "PageUp": true, "Tab": true, "Backspace": true,
	"VacationResponse": true, "Identity": true, `<p><img src="cid:`: true, "quota full": true, "quota low": true,
	"g i": true, "g s": true, "g d": true, "g a": true, "g t": true,
	"Hearthmail": true, "Go": true, "Lucide": true, "Squire": true, "(min-width: %dpx)": true, "Apache 2.0 or MPL 2.0": true, "Apache 2.0": true, "go-imap, go-sasl, go-message": true,
	"noopener noreferrer": true, "(hover: hover) and (pointer: fine)": true, "(max-width: 699px)": true,
}

// TestNothingIsSaidPastTheCatalogue: what looks like words goes through this room.
func TestNothingIsSaidPastTheCatalogue(t *testing.T) {
	for _, s := range sources(t) {
		if room := filepath.Base(filepath.Dir(s.name)); room != "screen" && room != "action" && room != "search" && room != ".." {
			continue
		}
		var inspect func(n ast.Node) bool
		inspect = func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.KeyValueExpr: // the keys of a map are looked up, the values are said
				ast.Inspect(n.Value, inspect)
				return false
			case *ast.CallExpr:
				return call(n) == "" || call(n) == "Number" || call(n) == "Size"
			case *ast.BasicLit:
				if text, ok := literal(n); ok && prose.MatchString(text) && !apart[text] && !strings.HasPrefix(text, "(?i)") {
					t.Errorf("%s: %q is said past the catalogue", s.set.Position(n.Pos()), text)
				}
			}
			return true
		}
		ast.Inspect(s.file, inspect)
	}
}
