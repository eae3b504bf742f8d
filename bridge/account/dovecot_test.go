package account_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// realDesk is a desk whose mail lies on a real Dovecot.
func realDesk(t *testing.T, o dovecot.Options) *desk {
	t.Helper()
	srv := dovecot.Start(t, o)
	d := &desk{t: t, ctx: t.Context(), db: openDB(t), dir: t.TempDir()}
	d.open = func() upstream.Store {
		return imapstore.New(imapstore.Config{
			Server: srv.IMAP("ada", upstream.TLS), Password: dovecot.Password, Dialer: srv.Dialer, Poll: time.Second,
		})
	}
	d.other = d.open()
	t.Cleanup(func() { _ = d.other.Close() })
	d.start("a")
	t.Cleanup(func() { d.stop() })
	return d
}

// hands is one of many at the same mailboxes.
type hands struct {
	*desk
	t     *testing.T
	dice  *rand.Rand
	boxes []string // as the account calls them
}

// mark is the keyword that says which message was meant: nothing else may ever bear it.
func mark(subject string) string { return "mark-" + subject }

// act does something to a message by what it was when it was looked at, as a client of
// the account does: what has gone meanwhile is no error, what is another is.
func (h *hands) act(meant *sync.Map) {
	ids := h.ids(h.boxes[h.dice.IntN(len(h.boxes))])
	if len(ids) == 0 {
		return
	}
	id := ids[h.dice.IntN(len(ids))]
	got := h.emails(id).List
	if len(got) == 0 {
		return
	}
	subject := got[0].Subject
	if was, known := meant.LoadOrStore(id, subject); known && was != subject {
		h.t.Errorf("%s meant %q and now means %q", id, was, subject)
	}
	patch := jmap.PatchObject{"keywords/" + mark(subject): true}
	switch h.dice.IntN(5) {
	case 4:
		patch = jmap.PatchObject{"mailboxIds/" + string(h.mailbox(h.boxes[h.dice.IntN(len(h.boxes))])): true}
	case 0:
		patch = jmap.PatchObject{"mailboxIds": map[jmap.Id]bool{h.mailbox(h.boxes[h.dice.IntN(len(h.boxes))]): true}}
	case 1:
		if h.dice.IntN(3) == 0 {
			h.set1(nil, id)
			return
		}
	}
	h.set1(map[jmap.Id]jmap.PatchObject{id: patch})
}

// meddle does something to the same mail as another program does.
func (h *hands) meddle(names []string) {
	from, to := names[h.dice.IntN(len(names))], names[h.dice.IntN(len(names))]
	snap, err := h.other.Sync(h.ctx, from, upstream.Known{})
	if err != nil {
		h.t.Error(err)
		return
	}
	if snap.UIDs.Len() == 0 {
		return
	}
	ref := upstream.MailboxRef{Name: from, UIDValidity: snap.UIDValidity}
	uid := []uint32{snap.UIDs.At(h.dice.IntN(snap.UIDs.Len()))}
	switch h.dice.IntN(4) {
	case 0:
		err = h.other.Expunge(h.ctx, ref, uid)
	case 1:
		_, err = h.other.SetKeywords(h.ctx, ref, uid, []string{jmap.KeywordFlagged}, nil)
	default:
		if from != to {
			_, err = h.other.Move(h.ctx, ref, uid, to)
		}
	}
	if err != nil && !errors.Is(err, upstream.ErrGone) {
		h.t.Error(err)
	}
}

// TestManyHandsAtOnce: two clients of ours and a program behind our back work on the
// same mail of a real server at the same time. No action ever hits another message, an
// id means one message for ever, and once all is quiet our view is the server's.
func TestManyHandsAtOnce(t *testing.T) {
	for name, o := range map[string]dovecot.Options{
		"all Dovecot can": {},
		"plain":           {Config: "imap_capability = IMAP4rev1 SASL-IR IDLE NAMESPACE UIDPLUS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := realDesk(t, o)
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			for i := range 30 {
				raw := fmt.Sprintf("Subject: m%d\r\nMessage-ID: <m%d@test>\r\n\r\ntext\r\n", i, i)
				_, _, err := d.other.Append(t.Context(), "INBOX", upstream.NewMessage{Body: strings.NewReader(raw), Size: int64(len(raw))})
				if err != nil {
					t.Fatal(err)
				}
			}
			ours, theirs := []string{"Inbox", "Archive", "Trash"}, []string{"INBOX", "Archive", "Trash"}
			var meant sync.Map
			var work sync.WaitGroup
			for i := range uint64(3) {
				h := &hands{desk: d, t: t, dice: rand.New(rand.NewPCG(seed, i)), boxes: ours}
				work.Go(func() {
					for range 40 {
						if i == 2 {
							h.meddle(theirs)
						} else {
							h.act(&meant)
						}
					}
				})
			}
			work.Wait()
			truth := map[string][]string{}
			for i, name := range theirs {
				d.behind(name, func(ref upstream.MailboxRef, uids []uint32) error {
					rows, err := d.other.Rows(d.ctx, ref, uids)
					for _, r := range rows {
						truth[ours[i]] = append(truth[ours[i]], describe(r.Envelope.Subject, r.Keywords))
						for k := range r.Keywords {
							if strings.HasPrefix(k, "mark-") && k != mark(r.Envelope.Subject) {
								t.Errorf("%s bears the mark of another: %s", r.Envelope.Subject, k)
							}
						}
					}
					return err
				})
				slices.Sort(truth[ours[i]])
			}
			view := func() map[string][]string {
				seen := map[string][]string{}
				for _, name := range ours {
					for _, e := range d.emails(d.ids(name)...).List {
						seen[name] = append(seen[name], describe(e.Subject, e.Keywords))
					}
					slices.Sort(seen[name])
				}
				return seen
			}
			for deadline := time.Now().Add(30 * time.Second); !sameView(view(), truth); time.Sleep(100 * time.Millisecond) {
				if time.Now().After(deadline) {
					for i, name := range ours {
						d.behind(theirs[i], func(_ upstream.MailboxRef, uids []uint32) error {
							spine, err := d.Spine(d.ctx, d.mailbox(name))
							t.Logf("%s: the server has UIDs %v, we have %v as %v", name, uids, spine.UIDs.All(), d.ids(name))
							return err
						})
					}
					t.Fatalf("we see\n%v\nthe server has\n%v", view(), truth)
				}
			}
		})
	}
}

// sameView compares what messages the mailboxes have, and their keywords: but for those
// in several, each of which has its own on the server.
func sameView(a, b map[string][]string) bool {
	count := map[string]int{}
	for _, list := range b {
		for _, line := range list {
			subject, _, _ := strings.Cut(line, " ")
			count[subject]++
		}
	}
	plain := func(list []string) []string {
		out := make([]string, len(list))
		for i, line := range list {
			subject, keywords, _ := strings.Cut(line, " ")
			out[i] = subject
			if count[subject] == 1 {
				out[i] += " " + keywords
			}
		}
		slices.Sort(out)
		return out
	}
	return maps.EqualFunc(a, b, func(x, y []string) bool { return slices.Equal(plain(x), plain(y)) })
}

func describe(subject string, keywords map[string]bool) string {
	return subject + " " + strings.Join(slices.Sorted(maps.Keys(keywords)), " ")
}
