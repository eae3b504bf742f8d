package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestArrange: W is whole, - a line, +n a button for n.
func TestArrange(t *testing.T) {
	for _, c := range []struct {
		n                int
		unfolded, listed []int
		want             string
	}{
		{0, nil, nil, ""},
		{1, []int{0}, nil, "W"},
		{5, []int{4}, nil, "----W"},
		{6, []int{5}, nil, "-----W"},
		{7, []int{6}, nil, "-+4-W"},
		{500, []int{499}, nil, "-+497-W"},
		{500, []int{250, 499}, nil, "-+248-W-+246-W"},
		{9, []int{4, 8}, nil, "----W---W"},
		{12, []int{11}, []int{5}, "-+4-+4-W"},
		{12, []int{11}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, "-----------W"},
	} {
		var got strings.Builder
		next := 0
		for _, s := range arrange(c.n, func(i int) bool { return slices.Contains(c.unfolded, i) }, func(i int) bool { return slices.Contains(c.listed, i) }) {
			if s.from != next || s.to <= s.from {
				t.Errorf("%d, %v: %v does not follow %d", c.n, c.unfolded, s, next)
			}
			next = s.to
			switch s.shape {
			case shapeWhole:
				got.WriteString("W")
			case shapeEarlier:
				fmt.Fprintf(&got, "+%d", s.to-s.from)
			default:
				got.WriteString(strings.Repeat("-", s.to-s.from))
			}
		}
		if got.String() != c.want || next != c.n {
			t.Errorf("%d, %v, %v: %s, not %s", c.n, c.unfolded, c.listed, got.String(), c.want)
		}
	}
}

// Whatever of the lines is seen is drawn, and not much more.
func TestNearWindow(t *testing.T) {
	const n, height = 498, 900
	for top := -5000; top < 40_000; top += 37 {
		w := nearWindow(top, top+height, n)
		if w.first < 0 || w.last > n || w.first > w.last || w.last-w.first > 60 {
			t.Fatalf("at %d: %v", top, w)
		}
		for i := range n {
			seen := (i+1)*linePitch > top && i*linePitch < top+height
			if seen && (i < w.first || i >= w.last) {
				t.Fatalf("at %d line %d is seen and not in %v", top, i, w)
			}
		}
	}
}
