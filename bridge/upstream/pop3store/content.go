package pop3store

import (
	"database/sql"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// summary is what lists and threads need of a message, kept beside its file.
type summary struct {
	Envelope message.Envelope
	Root     *message.Part
	Preview  string
}

const (
	// maxIndexed is how much of a message's text is indexed, in octets.
	maxIndexed = 256 << 10
	// maxKey is how much of a text is sorted by.
	maxKey = 100
)

// insert puts a message into the database: its content, its words, and its place.
func (s *Store) insert(tx *sql.Tx, b *box, p *paper) error {
	m := p.outline.Message()
	sum := summary{Envelope: m.Header.Envelope(), Root: p.outline.Root(), Preview: m.Preview()}
	raw, err := json.Marshal(sum)
	if err != nil {
		return err
	}
	e := sum.Envelope
	sent := sql.NullInt64{Int64: e.SentAt.Unix(), Valid: !e.SentAt.IsZero()}
	_, err = tx.Exec(`INSERT INTO content (id, size, summary, attached, sent, from_key, to_key, subject_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		p.id, p.size, string(raw), sum.Root.HasAttachment(), sent, addressKey(e.From), addressKey(e.To), key(message.BaseSubject(e.Subject)))
	if err != nil {
		return err
	}
	w := wordsOf(m)
	_, err = tx.Exec(`INSERT INTO words (rowid, sender, recipient, cc, bcc, subject, header, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		p.id, w.from, w.to, w.cc, w.bcc, w.subject, w.header, w.body)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO message (box, uid, content, received, keywords) VALUES (?, ?, ?, ?, ?)`, b.id, p.uid, p.id, p.received.Unix(), p.keywords)
	return err
}

func addressKey(list []jmap.EmailAddress) string {
	if len(list) == 0 {
		return ""
	}
	return key(list[0].Email)
}

func key(text string) string {
	text = strings.ToLower(text)
	return strings.ToValidUTF8(text[:min(len(text), maxKey)], "")
}

// indexed is the words of a message, by where they are looked for.
type indexed struct{ from, to, cc, bcc, subject, header, body string }

func wordsOf(m *message.Message) indexed {
	var w indexed
	var header strings.Builder
	for _, f := range m.Header.Fields() {
		text := message.Text(f.Value)
		switch strings.ToLower(f.Name) {
		case "from":
			w.from += text + "\n"
		case "to":
			w.to += text + "\n"
		case "cc":
			w.cc += text + "\n"
		case "bcc":
			w.bcc += text + "\n"
		case "subject":
			w.subject += text + "\n"
		default:
			header.WriteString(text + "\n")
		}
	}
	var body strings.Builder
	texts(m, m.Root, &body)
	for _, at := range []*string{&w.from, &w.to, &w.cc, &w.bcc, &w.subject} {
		*at = spaced(*at)
	}
	w.header, w.body = spaced(header.String()), spaced(body.String())
	return w
}

// texts puts together what there is to read in a part and those within it.
func texts(m *message.Message, p *message.Part, into *strings.Builder) {
	if into.Len() > maxIndexed {
		return
	}
	if strings.HasPrefix(p.Type, "text/") {
		text, _ := message.DecodeText(p.Params["charset"], m.Octets(p))
		text = message.PlainText(p.Type, text)
		into.WriteString(text[:min(len(text), maxIndexed)])
		into.WriteString("\n")
	}
	for _, child := range p.Parts {
		texts(m, child, into)
	}
}

// spaced puts spaces around the characters of scripts that have none between words, so
// that each is a word of its own and a search for some of them in a row finds them.
func spaced(text string) string {
	if !strings.ContainsFunc(text, wordless) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if wordless(r) {
			b.WriteString(" " + string(r) + " ")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func wordless(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// receivedAt is when a message of the maildrop came: POP3 does not say, but the server
// that took it wrote it on top (RFC 5321 §4.4).
func receivedAt(h message.Header, now time.Time) time.Time {
	if all := h.All("Received"); len(all) > 0 {
		if at := strings.LastIndexByte(all[0], ';'); at >= 0 {
			if t, ok := message.Date(all[0][at+1:]); ok && plausible(t, now) {
				return t
			}
		}
	}
	if t := h.Envelope().SentAt; plausible(t, now) {
		return t
	}
	return now
}

// plausible: not before there was mail, nor in the future.
func plausible(t, now time.Time) bool { return t.Year() > 1970 && t.Before(now.Add(time.Hour)) }
