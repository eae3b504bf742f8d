package filter

import (
	"strconv"
	"strings"
)

// expression is a piece of a script that is quoted already.
type expression string

// quoted writes a string on one line (RFC 5228 §2.4.2). Only strings that have no
// line ends may be written so; NUL cannot be in a script and is left out.
func quoted(s string) expression {
	return expression(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\x00", "").Replace(s) + `"`)
}

// text writes a string of lines. The line ends become CRLF, one is added at the end
// if it has none, and lines that begin with a dot get another, since a dot alone ends
// the text.
func text(s string) expression {
	var b strings.Builder
	b.WriteString("text:\r\n")
	for line := range strings.SplitSeq(strings.TrimSuffix(lineEnds(s), "\n"), "\n") {
		if strings.HasPrefix(line, ".") {
			b.WriteByte('.')
		}
		b.WriteString(line + "\r\n")
	}
	b.WriteString(".\r\n")
	return expression(b.String())
}

// lineEnds makes every kind of line end LF, and leaves NUL out.
func lineEnds(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(s)
}

// list writes a list of strings.
func list(items []string) expression {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = string(quoted(item))
	}
	return expression("[" + strings.Join(out, ", ") + "]")
}

// tag writes a tagged argument; values follow it.
func tag(name string) expression { return expression(":" + name) }

func number(n int) expression { return expression(strconv.Itoa(n)) }

// command writes a command or test with its arguments.
func command(name string, args ...expression) expression {
	out := expression(name)
	for _, a := range args {
		out += " " + a
	}
	return out
}

// test writes allof or anyof with tests.
func test(name string, tests ...expression) expression {
	out := make([]string, len(tests))
	for i, t := range tests {
		out[i] = string(t)
	}
	return expression(name + " (" + strings.Join(out, ",\r\n    ") + ")")
}
