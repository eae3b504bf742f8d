package draft_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/web/draft"
)

func TestCleanHTML(t *testing.T) {
	for in, want := range map[string]string{
		`<div>Hello <b>there</b></div>`:                             `<div>Hello <b>there</b></div>`,
		`<div class="x" id="y" data-z="1" onclick="a()">a</div>`:    `<div>a</div>`,
		`<span class="size" style="font-size:18px">a</span>`:        `<span style="font-size:18px">a</span>`,
		`<span class="colour">a</span>b`:                            `ab`,
		"a\u200bb\ufeff\x00":                                        "ab",
		`<script>alert(1)</script><style>p{}</style>x`:              `x`,
		`<iframe src="https://x.org">in</iframe><object>o</object>`: ``,
		`<a href="javascript:alert(1)">a</a>`:                       `<a>a</a>`,
		`<a href="https://x.org/?a=1&amp;b=2">a</a>`:                `<a href="https://x.org/?a=1&amp;b=2">a</a>`,
		`<a href="/local">a</a><a href=" JaVaScRiPt:x">b</a>`:       `<a>a</a><a>b</a>`,
		`<img src="blob:x" data-cid="p1@x" alt="A cat">`:            `<img alt="A cat" src="cid:p1@x">`,
		`<img data-remote="https://x.org/a.png" src="data:,">`:      `<img src="https://x.org/a.png">`,
		`<img src="blob:x" alt="gone">`:                             `gone`,
		`<p style="position:fixed;color:red;top:0">x</p>`:           `<p style="color:red">x</p>`,
		`<p style="background:url(https://x.org/a)">x</p>`:          `<p>x</p>`,
		`<p style="color:expression(alert(1))">x</p>`:               `<p>x</p>`,
		`<p style="font-family:&quot;Segoe UI&quot;,serif">x</p>`:   `<p style="font-family:&quot;Segoe UI&quot;,serif">x</p>`,
		`<p style="margin:-9px 0">x</p>`:                            `<p>x</p>`,
		`<p>one<p>two`:                                              `<p>one</p><p>two</p>`,
		`<ul><li><span>a<li>b</ul>`:                                 `<ul><li>a</li><li>b</li></ul>`,
		`<ul><li>a<li>b</ul>`:                                       `<ul><li>a</li><li>b</li></ul>`,
		`<b><i>x</b></i>y`:                                          `<b><i>x</i></b>y`,
		`a < b & c`:                                                 `a &lt; b &amp; c`,
		`<o:p>x</o:p><custom-tag>y</custom-tag>`:                    `xy`,
		`<p title="&quot;><img src=x onerror=alert(1)>">x</p>`:      `<p>x</p>`,
		`<td bgcolor="#fff" width="10%" onload=x>x</td>`:            `<td bgcolor="#fff" width="10%">x</td>`,
		`<html><head><title>t</title></head><body>x</body></html>`:  `x`,
		`<p style="display:none">mine</p>`:                          `<p>mine</p>`,
	} {
		if got := draft.CleanHTML(in); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

// TestHiddenTextStaysBehind: what the readers of the original did not see.
func TestHiddenTextStaysBehind(t *testing.T) {
	for _, hidden := range []string{
		`<div style="display:none">SECRET</div>`,
		`<div style="display: none !important"><p>SECRET</p></div>`,
		`<span style="font-size:0">SECRET</span>`,
		`<span style="font-size:1px">SECRET</span>`,
		`<span style="visibility:hidden">SECRET</span>`,
		`<span style="opacity:0">SECRET</span>`,
		`<span style="mso-hide:all">SECRET</span>`,
		`<div style="position:absolute;left:-9999px">SECRET</div>`,
		`<div style="text-indent:-5000px">SECRET</div>`,
		`<div style="max-height:0;overflow:hidden">SECRET</div>`,
		`<div style="height:1px;width:1px;overflow:hidden">SECRET</div>`,
		`<font color="#ffffff">SECRET</font>`,
		`<span style="color:white">SECRET</span>`,
		`<span style="color:#fefefe">SECRET</span>`,
		`<div style="background-color:#123456"><span style="color:rgb(18,52,86)">SECRET</span></div>`,
		`<table bgcolor="#c2410c"><tr><td style="color:#c2410c"><b>SECRET</b></td></tr></table>`,
		`<span style="color:transparent">SECRET</span>`,
		`<img src="https://x.org/SECRET" width="1" height="1">`,
		`<template>SECRET</template><title>SECRET</title>`,
	} {
		got := draft.VisibleHTML("<p>before</p>" + hidden + "<p>after</p>")
		if strings.Contains(got, "SECRET") || !strings.Contains(got, "<p>before</p>") || !strings.Contains(got, "<p>after</p>") {
			t.Errorf("%s\nleaves %s", hidden, got)
		}
	}
	for _, seen := range []string{
		`<div style="background:#123456"><span style="color:white">SEEN</span></div>`,
		`<div style="background-image:url(https://x.org/dark.png)"><span style="color:white">SEEN</span></div>`,
		`<span style="color:#333">SEEN</span>`,
		`<span style="font-size:.8em">SEEN</span>`,
		`<div style="overflow:hidden;width:600px">SEEN</div>`,
		`<img src="https://x.org/SEEN.png" width="200">`,
	} {
		if got := draft.VisibleHTML(seen); !strings.Contains(got, "SEEN") {
			t.Errorf("%s\nbecame %q", seen, got)
		}
	}
}

var markup = rapid.OneOf(
	rapid.SampledFrom([]string{
		"<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<ul>", "<li>", "</ul>", "<blockquote type=cite>", "</blockquote>", "<br>", "<table><tr><td>",
		"</table>", "<a href='https://x.org/'>", "<a href=javascript:x>", "</a>", "<img src=x onerror=y>", "<script>", "</script>", "<style>", "<svg onload=z>",
		`<p style="color:red;position:fixed">`, "<!--", "-->", "<span class=x>", "</span>", "&lt;script&gt;", "&amp;", "&#0;", "<", ">", "\"", "'", "<h1", " onclick=1>",
		"<font color='\"><script>'>", "<head>", "<iframe>", "<html><body>", "\x00", "é", "\u200b", "日本",
	}),
	rapid.String(),
)

// TestCleaningIsSafeAndFinal: whatever comes, nothing of it is left that runs or loads,
// and a second pass changes nothing.
func TestCleaningIsSafeAndFinal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(markup, 0, 30).Draw(t, "source"), "")
		for name, clean := range map[string]func(string) string{"CleanHTML": draft.CleanHTML, "VisibleHTML": draft.VisibleHTML} {
			got := clean(source)
			low := strings.ToLower(got)
			for _, bad := range []string{"<script", "<style", "<svg", "<iframe", "javascript:", "position", "<!--", "class="} {
				if strings.Contains(low, bad) {
					t.Fatalf("%s: %q leaves %q in %q", name, source, bad, got)
				}
			}
			if again := clean(got); again != got {
				t.Fatalf("%s: %q becomes %q, then %q", name, source, got, again)
			}
		}
	})
}

// TestFlowedTextComesBack: what is broken for sending is joined to what it was.
func TestFlowedTextComesBack(t *testing.T) {
	word := rapid.StringMatching(`[a-zé>-]{1,30}|From`)
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		for range rapid.IntRange(0, 5).Draw(t, "lines") {
			line := strings.Join(rapid.SliceOfN(word, 0, 40).Draw(t, "words"), " ")
			if strings.HasPrefix(line, ">") {
				line = "> " + strings.TrimLeft(line, "> ")
			}
			lines = append(lines, strings.TrimRight(line, " "))
		}
		text := strings.Join(lines, "\n")
		flowed := draft.Flow(text)
		for line := range strings.SplitSeq(flowed, "\n") {
			if len([]rune(line)) > 78 && strings.Contains(strings.Trim(line, " >"), " ") {
				t.Fatalf("%q is too long", line)
			}
			if strings.HasPrefix(line, "From ") {
				t.Fatalf("%q would be changed on its way", line)
			}
		}
		got := strings.Join(strings.Fields(draft.Unflow(flowed, false)), " ")
		if want := strings.Join(strings.Fields(text), " "); got != want {
			t.Fatalf("%q\nflowed %q\nis %q", text, flowed, got)
		}
	})
}

// TestSwitchingKeepsTheWords: from text to HTML and back.
func TestSwitchingKeepsTheWords(t *testing.T) {
	for _, text := range []string{
		"One\n\nTwo  spaced\nthree",
		"Yes.\n\nOn Monday, Ada wrote:\n> Shall we?\n>\n>> Perhaps\n> So",
		"a < b & c > d\n  indented",
		"Bye\n\n-- \nAda\nKitchen",
	} {
		if got := strings.ReplaceAll(draft.TextOf(draft.TextToHTML(text)), "\u00a0", " "); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%q\nbecame %q", text, got)
		}
	}
}

func FuzzCleanHTML(f *testing.F) {
	f.Add(`<div style="color:#fff"><img data-cid="a"><a href="x:y">`)
	f.Fuzz(func(t *testing.T, source string) {
		got := draft.CleanHTML(source)
		if again := draft.CleanHTML(got); again != got {
			t.Fatalf("%q becomes %q, then %q", source, got, again)
		}
		if len(got) > 12*len(source)+1000 {
			t.Fatalf("%d octets of %d", len(got), len(source))
		}
	})
}
