package message

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// maxLine is the most octets of a line without its end (RFC 5322 §2.1.1).
const maxLine = 998

// textEncoding is 7bit for short ASCII lines, else what is shorter.
func textEncoding(text string) string {
	plain, high := true, 0
	for line := range strings.Lines(text) {
		plain = plain && len(line) <= 900
	}
	for i := range len(text) {
		c := text[i]
		if c >= 0x80 || c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			high++
		}
	}
	switch {
	// A line that begins with "From " would be changed on its way by some.
	case plain && high == 0 && !strings.Contains("\n"+text, "\nFrom "):
		return "7bit"
	case high > len(text)/3:
		return "base64"
	}
	return "quoted-printable"
}

// writeQuotedPrintable encodes text with CRLF line ends (RFC 2045 §6.7). No line begins
// with a dot or with "From ", which some servers change, or ends with a space.
func writeQuotedPrintable(w *bufio.Writer, text string) {
	for line := range strings.SplitAfterSeq(text, "\r\n") {
		line, ended := strings.CutSuffix(line, "\r\n")
		column := 0
		for i := range len(line) {
			c := line[i]
			last := i == len(line)-1
			item := string(rune(c))
			if c == '=' || c >= 0x7f || c < ' ' && c != '\t' || last && (c == ' ' || c == '\t') ||
				column == 0 && (c == '.' || strings.HasPrefix(line[i:], "From ")) {
				item = fmt.Sprintf("=%02X", c)
			}
			if limit := 75; column+len(item) > limit {
				_, _ = w.WriteString("=\r\n")
				column = 0
				if c == '.' || strings.HasPrefix(line[i:], "From ") {
					item = fmt.Sprintf("=%02X", c)
				}
			}
			_, _ = w.WriteString(item)
			column += len(item)
		}
		if ended {
			_, _ = w.WriteString("\r\n")
		}
	}
}

// writeBase64 writes lines of 76 characters; memory does not grow with the input.
func writeBase64(w *bufio.Writer, r io.Reader) error {
	encoder := base64.NewEncoder(base64.StdEncoding, &lineBreaker{w: w})
	if _, err := io.Copy(encoder, r); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	_, err := w.WriteString("\r\n")
	return err
}

type lineBreaker struct {
	w      *bufio.Writer
	column int
}

func (l *lineBreaker) Write(p []byte) (int, error) {
	for i := 0; i < len(p); {
		if l.column == 76 {
			if _, err := l.w.WriteString("\r\n"); err != nil {
				return i, err
			}
			l.column = 0
		}
		n := min(len(p)-i, 76-l.column)
		if _, err := l.w.Write(p[i : i+n]); err != nil {
			return i, err
		}
		l.column += n
		i += n
	}
	return len(p), nil
}

// withParams adds parameters: quoted where ASCII does, else by RFC 2231, in
// sections that fit a line. A name that is none is left out.
func withParams(value string, params []OutField) string {
	for _, p := range params {
		if !isToken(p.Name) || strings.ContainsAny(p.Name, "*'%") {
			continue
		}
		v := oneLine(p.Value)
		if isToken(v) && len(v) <= 60 && !strings.Contains(v, "'") {
			value += `; ` + p.Name + `=` + v
			continue
		}
		if len(v) <= 60 && !strings.ContainsFunc(v, func(r rune) bool { return r > '~' }) && !strings.Contains(v, "=?") {
			value += `; ` + p.Name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
			continue
		}
		escaped := strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
		escaped = strings.NewReplacer("*", "%2A", "'", "%27", "(", "%28", ")", "%29").Replace(escaped)
		rest := "utf-8''" + escaped
		if len(rest) <= 60 {
			value += fmt.Sprintf("; %s*=%s", p.Name, rest)
			continue
		}
		for n := 0; rest != ""; n++ {
			end := min(len(rest), 60)
			if at := strings.LastIndexByte(rest[:end], '%'); end < len(rest) && at > end-3 {
				end = at
			}
			value += fmt.Sprintf("; %s*%d*=%s", p.Name, n, rest[:end])
			rest = rest[end:]
		}
	}
	return value
}
