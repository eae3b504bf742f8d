package pop3wire

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Listed is one message of the maildrop, as the session sees it.
type Listed struct {
	Number int
	Size   int64  // octets, as the server counts them
	UID    string // RFC 1939 §7, UIDL; "" where the server gives none
}

// maxUID: RFC 1939 §7 allows 70 octets; some servers say more.
const maxUID = 512

// List lists the maildrop, in the server's order: as a rule oldest first.
func (c *Conn) List(ctx context.Context) ([]Listed, error) {
	defer c.during(ctx)()
	both := c.Has("PIPELINING")
	lines := []string{"LIST", "UIDL"}
	if !both {
		lines = lines[:1]
	}
	if err := c.send(lines...); err != nil {
		return nil, c.failure(ctx, stepList, err)
	}
	var out []Listed
	err := c.numbered(ctx, func(number int, rest string) error {
		size, err := strconv.ParseInt(rest, 10, 64)
		if err != nil || size < 0 || len(out) > 0 && number <= out[len(out)-1].Number {
			return errSyntax
		}
		out = append(out, Listed{Number: number, Size: size})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !both {
		if err := c.send("UIDL"); err != nil {
			return nil, c.failure(ctx, stepList, err)
		}
	}
	next := 0
	err = c.numbered(ctx, func(number int, rest string) error {
		for next < len(out) && out[next].Number < number {
			next++
		}
		if next == len(out) || out[next].Number != number {
			return nil // of a message that is not there
		}
		if !printable(rest) {
			return errSyntax
		}
		out[next].UID = rest
		return nil
	})
	if upstream.KindOf(err) == upstream.KindRefused { // it knows no UIDL
		err = nil
	}
	return out, err
}

// printable reports whether a unique id is one (RFC 1939 §7), though a bit long maybe.
func printable(uid string) bool {
	return len(uid) <= maxUID && !strings.ContainsFunc(uid, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// numbered reads lines that begin with the number of a message.
func (c *Conn) numbered(ctx context.Context, take func(number int, rest string) error) error {
	if _, err := c.answer(ctx, stepList); err != nil {
		return err
	}
	err := c.r.list(func(line string) error {
		number, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.ParseUint(number, 10, 31)
		if err != nil || n == 0 {
			return errSyntax
		}
		rest, _, _ = strings.Cut(strings.TrimSpace(rest), " ") // more may follow (RFC 1939 §5, LIST)
		return take(int(n), rest)
	})
	if err != nil {
		return c.failure(ctx, stepList, err)
	}
	return nil
}

// Read reads messages. take is called for each in turn with its octets, as they come; what
// it leaves is passed over. A message the server refuses to give comes with the refusal
// instead. An error of take ends it, and the connection.
func (c *Conn) Read(ctx context.Context, numbers []int, take func(number int, octets io.Reader, refused error) error) error {
	return c.bodies(ctx, numbers, func(n int) string { return "RETR " + strconv.Itoa(n) }, take)
}

// Headers is Read of the messages' headers alone (RFC 1939 §7, TOP).
func (c *Conn) Headers(ctx context.Context, numbers []int, take func(number int, octets io.Reader, refused error) error) error {
	return c.bodies(ctx, numbers, func(n int) string { return "TOP " + strconv.Itoa(n) + " 0" }, take)
}

func (c *Conn) bodies(ctx context.Context, numbers []int, line func(int) string, take func(int, io.Reader, error) error) error {
	return c.pipeline(ctx, stepRead, numbers, line, func(number int, _ reply, refused error) error {
		if refused != nil {
			return take(number, nil, refused)
		}
		b := c.r.body()
		if err := take(number, b, nil); err != nil {
			if b.err != nil && b.err != io.EOF { //nolint:errorlint // it is never wrapped
				return c.failure(ctx, stepRead, b.err)
			}
			return err
		}
		if _, err := io.Copy(io.Discard, b); err != nil {
			return c.failure(ctx, stepRead, err)
		}
		return nil
	})
}

// Delete marks messages as deleted; Quit has the server delete them. It gives those
// that were marked: one the server refuses stays.
func (c *Conn) Delete(ctx context.Context, numbers []int) (marked []int, err error) {
	err = c.pipeline(ctx, stepDelete, numbers, func(n int) string { return "DELE " + strconv.Itoa(n) },
		func(number int, _ reply, refused error) error {
			if refused == nil {
				marked = append(marked, number)
			}
			return nil
		})
	return marked, err
}
