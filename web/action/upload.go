package action

import (
	"context"
	"errors"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// Uploader brings files to the bridge. source is what the browser's file picker gave.
// Upload blocks until the octets from one position to another are there, off the UI loop;
// it may call progress from any goroutine with how many of them were sent so far. An error
// with a method Temporary that is true is no reason to give up.
type Uploader interface {
	Upload(ctx context.Context, account jmap.Id, mediaType string, source any, from, to int64, progress func(sent int64)) (jmap.Upload, error)
}

const (
	// pieceSize is how much of a file goes at once: what is sent again when the connection
	// breaks. A file of several pieces is put together at the bridge (RFC 9404 §4.1).
	pieceSize = 8 << 20
	// A piece that did not arrive is tried again after a pause, which grows.
	firstPause   = time.Second
	longestPause = 15 * time.Second
	// uploadPatience is how long that goes on.
	uploadPatience = 10 * time.Minute
)

// upload is one file on its way.
type upload struct {
	*Actions
	of      *store.Composer
	file    *store.Attachment
	account *store.Account
}

// run sends the pieces from one on; done runs on the UI loop.
func (u *upload) run(ctx context.Context, piece int, done func(error)) {
	size := u.file.Size
	step := int64(pieceSize)
	if !u.account.Has(jmap.CapabilityBlob) {
		step = max(1, size)
	}
	var last jmap.Upload
	for from := int64(piece) * step; from < size || from == 0; from += step {
		up, err := u.piece(ctx, from, min(size, from+step))
		if err != nil {
			u.post(func() { done(err) })
			return
		}
		last = up
		u.post(func() { u.file.Pieces = append(u.file.Pieces, up.BlobId) })
	}
	u.post(func() {
		if ctx.Err() != nil {
			done(ctx.Err())
			return
		}
		u.arrived(last, done)
	})
}

// arrived makes one blob of the pieces.
func (u *upload) arrived(last jmap.Upload, done func(error)) {
	take := func(blob jmap.Id, err error) {
		if err == nil {
			u.file.BlobId = blob
		}
		done(err)
	}
	if len(u.file.Pieces) > 1 {
		u.client.JoinBlobs(u.account, u.file.Pieces, u.file.Type, take)
		return
	}
	if last.Type != "" {
		u.file.Type = last.Type
	}
	take(u.file.Pieces[0], nil)
}

// piece sends one piece, again and again while the connection is what fails.
func (u *upload) piece(ctx context.Context, from, to int64) (jmap.Upload, error) {
	giveUp := u.now().Add(uploadPatience)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		up, err := u.uploader.Upload(ctx, u.account.Id(), u.file.Type, u.file.Source, from, to, func(sent int64) { u.sent(from + sent) })
		if err == nil || ctx.Err() != nil || !temporary(err) || u.now().After(giveUp) {
			return up, err
		}
		u.post(func() {
			u.file.Waiting = true
			u.store.ComposerChanged(u.of)
		})
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return jmap.Upload{}, ctx.Err()
		}
	}
}

// sent shows how far it is.
func (u *upload) sent(octets int64) {
	u.post(func() {
		if octets != u.file.Sent || u.file.Waiting {
			u.file.Sent, u.file.Waiting = octets, false
			u.store.ComposerChanged(u.of)
		}
	})
}

// temporary reports whether what failed may work later.
func temporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}
