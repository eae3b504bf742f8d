package method

import "context"

// identityGet answers Identity/get (RFC 8621 §6.1).
func identityGet(_ context.Context, c *call) (any, error) {
	var records []record
	for _, i := range c.account.Identities() {
		records = append(records, record{
			"id":            i.Id,
			"name":          i.Name,
			"email":         i.Email,
			"replyTo":       listOrNull(i.ReplyTo),
			"bcc":           listOrNull(i.Bcc),
			"textSignature": i.TextSignature,
			"htmlSignature": i.HtmlSignature,
			"mayDelete":     i.MayDelete,
		})
	}
	return getAnswer(c, c.account.State("Identity"), records)
}
