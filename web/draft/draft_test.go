package draft

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func addresses(s string) []jmap.EmailAddress {
	list, _ := ParseAddresses(s)
	return list
}

func TestSubjectPrefixesDoNotStack(t *testing.T) {
	for in, bare := range map[string]string{
		"Hello":                      "Hello",
		"Re: Hello":                  "Hello",
		"RE: AW: Re: WG: SV: Hello":  "Hello",
		"Re[2]: Fwd: Re(3): Hello":   "Hello",
		"回复：转发：Hello":                "Hello",
		"İLT: YNT: Hello":            "Hello",
		"Re : Hello":                 "Hello",
		"Re:":                        "",
		"Regarding: Hello":           "Regarding: Hello",
		"Ref: 12345":                 "Ref: 12345",
		"10:30 at the bridge":        "10:30 at the bridge",
		"Hello\r\nBcc: eve@evil.org": "Hello Bcc: eve@evil.org",
	} {
		if got := Bare(in); got != bare {
			t.Errorf("Bare(%q) = %q, want %q", in, got, bare)
		}
		if got, want := ReplySubject(in), "Re: "+bare; got != want {
			t.Errorf("ReplySubject(%q) = %q", in, got)
		}
		if got, want := ForwardSubject(in), "Fwd: "+bare; got != want {
			t.Errorf("ForwardSubject(%q) = %q", in, got)
		}
	}
}

func TestReplyGoesToTheRightPeople(t *testing.T) {
	own := []string{"ada@x.org", "Ada.L@x.org"}
	for _, c := range []struct {
		name, from, replyTo, to, cc string
		all                         bool
		wantTo, wantCc              string
	}{
		{"to the sender", "Grace <grace@y.org>", "", "ada@x.org", "eve@z.org", false, "Grace <grace@y.org>", ""},
		{"to Reply-To instead", "grace@y.org", "list@y.org", "ada@x.org", "", false, "list@y.org", ""},
		{"to all, without oneself in any case", "grace@y.org", "", "ADA@x.org, bob@z.org", "ada.l@X.org, eve@z.org", true, "grace@y.org", "bob@z.org, eve@z.org"},
		{"to all, nobody twice", "grace@y.org", "", "ada@x.org, Grace <GRACE@y.org>, bob@z.org", "bob@z.org", true, "grace@y.org", "bob@z.org"},
		{"to what oneself sent: the same people again", "ada@x.org", "", "grace@y.org, bob@z.org", "eve@z.org", true, "grace@y.org, bob@z.org", "eve@z.org"},
		{"to a note to oneself: oneself", "ada@x.org", "", "ada@x.org", "", false, "ada@x.org", ""},
		{"to all of a note to oneself", "ada@x.org", "", "ada@x.org", "", true, "ada@x.org", ""},
		{"to nobody", "", "", "", "", true, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := Reply(&jmap.Email{From: addresses(c.from), ReplyTo: addresses(c.replyTo), To: addresses(c.to), Cc: addresses(c.cc)}, map[bool]Whom{true: ToAll}[c.all], own)
			if got := FormatAddresses(e.To); got != c.wantTo {
				t.Errorf("To: %s, want %s", got, c.wantTo)
			}
			if got := FormatAddresses(e.Cc); got != c.wantCc {
				t.Errorf("Cc: %s, want %s", got, c.wantCc)
			}
		})
	}
}

func TestReplyToAList(t *testing.T) {
	e := &jmap.Email{From: addresses("grace@y.org"), To: addresses("bakers@lists.org, ada@x.org"), ListPost: []string{"mailto:bakers@lists.org?subject=x"}}
	if got := FormatAddresses(Reply(e, ToList, []string{"ada@x.org"}).To); got != "bakers@lists.org" {
		t.Errorf("to the list: %s", got)
	}
	e.MailFollowupTo = addresses("bakers@lists.org, eve@z.org")
	if r := Reply(e, ToAll, []string{"ada@x.org"}); FormatAddresses(r.To) != "bakers@lists.org, eve@z.org" || len(r.Cc) > 0 {
		t.Errorf("to all: %v, cc %v", r.To, r.Cc)
	}
	if got := FormatAddresses(Reply(e, ToSender, nil).To); got != "grace@y.org" {
		t.Errorf("to the sender: %s", got)
	}
	e.ListPost = []string{"NO", "https://lists.org/post"}
	if _, ok := ListAddress(e); ok {
		t.Error("a list that takes no mail")
	}
}

func TestReferences(t *testing.T) {
	e := Reply(&jmap.Email{MessageId: []string{"c"}, References: []string{"a", "b"}, InReplyTo: []string{"b"}}, ToSender, nil)
	if !reflect.DeepEqual(e.References, []string{"a", "b", "c"}) || !reflect.DeepEqual(e.InReplyTo, []string{"c"}) {
		t.Errorf("%v, in reply to %v", e.References, e.InReplyTo)
	}
	e = Reply(&jmap.Email{MessageId: []string{"c"}, InReplyTo: []string{"b"}}, ToSender, nil)
	if !reflect.DeepEqual(e.References, []string{"b", "c"}) {
		t.Errorf("without References: %v", e.References)
	}
	long := jmap.Email{MessageId: []string{"last"}, References: strings.Fields("first" + strings.Repeat(" x", 100))}
	e = Reply(&long, ToSender, nil)
	if n := len(e.References); n != maxReferences || e.References[0] != "first" || e.References[n-1] != "last" {
		t.Errorf("%d references: %v", n, e.References)
	}
}

func TestQuote(t *testing.T) {
	got := Quote("Hello\n\n> old\nBye\n-- \nGrace\n", "Grace wrote:")
	want := "Grace wrote:\n> Hello\n>\n>> old\n> Bye\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHTMLToText(t *testing.T) {
	for in, want := range map[string]string{
		"Hello": "Hello",
		"<p>One</p><p>Two <b>bold</b>\n words</p>": "One\n\nTwo bold words",
		"a<br>b<br><br>c":                          "a\nb\n\nc",
		"<div>a</div><div>b</div>":                 "a\nb",
		"<style>p{}</style><script>alert('</p>')</script>x<!-- <b>no</b> -->y": "xy",
		"<blockquote>said<br>so</blockquote>I":                                 "> said\n> so\nI",
		"<ul><li>one<li>two</ul>":                                              "• one\n• two",
		`<a href="https://x.org/">see</a>`:                                     "see <https://x.org/>",
		`<a href="https://x.org/">x.org</a>`:                                   "x.org",
		`<a href="javascript:alert(1)">see</a>`:                                "see",
		"1 < 2 &amp; 3 &gt; 2":                                                 "1 < 2 & 3 > 2",
		"<pre>a\n  b</pre>":                                                    "a\n  b",
		`<img alt="Logo" src=x> hi`:                                            "Logo hi",
		`<p title="a>b">x</p>`:                                                 "x",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>":      "a b\nc",
		"<!-- never closed":                                                    "",
		"<":                                                                    "<",
		"a<3":                                                                  "a<3",
	} {
		if got := HTMLToText(in); got != want {
			t.Errorf("HTMLToText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParseAddresses(t *testing.T) {
	for in, want := range map[string]string{
		`Ada <ada@x.org>, grace@y.org; bob@z.org`:             "Ada <ada@x.org>, grace@y.org, bob@z.org",
		"ada@x.org\ngrace@y.org\r\nbob@z.org":                 "ada@x.org, grace@y.org, bob@z.org",
		`"Doe, Jane" <jane@z.org>, x@y.org`:                   `"Doe, Jane" <jane@z.org>, x@y.org`,
		`Doe, Jane <jane@z.org>; Roe, Rick <rick@z.org>`:      `"Doe, Jane" <jane@z.org>, "Roe, Rick" <rick@z.org>`,
		`a@b.org, Jane <jane@z.org>`:                          "a@b.org, Jane <jane@z.org>",
		"ada@x.org grace@y.org":                               "ada@x.org, grace@y.org",
		"Ada ada@x.org, <grace@y.org>":                        "Ada <ada@x.org>, grace@y.org",
		"mailto:ada@x.org":                                    "ada@x.org",
		"ada@x.org (Ada)":                                     "Ada <ada@x.org>",
		"'Ada' <ada@x.org>":                                   "Ada <ada@x.org>",
		"ada@x.org <ada@x.org>":                               "ada@x.org",
		`"quoted local"@x.org`:                                `"quoted local"@x.org`,
		"jürgen@bücher.example":                               "jürgen@bücher.example",
		"Ada <ada@x.org":                                      "Ada <ada@x.org>",
		"ada@x.org.":                                          "ada@x.org",
		"ada@x.org, nonsense, grace@y.org":                    "ada@x.org, grace@y.org",
		"ada@[192.0.2.1]":                                     "ada@[192.0.2.1]",
		"ada@x.org> SIZE=1, ada@x.org\x00, a b@x..org, @, <>": "ada@x.org",
	} {
		got, _ := ParseAddresses(in)
		if FormatAddresses(got) != want {
			t.Errorf("ParseAddresses(%q) = %s, want %s", in, FormatAddresses(got), want)
		}
	}
	if _, rest := ParseAddresses("ada@x.org, nonsense, more of it"); !reflect.DeepEqual(rest, []string{"nonsense", "more of it"}) {
		t.Errorf("rest: %q", rest)
	}
}

func TestPromisedFile(t *testing.T) {
	for text, want := range map[string]string{
		"The plan is attached.":                      "attached",
		"See the ATTACHMENT":                         "attachment",
		"Im Anhang der Plan":                         "im anhang",
		"Detached houses":                            "",
		"Yes.\n\nAda wrote:\n> The plan is attached": "",
		"Bye\n-- \nattached to nothing":              "",
		"":                                           "",
	} {
		if got := PromisedFile(text, "attached,attachment, im Anhang ,"); got != want {
			t.Errorf("%q promises %q, want %q", text, got, want)
		}
	}
}

func TestParseMailto(t *testing.T) {
	e, text, ok := ParseMailto("mailto:ada@x.org,grace@y.org?subject=Hi%20there%0D%0ABcc:%20eve@evil.org&cc=c@x.org&BCC=b@x.org&body=One%0D%0ATwo+%2B&attach=/etc/passwd&from=eve@evil.org&in-reply-to=%3Cx%3E")
	if !ok || FormatAddresses(e.To) != "ada@x.org, grace@y.org" || FormatAddresses(e.Cc) != "c@x.org" || FormatAddresses(e.Bcc) != "b@x.org" {
		t.Errorf("%v: to %v, cc %v, bcc %v", ok, e.To, e.Cc, e.Bcc)
	}
	if e.Subject != "Hi there  Bcc: eve@evil.org" || text != "One\nTwo++" {
		t.Errorf("subject %q, text %q", e.Subject, text)
	}
	if e.From != nil || e.InReplyTo != nil || e.Attachments != nil {
		t.Errorf("more than allowed: %+v", e)
	}
	if _, _, ok := ParseMailto("https://x.org"); ok {
		t.Error("https: is not mailto:")
	}
}

func TestBuild(t *testing.T) {
	name := "Grace\r\nBcc: eve@evil.org"
	e := Build(jmap.Email{
		To:      []jmap.EmailAddress{{Name: &name, Email: "grace@y.org"}, {Email: "GRACE@y.org"}, {Email: "no address"}},
		Subject: "Hi\r\nX: y",
	}, jmap.Identity{Name: "Ada", Email: "ada@x.org"}, Plain("one\r\ntwo"), []jmap.EmailBodyPart{{BlobId: "b1", Name: "a.txt", PartId: "7", Size: 3}}, "drafts")
	if strings.ContainsAny(e.Subject+*e.To[0].Name, "\r\n") || len(e.To) != 1 {
		t.Errorf("%q, to %v", e.Subject, e.To)
	}
	if e.BodyValues[bodyPart].Value != "one\ntwo\n" || e.Attachments[0].PartId != "" || e.Attachments[0].Size != 0 {
		t.Errorf("%+v", e)
	}
}

func FuzzParseAddresses(f *testing.F) {
	for _, s := range []string{"Ada <ada@x.org>, grace@y.org; \"Doe, J\" <j@z.org>", "a(b<c@d.e>)\"\\", "a,b<>a,b<x@y.z>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, _ := ParseAddresses(s)
		for _, a := range list {
			if !ValidAddress(a.Email) || strings.ContainsAny(a.Email, "\r\n<> ") && a.Email[0] != '"' {
				t.Errorf("%q gives %q", s, a.Email)
			}
		}
		text := FormatAddresses(list)
		if again, _ := ParseAddresses(text); utf8.ValidString(s) && FormatAddresses(again) != text {
			t.Errorf("%q gives %s, then %s", s, text, FormatAddresses(again))
		}
	})
}

func FuzzHTMLToText(f *testing.F) {
	for _, s := range []string{"<p>a<br>b</p>", "<a href='x' \"y><!--<script></scr</script>", "<blockquote><blockquote>&#x3e;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := HTMLToText(s); len(got) > 40*len(s)+40 {
			t.Errorf("%d octets of %d", len(got), len(s))
		}
	})
}

func FuzzParseMailto(f *testing.F) {
	f.Add("mailto:a@b.c?subject=x%0d%0ay&body=z&bcc=q@r.s")
	f.Fuzz(func(t *testing.T, s string) {
		e, text, _ := ParseMailto(s)
		if strings.ContainsAny(e.Subject, "\r\n\x00") || strings.ContainsAny(text, "\r\x00") {
			t.Errorf("%q, %q", e.Subject, text)
		}
		for _, a := range append(append(e.To, e.Cc...), e.Bcc...) {
			if !ValidAddress(a.Email) || a.Name != nil && strings.ContainsAny(*a.Name, "\r\n") {
				t.Errorf("%q", FormatAddress(a))
			}
		}
	})
}
