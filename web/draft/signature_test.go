package draft

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func TestResign(t *testing.T) {
	ada := jmap.Identity{TextSignature: "Ada\nLondon"}
	work := jmap.Identity{TextSignature: "Countess", HtmlSignature: "<b>Countess</b> of Lovelace<br>Ockham"}
	none := jmap.Identity{}
	quotes := map[string]Body{
		"new":     {},
		"reply":   {Text: "Grace wrote:\n> Hello\n> -- \n> Ada\n> London\n", HTML: `<div>Grace wrote:</div><blockquote type="cite"><div>Hello</div><div>-- </div><div>Ada</div><div>London</div></blockquote>`},
		"forward": {Text: "---------- Forwarded ----------\nFrom: Grace\n\nHello\n", HTML: "<div>---------- Forwarded ----------</div><div>From: Grace</div>" + emptyLine + "<p>Hello</p>"},
	}
	for name, quote := range quotes {
		t.Run(name, func(t *testing.T) {
			for _, c := range []struct{ from, to jmap.Identity }{{ada, work}, {work, ada}, {ada, none}, {work, none}} {
				b := Begin(c.from, quote)
				b.Text, b.HTML = "Dear all,\n"+b.Text, "<div>Dear all,</div>"+b.HTML
				to := Resign(b, c.from, c.to)
				for form, got := range map[string]string{"text": to.Text, "HTML": HTMLToText(to.HTML)} {
					if had, has := strings.Contains(head(got), lastLine(c.from)), c.to.TextSignature == "" || strings.Contains(head(got), lastLine(c.to)); had || !has {
						t.Errorf("%s: from %q to %q it reads %q", form, c.from.TextSignature, c.to.TextSignature, got)
					}
					if !strings.HasPrefix(got, "Dear all,") || quote.Text != "" && !strings.Contains(got, "Hello") {
						t.Errorf("%s: what else was there became %q", form, got)
					}
				}
			}
			// Where there was none, it stands above what is quoted.
			b := Resign(Begin(none, quote), none, ada)
			for form, got := range map[string]string{"text": b.Text, "HTML": HTMLToText(b.HTML)} {
				if !strings.Contains(head(got), "-- \nAda\nLondon") && !strings.Contains(head(got), "--\nAda\nLondon") {
					t.Errorf("%s: %q", form, got)
				}
			}
		})
	}
	// What a person changed is theirs.
	b := Begin(ada, Body{})
	b.Text, b.HTML = strings.Replace(b.Text, "London", "Paris", 1), strings.Replace(b.HTML, "London", "Paris", 1)
	if got := Resign(b, ada, work); got != b {
		t.Errorf("changed to %q", got)
	}
}

// lastLine is a line that only the signature of an identity has.
func lastLine(i jmap.Identity) string {
	if i.HtmlSignature != "" {
		return "Countess"
	}
	return "London"
}

// head is what stands before what is quoted.
func head(s string) string {
	for _, mark := range []string{"Grace wrote:", forwardMark} {
		if i := strings.Index(s, mark); i >= 0 {
			s = s[:i]
		}
	}
	return s
}

func FuzzResign(f *testing.F) {
	f.Add("<div>Hi</div><div>-- </div><div>Ada</div><blockquote>x</blockquote>", "Hi\n-- \nAda\n> x\n")
	f.Add("a<div", "> ")
	f.Fuzz(func(t *testing.T, html, text string) {
		if got := strings.Join(topBlocks(html), ""); got != html {
			t.Errorf("%q became %q", html, got)
		}
		ada, work := jmap.Identity{TextSignature: "Ada"}, jmap.Identity{TextSignature: "Countess"}
		if there := Resign(Body{text, html}, ada, work); strings.Contains(there.Text, signatureText(ada)) && !strings.Contains(text, signatureText(ada)) {
			t.Errorf("%q", there.Text)
		}
	})
}
