package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// MaxUpload is how many octets a file may have, 0 where the bridge does not say.
func (c *Client) MaxUpload() int64 { return c.limits.MaxSizeUpload }

// JoinBlobs makes one blob of pieces, in their order (RFC 9404 §4.1).
func (c *Client) JoinBlobs(a *store.Account, pieces []jmap.Id, mediaType string, done func(jmap.Id, error)) {
	const joined = jmap.Id("joined")
	type piece struct {
		BlobId jmap.Id `json:"blobId"`
	}
	data := make([]piece, len(pieces))
	for i, id := range pieces {
		data[i] = piece{id}
	}
	c.enqueue(&job{wire: c.accounts[a.Id()], build: func(b *batch) func(error) {
		made := ask[struct {
			Created    map[jmap.Id]struct{ Id jmap.Id }
			NotCreated map[jmap.Id]jmap.SetError
		}](b, "Blob/upload", map[string]any{"accountId": a.Id(), "create": map[jmap.Id]any{joined: map[string]any{"data": data, "type": mediaType}}})
		return func(err error) {
			if lost(err) { // the same pieces make the same blob
				c.JoinBlobs(a, pieces, mediaType, done)
				return
			}
			if err = firstError(err, made.Err()); err == nil {
				if refused, ok := made.Value.NotCreated[joined]; ok {
					err = &refused
				} else if made.Value.Created[joined].Id == "" {
					err = errNoAnswer
				}
			}
			done(made.Value.Created[joined].Id, err)
		}
	}})
}
