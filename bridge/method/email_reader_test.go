package method

import (
	"encoding/base64"
	"strings"
	"testing"
)

// TestBase64Size: the first line and the end of base64 say how many octets it is.
func TestBase64Size(t *testing.T) {
	for _, width := range []int{4, 60, 64, 72, 76, 988} {
		for n := range 3000 {
			text := base64.StdEncoding.EncodeToString(make([]byte, n))
			for _, end := range []string{"", "\r\n"} {
				var lines []string
				for rest := text; rest != ""; rest = rest[min(width, len(rest)):] {
					lines = append(lines, rest[:min(width, len(rest))])
				}
				encoded := []byte(strings.Join(lines, "\r\n") + end)
				if len(encoded) <= countFirst {
					continue // counted
				}
				got := base64Size(int64(len(encoded)), encoded[:countFirst], encoded[len(encoded)-countLast:])
				if got != int64(n) {
					t.Fatalf("%d octets in lines of %d, ended by %q, are said to be %d", n, width, end, got)
				}
			}
		}
	}
}
