package action_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/store"
)

// device is the disk of a device.
type device struct {
	mu    sync.Mutex
	texts map[string]string // guarded by mu
	lost  bool              // guarded by mu: the tab is gone, nothing of it arrives any more
}

func (d *device) Keep(key, text string, done func(error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.lost {
		d.texts[key] = text
		go done(nil)
	}
}

func (d *device) Drop(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.lost {
		delete(d.texts, key)
	}
}

func (d *device) LeftBehind() (map[string]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.texts), nil
}

// all is all that is kept.
func (d *device) all() string {
	found, _ := d.LeftBehind()
	return strings.Join(slices.Sorted(maps.Values(found)), "\n")
}

// crash ends the app at once and starts it anew on the same device.
func (x *app) crash(d *device) *device {
	d.mu.Lock()
	d.lost = true
	left := &device{texts: maps.Clone(d.texts)}
	d.mu.Unlock()
	x.do(func() {
		x.client.Close()
		x.server.Before, x.server.After = nil, nil
	})
	x.start()
	x.do(func() { x.KeepWritten(left) })
	return left
}

// only is the one composer that is open.
func (x *app) only() *store.Composer {
	x.Helper()
	list := x.store.Composers()
	if len(list) != 1 {
		x.Fatalf("%d composers are open", len(list))
	}
	return list[0]
}

// drafts are the texts in Drafts.
func (x *app) drafts() (texts []string) {
	for _, id := range x.server.Mailbox("drafts") {
		for _, v := range x.server.Email(id).BodyValues {
			texts = append(texts, strings.TrimSpace(v.Value))
		}
	}
	return texts
}

// What is written is on this device within moments, also while nobody pauses, and goes from
// it once the bridge has it.
func TestWrittenIsKept(t *testing.T) {
	run(t, func(x *app) {
		d := &device{texts: map[string]string{}}
		x.do(func() { x.KeepWritten(d) })
		x.server.Before = func(r *jmap.Request) error {
			if r.MethodCalls[0].Name == "Email/set" {
				return clienttest.ErrLost
			}
			return nil
		}
		c := x.compose()
		x.wait(time.Second)
		if !strings.Contains(d.all(), "Hello Grace") {
			t.Errorf("kept: %q", d.all())
		}
		for range 40 { // four seconds
			x.do(func() { x.Edit(c, func(c *store.Composer) { c.Text += "!" }) })
			x.wait(100 * time.Millisecond)
		}
		if !strings.Contains(d.all(), "Hello Grace!!!!!!!!!!") {
			t.Errorf("kept: %q", d.all())
		}
		x.do(func() { x.server.Before = nil })
		x.wait(2 * time.Minute)
		if c.Dirty() || d.all() != "" {
			t.Errorf("saved and still kept: %q", d.all())
		}
	})
}

// A crash at any moment loses little, and doubles nothing.
func TestCrash(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(x *app) // until the crash
		want string       // the one draft then
	}{
		{"before a save", func(x *app) { x.compose(); x.wait(time.Second) }, "Hello Grace"},
		{"with a file", func(x *app) {
			c := x.compose()
			x.do(func() { x.Attach(c, "a.txt", "text/plain", 100, nil) })
			x.uploads.gate <- nil
			x.wait(time.Second)
		}, "Hello Grace"},
		{"after a save", func(x *app) {
			c := x.compose()
			x.wait(time.Minute)
			x.do(func() { x.Edit(c, func(c *store.Composer) { c.Text = "Hello again" }) })
			x.wait(time.Second)
		}, "Hello again"},
		{"while the answer to the first save is on its way", func(x *app) {
			x.server.After = func(*jmap.Request) error { return clienttest.ErrLost }
			c := x.compose()
			x.wait(2500 * time.Millisecond)
			x.do(func() { x.Edit(c, func(c *store.Composer) { c.Text = "Hello again" }) })
			x.wait(time.Second)
		}, "Hello again"},
		{"while the answer to a later save is on its way", func(x *app) {
			c := x.compose()
			x.wait(time.Minute)
			x.server.After = func(*jmap.Request) error { return clienttest.ErrLost }
			x.do(func() { x.Edit(c, func(c *store.Composer) { c.Text = "Hello again" }) })
			x.wait(2500 * time.Millisecond)
		}, "Hello again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, func(x *app) {
				d := &device{texts: map[string]string{}}
				x.do(func() { x.KeepWritten(d) })
				c.do(x)
				d = x.crash(d)
				x.wait(time.Minute)
				restored := x.only()
				if files := len(restored.Attachments); files > 1 || (c.name == "with a file") != (files == 1) {
					t.Errorf("%d files", files)
				}
				if restored.Text != c.want || restored.Dirty() || len(restored.Email.To) != 1 {
					t.Errorf("restored: %+v", restored)
				}
				if got := x.drafts(); len(got) != 1 || got[0] != c.want {
					t.Errorf("drafts: %q", got)
				}
				if d.all() != "" {
					t.Errorf("still kept: %q", d.all())
				}
			})
		})
	}
}

// What somebody else made of the draft meanwhile stays beside what was written here.
func TestCrashAndAnotherDevice(t *testing.T) {
	run(t, func(x *app) {
		d := &device{texts: map[string]string{}}
		x.do(func() { x.KeepWritten(d) })
		c := x.compose()
		x.wait(time.Minute)
		x.do(func() { x.Edit(c, func(c *store.Composer) { c.Text = "Mine" }) })
		x.wait(time.Second)
		was := c.DraftId
		x.crash(d)
		x.do(func() {})
		theirs := *x.server.Email(was)
		theirs.Id, theirs.DraftMark = "", "of another device"
		x.server.Destroy(was)
		x.do(func() {
			x.client.SaveDraft(x.account, theirs, "", func(jmap.Email, error) {})
		})
		x.wait(5 * time.Minute)
		if got := x.drafts(); len(got) != 2 {
			t.Errorf("drafts: %q", got)
		}
	})
}

// A message that went out before the crash is not there to be sent again.
func TestCrashAfterSending(t *testing.T) {
	run(t, func(x *app) {
		d := &device{texts: map[string]string{}}
		x.do(func() { x.KeepWritten(d) })
		c := x.compose()
		x.wait(time.Second)
		x.do(func() {
			x.server.After = func(*jmap.Request) error { return clienttest.ErrLost }
			x.Send(c)
		})
		x.wait(time.Second)
		x.crash(d)
		x.wait(time.Minute)
		if n := len(x.store.Composers()); n != 0 || len(x.server.Sent()) != 1 || len(x.drafts()) != 0 {
			t.Errorf("%d composers, %d sent, drafts %q", n, len(x.server.Sent()), x.drafts())
		}
	})
}

// Who signs out has what they wrote saved first, or stays.
func TestBeforeSigningOut(t *testing.T) {
	for _, works := range []bool{true, false} {
		run(t, func(x *app) {
			x.compose()
			if !works {
				x.server.RefuseSet = func(jmap.Id) *jmap.SetError { return &jmap.SetError{Type: jmap.SetOverQuota} }
			}
			answers := []bool{}
			x.do(func() { x.BeforeSigningOut(func(saved bool) { answers = append(answers, saved) }) })
			x.wait(time.Minute)
			synctest.Wait()
			if len(answers) != 1 || answers[0] != works || len(x.drafts()) == 1 != works {
				t.Errorf("works %v: %v, drafts %q", works, answers, x.drafts())
			}
			x.do(func() { x.server.RefuseSet = nil })
		})
	}
}
