package message

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// TestOutlineIsTheTree: whatever a message is made of, and in whatever pieces it comes,
// the outline of it has the tree that all of it has.
func TestOutlineIsTheTree(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	for range 60 {
		raw := randomMessage(r, 0)
		if r.IntN(4) == 0 {
			raw = raw[:r.IntN(len(raw)+1)]
		}
		checkOutline(t, raw, r, seed)
	}
}

// randomMessage has parts of parts, long and short, messages in messages, and lines that
// look like boundaries.
func randomMessage(r *rand.Rand, depth int) []byte {
	var b bytes.Buffer
	end := []string{"\r\n", "\n"}[r.IntN(2)]
	kind := r.IntN(6)
	if depth > 4 {
		kind = 0
	}
	boundary := fmt.Sprintf("b%d", r.IntN(3)) // some are another's beginning, or the same
	switch kind {
	case 0, 1:
		b.WriteString("Content-Type: text/plain" + end + end)
	case 2:
		b.WriteString("Content-Type: message/rfc822" + end + end)
		b.Write(randomMessage(r, depth+1))
	default:
		b.WriteString("Subject: x" + end + "Content-Type: multipart/mixed; boundary=" + boundary + end + end)
		for range r.IntN(4) {
			b.WriteString(end + "--" + boundary + strings.Repeat(" ", r.IntN(2)) + end)
			b.Write(randomMessage(r, depth+1))
		}
		if r.IntN(3) > 0 {
			b.WriteString(end + "--" + boundary + "--" + end + "epilogue")
		}
	}
	for range r.IntN(5) {
		b.WriteString([]string{"-", "--", "--b", "-- " + end, "words" + end, end, strings.Repeat("long ", 20_000), strings.Repeat("line of words"+end, 8_000)}[r.IntN(8)])
	}
	return b.Bytes()
}

func checkOutline(t *testing.T, raw []byte, r *rand.Rand, seed uint64) {
	t.Helper()
	var o Outline
	for rest := raw; len(rest) > 0; {
		n := 1 + r.IntN(min(len(rest), 40_000))
		if r.IntN(3) == 0 {
			n = min(len(rest), 1+r.IntN(3))
		}
		if got, err := o.Write(rest[:n]); got != n || err != nil {
			t.Fatal(got, err)
		}
		rest = rest[n:]
	}
	want := Parse(raw)
	if got := o.Root(); !reflect.DeepEqual(got, want.Root) || o.Size() != int64(len(raw)) {
		t.Fatalf("seed %d, %d octets (%d): another tree\n%s\n%s", seed, len(raw), o.Size(), tree(got), tree(want.Root))
	}
	if got, want := o.Message().Preview(), want.Preview(); got != want {
		t.Fatalf("seed %d: preview %q, not %q", seed, got, want)
	}
}

func tree(p *Part) string {
	var b strings.Builder
	fmt.Fprintf(&b, "(%s %s %d %d %d", p.Section, p.Type, p.HeaderOffset, p.Offset, p.Size)
	for _, child := range p.Parts {
		b.WriteString(" " + tree(child))
	}
	return b.String() + ")"
}

func TestOutlineIsSmall(t *testing.T) {
	var o Outline
	line := []byte(strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 1000))
	_, _ = o.Write([]byte("Content-Type: application/octet-stream\r\n\r\n"))
	for range 500 {
		_, _ = o.Write(line)
	}
	if len(o.kept) > 2<<20 || o.Root().Size != int64(500*len(line)) {
		t.Errorf("%d octets kept, %d in the part", len(o.kept), o.Root().Size)
	}
	marks := []byte(strings.Repeat("--x\r\n", 1000))
	for range 3000 {
		_, _ = o.Write(marks)
	}
	if len(o.kept) > maxOutline+keptAfterMark+2 {
		t.Errorf("%d octets kept", len(o.kept))
	}
}
