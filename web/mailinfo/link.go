package mailinfo

import (
	"net/url"
	"regexp"
	"strings"
)

// hostLike is a text that people read as where a link leads: a web address, or a name of a
// host with what may follow it.
var hostLike = regexp.MustCompile(`(?i)^(https?://)?([^\s/?#:@]+\.[a-z\x{80}-\x{10ffff}][a-z0-9\x{80}-\x{10ffff}-]*)\.?(?::\d+)?(?:[/?#]\S*)?$`)

// maxLinkText bounds what is read of a link's text.
const maxLinkText = 2000

// Mismatch reports whether a link's text shows one host and its target is another, or one
// that is made to look like another, and gives both; shown is "" where the text shows none.
// target is as a browser writes it: host names are ASCII.
func Mismatch(text, target string) (shown, real string, differs bool) {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", "", false
	}
	real = Host(u.Hostname())
	if u.User != nil { // https://bank.example@elsewhere.example/ is read as the bank's
		return u.User.Username(), real, true
	}
	text = strings.TrimSpace(text[:min(len(text), maxLinkText)])
	for word := range strings.FieldsSeq(text) {
		m := hostLike.FindStringSubmatch(strings.Trim(word, `<>()[]"'.,;:!`))
		if m == nil || !isHostText(m[1], m[2], text, u.Path) {
			continue
		}
		shown = Host(m[2])
		same := Organization(shown) == Organization(real) || Organization(shown) == Organization(readable(real))
		return shown, real, !same || Lookalike(real)
	}
	return "", real, Lookalike(real)
}

// isHostText reports whether what looks like a host is meant as one: it has a scheme or
// www before it, or is all of the text and no file's name.
func isHostText(scheme, host, text, path string) bool {
	if scheme != "" || strings.HasPrefix(strings.ToLower(host), "www.") {
		return true
	}
	if strings.ContainsAny(text, " \t\n") || strings.HasSuffix(path, "/"+text) {
		return false
	}
	top := host[strings.LastIndexByte(host, '.')+1:]
	switch strings.ToLower(top) {
	case "com", "org", "net", "edu", "gov", "info", "biz", "app", "dev", "shop", "online", "bank":
		return true
	case "js", "md", "py", "sh", "ts", "pl", "rs", "cc", "ps", "gz", "so", "go":
		return false
	}
	return len(top) == 2
}
