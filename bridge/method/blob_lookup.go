package method

import (
	"context"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// lookupTypes is the types a blob can be looked up in, advertised as
// supportedTypeNames.
var lookupTypes = []string{"Mailbox", "Thread", "Email"}

// blobLookup answers Blob/lookup (RFC 9404 §4.3): which records a blob belongs to. One
// that is not there belongs to none, as does an upload: what is made of it has a blob of
// its own.
func blobLookup(ctx context.Context, c *call) (any, error) {
	var args struct {
		AccountId jmap.Id   `json:"accountId"`
		TypeNames []string  `json:"typeNames"`
		Ids       []jmap.Id `json:"ids"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if args.Ids == nil || args.TypeNames == nil {
		return nil, jmap.Failf(jmap.InvalidArguments, "typeNames and ids are lists")
	}
	if len(args.Ids) > MaxObjectsInGet {
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	for _, typ := range args.TypeNames {
		if !slices.Contains(lookupTypes, typ) || !slices.Contains(c.using, capabilities[typ]) {
			return nil, jmap.Failf(jmap.UnknownDataType, "blobs cannot be looked up in %s", typ)
		}
	}
	emails := make([]jmap.Id, 0, len(args.Ids))
	for i, id := range args.Ids {
		args.Ids[i] = c.real(id)
		if email, ok := emailOfBlob(args.Ids[i]); ok && !slices.Contains(emails, email) {
			emails = append(emails, email)
		}
	}
	rows, err := c.account.Rows(ctx, emails)
	if err != nil {
		return nil, err
	}
	list := make([]record, len(args.Ids))
	for i, id := range args.Ids {
		matched := map[string][]jmap.Id{}
		email, _ := emailOfBlob(id)
		row, ok := rows[email]
		for _, typ := range args.TypeNames {
			switch {
			case !ok:
				matched[typ] = []jmap.Id{}
			case typ == "Mailbox":
				matched[typ] = row.Mailboxes
			case typ == "Thread":
				matched[typ] = []jmap.Id{row.Thread}
			case typ == "Email":
				matched[typ] = []jmap.Id{email}
			}
		}
		list[i] = record{"id": id, "matchedIds": matched}
	}
	return record{"accountId": args.AccountId, "list": list, "notFound": []jmap.Id{}}, nil
}

// emailOfBlob is the email that BlobID made a blob's id of.
func emailOfBlob(blob jmap.Id) (jmap.Id, bool) {
	rest, ok := strings.CutPrefix(string(blob), "b")
	email, _, _ := strings.Cut(rest, "_")
	return jmap.Id(email), ok && email != ""
}
