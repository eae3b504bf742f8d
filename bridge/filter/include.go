package filter

import (
	"errors"
	"slices"
	"strings"
)

// What stands around the lines that are added to another's script.
const (
	blockBegin = "# hearthmail begin: the automatic reply set in Hearthmail"
	blockEnd   = "# hearthmail end"
)

// Reaches lists the scripts of the person's own that a script includes (RFC 6609
// §3.2), wherever in it.
func Reaches(script string) ([]string, error) {
	tokens, err := scan(script)
	if err != nil {
		return nil, err
	}
	var names []string
	for i, t := range tokens {
		if !t.is(identifier, "include") {
			continue
		}
		own := true
		for i++; i < len(tokens) && tokens[i].kind == tagged; i++ {
			own = own && tokens[i].text != "global"
		}
		if own && i < len(tokens) && tokens[i].kind == str {
			names = append(names, tokens[i].text)
		}
	}
	return names, nil
}

// Replies reports whether a script has a vacation action of its own (RFC 5230), be it
// under a condition. What stands below "if false", as some programs write rules that
// are switched off, does not count.
func Replies(script string) (bool, error) {
	tokens, err := scan(script)
	if err != nil {
		return false, err
	}
	off := 0 // how many braces are open since "if false {"
	for i, t := range tokens {
		switch {
		case off > 0 && t.is(punctuation, "{"):
			off++
		case off > 0 && t.is(punctuation, "}"):
			off--
		case off > 0:
		case t.is(punctuation, "{") && i >= 2 && tokens[i-1].is(identifier, "false") && tokens[i-2].is(identifier, "if"):
			off = 1
		case t.is(identifier, "vacation"):
			return true, nil
		}
	}
	return false, nil
}

// Including gives a script that includes another of the person's own before it does
// anything else. All it had stays as it is; a block of lines of ours is added after
// what it requires, since nothing may come before that (RFC 5228 §3.2). A script that
// includes it already stays the same.
func Including(script, name string) (string, error) {
	tokens, err := scan(script)
	if err != nil {
		return "", err
	}
	names, err := Reaches(script)
	if err != nil || slices.Contains(names, name) {
		return script, err
	}
	at, required, err := requirements(script, tokens)
	if err != nil {
		return "", err
	}
	eol := "\n"
	if strings.Contains(script, "\r\n") || strings.TrimSpace(script) == "" {
		eol = "\r\n"
	}
	block := []string{blockBegin}
	if !slices.Contains(required, "include") {
		block = append(block, "require "+string(list([]string{"include"}))+";")
	}
	block = append(block, string(includeCommand(name)), blockEnd, "")
	added := strings.Join(block, eol)
	if at > 0 && script[at-1] != '\n' && script[:at] != "\ufeff" {
		added = eol + added
	}
	return script[:at] + added + script[at:], nil
}

// includeCommand is optional, so that a script that was removed stops no filter, and
// once, since a second reply in one run is an error (RFC 5230 §4.7).
func includeCommand(name string) expression {
	return command("include", tag("personal"), tag("once"), tag("optional"), quoted(name)) + ";"
}

// errLateRequire: a script that requires something after its first command.
var errLateRequire = errors.New("the script has a require that is not at its beginning")

// requirements gives what a script requires, and where the next command can stand.
func requirements(script string, tokens []token) (at int, required []string, err error) {
	at = len(script) - len(strings.TrimPrefix(script, "\ufeff"))
	i := 0
	for i < len(tokens) && tokens[i].is(identifier, "require") {
		for i++; i < len(tokens) && !tokens[i].is(punctuation, ";"); i++ {
			if tokens[i].kind == str {
				required = append(required, tokens[i].text)
			}
		}
		if i == len(tokens) {
			return 0, nil, errScript
		}
		at = afterLine(script, tokens[i].end)
		i++
	}
	for ; i < len(tokens); i++ {
		if tokens[i].is(identifier, "require") {
			return 0, nil, errLateRequire
		}
	}
	return at, required, nil
}

// afterLine is where the line ends that at is in, if nothing but a comment follows
// there, else at itself.
func afterLine(script string, at int) int {
	rest := script[at : at+lineLen(script[at:])]
	if head := strings.TrimLeft(rest, " \t"); head == "" || head[0] == '#' || head[0] == '\r' || head[0] == '\n' {
		return at + len(rest)
	}
	return at
}
