package draft

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// flowed reports whether the lines of a part go on where they end in a space (RFC 3676
// §4.1), and whether that space is none of the text's (delsp).
func flowed(p jmap.EmailBodyPart) (flows, delsp bool) {
	for _, h := range p.Headers {
		if !strings.EqualFold(h.Name, "Content-Type") {
			continue
		}
		for param := range strings.SplitSeq(strings.ToLower(h.Value), ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.TrimSpace(name) {
			case "format":
				flows = value == "flowed"
			case "delsp":
				delsp = value == "yes"
			}
		}
	}
	return flows, delsp
}

// flowWidth is how long lines are made (RFC 3676 §4.2: at most 78 characters).
const flowWidth = 76

// Flow breaks the lines of a text for sending in format=flowed (RFC 3676 §4): readers
// join them again to the width they have.
func Flow(text string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		flowLine(&out, line)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func flowLine(out *strings.Builder, line string) {
	depth, rest := quoteMarks(line)
	marks := strings.Repeat(">", depth)
	if rest != signatureMark { // a space at the end would make it go on
		rest = strings.TrimRight(rest, " ")
	}
	for first := true; first || rest != ""; first = false {
		stuffed := ""
		if depth > 0 && rest != "" || strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, ">") || strings.HasPrefix(rest, "From ") {
			stuffed = " " // §4.4
		}
		end := breakAt(rest, flowWidth-depth-len(stuffed))
		out.WriteString(marks + stuffed + rest[:end] + "\n")
		rest = rest[end:]
	}
}

// signatureMark is the line above a signature (RFC 3676 §4.3).
const signatureMark = "-- "

// breakAt is where a line of that many characters ends: behind the spaces after the last
// word that fits, or after the first that does not.
func breakAt(s string, width int) int {
	at, seen := 0, 0
	for i, r := range s {
		if r != ' ' && i > 0 && s[i-1] == ' ' && strings.TrimLeft(s[:i], " ") != "" && s[:i] != signatureMark {
			if seen > width+1 {
				break
			}
			at = i
		}
		seen++
	}
	switch {
	case seen <= width:
		return len(s)
	case at > 0:
		return at
	}
	// The first word alone is longer.
	if i := strings.Index(strings.TrimLeft(s, " "), " "); i >= 0 {
		i += len(s) - len(strings.TrimLeft(s, " "))
		i += len(s[i:]) - len(strings.TrimLeft(s[i:], " "))
		if s[:i] != signatureMark {
			return i
		}
	}
	return len(s)
}

// Unflow joins the lines of a text in format=flowed that were broken for sending (RFC 3676
// §4.2 to 4.5). Quote marks stand together before each paragraph.
func Unflow(text string, delsp bool) string {
	var out strings.Builder
	depth, open := 0, false // of the paragraph that goes on
	for line := range strings.SplitSeq(text, "\n") {
		rest := strings.TrimLeft(line, ">")
		d := len(line) - len(rest)
		stuffed := rest
		if unstuffed, ok := strings.CutPrefix(rest, " "); ok && (d > 0 || !strings.HasPrefix(unstuffed, ">")) {
			stuffed = unstuffed // a mark that is part of the text keeps its space: it is no quote
		}
		signature := stuffed == signatureMark
		if open && (d != depth || signature) { // §4.5: a paragraph that was not ended properly
			open = false
			out.WriteByte('\n')
		}
		if !open && d > 0 {
			out.WriteString(strings.Repeat(">", d) + " ")
		}
		flows := strings.HasSuffix(stuffed, " ") && !signature
		if flows && delsp {
			stuffed = stuffed[:len(stuffed)-1]
		}
		out.WriteString(stuffed)
		depth, open = d, flows
		if !flows {
			out.WriteByte('\n')
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}
