package mailinfo

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func TestReadResults(t *testing.T) {
	const pass = "mx.example.org; dkim=pass header.d=news.example.com; spf=pass smtp.mailfrom=x@example.com; dmarc=pass (p=reject) header.from=example.com"
	for _, c := range []struct {
		name, host, address string
		fields              []string
		want                string // spf dkim dmarc signed-by, "" for nothing known
	}{
		{"pass", "imap.example.org", "ada@example.org", []string{pass}, "pass pass pass news.example.com"},
		{"hosted elsewhere", "imap.example.org", "ada@own.example", []string{pass}, "pass pass pass news.example.com"},
		{"only the topmost", "imap.example.org", "ada@example.org", []string{"mx.example.org; dmarc=fail header.from=bank.example", pass}, "  fail "},
		{"a stranger's above", "imap.example.org", "ada@example.org", []string{"mx.evil.example; dmarc=pass", pass}, ""},
		{"a stranger's", "imap.example.org", "ada@example.org", []string{"example.org.evil.example; dmarc=pass"}, ""},
		{"a name within a name", "imap.example.org", "ada@example.org", []string{"evilexample.org; dmarc=pass"}, ""},
		{"a registry", "imap.example.co.uk", "ada@example.co.uk", []string{"co.uk; dmarc=pass"}, ""},
		{"below a registry", "example.co.uk", "ada@own.example", []string{"evil.co.uk; dmarc=pass"}, ""},
		{"a top name", "imap.example.org", "ada@example.org", []string{"org; dmarc=pass"}, ""},
		{"gmail", "imap.gmail.com", "ada@own.example", []string{"mx.google.com;\r\n dkim=pass header.i=@example.com header.s=s1 header.b=\"ab;c\";\r\n spf=softfail (google.com: domain; of x) smtp.mailfrom=x@y"}, "softfail pass  example.com"},
		{"version", "imap.example.org", "ada@example.org", []string{"example.org 1; spf/1=neutral"}, "neutral   "},
		{"none", "imap.example.org", "ada@example.org", []string{"example.org; none"}, "   "},
		{"two signatures", "", "ada@example.org", []string{"example.org; dkim=fail header.d=a.example; dkim=pass header.d=b.example; dkim = pass header.d = c.example"}, " pass  b.example,c.example"},
		{"hidden in a quote", "", "ada@example.org", []string{`example.org; spf=fail smtp.mailfrom="x; dmarc=pass"; dkim=none`}, "fail none  "},
		{"hidden in a comment", "", "ada@example.org", []string{`example.org; spf=fail (a (b) \) ; dmarc=pass ) smtp.mailfrom=x`}, "fail   "},
		{"nothing", "", "ada@example.org", nil, ""},
	} {
		v := ReadResults(c.fields, c.host, c.address)
		got := ""
		if v.Known {
			got = strings.Join([]string{v.SPF, v.DKIM, v.DMARC, strings.Join(v.SignedBy, ",")}, " ")
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzReadResults: whatever the field says, a stranger's is not believed.
func FuzzReadResults(f *testing.F) {
	f.Add("mx.evil.example; dmarc=pass")
	f.Add(`"example.org"; (`)
	f.Fuzz(func(t *testing.T, field string) {
		if v := ReadResults([]string{"evil.example " + field}, "imap.example.org", "a@example.org"); v.Known {
			t.Errorf("%q was believed", field)
		}
		ReadResults([]string{field}, field, field)
		ReadResults([]string{"example.org;" + field}, "", "a@example.org")
	})
}

func person(name, address string) jmap.EmailAddress {
	a := jmap.EmailAddress{Email: address}
	if name != "" {
		a.Name = &name
	}
	return a
}

func TestLook(t *testing.T) {
	own, known := People{}, People{}
	own.Add(person("Ada Lovelace", "ada@hearth.example"))
	own.AddAddress("Countess@Hearth.example")
	known.Add(person("Grace Hopper", "grace@navy.example"))
	for _, c := range []struct {
		name, from, address, replyTo, list string
		dmarc                              string
		want                               []Finding
	}{
		{name: "plain", from: "Bob", address: "bob@example.com"},
		{name: "herself", from: "Ada Lovelace", address: "ada@hearth.example"},
		{name: "a known one", from: "Grace Hopper", address: "grace@navy.example"},
		{name: "known, from elsewhere there", from: "Grace Hopper", address: "hopper@mail.navy.example"},
		{name: "dmarc", from: "Bank", address: "bank@bank.example", dmarc: "fail", want: []Finding{{Forged, "bank.example"}}},
		{name: "her name", from: "ada  LOVELACE", address: "x@evil.example", want: []Finding{{LooksLikeYou, "ada@hearth.example"}}},
		{name: "her address as a name", from: "<ada@hearth.example>", address: "x@evil.example", want: []Finding{{LooksLikeYou, "ada@hearth.example"}}},
		{name: "another address of hers as a name", from: "countess@hearth.example", address: "x@evil.example", want: []Finding{{LooksLikeYou, "countess@hearth.example"}}},
		{name: "no name", address: "x@example.com"},
		{name: "an address as a name", from: "service@bank.example", address: "x@evil.example", want: []Finding{{OtherAddress, "service@bank.example"}}},
		{name: "its own address as a name", from: "X@Evil.example", address: "x@evil.example"},
		{name: "a friend's name", from: "Grace Hopper", address: "x@evil.example", want: []Finding{{LooksLikeKnown, "grace@navy.example"}}},
		{name: "mixed scripts", from: "Pay", address: "x@p\u0430ypal.example", want: []Finding{{OddAddress, "x@p\u0430ypal.example"}}},
		{name: "answers elsewhere", from: "Bob", address: "bob@mail.example.com", replyTo: "x@evil.example", want: []Finding{{RepliesGo, "x@evil.example"}}},
		{name: "answers beside", from: "Bob", address: "bob@mail.example.com", replyTo: "bob@example.com"},
		{name: "answers to the list", from: "Bob", address: "bob@example.com", replyTo: "list@lists.example", list: "<list.lists.example>"},
	} {
		m := &jmap.Email{From: []jmap.EmailAddress{person(c.from, c.address)}, ListId: c.list}
		if c.replyTo != "" {
			m.ReplyTo = []jmap.EmailAddress{person("", c.replyTo)}
		}
		got := Look(m, Verdict{Known: true, DMARC: c.dmarc}, own, known)
		if len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if Look(&jmap.Email{}, Verdict{}, own, known) != nil {
		t.Error("nobody is not doubtful")
	}
}

func TestLookalike(t *testing.T) {
	for host, want := range map[string]bool{
		"example.org": false, "xn--mller-kva.de": false, "müller.de": false, "яндекс.рф": false, "xn--d1acpjx3f.xn--p1ai": false,
		"εθνικη.gr": false, "日本.jp": false, "हिन्दी.भारत": false,
		"xn--80ak6aa92e.com": true, // аррӏе in Cyrillic
		"pаypal.com":         true, "ехаmple.org": true, "xn--!!.org": true, "exa\u200dmple.org": true, "ｅxample.org": true,
	} {
		if got := Lookalike(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
	if got := readable("xn--mller-kva.xn--p1ai"); got != "müller.рф" {
		t.Errorf("%q", got)
	}
}

func FuzzLookalike(f *testing.F) {
	f.Add("xn--80ak6aa92e.com")
	f.Fuzz(func(_ *testing.T, host string) { Lookalike(host) })
}

func TestMismatch(t *testing.T) {
	for _, c := range []struct {
		text, target string
		want         bool
	}{
		{"Click here", "https://evil.example/", false},
		{"https://bank.example.com/login", "https://evil.example.net/", true},
		{"https://example.org", "https://click.example.org/x?u=1", false},
		{"www.example.org", "https://example.org/", false},
		{"example.com", "https://example.org/", true},
		{"bank.co.uk", "https://evil.co.uk/", true},
		{"see https://example.com/ now", "https://example.org/", true},
		{"report.md", "https://files.example.org/report.md", false},
		{"Node.js", "https://nodejs.org/", false},
		{"main.go", "https://git.example.org/blob/main.go", false},
		{"notes.de", "https://files.example.org/a/notes.de", false},
		{"ada@example.com", "https://example.org/", false},
		{"Apple", "https://xn--80ak6aa92e.com/", true},
		{"müller.de", "https://xn--mller-kva.de/", false},
		{"https://bank.example", "https://bank.example@evil.example/", true},
		{"here", "https://www.bank.example:443@evil.example/", true},
		{"mail us at example.com", "mailto:x@evil.example", false},
		{"“https://example.com”", "https://example.com/", false},
		{"example.org.", "https://example.org/", false},
	} {
		if shown, real, got := Mismatch(c.text, c.target); got != c.want {
			t.Errorf("%s → %s: %v (%q, %q)", c.text, c.target, got, shown, real)
		}
	}
}

// FuzzMismatch: a link that shows its own host does not lie.
func FuzzMismatch(f *testing.F) {
	f.Add("https://a.example", "https://b.example/")
	f.Fuzz(func(t *testing.T, text, target string) {
		shown, real, differs := Mismatch(text, target)
		if differs && shown == real && !Lookalike(real) && !strings.Contains(target, "@") {
			t.Errorf("%q %q", text, target)
		}
	})
}

func TestUnsubscribing(t *testing.T) {
	for _, c := range []struct {
		urls []string
		post string
		want Leave
	}{
		{nil, "", Leave{}},
		{[]string{"mailto:leave@x.example", "https://x.example/u"}, "List-Unsubscribe=One-Click", Leave{"x.example", "mailto:leave@x.example", "https://x.example/u"}},
		{[]string{"https://x.example/u"}, "", Leave{"", "", "https://x.example/u"}},
		{[]string{"http://x.example/u"}, "List-Unsubscribe=One-Click", Leave{"", "", "http://x.example/u"}},
		{[]string{"javascript:alert(1)", "https://a:b@x.example/", "ftp://x.example/", "%"}, "List-Unsubscribe=One-Click", Leave{}},
	} {
		if got := Unsubscribing(&jmap.Email{ListUnsubscribe: c.urls, ListUnsubscribePost: c.post}); got != c.want {
			t.Errorf("%v: %+v", c.urls, got)
		}
	}
}
