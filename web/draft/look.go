package draft

import (
	"strconv"
	"strings"
)

// styles are the declarations that mail keeps: what words look like and how tables are
// laid out. None of them loads, moves or covers anything.
var styles = words("background-color border border-bottom border-bottom-color border-bottom-style border-bottom-width border-collapse " +
	"border-color border-left border-left-color border-left-style border-left-width border-radius border-right border-right-color " +
	"border-right-style border-right-width border-spacing border-style border-top border-top-color border-top-style border-top-width " +
	"border-width color direction font font-family font-size font-style font-variant font-weight height letter-spacing line-height " +
	"list-style-type margin margin-bottom margin-left margin-right margin-top max-width min-width padding padding-bottom padding-left " +
	"padding-right padding-top text-align text-decoration text-decoration-line text-indent text-transform unicode-bidi vertical-align " +
	"white-space width word-break overflow-wrap")

// styleFunctions are the functions that values may have.
var styleFunctions = words("rgb rgba hsl hsla calc")

// look is what a style says of an element.
type look struct {
	paint  paint
	hidden bool
}

// paint is what text is drawn with: colours as 0xRRGGBB.
type paint struct {
	ink, ground  int // 0: as the reader has it; else 1 + the colour
	transparent  bool
	overPictures bool // what it is drawn on is not known
}

// unseen reports whether text has the colour of what it is drawn on, or nearly.
func (p paint) unseen() bool {
	if p.transparent {
		return true
	}
	if p.ink == 0 || p.overPictures {
		return false // readers choose a colour that can be read
	}
	ground := 0xffffff
	if p.ground != 0 {
		ground = p.ground - 1
	}
	distance := 0
	for shift := 0; shift < 24; shift += 8 {
		d := (p.ink-1)>>shift&0xff - ground>>shift&0xff
		distance += max(d, -d)
	}
	return distance < 24
}

// attribute takes in an attribute that is kept.
func (l *look) attribute(name, value string) {
	switch name {
	case "bgcolor":
		l.set("background-color", value)
	case "color":
		l.set("color", value)
	}
}

// style takes in a style and gives what of it is kept.
func (l *look) style(source string) string {
	var out strings.Builder
	small, clipped := false, false
	for _, d := range declarations(source) {
		l.set(d.name, d.value)
		switch d.name {
		case "overflow", "overflow-x", "overflow-y":
			clipped = clipped || d.value == "hidden"
		case "height", "max-height", "width", "max-width":
			n, unit, ok := length(d.value)
			small = small || ok && n <= 1 && unit != "em" && unit != "rem" && unit != "%"
		}
		if !styles[d.name] || d.value == "" || !plainValue(d.value) || negative(d.name, d.value) {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte(';')
		}
		out.WriteString(d.name + ":" + d.value)
	}
	l.hidden = l.hidden || small && clipped
	return out.String()
}

// set takes in one declaration, as far as it is about being seen.
func (l *look) set(name, value string) {
	n, unit, number := length(value)
	switch name {
	case "display":
		l.hidden = l.hidden || value == "none"
	case "visibility":
		l.hidden = l.hidden || value == "hidden" || value == "collapse"
	case "mso-hide":
		l.hidden = l.hidden || value == "all"
	case "opacity":
		l.hidden = l.hidden || number && n < 0.05
	case "font-size":
		l.hidden = l.hidden || number && (n <= 1 && (unit == "px" || unit == "pt" || unit == "") || n < 0.1)
	case "text-indent", "left", "right", "top", "bottom", "margin-left", "margin-top":
		l.hidden = l.hidden || number && n < -300
	case "clip":
		l.hidden = l.hidden || strings.Contains(value, "rect(0")
	case "color":
		l.paint.transparent = value == "transparent"
		if ink, ok := colour(value); ok {
			l.paint.ink = ink + 1
		}
	case "background", "background-color":
		if strings.Contains(value, "url") || strings.Contains(value, "gradient") {
			l.paint.overPictures = true
		} else if ground, ok := colour(value); ok {
			l.paint.ground, l.paint.overPictures = ground+1, false
		}
	case "background-image":
		l.paint.overPictures = l.paint.overPictures || value != "none"
	}
}

// negative reports whether a length could move an element over others.
func negative(name, value string) bool {
	return (strings.HasPrefix(name, "margin") || name == "text-indent" || name == "letter-spacing") &&
		(strings.HasPrefix(value, "-") || strings.Contains(value, " -"))
}

type declaration struct{ name, value string }

// declarations cuts a style at the semicolons that are outside of quotes and brackets.
func declarations(source string) []declaration {
	var out []declaration
	start, depth, quote := 0, 0, byte(0)
	add := func(end int) {
		name, value, ok := strings.Cut(source[start:end], ":")
		name = strings.ToLower(strings.TrimSpace(name))
		value = strings.TrimSpace(value)
		if i := strings.LastIndexByte(value, '!'); i >= 0 && strings.EqualFold(strings.TrimSpace(value[i+1:]), "important") {
			value = strings.TrimSpace(value[:i])
		}
		if !strings.ContainsAny(value, `"'`) {
			value = strings.ToLower(value)
		}
		if ok && name != "" {
			out = append(out, declaration{name, value})
		}
		start = end + 1
	}
	for i := 0; i < len(source); i++ {
		switch ch := source[i]; {
		case quote != 0:
			if ch == quote {
				quote = 0
			}
		case ch == '"' || ch == '\'':
			quote = ch
		case ch == '(':
			depth++
		case ch == ')':
			depth = max(0, depth-1)
		case ch == ';' && depth == 0:
			add(i)
		}
	}
	add(len(source))
	return out
}

// plainValue reports whether a value is only letters, numbers, colours and lengths.
func plainValue(value string) bool {
	if len(value) > 200 {
		return false
	}
	word := 0 // where the word before a bracket begins
	quotes := [2]int{}
	for i := 0; i < len(value); i++ {
		switch ch := value[i]; {
		case ch == '(':
			if !styleFunctions[strings.ToLower(value[word:i])] {
				return false
			}
			word = i + 1
		case isNameByte(ch) || ch >= 0x80:
		case ch == '"':
			quotes[0]++
			word = i + 1
		case ch == '\'':
			quotes[1]++
			word = i + 1
		case strings.IndexByte(" #%.,-+)/*", ch) >= 0:
			word = i + 1
		default:
			return false
		}
	}
	return quotes[0]%2 == 0 && quotes[1]%2 == 0
}

// length reads a number and its unit.
func length(value string) (n float64, unit string, ok bool) {
	i := strings.IndexFunc(value, func(r rune) bool { return r != '-' && r != '+' && r != '.' && (r < '0' || r > '9') })
	if i < 0 {
		i = len(value)
	}
	n, err := strconv.ParseFloat(value[:i], 64)
	return n, value[i:], err == nil
}

var colourNames = map[string]int{"white": 0xffffff, "black": 0, "snow": 0xfffafa, "ivory": 0xfffff0, "red": 0xff0000, "gray": 0x808080, "grey": 0x808080, "whitesmoke": 0xf5f5f5}

// colour reads a colour of CSS or HTML.
func colour(value string) (rgb int, ok bool) {
	value = strings.ToLower(strings.TrimSpace(value))
	if rgb, ok = colourNames[value]; ok {
		return rgb, true
	}
	if hex, isHex := strings.CutPrefix(value, "#"); isHex {
		if len(hex) == 3 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		n, err := strconv.ParseUint(hex, 16, 32)
		return int(n), err == nil && len(hex) == 6
	}
	inner, isRGB := strings.CutPrefix(strings.Replace(value, "rgba(", "rgb(", 1), "rgb(")
	fields := strings.FieldsFunc(strings.TrimSuffix(inner, ")"), func(r rune) bool { return r == ',' || r == ' ' || r == '/' })
	if !isRGB || len(fields) < 3 || len(fields) > 3 && (fields[3] == "0" || fields[3] == "0.0") {
		return 0, false
	}
	for _, f := range fields[:3] {
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return 0, false
		}
		rgb = rgb<<8 | int(min(max(n, 0), 255))
	}
	return rgb, true
}
