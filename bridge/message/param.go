package message

import (
	"slices"
	"sort"
	"strconv"
	"strings"
)

// maxParams is the most parameters, and sections of one (RFC 2231), that are read.
const maxParams = 200

// parseParams reads a value with parameters, "text/plain; charset=utf-8", with
// RFC 2231's continuations and charsets, and RFC 2047 words where they must not be.
func parseParams(raw string) (value string, params map[string]string) {
	parts := splitParams(unfold(raw))
	value = strings.ToLower(strings.TrimSpace(stripComments(parts[0])))
	params = map[string]string{}
	sections := map[string][]section{}
	for _, p := range parts[1:] {
		name, v, ok := strings.Cut(p, "=")
		name = strings.ToLower(strings.TrimSpace(stripComments(name)))
		if !ok || name == "" {
			continue
		}
		v = paramValue(name, v)
		base, rest, extended := strings.Cut(name, "*")
		if !extended {
			if _, twice := params[name]; !twice {
				params[name] = v
				if name != "boundary" { // which is no text, but octets to be found again
					params[name] = clean(decodeWords(v))
				}
			}
			continue
		}
		encoded := rest == "" || strings.HasSuffix(rest, "*")
		n, err := strconv.Atoi(strings.TrimSuffix(rest, "*"))
		if err != nil {
			n = 0
		}
		sections[base] = append(sections[base], section{n, v, encoded})
	}
	for name, list := range sections {
		params[name] = joinSections(list)
	}
	return value, params
}

// paramValue takes quotes and comments off a value. The name of a file is often not
// quoted where it ought to be: brackets in it are no comments.
func paramValue(name, v string) string {
	v = strings.TrimSpace(v)
	if !strings.HasPrefix(v, `"`) && !strings.HasPrefix(name, "name") && !strings.HasPrefix(name, "filename") {
		v = strings.TrimSpace(stripComments(v))
	}
	return unquote(v)
}

// MediaType is a media type as Part has it: lower case, text/plain where it is none
// (RFC 2045 §5.2).
func MediaType(raw string) string {
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(raw)), " ") // a semicolon may have been forgotten
	if major, minor, ok := strings.Cut(name, "/"); !ok || !isToken(major) || !isToken(minor) {
		return "text/plain"
	}
	return name
}

// TransferEncoding is the name of a transfer encoding as Part has it.
func TransferEncoding(raw string) string {
	words := strings.Fields(strings.ToLower(strings.Trim(stripComments(unfold(raw)), " \t\";")))
	if len(words) == 0 {
		return ""
	}
	switch name := strings.Trim(words[0], `";`); name {
	case "7-bit":
		return "7bit"
	case "8-bit":
		return "8bit"
	case "quoted_printable", "quotedprintable":
		return "quoted-printable"
	case "x-uue", "uue", "uuencode":
		return "x-uuencode"
	default:
		return clean(name)
	}
}

// section is one piece of a parameter (RFC 2231 §3).
type section struct {
	n       int
	value   string
	encoded bool
}

func joinSections(list []section) string {
	sort.SliceStable(list, func(i, j int) bool { return list[i].n < list[j].n })
	charset := ""
	var octets []byte
	for i, s := range list {
		v := s.value
		if i == 0 && s.encoded {
			if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
				charset, v = parts[0], parts[2]
			}
		}
		if s.encoded {
			octets = append(octets, percentDecode(v)...)
		} else {
			octets = append(octets, v...)
		}
	}
	text, _ := DecodeText(charset, octets)
	return clean(text)
}

func percentDecode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// splitParams cuts at semicolons outside quotes and comments.
func splitParams(s string) []string {
	var out []string
	start := 0
	skip := skipper{s: s, noLiteral: true}
	for i := 0; i < len(s) && len(out) < maxParams; i++ {
		switch s[i] {
		case '"', '(':
			i = skip.over(i)
		case ';':
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	if len(out) == maxParams {
		return out
	}
	return append(out, s[start:])
}

func unquote(s string) string {
	if !strings.HasPrefix(s, `"`) {
		return s
	}
	var out strings.Builder
	for i := 1; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// describe fills a part from its header (RFC 2045, 2183).
func (p *Part) describe(h Header) {
	contentType := h.first("Content-Type")
	p.Type, p.Params = parseParams(contentType)
	p.Type = MediaType(p.Type)
	var params map[string]string
	p.Disposition, params = parseParams(h.first("Content-Disposition"))
	if p.Disposition, _, _ = strings.Cut(p.Disposition, " "); p.Disposition != "" && !isToken(p.Disposition) {
		p.Disposition = "attachment" // RFC 2183 §2.8
	}
	p.SetName(params["filename"], p.Params["name"])
	p.Encoding = TransferEncoding(h.first("Content-Transfer-Encoding"))
	if ids := MessageIDs(h.first("Content-ID")); len(ids) > 0 {
		p.CID = ids[0]
	}
	for tag := range strings.SplitSeq(stripComments(unfold(h.first("Content-Language"))), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			p.Language = append(p.Language, tag)
		}
	}
	p.Location = Text(h.first("Content-Location"))
}

// SetName takes the first name that says something: no path, no controls.
func (p *Part) SetName(names ...string) {
	i := slices.IndexFunc(names, func(n string) bool { return strings.TrimSpace(n) != "" })
	if i < 0 {
		return
	}
	p.Name = baseName(clean(decodeWords(names[i])))
}

// baseName is a file's name without a path.
func baseName(name string) string {
	return strings.TrimSpace(name[strings.LastIndexAny(name, `/\`)+1:])
}

// Param finds a parameter that a mail server gives as it lies in the message,
// continued and encoded by RFC 2231 or not.
func Param(params map[string]string, name string) string {
	var raw strings.Builder
	raw.WriteString("x/x")
	for key, value := range params {
		if base, _, _ := strings.Cut(strings.ToLower(key), "*"); base == name {
			raw.WriteString(`; ` + key + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`)
		}
	}
	_, found := parseParams(raw.String())
	return found[name]
}
