package imapstore

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// anyText is what people write, and what they write to do harm.
var anyText = rapid.OneOf(
	rapid.StringN(0, 20, 40),
	rapid.SampledFrom([]string{"a\r\nT99 LOGOUT", `"`, `\`, "{5}", "{5+}\r\n", "ü", "x)", "(", "*", "%", "\x00", "]"}),
)

func anyFilter(depth int) *rapid.Generator[jmap.EmailFilter] {
	return rapid.Custom(func(t *rapid.T) jmap.EmailFilter {
		f := jmap.EmailFilter{}
		if depth > 0 && rapid.Bool().Draw(t, "operator?") {
			f.Operator = rapid.SampledFrom([]string{"AND", "OR", "NOT"}).Draw(t, "operator")
			f.Conditions = rapid.SliceOfN(anyFilter(depth-1), 0, 3).Draw(t, "conditions")
			return f
		}
		text := rapid.OneOf(rapid.Just(""), anyText)
		f.Text, f.From, f.Subject, f.Body = text.Draw(t, "text"), text.Draw(t, "from"), text.Draw(t, "subject"), text.Draw(t, "body")
		f.HasKeyword, f.NotKeyword = text.Draw(t, "has"), text.Draw(t, "not")
		if rapid.Bool().Draw(t, "header?") {
			f.Header = rapid.SliceOfN(anyText, 1, 2).Draw(t, "header")
		}
		f.MinSize, f.MaxSize = rapid.Int64().Draw(t, "min"), rapid.Int64().Draw(t, "max")
		if rapid.Bool().Draw(t, "after?") {
			f.After = time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "after"), 0)
		}
		return f
	})
}

// Whatever is searched for, it is one command, and the connection goes on.
func TestAnyFilterIsOneCommand(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 LITERAL+", answers: map[string]string{}}
	s := l.open(t)
	rapid.Check(t, func(r *rapid.T) {
		filter := anyFilter(3).Draw(r, "filter")
		before := len(strings.Split(l.commands(), "\n"))
		_, err := s.Search(t.Context(), inbox7, &filter, 0)
		if err != nil && !errors.Is(err, upstream.ErrUnsupported) {
			r.Fatal(err)
		}
		if said := len(strings.Split(l.commands(), "\n")) - before; said > 2 { // it and the first SELECT
			r.Fatalf("%d commands:\n%s", said, l.commands())
		}
		if l.count("LOGOUT") > 0 || l.connections() != 1 {
			r.Fatal(l.commands())
		}
	})
}
