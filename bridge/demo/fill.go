package demo

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// The messages are text files: letters/MAILBOX.txt, one mailbox each, in the
// format that parseLetters describes.
//
//go:embed letters
var lettersFS embed.FS

// mailboxes in the order they are made. The server knows no special use: a client
// goes by the names.
var mailboxes = []string{
	"INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash", "Travel", "Travel/Lisbon 2026", "Häuser", "Receipts",
}

// letter is one message as it is written down.
type letter struct {
	ago         time.Duration // before now
	flags       []imap.Flag
	fields      []message.OutField // as given, by name
	body, html  string
	attachments []string
}

// fill makes a person's mailboxes and what is in them.
func fill(u *imapmemserver.User, p Person, now time.Time) error {
	for _, name := range mailboxes {
		if err := u.Create(name, &imap.CreateOptions{}); err != nil {
			return err
		}
		if err := u.Subscribe(name); err != nil {
			return err
		}
	}
	local, _, _ := strings.Cut(p.Address, "@")
	dir := path.Join("letters", local)
	files, err := fs.ReadDir(lettersFS, dir)
	if err != nil {
		return err
	}
	for n, f := range files {
		text, err := fs.ReadFile(lettersFS, path.Join(dir, f.Name()))
		if err != nil {
			return err
		}
		mailbox := strings.ReplaceAll(strings.TrimSuffix(f.Name(), ".txt"), "_", "/")
		letters, err := parseLetters(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		slices.SortStableFunc(letters, func(a, b letter) int { return int(b.ago/time.Second) - int(a.ago/time.Second) })
		for i, l := range letters {
			if err := file(u, mailbox, l, p, now, fmt.Sprintf("%s-%d-%d", local, n, i)); err != nil {
				return fmt.Errorf("%s: %w", f.Name(), err)
			}
		}
	}
	return nil
}

func file(u *imapmemserver.User, mailbox string, l letter, p Person, now time.Time, id string) error {
	sent := now.Add(-l.ago).Truncate(time.Second)
	c, err := l.compose(p, sent, id)
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if err := message.Write(&raw, c); err != nil {
		return err
	}
	_, err = u.Append(mailbox, literal(raw.Bytes()), &imap.AppendOptions{Flags: l.flags, Time: sent})
	return err
}

// parseLetters reads messages. Each begins with a line "=== AGO FLAGS…", AGO such
// as 3h or 12d, flags such as seen, flagged, answered, $work. Then header fields,
// Id and Re standing for Message-ID and what it answers, Attach for a file of
// attachments.go; a blank line; the text; and after a line "--- html" the HTML.
func parseLetters(text string) ([]letter, error) {
	var out []letter
	for _, chunk := range strings.Split("\n"+text, "\n=== ")[1:] {
		head, rest, _ := strings.Cut(chunk, "\n")
		words := strings.Fields(head)
		if len(words) == 0 {
			return nil, fmt.Errorf("a message says not when it came: %q", head)
		}
		l := letter{}
		var err error
		if l.ago, err = parseAgo(words[0]); err != nil {
			return nil, err
		}
		for _, w := range words[1:] {
			flag := imap.Flag(w)
			if system, ok := flagOf[w]; ok {
				flag = system
			}
			l.flags = append(l.flags, flag)
		}
		header, body, _ := strings.Cut(rest, "\n\n")
		for line := range strings.Lines(header) {
			name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
			if !ok {
				return nil, fmt.Errorf("not a header field: %q", line)
			}
			if name == "Attach" {
				l.attachments = append(l.attachments, value)
				continue
			}
			l.fields = append(l.fields, message.OutField{Name: name, Value: value})
		}
		l.body, l.html, _ = strings.Cut(body, "\n--- html\n")
		out = append(out, l)
	}
	return out, nil
}

var flagOf = map[string]imap.Flag{
	"seen": imap.FlagSeen, "flagged": imap.FlagFlagged, "answered": imap.FlagAnswered, "draft": imap.FlagDraft,
}

func parseAgo(s string) (time.Duration, error) {
	n, err := strconv.ParseFloat(s[:len(s)-1], 64)
	unit := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[s[len(s)-1]]
	if err != nil || unit == 0 {
		return 0, fmt.Errorf("not a time: %q", s)
	}
	return time.Duration(n * float64(unit)), nil
}

func (l letter) compose(p Person, sent time.Time, id string) (*message.Composition, error) {
	c := &message.Composition{}
	messageID := id + "@demo.test"
	to := false
	for _, f := range l.fields {
		switch f.Name {
		case "Id":
			messageID = f.Value + "@demo.test"
		case "Re":
			refs := strings.Fields(f.Value)
			for i := range refs {
				refs[i] += "@demo.test"
			}
			c.Header = append(c.Header, message.IDsField("In-Reply-To", refs[len(refs)-1:]), message.IDsField("References", refs))
		case "From", "To", "Cc", "Bcc", "Reply-To", "Sender":
			to = to || f.Name == "To"
			field, err := message.AddressField(f.Name, message.Addresses(f.Value))
			if err != nil {
				return nil, err
			}
			c.Header = append(c.Header, field)
		default:
			c.Header = append(c.Header, message.TextField(f.Name, f.Value))
		}
	}
	if !to {
		field, err := message.AddressField("To", []jmap.EmailAddress{{Name: &p.Name, Email: p.Address}})
		if err != nil {
			return nil, err
		}
		c.Header = append(c.Header, field)
	}
	c.Header = append(c.Header, message.DateField("Date", sent), message.IDsField("Message-ID", []string{messageID}))
	text := &message.OutPart{Type: "text/plain", Text: &l.body}
	var html *message.OutPart
	if l.html != "" {
		html = &message.OutPart{Type: "text/html", Text: &l.html}
		if strings.TrimSpace(l.body) == "" {
			text = nil
		}
	}
	var inline, attached []*message.OutPart
	for _, name := range l.attachments {
		part, err := attachment(name, sent)
		if err != nil {
			return nil, err
		}
		if part.CID != "" {
			inline = append(inline, part)
		} else {
			attached = append(attached, part)
		}
	}
	c.Root = message.Arrange(text, html, inline, attached)
	return c, nil
}

func octets(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}
