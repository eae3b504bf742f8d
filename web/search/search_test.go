package search

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

var context = Context{
	Now: time.Date(2026, 3, 14, 15, 9, 0, 0, time.FixedZone("", 3600)),
	Mailbox: func(name string) (jmap.Id, bool) {
		return "box-" + jmap.Id(strings.ToLower(name)), strings.EqualFold(name, "inbox") || name == "Tax 2025"
	},
}

// TestParse reads as a manual.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"hello":                        `{"text":"hello"}`,
		"hello world":                  `{"operator":"AND","conditions":[{"text":"hello"},{"text":"world"}]}`,
		`"hello world"`:                `{"text":"hello world"}`,
		"from:ada":                     `{"from":"ada"}`,
		"FROM:ada subject:\"the sea\"": `{"from":"ada","subject":"the sea"}`,
		"is:unread has:attachment":     `{"notKeyword":"$seen","hasAttachment":true}`,
		"-is:unread":                   `{"hasKeyword":"$seen"}`,
		"-has:attachment":              `{"hasAttachment":false}`,
		"is:starred":                   `{"hasKeyword":"$flagged"}`,
		"-from:ada sea":                `{"operator":"AND","conditions":[{"operator":"NOT","conditions":[{"from":"ada"}]},{"text":"sea"}]}`,
		"from:ada OR from:grace sea":   `{"operator":"AND","conditions":[{"operator":"OR","conditions":[{"from":"ada"},{"from":"grace"}]},{"text":"sea"}]}`,
		"in:inbox larger:5M":           `{"inMailbox":"box-inbox","minSize":5242880}`,
		`in:"Tax 2025" smaller:20k`:    `{"inMailbox":"box-tax 2025","maxSize":20480}`,
		"in:nowhere":                   `{"text":"in:nowhere"}`,
		"after:2026-03-01 before:2026": `{"before":"2025-12-31T23:00:00Z","after":"2026-02-28T23:00:00Z"}`,
		"after:7d":                     `{"after":"2026-03-06T23:00:00Z"}`,
		"before:yesterday":             `{"before":"2026-03-12T23:00:00Z"}`,
		"before:soon":                  `{"text":"before:soon"}`,
		"filename:report.pdf":          `{"hasAttachment":true,"text":"report.pdf"}`,
		"from:ada filename:x":          `{"operator":"AND","conditions":[{"from":"ada"},{"hasAttachment":true,"text":"x"}]}`,
		"is:odd larger:much":           `{"operator":"AND","conditions":[{"text":"is:odd"},{"text":"larger:much"}]}`,
		"http://x.org":                 `{"text":"http://x.org"}`,
		"OR":                           `{"text":"OR"}`,
		"sea OR":                       `{"operator":"AND","conditions":[{"text":"sea"},{"text":"OR"}]}`,
		"from:":                        `{"text":"from:"}`,
		`"never closed`:                `{"text":"never closed"}`,
		"-":                            `{"text":"-"}`,
		"cc:ada bcc:grace":             `{"cc":"ada","bcc":"grace"}`,
		"to:ada body:sea":              `{"to":"ada","body":"sea"}`,
		"is:read":                      `{"hasKeyword":"$seen"}`,
		"on:2026-03-14":                `{"before":"2026-03-14T23:00:00Z","after":"2026-03-13T23:00:00Z"}`,
		"on:2026-03":                   `{"before":"2026-03-31T23:00:00Z","after":"2026-02-28T23:00:00Z"}`,
		"on:2025":                      `{"before":"2025-12-31T23:00:00Z","after":"2024-12-31T23:00:00Z"}`,
		"on:yesterday":                 `{"before":"2026-03-13T23:00:00Z","after":"2026-03-12T23:00:00Z"}`,
		"on:today before:2027":         `{"operator":"AND","conditions":[{"before":"2026-03-14T23:00:00Z","after":"2026-03-13T23:00:00Z"},{"before":"2026-12-31T23:00:00Z"}]}`,
		"-on:today":                    `{"operator":"NOT","conditions":[{"before":"2026-03-14T23:00:00Z","after":"2026-03-13T23:00:00Z"}]}`,
		"older:2w":                     `{"before":"2026-02-27T23:00:00Z"}`,
		"newer:3m":                     `{"after":"2025-12-13T23:00:00Z"}`,
		"newer:1y":                     `{"after":"2025-03-13T23:00:00Z"}`,
		"newer:never":                  `{"text":"newer:never"}`,
		"(sea OR lake) from:ada":       `{"operator":"AND","conditions":[{"operator":"OR","conditions":[{"text":"sea"},{"text":"lake"}]},{"from":"ada"}]}`,
		"(from:ada sea) OR lake":       `{"operator":"OR","conditions":[{"text":"sea","from":"ada"},{"text":"lake"}]}`,
		"-(from:ada is:unread)":        `{"operator":"NOT","conditions":[{"notKeyword":"$seen","from":"ada"}]}`,
		"-(sea OR lake)":               `{"operator":"NOT","conditions":[{"operator":"OR","conditions":[{"text":"sea"},{"text":"lake"}]}]}`,
		"(never closed":                `{"operator":"AND","conditions":[{"text":"never"},{"text":"closed"}]}`,
		`(subject:"a (b)")`:            `{"subject":"a (b)"}`,
		"((sea))":                      `{"text":"sea"}`,
		"f(x) :)":                      `{"operator":"AND","conditions":[{"text":"f(x)"},{"text":":)"}]}`,
		"(f(x))":                       `{"text":"f(x)"}`,
		"()":                           `{"text":"()"}`,
		"(":                            `{"text":"("}`,
		"a) b":                         `{"operator":"AND","conditions":[{"text":"a)"},{"text":"b"}]}`,
		"in:anywhere sea":              `{"text":"sea"}`,
		"-in:inbox":                    `{"operator":"NOT","conditions":[{"inMailbox":"box-inbox"}]}`,
	} {
		f, ok := Parse(text, context)
		got, err := json.Marshal(f)
		if !ok || err != nil || string(got) != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	for _, text := range []string{"", "  ", `""`, "-\"\"", "in:anywhere"} {
		if f, ok := Parse(text, context); ok {
			t.Errorf("%q means %+v", text, f)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"from:a -to:\"b c\" OR is:unread", "larger:1e9 after:99999999y “x” OR OR -OR -", "in:inbox filename:x", "((a OR (b -(on:2d))", strings.Repeat("(", 99)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		filter, ok := Parse(s, context)
		if !ok {
			return
		}
		if err := check(filter, 0); err != "" {
			t.Errorf("%q: %s", s, err)
		}
		if _, err := json.Marshal(filter); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	})
}

// check says what is wrong with a filter.
func check(f jmap.EmailFilter, depth int) string {
	if depth > 3*(maxDepth+1) {
		return "too deep"
	}
	if f.Operator == "" {
		if raw, _ := json.Marshal(f); string(raw) == "{}" {
			return "an empty condition matches all"
		}
		return ""
	}
	if len(f.Conditions) == 0 || f.Operator == "NOT" && len(f.Conditions) != 1 {
		return f.Operator + " of nothing"
	}
	for _, c := range f.Conditions {
		if err := check(c, depth+1); err != "" {
			return err
		}
	}
	return ""
}
