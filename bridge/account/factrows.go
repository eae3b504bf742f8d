package account

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

const (
	// chunkUIDs is how many UIDs one row keeps the facts of: few enough that a new
	// message rewrites little, enough that a million messages are some thousand rows.
	chunkUIDs = 512
	// factOctets is what a fact takes: UID within the chunk, date, id, thread, object.
	factOctets = 2 + 4 + 8 + 8 + 8
)

func (f fact) appendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(f.uid%chunkUIDs))
	b = binary.LittleEndian.AppendUint32(b, f.at)
	b = binary.LittleEndian.AppendUint64(b, f.id)
	b = binary.LittleEndian.AppendUint64(b, f.thread)
	return binary.LittleEndian.AppendUint64(b, f.object)
}

// factsOf reads a chunk. What is damaged is left out: it is read from the server again.
func factsOf(data []byte, chunk uint32) []fact {
	out := make([]fact, 0, len(data)/factOctets)
	for ; len(data) >= factOctets; data = data[factOctets:] {
		out = append(out, fact{
			uid:    chunk*chunkUIDs + uint32(binary.LittleEndian.Uint16(data)),
			at:     binary.LittleEndian.Uint32(data[2:]),
			id:     binary.LittleEndian.Uint64(data[6:]),
			thread: binary.LittleEndian.Uint64(data[14:]),
			object: binary.LittleEndian.Uint64(data[22:]),
		})
	}
	return out
}

// saveFacts keeps facts, in the place of what was kept of the same messages.
func saveFacts(tx *sql.Tx, m *mailbox, news []fact) error {
	byChunk := map[uint32][]fact{}
	for _, f := range news {
		byChunk[f.uid/chunkUIDs] = append(byChunk[f.uid/chunkUIDs], f)
	}
	for chunk, fs := range byChunk {
		old, err := loadChunk(tx, m, chunk)
		if err != nil {
			return err
		}
		for _, f := range old {
			again := slices.ContainsFunc(fs, func(n fact) bool { return n.uid == f.uid })
			if !again && m.uids.Contains(f.uid) {
				fs = append(fs, f)
			}
		}
		slices.SortFunc(fs, func(a, b fact) int { return int(a.uid) - int(b.uid) })
		var data []byte
		for _, f := range fs {
			data = f.appendTo(data)
		}
		_, err = tx.Exec(`INSERT INTO account_fact (mailbox, gen, chunk, data) VALUES (?, ?, ?, ?)
			ON CONFLICT (mailbox, gen, chunk) DO UPDATE SET data = excluded.data`, m.row, m.gen, chunk, data)
		if err != nil {
			return err
		}
	}
	return nil
}

func loadChunk(tx *sql.Tx, m *mailbox, chunk uint32) ([]fact, error) {
	var data []byte
	err := tx.QueryRow(`SELECT data FROM account_fact WHERE mailbox = ? AND gen = ? AND chunk = ?`, m.row, m.gen, chunk).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return factsOf(data, chunk), err
}

// savedFacts reads what is kept of some messages.
func savedFacts(tx *sql.Tx, m *mailbox, uids []uint32) (map[uint32]fact, error) {
	out := map[uint32]fact{}
	read := map[uint32]bool{}
	for _, uid := range uids {
		chunk := uid / chunkUIDs
		if read[chunk] {
			continue
		}
		read[chunk] = true
		fs, err := loadChunk(tx, m, chunk)
		if err != nil {
			return nil, err
		}
		for _, f := range fs {
			out[f.uid] = f
		}
	}
	return out, nil
}

// loadFacts takes into the index what was kept of a mailbox's messages.
func loadFacts(ctx context.Context, db *sql.DB, s *state, m *mailbox) error {
	found, err := db.QueryContext(ctx, `SELECT chunk, data FROM account_fact WHERE mailbox = ? AND gen = ? ORDER BY chunk`, m.row, m.gen)
	if err != nil {
		return err
	}
	defer found.Close()
	s.index.restore(m.row, func(yield func(fact) bool) {
		for found.Next() {
			var chunk uint32
			var data sql.RawBytes
			if err = found.Scan(&chunk, &data); err != nil {
				return
			}
			for _, f := range factsOf(data, chunk) {
				if m.uids.Contains(f.uid) && !yield(f) {
					return
				}
			}
		}
	})
	return cmp.Or(err, found.Err())
}

// dropFacts forgets what was kept of a mailbox's earlier generations, and of all of them
// when it is gone.
func dropFacts(tx *sql.Tx, m *mailbox, gone bool) error {
	before := m.gen
	if gone {
		before = m.gen + 1
	}
	_, err := tx.Exec(`DELETE FROM account_fact WHERE mailbox = ? AND gen < ?`, m.row, before)
	return err
}

// newFacts has the index take in what the server said of messages that are in the
// mailbox, keeps it, and says what it means for threads.
func (s *state) newFacts(tx *sql.Tx, m *mailbox, news []upstream.Fact) ([]entry, error) {
	news = slices.DeleteFunc(slices.Clone(news), func(f upstream.Fact) bool { return !m.uids.Contains(f.UID) })
	made := s.index.add(m.row, m.gen, news)
	if !s.indexed { // threads are still being put together
		return nil, saveFacts(tx, m, made)
	}
	entries := make([]entry, 0, len(made))
	for _, f := range made {
		what := opUpdated
		if len(s.index.members(f.thread)) == 1 {
			what = opCreated
		}
		entries = append(entries, entry{"Thread", method.ThreadID(f.thread), what})
	}
	return entries, saveFacts(tx, m, made)
}
