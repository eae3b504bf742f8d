package account

import (
	"testing"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// FuzzIDs: an id that is understood is the only one for what it means, and a valid
// JMAP id; all others are refused.
func FuzzIDs(f *testing.F) {
	for _, seed := range []string{"e1-1-1", "e1-1-4294967296", "e01-1-1", "e-1-1-1", "e1-1", "m1", "m-1", "m9223372036854775808", "be1-1-1", "be1-1-1_1-2", "e1-1-1\x00", "E1-1-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id := jmap.Id(text)
		if p, ok := parseEmailID(id); ok && (p.emailID() != id || !id.Valid()) {
			t.Errorf("%q is %+v, whose id is %q", id, p, p.emailID())
		}
		if row, ok := parseMailboxID(id); ok && (mailboxID(row) != id || !id.Valid()) {
			t.Errorf("%q is mailbox %d", id, row)
		}
		if email, section, ok := parseBlobID(id); ok {
			again, same, ok := parseBlobID(method.BlobID(email, section))
			if !ok || again != email || same != section {
				t.Errorf("%q is %q %q, and then %q %q", id, email, section, again, same)
			}
		}
	})
}
