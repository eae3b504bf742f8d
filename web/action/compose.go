package action

import (
	"crypto/rand"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
)

// ComposeNew opens a composer.
func (x *Actions) ComposeNew(a *store.Account) *store.Composer {
	var first jmap.Identity
	if ids := a.Identities(); len(ids) > 0 {
		first = ids[0]
	}
	return x.compose(a, first, jmap.Email{}, "", nil)
}

// ComposeMailto opens a composer with what a mailto: link asks for; nil if it is
// no such link.
func (x *Actions) ComposeMailto(a *store.Account, uri string) *store.Composer {
	e, text, ok := draft.ParseMailto(uri)
	if !ok {
		return nil
	}
	c := x.ComposeNew(a)
	c.Email.To, c.Email.Cc, c.Email.Bcc, c.Email.Subject = e.To, e.Cc, e.Bcc, e.Subject
	c.Text = text + c.Text
	x.store.ComposerChanged(c)
	return c
}

// Reply opens a composer with an answer to the sender of a message whose body
// is known (store.BodyReady); nil if it is not.
func (x *Actions) Reply(a *store.Account, id jmap.Id) *store.Composer {
	return x.reply(a, id, false)
}

// ReplyAll is Reply to everybody the message went to.
func (x *Actions) ReplyAll(a *store.Account, id jmap.Id) *store.Composer {
	return x.reply(a, id, true)
}

func (x *Actions) reply(a *store.Account, id jmap.Id, all bool) *store.Composer {
	original := opened(a, id)
	if original == nil {
		return nil
	}
	own := []string{a.Name()}
	for _, i := range a.Identities() {
		own = append(own, i.Email)
	}
	from, _ := draft.FromIdentity(original, a.Identities())
	text := "\n\n" + draft.Quote(draft.Text(original), attribution(original))
	c := x.compose(a, from, draft.Reply(original, all, own), text, nil)
	c.AnsweredId, c.AnsweredKeyword = id, jmap.KeywordAnswered
	return c
}

// Forward opens a composer that passes a message on, attachments included; nil if
// its body is not known.
func (x *Actions) Forward(a *store.Account, id jmap.Id) *store.Composer {
	original := opened(a, id)
	if original == nil {
		return nil
	}
	from, _ := draft.FromIdentity(original, a.Identities())
	headers, parts := draft.Forward(original)
	text := "\n\n" + draft.ForwardBlock(textForwarded.String(), forwardFields(original), draft.Text(original))
	c := x.compose(a, from, headers, text, parts)
	c.AnsweredId, c.AnsweredKeyword = id, jmap.KeywordForwarded
	return c
}

// EditDraft opens a composer with a saved draft whose body is known, or gives the
// one that is open with it; nil if its body is not known.
func (x *Actions) EditDraft(a *store.Account, id jmap.Id) *store.Composer {
	for _, c := range x.store.Composers() {
		if c.AccountId == a.Id() && c.DraftId == id {
			return c
		}
	}
	e := opened(a, id)
	if e == nil {
		return nil
	}
	from, _ := draft.FromIdentity(&jmap.Email{From: e.From}, a.Identities())
	headers := jmap.Email{
		To: e.To, Cc: e.Cc, Bcc: e.Bcc, Subject: e.Subject,
		InReplyTo: e.InReplyTo, References: e.References, MessageId: e.MessageId,
	}
	c := x.open(a, from, headers, draft.Text(e), e.Attachments)
	c.DraftId = id
	return c
}

// opened is an email whose body is known, else nil.
func opened(a *store.Account, id jmap.Id) *jmap.Email {
	e := a.Email(id)
	if e == nil || e.Body() != store.BodyReady {
		return nil
	}
	return e.Email()
}

// compose opens a composer, with the signature below what is to be written and
// above what is quoted.
func (x *Actions) compose(a *store.Account, from jmap.Identity, headers jmap.Email, text string, parts []jmap.EmailBodyPart) *store.Composer {
	if from.TextSignature != "" {
		text = "\n\n-- \n" + strings.TrimRight(from.TextSignature, "\n") + "\n" + text
	}
	return x.open(a, from, headers, text, parts)
}

func (x *Actions) open(a *store.Account, from jmap.Identity, headers jmap.Email, text string, parts []jmap.EmailBodyPart) *store.Composer {
	if len(headers.MessageId) == 0 {
		headers.MessageId = []string{newMessageId(from.Email)}
	}
	c := &store.Composer{AccountId: a.Id(), IdentityId: from.Id, Email: headers, Text: text}
	for _, p := range parts {
		c.Attachments = append(c.Attachments, &store.Attachment{Name: p.Name, Type: p.Type, Size: p.Size, Sent: p.Size, BlobId: p.BlobId})
	}
	x.store.AddComposer(c)
	return c
}

// newMessageId makes a Message-ID (RFC 5322 §3.6.4) for a message from address.
// It is made here so that a draft is known again whatever id the bridge gives it.
func newMessageId(address string) string {
	_, domain, ok := strings.Cut(address, "@")
	if !ok {
		domain = "localhost"
	}
	return strings.ToLower(rand.Text()) + "@" + domain
}

// Edit changes what is written (Email's headers, Text, IdentityId) and has it
// saved after a pause. Does nothing while the message is being sent.
func (x *Actions) Edit(c *store.Composer, change func(c *store.Composer)) {
	if c.Status == store.Sending || c.Status == store.Sent {
		return
	}
	change(c)
	x.edited(c)
}

// edited notes that c has something to save.
func (x *Actions) edited(c *store.Composer) {
	c.Edits++
	if c.Status != store.MaybeSent { // that has to be seen until the person decides
		c.Status, c.Err = store.Editing, ""
	}
	x.store.ComposerChanged(c)
	x.saveLater(c)
}

// account is the account of c.
func (x *Actions) account(c *store.Composer) *store.Account { return x.store.Account(c.AccountId) }

// identity is the identity c is from.
func identity(a *store.Account, c *store.Composer) jmap.Identity {
	for _, i := range a.Identities() {
		if i.Id == c.IdentityId {
			return i
		}
	}
	return jmap.Identity{}
}

// build makes the email to create from c.
func (x *Actions) build(a *store.Account, c *store.Composer, drafts jmap.Id) jmap.Email {
	var parts []jmap.EmailBodyPart
	for _, at := range c.Attachments {
		if at.Ready() {
			parts = append(parts, jmap.EmailBodyPart{BlobId: at.BlobId, Type: at.Type, Name: at.Name})
		}
	}
	headers := c.Email
	headers.SentAt = x.now()
	return draft.Build(headers, identity(a, c), c.Text, parts, drafts)
}
