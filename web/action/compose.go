package action

import (
	"crypto/rand"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
)

// SettingPlain is whether messages are written as plain text.
const SettingPlain = "plainText"

// ComposeNew opens a composer.
func (x *Actions) ComposeNew(a *store.Account) *store.Composer {
	var first jmap.Identity
	if ids := a.Identities(); len(ids) > 0 {
		first = ids[0]
	}
	return x.compose(a, first, jmap.Email{}, draft.Body{}, nil)
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
	if c.Text = text + c.Text; text != "" {
		c.HTML = draft.TextToHTML(text) + c.HTML
	}
	x.store.ComposerChanged(c)
	return c
}

// Reply opens a composer with an answer to the sender of a message whose body
// is known (store.BodyReady); nil if it is not.
func (x *Actions) Reply(a *store.Account, id jmap.Id) *store.Composer {
	return x.reply(a, id, draft.ToSender)
}

// ReplyAll is Reply to everybody the message went to.
func (x *Actions) ReplyAll(a *store.Account, id jmap.Id) *store.Composer {
	return x.reply(a, id, draft.ToAll)
}

// ReplyList is Reply to the mailing list that the message came by.
func (x *Actions) ReplyList(a *store.Account, id jmap.Id) *store.Composer {
	return x.reply(a, id, draft.ToList)
}

func (x *Actions) reply(a *store.Account, id jmap.Id, whom draft.Whom) *store.Composer {
	original := opened(a, id)
	if original == nil {
		return nil
	}
	from, _ := draft.FromIdentity(original, a.Identities())
	var quote draft.Body
	if said := x.said(original); said.HTML != "" {
		quote.HTML = draft.QuoteHTML(said.HTML, attribution(original))
	} else {
		quote.Text = draft.Quote(said.Text, attribution(original))
	}
	c := x.compose(a, from, draft.Reply(original, whom, own(a)), quote, draft.Shown(original, quote))
	c.AnsweredIds, c.AnsweredKeyword = []jmap.Id{id}, jmap.KeywordAnswered
	return c
}

// own are the addresses of a member.
func own(a *store.Account) []string {
	list := []string{a.Name()}
	for _, i := range a.Identities() {
		list = append(list, i.Email)
	}
	return list
}

// said is what a message says, in the form that is written in: what its readers were not
// to see is left out.
func (x *Actions) said(e *jmap.Email) draft.Body {
	plain := x.store.Settings().Bool(SettingPlain, false)
	if !draft.IsHTML(e) || plain && draft.HasText(e) {
		if text := draft.Text(e); plain {
			return draft.Body{Text: text}
		} else {
			return draft.Body{HTML: draft.TextToHTML(draft.WithoutSignature(text))}
		}
	}
	visible := draft.VisibleHTML(x.flatten(draft.HTML(e)))
	if plain {
		return draft.Body{Text: draft.TextOf(visible)}
	}
	return draft.Body{HTML: visible}
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
	var quote draft.Body
	if said := x.said(original); said.HTML != "" {
		quote.HTML = draft.ForwardHTML(textForwarded.String(), forwardFields(original), said.HTML)
	} else {
		quote.Text = draft.ForwardBlock(textForwarded.String(), forwardFields(original), said.Text)
	}
	c := x.compose(a, from, headers, quote, parts)
	c.AnsweredIds, c.AnsweredKeyword = []jmap.Id{id}, jmap.KeywordForwarded
	return c
}

// ForwardAttached opens a composer that passes messages on as attached files.
func (x *Actions) ForwardAttached(a *store.Account, ids ...jmap.Id) *store.Composer {
	var emails []*jmap.Email
	for _, id := range ids {
		if e := a.Email(id); e != nil && e.Email().BlobId != "" {
			emails = append(emails, e.Email())
		}
	}
	return x.forwardFiles(a, emails)
}

// ForwardSelected is ForwardAttached for messages of which a row may be all that is known.
// done gets the composer, nil if there is none.
func (x *Actions) ForwardSelected(a *store.Account, ids []jmap.Id, done func(*store.Composer)) {
	x.client.Placed(a, ids, func(list []jmap.Email, err error) {
		if err != nil {
			x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotForwarded, err)})
			return
		}
		emails := make([]*jmap.Email, len(list))
		for i := range list {
			emails[i] = &list[i]
		}
		done(x.forwardFiles(a, emails))
	})
}

func (x *Actions) forwardFiles(a *store.Account, emails []*jmap.Email) *store.Composer {
	if len(emails) == 0 {
		return nil
	}
	from, _ := draft.FromIdentity(emails[0], a.Identities())
	headers, parts := draft.ForwardAttached(emails)
	c := x.compose(a, from, headers, draft.Body{}, parts)
	ids := make([]jmap.Id, len(emails))
	for i, e := range emails {
		ids[i] = e.Id
	}
	c.AnsweredIds, c.AnsweredKeyword = ids, jmap.KeywordForwarded
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
	c := x.again(a, id, true)
	if c != nil {
		c.DraftId = id
	}
	return c
}

// EditAsNew opens a composer with a new message that says what another one said, to the
// same people; nil if its body is not known.
func (x *Actions) EditAsNew(a *store.Account, id jmap.Id) *store.Composer {
	return x.again(a, id, false)
}

func (x *Actions) again(a *store.Account, id jmap.Id, same bool) *store.Composer {
	e := opened(a, id)
	if e == nil {
		return nil
	}
	from, _ := draft.FromIdentity(&jmap.Email{From: e.From}, a.Identities())
	headers := jmap.Email{To: e.To, Cc: e.Cc, Bcc: e.Bcc, Subject: e.Subject, InReplyTo: e.InReplyTo, References: e.References}
	if same {
		headers.MessageId = e.MessageId
	}
	body := draft.Body{Text: draft.Text(e)}
	if draft.IsHTML(e) {
		body.HTML = draft.CleanHTML(x.flatten(draft.HTML(e)))
	}
	c := x.open(a, from, headers, body, e.Attachments)
	c.Receipt = same && len(e.ReceiptTo) > 0
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
func (x *Actions) compose(a *store.Account, from jmap.Identity, headers jmap.Email, quote draft.Body, parts []jmap.EmailBodyPart) *store.Composer {
	body := draft.Begin(from, quote)
	if x.store.Settings().Bool(SettingPlain, false) {
		body.HTML = ""
	}
	return x.open(a, from, headers, body, parts)
}

// open opens a composer; a body without HTML is written as text.
func (x *Actions) open(a *store.Account, from jmap.Identity, headers jmap.Email, body draft.Body, parts []jmap.EmailBodyPart) *store.Composer {
	if len(headers.MessageId) == 0 {
		headers.MessageId = []string{newMessageId(from.Email)}
	}
	c := &store.Composer{AccountId: a.Id(), IdentityId: from.Id, Email: headers, Plain: body.HTML == "", Text: body.Text, HTML: body.HTML}
	for _, p := range parts {
		c.Attachments = append(c.Attachments, &store.Attachment{
			Name: p.Name, Type: p.Type, Size: p.Size, Sent: p.Size, BlobId: p.BlobId, Cid: p.Cid, Inline: body.Shows(p.Cid),
		})
	}
	x.store.AddComposer(c)
	x.knowFromSent(a)
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
	x.keepLater(c)
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

// SetPlain has a message written as plain text, or with formats. The words stay; and what
// was not touched meanwhile has its formats back.
func (x *Actions) SetPlain(c *store.Composer, plain bool) {
	if plain == c.Plain {
		return
	}
	x.Edit(c, func(c *store.Composer) {
		c.Pull()
		if text := draft.TextOf(c.HTML); plain {
			c.Text = text
		} else if text != c.Text {
			c.HTML = draft.TextToHTML(c.Text)
		}
		c.Plain = plain
	})
}

// body is what c says.
func body(c *store.Composer) draft.Body {
	c.Pull()
	if c.Plain {
		return draft.Plain(c.Text)
	}
	return draft.Rich(c.HTML)
}

// Says is what c says, as text.
func (x *Actions) Says(c *store.Composer) string {
	if c.Pull(); c.Plain {
		return c.Text
	}
	return draft.TextOf(c.HTML)
}

// build makes the email to create from c. Pictures that were put into the text and are
// not in it any more stay behind.
func (x *Actions) build(a *store.Account, c *store.Composer, drafts jmap.Id) jmap.Email {
	says := body(c)
	var parts []jmap.EmailBodyPart
	for _, at := range c.Attachments {
		if at.Ready() && (!at.Inline || c.Plain || says.Shows(at.Cid)) {
			parts = append(parts, jmap.EmailBodyPart{BlobId: at.BlobId, Type: at.Type, Name: at.Name, Cid: at.Cid})
		}
	}
	headers := c.Email
	headers.SentAt = x.now()
	if from := identity(a, c); c.Receipt {
		headers.ReceiptTo = []jmap.EmailAddress{draft.Address(from.Name, from.Email)}
	}
	return draft.Build(headers, identity(a, c), says, parts, drafts)
}
