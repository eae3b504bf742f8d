package action

import (
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

const (
	// savePause is how long a person pauses before the draft is saved.
	savePause = 2 * time.Second
	// retrySave is when a save that failed is tried again.
	retrySave = 30 * time.Second
)

// saveLater saves c after a pause: of several calls, the last counts.
func (x *Actions) saveLater(c *store.Composer) { x.saveIn(c, savePause) }

func (x *Actions) saveIn(c *store.Composer, d time.Duration) {
	edits := c.Edits
	time.AfterFunc(d, func() {
		x.post(func() {
			if c.Edits == edits {
				x.SaveDraft(c)
			}
		})
	})
}

// closed reports whether c is on screen no more.
func (x *Actions) closed(c *store.Composer) bool { return !slices.Contains(x.store.Composers(), c) }

// SaveDraft saves the draft now, if there is anything unsaved and no save or send
// is under way. One draft stands for a composer: each save replaces the last.
func (x *Actions) SaveDraft(c *store.Composer) {
	if !c.Dirty() || c.Saving || c.Discarded || c.Status == store.Sending || c.Status == store.Sent {
		return
	}
	if c.Unsure {
		x.settle(c)
		return
	}
	a := x.account(c)
	drafts := a.Role(jmap.RoleDrafts)
	if drafts == nil {
		c.Err = textNoRole[jmap.RoleDrafts].String()
		x.store.ComposerChanged(c)
		return
	}
	c.Saving = true
	edits := c.Edits
	email := x.build(a, c, drafts.Id)
	x.mark(c, &email)
	x.store.ComposerChanged(c)
	x.keep(c, func() { x.saveDraft(a, c, email, edits) })
}

// saveDraft has the bridge save what c was after so many edits.
func (x *Actions) saveDraft(a *store.Account, c *store.Composer, email jmap.Email, edits int) {
	x.client.SaveDraft(a, email, c.DraftId, func(saved jmap.Email, err error) {
		c.Saving = false
		if err != nil {
			c.Err = failed(textNotSaved, err)
			if x.closed(c) && !c.Discarded { // it must not be lost
				x.store.AddComposer(c)
				x.store.Notify(store.Notice{Kind: store.Failure, Text: c.Err})
			}
			x.saveIn(c, retrySave)
		} else {
			c.DraftId, c.Saved, c.SavedAt = saved.Id, edits, x.now()
			x.dropLeft(c)
			if !c.Dirty() {
				x.unkeep(c)
			}
			if c.Status == store.Editing {
				c.Err = ""
			}
		}
		x.store.ComposerChanged(c)
		x.afterSave(c)
	})
}

// afterSave does what had to wait for the save.
func (x *Actions) afterSave(c *store.Composer) {
	switch {
	case c.Discarded:
		x.destroyDraft(c)
	case c.Status == store.Sending:
		x.submit(c)
	case c.Dirty() && c.Err == "" && x.closed(c):
		x.SaveDraft(c)
	case c.Dirty() && c.Err == "":
		x.saveLater(c)
	}
}

// CloseComposer saves the draft and closes the composer, unless it cannot be saved.
func (x *Actions) CloseComposer(c *store.Composer) {
	if c.Status == store.Sending {
		return
	}
	x.SaveDraft(c)
	if c.Saving || !c.Dirty() {
		x.store.RemoveComposer(c)
	}
}

// DiscardDraft closes the composer and destroys the saved draft. The notice can
// take it back: the composer opens again with all that was in it.
func (x *Actions) DiscardDraft(c *store.Composer) {
	if c.Status == store.Sending || c.Discarded {
		return
	}
	for _, at := range c.Attachments {
		if at.Cancel != nil {
			at.Cancel()
		}
	}
	c.Discarded = true
	x.unkeep(c)
	x.store.RemoveComposer(c)
	if !c.Saving { // else afterSave does it
		x.destroyDraft(c)
	}
	x.store.Notify(store.Notice{Kind: store.Info, Text: textDiscarded.String(), Undo: once(func() {
		c.Discarded, c.Restored = false, true
		x.store.AddComposer(c)
		x.edited(c)
	})})
}

// destroyDraft destroys what was saved of c.
func (x *Actions) destroyDraft(c *store.Composer) {
	x.dropLeft(c)
	if c.DraftId != "" {
		x.change(x.account(c), each([]jmap.Id{c.DraftId}, store.Change{Destroy: true}), textNotDeleted.String())
		c.DraftId = ""
	}
}

// once makes a function do its work the first time only.
func once(f func()) func() {
	done := false
	return func() {
		if !done {
			done = true
			f()
		}
	}
}
