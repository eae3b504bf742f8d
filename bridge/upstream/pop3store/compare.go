package pop3store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream/pop3wire"
)

// A message of the maildrop is known by its UIDL. Servers without UIDL, and those that give
// one to two messages, change them, or give one of a message that is gone to another, lose
// and double nothing: a message counts as known only if UIDL and size are those of a message
// that lay there when we last looked. Another that has the header and size of one that is no
// longer there is that one. Whatever is still in doubt is downloaded, and only when all its
// octets are those of one that is no longer there it is that one; else it is kept.

// todo is a message to be downloaded.
type todo struct {
	number int
	uidl   string
	size   int64 // as listed
	uid    uint32
	first  bool // it lay there when the account was new
}

// known is what there is of a message that was downloaded: a row of taken.
type known struct {
	uidl  string
	size  int64
	head  string // hash
	there bool
}

// keysOf gives each message of a maildrop a name of its own: its UIDL, or where there is
// none, one made of its header. With the second of a name comes a number.
func keysOf(ctx context.Context, c *pop3wire.Conn, listed []pop3wire.Listed) ([]string, error) {
	keys := make([]string, len(listed))
	var nameless []int
	for i, l := range listed {
		if keys[i] = l.UID; l.UID == "" {
			nameless = append(nameless, i)
		}
	}
	if len(nameless) > 0 {
		heads, err := headsOf(ctx, c, listed, nameless, true)
		if err != nil {
			return nil, err
		}
		for _, i := range nameless {
			keys[i] = fmt.Sprintf("= %x %d", heads[i], listed[i].Size) // a UIDL has no spaces
		}
	}
	seen := map[string]int{}
	for i, key := range keys {
		if seen[key]++; seen[key] > 1 {
			keys[i] = fmt.Sprintf("%s #%d", key, seen[key])
		}
	}
	return keys, nil
}

// headsOf hashes the headers of messages, by their index. Of a server that gives no headers
// alone they are read from the whole message, if they must.
func headsOf(ctx context.Context, c *pop3wire.Conn, listed []pop3wire.Listed, which []int, must bool) (map[int]string, error) {
	index := map[int]int{}
	numbers := make([]int, len(which))
	for k, i := range which {
		numbers[k], index[listed[i].Number] = listed[i].Number, i
	}
	heads := map[int]string{}
	var without []int
	take := func(number int, octets io.Reader, refused error) error {
		if refused != nil {
			without = append(without, number)
			return nil //nolint:nilerr // see below
		}
		h := &headHash{hash: sha256.New()}
		_, err := io.Copy(h, octets)
		heads[index[number]] = string(h.hash.Sum(nil))
		return err
	}
	if err := c.Headers(ctx, numbers, take); err != nil || !must {
		return heads, err
	}
	again := without
	without = nil
	return heads, c.Read(ctx, again, take)
}

// compare finds what is new in a maildrop, notes what is no longer there, and gives each
// new message its UID. The oldest comes first.
func (s *Store) compare(ctx context.Context, c *pop3wire.Conn, listed []pop3wire.Listed, keys []string) ([]todo, error) {
	db, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := takenRows(ctx, db, keys)
	if err != nil {
		return nil, err
	}
	var doubtful []int // indices of listed
	inDoubt := false
	for i, key := range keys {
		k, ok := rows[key]
		if ok && k.there && k.size == listed[i].Size {
			delete(rows, key) // it is what it was
			continue
		}
		doubtful = append(doubtful, i)
		inDoubt = inDoubt || ok
	}
	var gone []known // that may be one of those under another name
	for _, k := range rows {
		inDoubt = inDoubt || k.there
		gone = append(gone, *k)
	}
	var same map[int]known
	if inDoubt && len(doubtful) > 0 {
		heads, err := headsOf(ctx, c, listed, doubtful, false)
		if err != nil {
			return nil, err
		}
		same = match(listed, keys, heads, rows)
	}
	return s.plan(ctx, listed, keys, doubtful, gone, same)
}

// match finds messages that are there under another name or size: by the same name and
// header, else by the same header and size.
func match(listed []pop3wire.Listed, keys []string, heads map[int]string, rows map[string]*known) map[int]known {
	same := map[int]known{}
	taken := map[string]bool{}
	byHead := map[string][]*known{}
	for _, k := range rows {
		at := fmt.Sprintf("%s %d", k.head, k.size)
		byHead[at] = append(byHead[at], k)
	}
	for i, head := range heads {
		if k, ok := rows[keys[i]]; ok && k.head == head {
			same[i], taken[k.uidl] = *k, true
		}
	}
	for i, head := range heads {
		if _, ok := same[i]; ok {
			continue
		}
		for _, k := range byHead[fmt.Sprintf("%s %d", head, listed[i].Size)] {
			if !taken[k.uidl] {
				same[i], taken[k.uidl] = *k, true
				break
			}
		}
	}
	return same
}

// takenRows reads what is known of messages of these names, and of all that lay there.
func takenRows(ctx context.Context, db *sql.DB, keys []string) (map[string]*known, error) {
	raw, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	found, err := db.QueryContext(ctx, `SELECT uidl, size, head, there FROM taken WHERE there
		UNION ALL SELECT uidl, size, head, there FROM taken WHERE NOT there AND uidl IN (SELECT value FROM json_each(?))`, string(raw))
	if err != nil {
		return nil, err
	}
	defer found.Close()
	rows := map[string]*known{}
	for found.Next() {
		k := new(known)
		var head []byte
		if err := found.Scan(&k.uidl, &k.size, &head, &k.there); err != nil {
			return nil, err
		}
		k.head = string(head)
		rows[k.uidl] = k
	}
	return rows, found.Err()
}

// plan writes down what compare found, all at once.
func (s *Store) plan(ctx context.Context, listed []pop3wire.Listed, keys []string, doubtful []int, gone []known, same map[int]known) (out []todo, err error) {
	err = s.write(ctx, func(tx *sql.Tx) (func(), error) {
		done := map[string]bool{} // names of messages that were downloaded
		for _, k := range gone {
			done[k.uidl] = true
			if k.there {
				if _, err := tx.Exec(`UPDATE taken SET there = FALSE WHERE uidl = ?`, k.uidl); err != nil {
					return nil, err
				}
			}
		}
		// In two steps: names may have been exchanged.
		for i, k := range same {
			if _, err := tx.Exec(`UPDATE taken SET uidl = ?, size = ?, there = TRUE WHERE uidl = ?`, fmt.Sprintf(" %d", i), listed[i].Size, k.uidl); err != nil {
				return nil, err
			}
		}
		for i := range same {
			if _, err := tx.Exec(`UPDATE OR REPLACE taken SET uidl = ? WHERE uidl = ?`, keys[i], fmt.Sprintf(" %d", i)); err != nil {
				return nil, err
			}
		}
		pending, err := listings(tx)
		if err != nil {
			return nil, err
		}
		var fresh []int // indices in out
		wanted := map[int64]bool{}
		for _, i := range doubtful {
			if _, ok := same[i]; ok {
				continue
			}
			t := todo{number: listed[i].Number, uidl: keys[i], size: listed[i].Size}
			if p, ok := pending[keys[i]]; ok && !done[keys[i]] {
				t.uid, t.first, wanted[p.base] = p.uid, p.first, true
			} else {
				fresh = append(fresh, len(out))
			}
			out = append(out, t)
		}
		for _, p := range pending {
			if !wanted[p.base] {
				wanted[p.base] = true // to delete it once
				if _, err := tx.Exec(`DELETE FROM listing WHERE base = ?`, p.base); err != nil {
					return nil, err
				}
			}
		}
		return s.reserve(tx, out, fresh)
	})
	return out, err
}

// pendingUID is a UID that was given to a message that is not downloaded yet.
type pendingUID struct {
	uid   uint32
	base  int64 // of its listing
	first bool
}

func listings(tx *sql.Tx) (map[string]pendingUID, error) {
	found, err := tx.Query(`SELECT base, first, uidls FROM listing ORDER BY base`)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	pending := map[string]pendingUID{}
	for found.Next() {
		var base int64
		var first bool
		var uidls string
		if err := found.Scan(&base, &first, &uidls); err != nil {
			return nil, err
		}
		uid := uint32(base)
		for uidl := range strings.SplitSeq(strings.TrimSuffix(uidls, "\n"), "\n") {
			pending[uidl] = pendingUID{uid, base, first}
			uid++
		}
	}
	return pending, found.Err()
}

// reserve gives UIDs to what is fresh, in the server's order, and remembers them.
func (s *Store) reserve(tx *sql.Tx, out []todo, fresh []int) (func(), error) {
	inbox := s.boxes[0]
	var primed bool
	if err := tx.QueryRow(`SELECT primed FROM about`).Scan(&primed); err != nil {
		return nil, err
	}
	if !primed {
		if _, err := tx.Exec(`UPDATE about SET primed = TRUE`); err != nil {
			return nil, err
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	next := inbox.uidNext
	var uidls strings.Builder
	for _, i := range fresh {
		out[i].uid, out[i].first = next, !primed
		uidls.WriteString(out[i].uidl + "\n")
		next++
	}
	if _, err := tx.Exec(`INSERT INTO listing (base, first, uidls) VALUES (?, ?, ?)`, inbox.uidNext, !primed, uidls.String()); err != nil {
		return nil, err
	}
	_, err := tx.Exec(`UPDATE box SET uid_next = ? WHERE id = ?`, next, inbox.id)
	return func() { inbox.uidNext = next }, err
}
