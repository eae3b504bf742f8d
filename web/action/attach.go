package action

import (
	"context"
	"errors"
	"slices"

	"github.com/hearthmail/hearthmail/web/store"
)

// Attach uploads a file and adds it to the message. source is passed on to the
// Uploader. nil while the message is being sent.
func (x *Actions) Attach(c *store.Composer, name, mediaType string, size int64, source any) *store.Attachment {
	return x.attach(c, name, mediaType, size, source, "")
}

// AttachPicture is Attach for a picture that the HTML is to show by the attachment's Cid.
func (x *Actions) AttachPicture(c *store.Composer, name, mediaType string, size int64, source any) *store.Attachment {
	return x.attach(c, name, mediaType, size, source, newMessageId(identity(x.account(c), c).Email))
}

func (x *Actions) attach(c *store.Composer, name, mediaType string, size int64, source any, cid string) *store.Attachment {
	if c.Status == store.Sending || c.Status == store.Sent {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	at := &store.Attachment{Name: name, Type: mediaType, Size: size, Cancel: cancel, Inline: cid != "", Cid: cid}
	c.Attachments = append(slices.Clip(c.Attachments), at)
	x.store.ComposerChanged(c)
	progress := func(sent int64) {
		if sent != at.Sent {
			at.Sent = sent
			x.store.ComposerChanged(c)
		}
	}
	go func() {
		up, err := x.uploader.Upload(ctx, c.AccountId, name, mediaType, size, source,
			func(sent int64) { x.post(func() { progress(sent) }) })
		x.post(func() {
			cancel()
			at.Cancel = nil
			switch {
			case errors.Is(err, context.Canceled):
				return
			case err != nil:
				at.Err = failed(textNotUploaded, err)
				x.store.ComposerChanged(c)
				return
			}
			at.BlobId, at.Sent = up.BlobId, size
			if up.Type != "" {
				at.Type = up.Type
			}
			x.edited(c)
		})
	}()
	return at
}

// Detach takes an attachment away and stops its upload.
func (x *Actions) Detach(c *store.Composer, at *store.Attachment) {
	if c.Status == store.Sending || c.Status == store.Sent {
		return
	}
	if at.Cancel != nil {
		at.Cancel()
	}
	c.Attachments = slices.DeleteFunc(slices.Clone(c.Attachments), func(o *store.Attachment) bool { return o == at })
	x.edited(c)
}
