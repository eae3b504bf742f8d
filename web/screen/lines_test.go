package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// shelf is a list of rows, all known.
type shelf []jmap.Id

func (s shelf) Total() int { return len(s) }
func (s shelf) At(i int) (jmap.Id, bool) {
	if i < 0 || i >= len(s) {
		return "", false
	}
	return s[i], true
}

func (s shelf) IndexOf(id jmap.Id) (int, bool) {
	i := slices.Index(s, id)
	return max(i, 0), i >= 0
}

func shelves(text string) listing {
	var l listing
	var rows shelf
	for word := range strings.FieldsSeq(text) { // "b(b1,b2)": a row with messages below it
		id, below, open := strings.Cut(strings.TrimSuffix(word, ")"), "(")
		if open {
			var ids []jmap.Id
			for id := range strings.SplitSeq(below, ",") {
				ids = append(ids, jmap.Id(id))
			}
			l.spans = append(l.spans, unfolding{len(rows), ids})
		}
		rows = append(rows, jmap.Id(id))
	}
	l.list = rows
	return l
}

func TestLines(t *testing.T) {
	l := shelves("a b(b,b1,b2) c d(d,d1) e")
	want := "a0.0 b1.0 b1.1 b11.2 b21.3 c2.0 d3.0 d3.1 d13.2 e4.0"
	var got []string
	for i := range l.total() {
		ln, known := l.at(i)
		if !known {
			t.Errorf("line %d is not known", i)
		}
		got = append(got, fmt.Sprintf("%s%d.%d", ln.id, ln.row, ln.sub))
		if at, ok := l.find(ln.id, ln.sub > 0); !ok || at != i {
			t.Errorf("line %d, %s, is found at %d", i, ln.id, at)
		}
		if now := l.follow(l, i, 0); now != i {
			t.Errorf("line %d went to %d by itself", i, now)
		}
	}
	if text := strings.Join(got, " "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	for _, i := range []int{-1, l.total()} {
		if ln, known := l.at(i); known || ln != (line{}) {
			t.Errorf("line %d is %v", i, ln)
		}
	}
	if _, ok := l.find("b2", false); ok {
		t.Error("b2 is no row")
	}
	if n := (listing{}).total(); n != 0 {
		t.Errorf("no list has %d lines", n)
	}
}

// TestLinesStay: what is looked at is found again when what is above it changes.
func TestLinesStay(t *testing.T) {
	for _, c := range []struct {
		was, is string
		moved   int // as the list says
		at      string
	}{
		{"a b c", "n a b c", 1, "c"},
		{"a b(b,b1) c", "n a b(b,b1) c", 1, "c"},
		{"a b(b,b1) c", "n a b(b,b1) c", 1, "/b1"},
		{"a b(b,b1) c d", "n(n,b,b1) a c d", 0, "c"}, // it was answered
		{"a b(b,b1) c d", "a b c d", 0, "d"},         // it was folded
		{"a b(b,b1) c d", "a b c d", 0, "/b1>b"},
		{"a b c d", "a b(b,b1) c d", 0, "d"},
		{"a b(b,b1) c d", "b(b,b1) c d", -1, "/b1"},
	} {
		was, is := shelves(c.was), shelves(c.is)
		from, sub := strings.CutPrefix(c.at, "/")
		from, to, other := strings.Cut(from, ">")
		if !other {
			to = from
		}
		i, ok := was.find(jmap.Id(from), sub)
		want, there := is.find(jmap.Id(to), sub && !other)
		if got := is.follow(was, i, c.moved); !ok || !there || got != want {
			t.Errorf("%s in %s is at %d in %s, want %d", c.at, c.was, got, c.is, want)
		}
	}
}
