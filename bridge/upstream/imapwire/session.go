package imapwire

import (
	"encoding/base64"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

// Capability asks what the server can do.
func (c *Conn) Capability() *Command { return c.command("CAPABILITY") }

// Noop does nothing, but lets the server tell what is new.
func (c *Conn) Noop() *Command { return c.command("NOOP") }

// Login signs in with a name and a password.
func (c *Conn) Login(user, password string) *Command {
	c.caps = nil // those of before count no more
	return c.command("LOGIN").text(user).text(password)
}

// Authenticate signs in by a SASL mechanism (RFC 9051 §6.2.2).
func (c *Conn) Authenticate(mech sasl.Client) error {
	name, initial, err := mech.Start()
	if err != nil {
		return err
	}
	early := c.Has(imap.CapSASLIR)
	c.caps = nil
	cmd := c.command("AUTHENTICATE").atom(name)
	if initial != nil && early {
		cmd.raw(base64OrEquals(initial))
		initial = nil
	}
	if err := cmd.Send(); err != nil {
		return err
	}
	for {
		more, err := c.asked(cmd)
		if err != nil {
			return c.fail(err)
		}
		if !more {
			return cmd.Wait()
		}
		answer := initial
		if initial == nil {
			answer, err = c.answer(mech)
		}
		initial = nil
		line := "*" // to give up
		if err == nil {
			line = base64.StdEncoding.EncodeToString(answer)
		}
		if _, err := c.stream.Write([]byte(line + "\r\n")); err != nil {
			return c.fail(err)
		}
	}
}

// base64OrEquals: RFC 4959 §3: an empty first answer is "=".
func base64OrEquals(b []byte) string {
	if len(b) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(b)
}

func (c *Conn) answer(mech sasl.Client) ([]byte, error) {
	challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(c.asking)))
	if err != nil {
		return nil, err
	}
	return mech.Next(challenge)
}

// Enable asks for extensions to be in force (RFC 5161).
func (c *Conn) Enable(caps ...imap.Cap) *Command {
	cmd := c.command("ENABLE")
	for _, name := range caps {
		cmd.atom(string(name))
	}
	return cmd
}

// ID says who we are and asks who the server is (RFC 2971); take gets its fields, with names
// in lower case.
func (c *Conn) ID(name string, take func(server map[string]string)) *Command {
	cmd := c.command("ID").open().text("name").text(name).shut()
	cmd.on.id = take
	return cmd
}

func (c *Conn) identified() error {
	fields, name, named := map[string]string{}, "", false
	err := c.in.each(func() error {
		text, _, err := c.in.text(1000)
		if named = !named; named {
			name = strings.ToLower(string(text))
		} else if len(fields) < 100 {
			fields[name] = string(text)
		}
		return err
	})
	if cmd := c.wanting(func(a *answers) bool { return a.id != nil }); cmd != nil {
		cmd.on.id(fields)
	}
	return err
}

// NamespaceCommand is a NAMESPACE.
type NamespaceCommand struct {
	*Command
	Data *imap.NamespaceData // names as they came; nil: the server did not tell
}

// Namespace asks where mailboxes are (RFC 2342).
func (c *Conn) Namespace() *NamespaceCommand {
	n := &NamespaceCommand{Command: c.command("NAMESPACE")}
	n.on.namespace = func(d *imap.NamespaceData) { n.Data = d }
	return n
}

func (c *Conn) namespaces() error {
	d := &imap.NamespaceData{}
	for _, into := range []*[]imap.NamespaceDescriptor{&d.Personal, &d.Other, &d.Shared} {
		if err := c.in.spaces(); err != nil {
			return err
		}
		err := c.in.each(func() error {
			one, err := c.in.namespace()
			if len(*into) < 100 {
				*into = append(*into, one)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if cmd := c.wanting(func(a *answers) bool { return a.namespace != nil }); cmd != nil {
		cmd.on.namespace(d)
	}
	return nil
}

// namespace reads ("prefix" "/" extensions).
func (r *reader) namespace() (out imap.NamespaceDescriptor, err error) {
	field := 0
	err = r.each(func() error {
		switch field++; field {
		case 1:
			out.Prefix, err = r.name()
			return err
		case 2:
			delimiter, err := r.str()
			for _, d := range delimiter {
				out.Delim = d
				break
			}
			return err
		}
		return r.skip()
	})
	return out, err
}

// QuotaCommand is a GETQUOTAROOT.
type QuotaCommand struct {
	*Command
	Quotas []QuotaData
}

// QuotaData is one limit of a quota root. STORAGE is in units of 1024 octets.
type QuotaData struct {
	Root, Resource string
	Used, Limit    int64
}

// QuotaRoot asks for the limits of a mailbox (RFC 9208 §4.1.3).
func (c *Conn) QuotaRoot(wire string) *QuotaCommand {
	q := &QuotaCommand{Command: c.command("GETQUOTAROOT").mailbox(wire)}
	q.on.quota = func(d QuotaData) {
		if len(q.Quotas) < 1000 {
			q.Quotas = append(q.Quotas, d)
		}
	}
	return q
}

// quota reads root (RESOURCE used limit …).
func (c *Conn) quota() error {
	root, err := c.in.name()
	if err != nil {
		return err
	}
	if err := c.in.space(); err != nil {
		return err
	}
	cmd := c.wanting(func(a *answers) bool { return a.quota != nil })
	d, field := QuotaData{Root: root}, 0
	return c.in.each(func() (err error) {
		switch field++; field {
		case 1:
			d.Resource, err = c.in.str()
			d.Resource = strings.ToUpper(d.Resource)
		case 2:
			d.Used, err = c.in.number63()
		case 3:
			if d.Limit, err = c.in.number63(); err == nil && cmd != nil {
				cmd.on.quota(d)
			}
			field = 0
		}
		return err
	})
}

// Idle asks to be told what happens in the selected mailbox (RFC 2177), by Listen, until
// Done.
func (c *Conn) Idle() (*Command, error) {
	cmd := c.command("IDLE")
	if err := cmd.Send(); err != nil {
		return nil, err
	}
	more, err := c.asked(cmd)
	if err != nil {
		return nil, c.fail(err)
	}
	if !more {
		err := cmd.Wait()
		if err == nil {
			err = c.fail(violation("an IDLE that ends by itself"))
		}
		return nil, err
	}
	return cmd, nil
}

// Done ends an IDLE.
func (c *Conn) Done(idle *Command) error {
	if _, err := c.stream.Write([]byte("DONE\r\n")); err != nil {
		return c.fail(err)
	}
	return idle.Wait()
}

// Notify asks to be told what happens in the selected mailbox, and in all others of the
// account (RFC 5465): new and removed messages and changes of flags by a STATUS
// response, other names of mailboxes by LIST.
func (c *Conn) Notify() *Command {
	return c.command("NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange))" +
		" (PERSONAL (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))")
}
