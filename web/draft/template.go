package draft

import (
	"html"
	"strings"
)

// FillIn puts values in the place of what stands in braces in a text block: "{first name}".
// names are what a person may call them, in any case. What is not known, or has no value
// yet, stays as it is.
func FillIn(source string, values map[string]string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(source, "{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		value := values[strings.ToLower(strings.Join(strings.Fields(html.UnescapeString(name)), " "))]
		if !ok || value == "" {
			out.WriteByte('{')
			source = rest
			continue
		}
		out.WriteString(html.EscapeString(value))
		source = after
	}
}
