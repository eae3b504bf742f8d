package account

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// place is where a message lies: mailbox row, its generation (one more each time
// UIDVALIDITY changes), and UID. A place never means another message.
type place struct {
	mailbox int64
	gen     int
	uid     uint32
}

// emailID is readable without a table. A message that we moved keeps the id of the
// place it came from (see alias).
func (p place) emailID() jmap.Id {
	return jmap.Id(fmt.Sprintf("e%d-%d-%d", p.mailbox, p.gen, p.uid))
}

func parseEmailID(id jmap.Id) (place, bool) {
	rest, ok := strings.CutPrefix(string(id), "e")
	parts := strings.Split(rest, "-")
	if !ok || len(parts) != 3 {
		return place{}, false
	}
	mailbox, err1 := strconv.ParseInt(parts[0], 10, 64)
	gen, err2 := strconv.Atoi(parts[1])
	uid, err3 := strconv.ParseUint(parts[2], 10, 32)
	p := place{mailbox, gen, uint32(uid)}
	return p, err1 == nil && err2 == nil && err3 == nil && p.emailID() == id
}

func mailboxID(row int64) jmap.Id { return jmap.Id("m" + strconv.FormatInt(row, 10)) }

func parseMailboxID(id jmap.Id) (int64, bool) {
	rest, ok := strings.CutPrefix(string(id), "m")
	row, err := strconv.ParseInt(rest, 10, 64)
	return row, ok && err == nil && mailboxID(row) == id
}

// parseBlobID reads what method.BlobID made: an email, and the section of a part
// or "".
func parseBlobID(id jmap.Id) (email jmap.Id, section string, ok bool) {
	rest, ok := strings.CutPrefix(string(id), "b")
	mail, part, _ := strings.Cut(rest, "_")
	_, valid := parseEmailID(jmap.Id(mail))
	return jmap.Id(mail), strings.ReplaceAll(part, "-", "."), ok && valid
}
