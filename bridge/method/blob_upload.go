package method

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Limits of blobs, advertised with each account (RFC 9404 §3).
const (
	// MaxSizeBlobSet is how large a blob made by Blob/upload or Blob/copy may be: as large
	// as one that is uploaded over HTTP.
	MaxSizeBlobSet = 100 << 20
	// MaxDataSources is how many pieces one may be made of; RFC 9404 asks for at least 64.
	MaxDataSources = 64
)

// BlobCapability is what an account says about its blobs (RFC 9404 §3).
func BlobCapability() json.RawMessage {
	algorithms := make([]string, 0, len(digests))
	for name := range digests {
		algorithms = append(algorithms, strings.TrimPrefix(name, "digest:"))
	}
	slices.Sort(algorithms)
	raw, _ := json.Marshal(record{ // always marshals
		"maxSizeBlobSet":            MaxSizeBlobSet,
		"maxDataSources":            MaxDataSources,
		"supportedTypeNames":        lookupTypes,
		"supportedDigestAlgorithms": algorithms,
	})
	return raw
}

// blobCreation is one blob to be made by Blob/upload.
type blobCreation struct {
	Data []blobSource `json:"data"`
	Type *string      `json:"type"`
}

// blobSource is a piece of a new blob: one of text, base64 and a range of another blob.
type blobSource struct {
	Text   *string  `json:"data:asText"`
	Base64 *string  `json:"data:asBase64"`
	BlobId *jmap.Id `json:"blobId"`
	Offset *int64   `json:"offset"`
	Length *int64   `json:"length"`
}

// blobUpload answers Blob/upload (RFC 9404 §4.1).
func blobUpload(ctx context.Context, c *call) (any, error) {
	var args struct {
		AccountId jmap.Id                     `json:"accountId"`
		Create    map[jmap.Id]json.RawMessage `json:"create"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if args.Create == nil {
		return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "create is missing", Arguments: []string{"create"}}
	}
	if len(args.Create) > MaxObjectsInSet {
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	created, refused := map[jmap.Id]record{}, map[jmap.Id]*jmap.SetError{}
	wanted := map[jmap.Id]*blobCreation{}
	for id, raw := range args.Create {
		want := new(blobCreation)
		if err := json.Unmarshal(raw, want); err != nil {
			refused[id] = invalid(plainJSONError(err))
			continue
		}
		wanted[id] = want
	}
	for len(wanted) > 0 {
		id := nextBlob(wanted)
		made, err := c.makeBlob(ctx, wanted[id])
		delete(wanted, id)
		var why *jmap.SetError
		switch {
		case err == nil:
			created[id] = made
			c.created[id] = made["id"].(jmap.Id)
		case errors.As(err, &why):
			refused[id] = why
		default:
			return nil, err
		}
	}
	return record{"accountId": args.AccountId, "created": mapOrNull(created), "notCreated": mapOrNull(refused)}, nil
}

// mapOrNull is nil, sent as null, for an empty map.
func mapOrNull[V any](m map[jmap.Id]V) any {
	if len(m) == 0 {
		return nil
	}
	return m
}

// nextBlob is a blob that is made of none of the others, or any if they are made of each
// other.
func nextBlob(wanted map[jmap.Id]*blobCreation) jmap.Id {
	ids := slices.Sorted(maps.Keys(wanted))
	for _, id := range ids {
		waits := slices.ContainsFunc(wanted[id].Data, func(s blobSource) bool {
			if s.BlobId == nil {
				return false
			}
			creation, ok := strings.CutPrefix(string(*s.BlobId), "#")
			return ok && wanted[jmap.Id(creation)] != nil
		})
		if !waits {
			return id
		}
	}
	return ids[0]
}

// makeBlob puts a blob together. What is wrong with its pieces is a *jmap.SetError.
func (c *call) makeBlob(ctx context.Context, want *blobCreation) (record, error) {
	if len(want.Data) > MaxDataSources {
		return nil, &jmap.SetError{Type: jmap.SetTooLarge, Description: "there are too many data sources", Properties: []string{"data"}}
	}
	pieces := make([]io.Reader, len(want.Data))
	var total int64
	for i, source := range want.Data {
		piece, size, err := c.openSource(ctx, source)
		if err != nil {
			return nil, err
		}
		pieces[i] = piece
		if total += size; total > MaxSizeBlobSet {
			return nil, &jmap.SetError{Type: jmap.SetTooLarge, Description: "the blob would be larger than maxSizeBlobSet"}
		}
	}
	mediaType := ""
	if want.Type != nil {
		mediaType = *want.Type
	}
	up, err := c.account.Upload(ctx, mediaType, io.MultiReader(pieces...))
	if err != nil {
		return nil, err
	}
	return record{"id": up.BlobId, "type": orNull(mediaType), "size": up.Size}, nil
}

var errBlobSource = &jmap.SetError{
	Type: jmap.SetInvalidProperties, Properties: []string{"data"},
	Description: "a data source is one of data:asText, data:asBase64, and a range that a blob has",
}

// openSource gives one piece and its size. Nothing is guessed: what cannot be taken word
// for word is refused (RFC 9404 §4.1).
func (c *call) openSource(ctx context.Context, s blobSource) (io.Reader, int64, error) {
	switch {
	case s.Text != nil && s.Base64 == nil && s.BlobId == nil:
		return strings.NewReader(*s.Text), int64(len(*s.Text)), nil
	case s.Base64 != nil && s.Text == nil && s.BlobId == nil:
		// encoding/base64 would overlook line ends.
		data, err := base64.StdEncoding.Strict().DecodeString(*s.Base64)
		if err != nil || strings.ContainsAny(*s.Base64, "\r\n") {
			return nil, 0, errBlobSource
		}
		return bytes.NewReader(data), int64(len(data)), nil
	case s.BlobId != nil && s.Text == nil && s.Base64 == nil:
		return c.openRange(ctx, s)
	}
	return nil, 0, errBlobSource
}

func (c *call) openRange(ctx context.Context, s blobSource) (io.Reader, int64, error) {
	blob, err := c.account.OpenBlob(ctx, c.real(*s.BlobId))
	if errors.Is(err, ErrNotFound) {
		return nil, 0, invalid("there is no blob "+string(*s.BlobId), "data")
	}
	if err != nil {
		return nil, 0, err
	}
	size, err := measure(ctx, blob)
	if err != nil {
		return nil, 0, err
	}
	var offset int64
	if s.Offset != nil {
		offset = *s.Offset
	}
	length := size - offset
	if s.Length != nil {
		length = *s.Length
	}
	if offset < 0 || length < 0 || offset > size || length > size-offset {
		return nil, 0, errBlobSource
	}
	open := func() (io.ReadCloser, error) { return blob.Open(ctx, offset) }
	return &lateReader{open: open, left: length}, length, nil
}

// measure is how many octets a blob has. One whose size is not known is read.
func measure(ctx context.Context, b Blob) (int64, error) {
	if b.Size() >= 0 {
		return b.Size(), nil
	}
	body, err := b.Open(ctx, 0)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	return io.Copy(io.Discard, body)
}

// lateReader opens what it reads at the first reading, reads no more than left octets
// and takes fewer for an error.
type lateReader struct {
	open func() (io.ReadCloser, error)
	body io.ReadCloser
	left int64
}

func (l *lateReader) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, l.close(io.EOF)
	}
	if l.body == nil {
		body, err := l.open()
		if err != nil {
			return 0, err
		}
		l.body = body
	}
	n, err := l.body.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	if errors.Is(err, io.EOF) && l.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return n, l.close(err)
	}
	return n, nil
}

func (l *lateReader) close(err error) error {
	if l.body != nil {
		_ = l.body.Close() // it was only read
		l.body = nil
	}
	return err
}
