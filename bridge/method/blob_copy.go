package method

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// blobCopy answers Blob/copy (RFC 8620 §6.3): octets of one account become an upload of
// another.
func blobCopy(ctx context.Context, c *call) (any, error) {
	var args struct {
		FromAccountId jmap.Id   `json:"fromAccountId"`
		AccountId     jmap.Id   `json:"accountId"`
		BlobIds       []jmap.Id `json:"blobIds"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	switch {
	case args.BlobIds == nil:
		return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "blobIds is missing", Arguments: []string{"blobIds"}}
	case args.FromAccountId == args.AccountId:
		return nil, jmap.Failf(jmap.InvalidArguments, "within one account there is nothing to copy")
	case len(args.BlobIds) > MaxObjectsInSet:
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	from := c.accounts(args.FromAccountId)
	if from == nil {
		return nil, &jmap.MethodError{Type: jmap.FromAccountNotFound}
	}
	copied, refused := map[jmap.Id]jmap.Id{}, map[jmap.Id]*jmap.SetError{}
	slices.Sort(args.BlobIds)
	for _, id := range slices.Compact(args.BlobIds) {
		to, err := c.copyBlob(ctx, from, c.real(id))
		var why *jmap.SetError
		switch {
		case err == nil:
			copied[id] = to
		case errors.As(err, &why):
			refused[id] = why
		default:
			return nil, err
		}
	}
	return record{
		"fromAccountId": args.FromAccountId, "accountId": args.AccountId,
		"copied": mapOrNull(copied), "notCopied": mapOrNull(refused),
	}, nil
}

func (c *call) copyBlob(ctx context.Context, from Account, id jmap.Id) (jmap.Id, error) {
	blob, err := from.OpenBlob(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return "", &jmap.SetError{Type: jmap.SetNotFound}
	}
	if err != nil {
		return "", err
	}
	if blob.Size() > MaxSizeBlobSet {
		return "", &jmap.SetError{Type: jmap.SetTooLarge}
	}
	body, err := blob.Open(ctx, 0)
	if err != nil {
		return "", err
	}
	defer body.Close()
	up, err := c.account.Upload(ctx, "", io.LimitReader(body, MaxSizeBlobSet+1))
	if err == nil && up.Size > MaxSizeBlobSet {
		return "", &jmap.SetError{Type: jmap.SetTooLarge}
	}
	return up.BlobId, err
}
