package client

import (
	"maps"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// maxReports is how many reports of one message are read.
const maxReports = 20

// reportTypes are the parts of reports that are for programs (RFC 3464, RFC 8098).
var reportTypes = []string{"message/delivery-status", "message/disposition-notification", "message/global-delivery-status", "message/global-disposition-notification"}

// Report fetches what became of a message that was sent: what the bridge knows for each
// recipient, nil if it does not, and the reports that came, in their own words.
func (c *Client) Report(a *store.Account, e *jmap.Email, done func(known map[string]jmap.DeliveryStatus, reports []string)) {
	w := c.accounts[a.Id()]
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		sent := ask[jmap.QueryResponse](b, "EmailSubmission/query", jmap.QueryRequest[submissionFilter]{AccountId: a.Id(), Filter: &submissionFilter{EmailIds: []jmap.Id{e.Id}}})
		got := ask[jmap.GetResponse[jmap.EmailSubmission]](b, "EmailSubmission/get", jmap.GetRequest{
			AccountId: a.Id(), IdsRef: sent.ref("/ids"), Properties: []string{"id", "undoStatus", "deliveryStatus"},
		})
		var about *answer[jmap.GetResponse[jmap.Email]]
		if len(e.MessageId) > 0 {
			most := maxReports
			found := ask[jmap.QueryResponse](b, "Email/query", jmap.QueryRequest[jmap.EmailFilter]{AccountId: a.Id(), Filter: aboutEmail(e), Limit: &most})
			about = ask[jmap.GetResponse[jmap.Email]](b, "Email/get", jmap.GetRequest{AccountId: a.Id(), IdsRef: found.ref("/ids"), Properties: []string{"id", "attachments"}})
		}
		return func(err error) {
			if err != nil {
				done(nil, nil)
				return
			}
			known := finished(got.Value.List)
			var blobs []jmap.Id
			if about != nil {
				blobs = reportParts(about.Value.List)
			}
			if len(blobs) == 0 {
				done(known, nil)
				return
			}
			c.readReports(w, blobs, func(reports []string) { done(known, reports) })
		}
	}})
}

// aboutEmail finds what came since an email and names it.
func aboutEmail(e *jmap.Email) *jmap.EmailFilter {
	id := e.MessageId[0]
	return &jmap.EmailFilter{Operator: "AND", Conditions: []jmap.EmailFilter{
		{After: e.ReceivedAt},
		{Operator: "OR", Conditions: []jmap.EmailFilter{{Body: id}, {Header: []string{"In-Reply-To", id}}, {Header: []string{"References", id}}}},
	}}
}

// finished is what became of the recipients of submissions, the latest of which is last.
func finished(list []jmap.EmailSubmission) map[string]jmap.DeliveryStatus {
	var all map[string]jmap.DeliveryStatus
	for _, s := range list {
		if s.UndoStatus != jmap.UndoFinal {
			continue
		}
		if all == nil {
			all = map[string]jmap.DeliveryStatus{}
		}
		maps.Copy(all, s.DeliveryStatus)
	}
	return all
}

func reportParts(list []jmap.Email) (blobs []jmap.Id) {
	for _, e := range list {
		for _, p := range e.Attachments {
			if p.BlobId != "" && slices.Contains(reportTypes, p.Type) {
				blobs = append(blobs, p.BlobId)
			}
		}
	}
	return blobs
}

func (c *Client) readReports(w *wire, blobs []jmap.Id, done func([]string)) {
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[struct {
			Text string `json:"data:asText"`
		}]](b, "Blob/get", jmap.GetRequest{AccountId: w.account.Id(), Ids: blobs, Properties: []string{"data:asText"}})
		return func(error) {
			var texts []string
			for _, r := range got.Value.List {
				texts = append(texts, r.Text)
			}
			done(texts)
		}
	}})
}
