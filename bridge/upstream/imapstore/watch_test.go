package imapstore

import (
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// A watching connection that is lost is told of each time, and so is its return.
func TestWatchingTellsOfEachLoss(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 IDLE", answers: map[string]string{"IDLE": "+ idling\r\n" + hangUp}}
	s := l.open(t)
	events := s.Watch(t.Context())
	var got []string
	for deadline := time.After(30 * time.Second); len(got) < 4; {
		select {
		case ev := <-events:
			switch {
			case ev.Err != nil && upstream.KindOf(ev.Err) == upstream.KindLost:
				got = append(got, "lost")
			case ev.Err != nil:
				t.Fatal(ev.Err)
			case ev.Online:
				got = append(got, "online")
			}
		case <-deadline:
			t.Fatalf("%q", got)
		}
	}
	for i, want := range []string{"lost", "online", "lost", "online"} {
		if got[i] != want {
			t.Fatalf("%q", got)
		}
	}
}
