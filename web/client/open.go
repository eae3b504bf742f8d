package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// maxBodyValue bounds one text part; what is longer comes truncated, and says so.
const maxBodyValue = 2 << 20

// bodyProperties are what the reader shows, beyond the row.
var openProperties = append([]string{
	"blobId", "messageId", "inReplyTo", "references", "sender", "cc", "bcc", "replyTo", "sentAt",
	"textBody", "htmlBody", "attachments", "bodyValues",
	"header:Authentication-Results:asRaw:all", "header:List-Unsubscribe:asURLs", "header:List-Unsubscribe-Post:asText", "header:List-Id:asText",
	"header:List-Post:asURLs", "header:Mail-Followup-To:asAddresses", "header:Disposition-Notification-To:asAddresses",
}, rowProperties...)

// partProperties are what is known of each part; its headers say whether its lines flow
// (RFC 3676).
var partProperties = []string{"partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "headers"}

// OpenEmail fetches an email with its body.
func (c *Client) OpenEmail(a *store.Account, id jmap.Id) {
	w := c.accounts[a.Id()]
	a.SetBodyState(id, store.BodyLoading, nil)
	c.enqueue(&job{wire: w, key: "open" + string(a.Id()) + "/" + string(id), build: func(b *batch) func(error) {
		got, mark := w.askBodies(b, []jmap.Id{id})
		return func(err error) {
			switch {
			case lost(err): // asked again after the reconnect while it is open
				a.SetBodyState(id, store.BodyUnknown, nil)
			case firstError(err, got.Err()) != nil:
				a.SetBodyState(id, store.BodyFailed, firstError(err, got.Err()))
			case len(got.Value.List) == 0:
				a.EmailsGone([]jmap.Id{id})
			default:
				c.sawState(a, got.Value.State)
				a.ApplyBody(got.Value.List[0], mark)
			}
			a.Answered(mark)
		}
	}})
}

// askBodies adds the call that fetches emails with their bodies.
func (w *wire) askBodies(b *batch, ids []jmap.Id) (*answer[jmap.GetResponse[jmap.Email]], store.Mark) {
	return ask[jmap.GetResponse[jmap.Email]](b, "Email/get", jmap.EmailGetRequest{
		GetRequest:     jmap.GetRequest{AccountId: w.account.Id(), Ids: ids, Properties: openProperties},
		BodyProperties: partProperties, FetchTextBodyValues: true, FetchHTMLBodyValues: true, MaxBodyValueBytes: maxBodyValue,
	}), w.account.Ask()
}
