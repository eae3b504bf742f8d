package action_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// broken is the error of a connection that was lost.
type broken struct{}

func (broken) Error() string   { return "the connection was lost" }
func (broken) Temporary() bool { return true }

// line takes the octets of a file, named by where they lie, in megabytes. It fails as often
// as it is told.
type line struct {
	fails []error
	took  []string
}

func (l *line) Upload(_ context.Context, _ jmap.Id, mediaType string, _ any, from, to int64, progress func(int64)) (jmap.Upload, error) {
	progress((to - from) / 2)
	if len(l.fails) > 0 {
		err := l.fails[0]
		if l.fails = l.fails[1:]; err != nil {
			return jmap.Upload{}, err
		}
	}
	name := fmt.Sprintf("%d-%d", from>>20, to>>20)
	l.took = append(l.took, name)
	return jmap.Upload{BlobId: jmap.Id(name), Type: mediaType, Size: to - from}, nil
}

// TestUploadInPieces: a connection that breaks costs a piece and not the file.
func TestUploadInPieces(t *testing.T) {
	forever := make([]error, 1000)
	for i := range forever {
		forever[i] = broken{}
	}
	for _, c := range []struct {
		name  string
		size  int64
		fails []error
		blob  jmap.Id // "": it fails, and is tried again by hand
		then  jmap.Id
	}{
		{"small", 1 << 20, nil, "0-1", ""},
		{"empty", 0, nil, "0-0", ""},
		{"a whole piece", 8 << 20, nil, "0-8", ""},
		{"large", 20 << 20, nil, "0-8+8-16+16-20", ""},
		{"broken twice", 20 << 20, []error{nil, broken{}, broken{}}, "0-8+8-16+16-20", ""},
		{"refused", 20 << 20, []error{nil, errors.New("no room")}, "", "0-8+8-16+16-20"},
		{"broken for long", 20 << 20, append([]error{nil}, forever[:60]...), "", "0-8+8-16+16-20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, func(x *app) {
				l := &line{fails: c.fails}
				x.act(l)
				composer := x.compose()
				var at *store.Attachment
				x.do(func() { at = x.Attach(composer, "a.bin", "application/x", c.size, "file") })
				x.wait(15 * time.Minute)
				if at.BlobId != c.blob || (at.Err == "") != (c.blob != "") || c.blob != "" && at.Sent != c.size {
					t.Errorf("%+v", at)
				}
				if c.then == "" {
					return
				}
				l.fails = nil
				x.do(func() { x.RetryUpload(composer, at) })
				x.wait(time.Minute)
				if at.BlobId != c.then || at.Err != "" || at.Waiting || len(l.took) != 3 {
					t.Errorf("again: %+v, %v", at, l.took)
				}
			})
		})
	}
}

// What is larger than the bridge takes is not sent at all.
func TestUploadTooLarge(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		var at *store.Attachment
		x.do(func() { at = x.Attach(c, "a.iso", "application/x", 100_000_001, nil) })
		if at.Err == "" || at.Cancel != nil {
			t.Errorf("%+v", at)
		}
	})
}
