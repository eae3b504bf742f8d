package action

import (
	"context"
	"errors"
	"slices"

	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Attach uploads a file and adds it to the message. source is passed on to the
// Uploader. nil while the message is being sent.
func (x *Actions) Attach(c *store.Composer, name, mediaType string, size int64, source any) *store.Attachment {
	return x.attach(c, &store.Attachment{Name: name, Type: mediaType, Size: size, Source: source})
}

// AttachPicture is Attach for a picture that the HTML is to show by the attachment's Cid.
func (x *Actions) AttachPicture(c *store.Composer, name, mediaType string, size int64, source any) *store.Attachment {
	return x.attach(c, &store.Attachment{
		Name: name, Type: mediaType, Size: size, Source: source, Inline: true, Cid: newMessageId(identity(x.account(c), c).Email),
	})
}

func (x *Actions) attach(c *store.Composer, at *store.Attachment) *store.Attachment {
	if c.Status == store.Sending || c.Status == store.Sent {
		return nil
	}
	c.Attachments = append(slices.Clip(c.Attachments), at)
	if x.TooLarge(at) {
		at.Err = words.T("Too large: at most {size} can be attached", words.Size(x.client.MaxUpload()))
		x.store.ComposerChanged(c)
		return at
	}
	x.upload(c, at)
	return at
}

// Replace uploads a file in the place of an attachment: a smaller picture of the same.
func (x *Actions) Replace(c *store.Composer, at *store.Attachment, mediaType string, size int64, source any) {
	i := slices.Index(c.Attachments, at)
	if i < 0 {
		return
	}
	name := at.Name
	x.Detach(c, at)
	if small := x.Attach(c, name, mediaType, size, source); small != nil {
		small.Small = true
		c.Attachments = slices.Insert(slices.Clone(c.Attachments[:len(c.Attachments)-1]), i, small)
	}
}

// TooLarge reports whether the bridge would not take a file.
func (x *Actions) TooLarge(at *store.Attachment) bool {
	most := x.client.MaxUpload()
	return most > 0 && at.Size > most
}

// RetryUpload goes on with an upload that failed, from where it was.
func (x *Actions) RetryUpload(c *store.Composer, at *store.Attachment) {
	if at.Err != "" && at.Source != nil {
		at.Err = ""
		x.upload(c, at)
	}
}

// upload brings a file to the bridge, off the UI loop.
func (x *Actions) upload(c *store.Composer, at *store.Attachment) {
	ctx, cancel := context.WithCancel(context.Background())
	at.Cancel = cancel
	x.store.ComposerChanged(c)
	u := &upload{Actions: x, of: c, file: at, account: x.account(c)}
	go u.run(ctx, len(at.Pieces), func(err error) {
		cancel()
		at.Cancel, at.Waiting = nil, false
		switch {
		case errors.Is(err, context.Canceled): // nobody wants it any more
		case err != nil:
			at.Err = failed(textNotUploaded, err)
			x.store.ComposerChanged(c)
		default:
			at.Sent = at.Size
			x.edited(c)
		}
	})
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
