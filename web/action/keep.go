package action

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// Keeper keeps what is being written on this device. Texts of other tabs that are still
// there are not its business.
type Keeper interface {
	// Keep keeps a text under a key; done may run on any goroutine.
	Keep(key, text string, done func(error))
	// Drop forgets it.
	Drop(key string)
	// LeftBehind takes over what tabs that are gone have kept. It blocks.
	LeftBehind() (map[string]string, error)
}

const (
	// keepPause is how long a person pauses before what they wrote is kept on this device,
	// and keepMost how long they may write without a pause.
	keepPause = 400 * time.Millisecond
	keepMost  = 3 * time.Second
	// lookPause is when it is looked again for what must be known first.
	lookPause = time.Second
	// signOutPatience is how long a person who signs out waits for what they wrote.
	signOutPatience = 10 * time.Second
	// mostMarks is how many saves may be under way or unanswered before a crash.
	mostMarks = 8
)

// kept is a Composer on its way through a crash. What is being uploaded stays behind.
type kept struct {
	Account, Identity jmap.Id
	Email             jmap.Email
	Plain             bool
	Text, HTML        string
	Files             []keptFile
	DraftId           jmap.Id
	Marks             []string
	Answered          []jmap.Id
	AnsweredKeyword   string
	AnsweredIn        jmap.Id
	Left              []store.LeftDraft
	Maybe             bool // it may have been sent
	Receipt, Report   bool
}

// keptFile is an Attachment that is uploaded.
type keptFile struct {
	Name, Type string
	Size       int64
	BlobId     jmap.Id
	Cid        string
	Inline     bool
}

// KeepWritten has k keep what is written from now on, until the bridge has it, and opens
// again what was left behind by a crash or a reload.
func (x *Actions) KeepWritten(k Keeper) {
	x.keeper = k
	go func() {
		found, err := k.LeftBehind()
		if err != nil || len(found) == 0 { // without a disk nothing was kept
			return
		}
		x.post(func() { x.restoreAll(found) })
	}()
}

func (x *Actions) restoreAll(found map[string]string) {
	restored := 0
	for key, text := range found {
		var k kept
		// What another version wrote waits for that, and a message for its account.
		if json.Unmarshal([]byte(text), &k) == nil && x.store.Account(k.Account) != nil {
			x.restore(key, &k)
			restored++
		}
	}
	if restored > 0 {
		x.store.Notify(store.Notice{Kind: store.Info, Text: textRestored(restored, "")})
	}
}

func (x *Actions) restore(key string, k *kept) {
	c := &store.Composer{
		AccountId: k.Account, IdentityId: k.Identity, Email: k.Email, Plain: k.Plain, Text: k.Text, HTML: k.HTML,
		DraftId: k.DraftId, Key: key, Marks: k.Marks, Unsure: true, Edits: 1,
		AnsweredIds: k.Answered, AnsweredKeyword: k.AnsweredKeyword, AnsweredIn: k.AnsweredIn, Left: k.Left,
		Receipt: k.Receipt, Report: k.Report,
	}
	if k.Maybe {
		c.Status, c.Err = store.MaybeSent, textMaybeSent.String()
	}
	for _, f := range k.Files {
		c.Attachments = append(c.Attachments, &store.Attachment{
			Name: f.Name, Type: f.Type, Size: f.Size, Sent: f.Size, BlobId: f.BlobId, Cid: f.Cid, Inline: f.Inline,
		})
	}
	x.store.AddComposer(c)
	x.SaveDraft(c)
}

// keepLater keeps c on this device after a pause, or when one is long in coming.
func (x *Actions) keepLater(c *store.Composer) {
	if x.keeper == nil {
		return
	}
	since, waiting := x.unkept[c]
	if !waiting {
		since = x.now()
		x.unkept[c] = since
	}
	edits, latest := c.Edits, since.Add(keepMost)
	time.AfterFunc(min(keepPause, latest.Sub(x.now())), func() {
		x.post(func() {
			if at, still := x.unkept[c]; still && at.Equal(since) && (c.Edits == edits || !x.now().Before(latest)) {
				x.keep(c, func() {})
			}
		})
	})
}

// keep keeps c on this device, as well as that can be done; then runs on the UI loop.
func (x *Actions) keep(c *store.Composer, then func()) {
	delete(x.unkept, c)
	if x.keeper == nil || c.Discarded {
		then()
		return
	}
	c.Pull()
	k := kept{
		Account: c.AccountId, Identity: c.IdentityId, Email: c.Email, Plain: c.Plain, Text: c.Text, HTML: c.HTML,
		DraftId: c.DraftId, Marks: c.Marks, Answered: c.AnsweredIds, AnsweredKeyword: c.AnsweredKeyword, AnsweredIn: c.AnsweredIn,
		Left: c.Left, Maybe: c.Status == store.MaybeSent,
		Receipt: c.Receipt, Report: c.Report,
	}
	for _, at := range c.Attachments {
		if at.Ready() {
			k.Files = append(k.Files, keptFile{at.Name, at.Type, at.Size, at.BlobId, at.Cid, at.Inline})
		}
	}
	text, err := json.Marshal(k)
	if err != nil {
		then()
		return
	}
	if c.Key == "" {
		c.Key = rand.Text()
	}
	x.keeper.Keep(c.Key, string(text), func(error) { x.post(then) })
}

// unkeep forgets what is kept of c: the bridge has it, or nobody wants it.
func (x *Actions) unkeep(c *store.Composer) {
	delete(x.unkept, c)
	if x.keeper != nil && c.Key != "" {
		x.keeper.Drop(c.Key)
	}
}

// mark gives a draft that is about to be saved a mark of its own, by which it is known again
// should the answer be lost together with this tab.
func (x *Actions) mark(c *store.Composer, email *jmap.Email) {
	email.DraftMark = rand.Text()
	c.Marks = append(slices.Clip(c.Marks), email.DraftMark)
	c.Marks = c.Marks[max(0, len(c.Marks)-mostMarks):]
}

// settle finds out what the bridge has of a message that was restored: a draft that it is to
// replace, one that somebody else has gone on with since, or the message as it was sent.
func (x *Actions) settle(c *store.Composer) {
	a := x.account(c)
	if a.Role(jmap.RoleDrafts) == nil || len(c.Email.MessageId) == 0 {
		x.saveIn(c, lookPause)
		return
	}
	c.Saving = true
	x.store.ComposerChanged(c)
	x.client.FindWritten(a, c.Email.MessageId[0], func(found []jmap.Email, err error) {
		c.Saving = false
		if err != nil {
			c.Err = failed(textNotSaved, err)
			x.saveIn(c, retrySave)
		} else {
			x.settled(c, found)
		}
		x.store.ComposerChanged(c)
		x.afterSave(c)
	})
}

func (x *Actions) settled(c *store.Composer, found []jmap.Email) {
	c.Unsure = false
	foreign, sent := false, false
	var mine []jmap.Id
	for _, e := range found {
		switch {
		case !e.Keywords[jmap.KeywordDraft]:
			sent = true
		case e.Id == c.DraftId || slices.Contains(c.Marks, e.DraftMark):
			mine = append(mine, e.Id)
		default:
			foreign = true
		}
	}
	c.DraftId = ""
	for i, id := range mine {
		if i == 0 {
			c.DraftId = id
		} else { // a later save, which did not come to take the other's place
			c.Left = append(c.Left, store.LeftDraft{Account: c.AccountId, Id: id})
		}
	}
	switch {
	case sent && c.Status != store.MaybeSent: // it went out before the answer came
		c.Status = store.Sent
		x.unkeep(c)
		x.store.RemoveComposer(c)
		x.store.Notify(store.Notice{Kind: store.Info, Text: textSent.String()})
	case foreign:
		c.Email.MessageId = []string{newMessageId(identity(x.account(c), c).Email)}
		x.store.Notify(store.Notice{Kind: store.Warning, Text: textBoth.String()})
	}
}

// BeforeSigningOut saves all that is being written, and tells done whether that was possible.
func (x *Actions) BeforeSigningOut(done func(saved bool)) { x.saveAll(signOutPatience, done) }

func (x *Actions) saveAll(patience time.Duration, done func(bool)) {
	saved := true
	for _, c := range x.store.Composers() {
		x.SaveDraft(c)
		saved = saved && !c.Dirty() && !c.Saving
	}
	if saved || patience <= 0 {
		if !saved {
			x.store.Notify(store.Notice{Kind: store.Failure, Text: textNotSignedOut.String()})
		}
		done(saved)
		return
	}
	time.AfterFunc(askAgain, func() { x.post(func() { x.saveAll(patience-askAgain, done) }) })
}
