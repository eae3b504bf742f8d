package method

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // RFC 9404 §3 has servers offer it, for comparing and not for trusting
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"unicode/utf8"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxBlobData is how many octets of data one Blob/get answers with: they are held in
// memory. A download has no such limit.
const maxBlobData = 16 << 20

// digests is the algorithms a digest can be asked for by, advertised as
// supportedDigestAlgorithms.
var digests = map[string]func() hash.Hash{
	"digest:sha":     sha1.New,
	"digest:sha-256": sha256.New,
}

// blobWants is what is to be answered about each blob.
type blobWants struct {
	properties     map[string]bool
	offset, length *int64
	left           int64 // octets of data that may still be answered
}

// blobGet answers Blob/get (RFC 9404 §4.2).
func blobGet(ctx context.Context, c *call) (any, error) {
	var args struct {
		jmap.GetRequest
		Offset *int64 `json:"offset"`
		Length *int64 `json:"length"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if args.Ids == nil {
		return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "blobs are not listed: ids is missing", Arguments: []string{"ids"}}
	}
	if len(args.Ids) > MaxObjectsInGet {
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	wants, err := newBlobWants(args.Properties, args.Offset, args.Length)
	if err != nil {
		return nil, err
	}
	list, notFound := []record{}, []jmap.Id{}
	seen := map[jmap.Id]bool{}
	for _, id := range args.Ids {
		id = c.real(id)
		if seen[id] {
			continue
		}
		seen[id] = true
		blob, err := c.account.OpenBlob(ctx, id)
		if errors.Is(err, ErrNotFound) {
			notFound = append(notFound, id)
			continue
		}
		if err != nil {
			return nil, err
		}
		r, err := wants.about(ctx, blob)
		if err != nil {
			return nil, err
		}
		r["id"] = id
		list = append(list, r)
	}
	return record{"accountId": args.AccountId, "list": list, "notFound": notFound}, nil
}

func newBlobWants(properties []string, offset, length *int64) (*blobWants, error) {
	w := &blobWants{properties: map[string]bool{}, offset: offset, length: length, left: maxBlobData}
	for name, n := range map[string]*int64{"offset": offset, "length": length} {
		if n != nil && *n < 0 {
			return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: name + " is negative", Arguments: []string{name}}
		}
	}
	if properties == nil {
		properties = []string{"data", "size"}
	}
	for _, p := range properties {
		switch p {
		case "id", "data", "data:asText", "data:asBase64", "size", "isEncodingProblem", "isTruncated":
		default:
			if digests[p] == nil {
				return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "there is no property " + p, Arguments: []string{"properties"}}
			}
		}
		w.properties[p] = true
	}
	return w, nil
}

// about says what is wanted of one blob, all but its id.
func (w *blobWants) about(ctx context.Context, b Blob) (record, error) {
	r := record{}
	sums := map[string]hash.Hash{}
	for p, begin := range digests {
		if w.properties[p] {
			sums[p] = begin()
		}
	}
	data, size, truncated, err := w.read(ctx, b, sums)
	if err != nil {
		return nil, err
	}
	for p, sum := range sums {
		r[p] = base64.StdEncoding.EncodeToString(sum.Sum(nil))
	}
	if w.properties["size"] {
		r["size"] = size
	}
	if w.properties["isTruncated"] || truncated {
		r["isTruncated"] = truncated
	}
	w.show(r, data)
	return r, nil
}

// wantsData reports whether the octets themselves are wanted.
func (w *blobWants) wantsData() bool {
	return w.properties["data"] || w.properties["data:asText"] || w.properties["data:asBase64"]
}

// read reads the range that is wanted: into sums, and if it is wanted itself, into
// memory. truncated is whether the blob ends before the range does.
func (w *blobWants) read(ctx context.Context, b Blob, sums map[string]hash.Hash) (data []byte, size int64, truncated bool, err error) {
	if size, err = measure(ctx, b); err != nil {
		return nil, 0, false, err
	}
	var offset int64
	if w.offset != nil {
		offset = *w.offset
	}
	truncated = offset > size || w.length != nil && *w.length > size-offset
	length := max(size-offset, 0)
	if w.length != nil {
		length = min(length, *w.length)
	}
	if w.wantsData() {
		if w.left -= length; w.left < 0 {
			return nil, 0, false, jmap.Failf(jmap.RequestTooLarge, "no more than %d octets are answered at once: ask for a range, or download the blob", maxBlobData)
		}
	} else if len(sums) == 0 {
		return nil, size, truncated, nil
	}
	body, err := b.Open(ctx, min(offset, size))
	if err != nil {
		return nil, 0, false, err
	}
	defer body.Close()
	var kept bytes.Buffer
	into := make([]io.Writer, 0, len(sums)+1)
	for _, sum := range sums {
		into = append(into, sum)
	}
	if w.wantsData() {
		into = append(into, &kept)
	}
	_, err = io.Copy(io.MultiWriter(into...), io.LimitReader(body, length))
	return kept.Bytes(), size, truncated, err
}

// show writes the octets down, as text where they are text.
func (w *blobWants) show(r record, data []byte) {
	text := utf8.Valid(data)
	problem := !text && (w.properties["data"] || w.properties["data:asText"])
	if w.properties["isEncodingProblem"] || problem {
		r["isEncodingProblem"] = problem
	}
	switch {
	case w.properties["data:asText"] && !text:
		r["data:asText"] = nil
	case w.properties["data:asText"], w.properties["data"] && text:
		r["data:asText"] = string(data)
	}
	if w.properties["data:asBase64"] || w.properties["data"] && !text {
		r["data:asBase64"] = base64.StdEncoding.EncodeToString(data)
	}
}
