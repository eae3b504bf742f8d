package message

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"
	"unicode"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// OutField is a header field, or a parameter: Value is what follows the colon, already
// in the form it has on the wire, unfolded.
type OutField struct{ Name, Value string }

// Field builders. Controls never get through: what could end a line is dropped.

// ValidFieldName says whether a name can be that of a header field (RFC 5322 §2.2).
func ValidFieldName(name string) bool {
	return name != "" && len(name) <= 76 && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' })
}

// TextField is an unstructured field (RFC 5322 §2.2.1) with encoded words where
// needed.
func TextField(name, text string) OutField { return OutField{name, encodeText(oneLine(text))} }

// AddressField is a field of addresses (RFC 5322 §3.4). What is no whole address is
// written all the same, for drafts; one that would be read as something else is an error
// that names it.
func AddressField(name string, list []jmap.EmailAddress) (OutField, error) {
	value, err := addressList(list)
	return OutField{name, value}, err
}

// GroupsField is a field of addresses in groups (RFC 5322 §3.4); a group without a name
// is addresses outside any.
func GroupsField(name string, groups []jmap.EmailAddressGroup) (OutField, error) {
	var items []string
	for _, g := range groups {
		list, err := addressList(g.Addresses)
		switch {
		case err != nil:
			return OutField{}, err
		case g.Name != nil:
			items = append(items, encodePhrase(oneLine(*g.Name))+": "+list+";")
		case list != "":
			items = append(items, list)
		}
	}
	return OutField{name, strings.Join(items, ", ")}, nil
}

func addressList(list []jmap.EmailAddress) (string, error) {
	var items []string
	for _, a := range list {
		if !writable(a.Email) {
			return "", fmt.Errorf("%q cannot be written as a mail address", a.Email)
		}
		switch {
		case a.Name != nil && *a.Name != "":
			items = append(items, encodePhrase(oneLine(*a.Name))+" <"+a.Email+">")
		case a.Email != "":
			items = append(items, a.Email)
		}
	}
	return strings.Join(items, ", "), nil
}

// writable says whether an address, whole or not, can be put in a list of addresses
// without becoming something else.
func writable(address string) bool {
	return ValidAddress(address) == nil || len(address) <= 254 && !strings.Contains(address, "=?") &&
		!strings.ContainsFunc(address, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar || strings.ContainsRune(`()<>[]:;,\"`, r)
		})
}

// ValidID says whether a message id, or that of a part, can be written.
func ValidID(id string) bool {
	return id != "" && len(id) <= 900 && !strings.ContainsFunc(id, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '<' || r == '>' || r == unicode.ReplacementChar
	})
}

// IDsField is a field of message ids. One that is none is left out.
func IDsField(name string, ids []string) OutField {
	var items []string
	for _, id := range ids {
		if ValidID(id) {
			items = append(items, "<"+id+">")
		}
	}
	return OutField{name, strings.Join(items, " ")}
}

// URLsField is a field of URLs (RFC 2369).
func URLsField(name string, urls []string) (OutField, error) {
	var items []string
	for _, u := range urls {
		if !ValidID(u) || strings.ContainsFunc(u, func(r rune) bool { return r > '~' }) {
			return OutField{}, fmt.Errorf("%q cannot be written as a URL", u)
		}
		items = append(items, "<"+u+">")
	}
	return OutField{name, strings.Join(items, ", ")}, nil
}

// DateField is a date (RFC 5322 §3.3).
func DateField(name string, t time.Time) OutField {
	return OutField{name, t.Format("Mon, 02 Jan 2006 15:04:05 -0700")}
}

var errRaw = errors.New("this cannot be a field's value: its lines would be too long")

// RawField is a field whose value is as it will be, folded anew.
func RawField(name, value string) (OutField, error) {
	f := OutField{name, strings.TrimSpace(oneLine(unfold(value)))}
	if !foldable(f.Value) {
		return f, errRaw
	}
	return f, nil
}

// NewMessageID makes a message id of a domain, without angle brackets.
func NewMessageID(domain string) string {
	if !validDomain(domain) || strings.HasPrefix(domain, "[") {
		domain = "localhost.invalid"
	}
	return strings.ToLower(rand.Text()) + "@" + domain
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// foldable says whether a value has spaces enough, and not too many, for lines of 998
// octets.
func foldable(s string) bool {
	words, spaces := 0, 0
	for i := range len(s) {
		if s[i] == ' ' {
			spaces, words = spaces+1, 0
		} else {
			spaces, words = 0, words+1
		}
		if spaces > 100 || words > 700 {
			return false
		}
	}
	return true
}

// encodeText makes encoded words of a text that needs them.
func encodeText(s string) string {
	ascii := !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
	switch {
	case ascii && !strings.Contains(s, "=?") && foldable(s) && s == strings.Trim(s, " "):
		return s
	case ascii:
		return forceEncode(s)
	}
	encoder := mime.BEncoding
	if q := strings.Count(s, ""); len(s)-q < q/2 {
		encoder = mime.QEncoding
	}
	return encoder.Encode("utf-8", s)
}

// forceEncode makes encoded words of ASCII, which mime.WordEncoder leaves alone.
func forceEncode(s string) string {
	var words []string
	for len(s) > 0 {
		n := min(len(s), 45)
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

// encodePhrase makes a display name: atoms as they are, else a quoted string, else
// encoded words.
func encodePhrase(s string) string {
	ascii := !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
	atoms := ascii && !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !isAtext(r) })
	switch {
	case !ascii:
		// Base64 holds nothing that means something in a list of addresses.
		return mime.BEncoding.Encode("utf-8", s)
	case strings.Contains(s, "=?") || len(s) > 200:
		return forceEncode(s)
	case atoms && s != "" && s == strings.Join(strings.Fields(s), " "):
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// writeField folds at spaces, before 78 octets where it can (RFC 5322 §2.1.1).
// Errors stay in the bufio.Writer.
func writeField(w *bufio.Writer, name, value string) {
	_, _ = w.WriteString(name + ":")
	column := len(name) + 1
	for i, word := range strings.Split(value, " ") {
		if i > 0 && word != "" && column+1+len(word) > 76 {
			_, _ = w.WriteString("\r\n")
			column = 0
		}
		_, _ = w.WriteString(" " + word)
		column += 1 + len(word)
	}
	_, _ = w.WriteString("\r\n")
}
