package method

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxBodyOctets is the most of one text part that is read for bodyValues,
// transfer encoding included; more is said to be truncated. 5 MB shown.
const maxBodyOctets = 7 << 20

// defaultBodyProperties is what parts have when Email/get is not told (RFC 8621
// §4.2).
var defaultBodyProperties = []string{"partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location"}

func isGone(err error) bool {
	return errors.Is(err, upstream.ErrGone) || errors.Is(err, upstream.ErrUIDValidity) || errors.Is(err, upstream.ErrNoMailbox) || errors.Is(err, ErrNotFound)
}

// reader gathers the sections one message is asked for and reads them together.
type reader struct {
	account  Account
	id       jmap.Id
	sections []upstream.Section
	got      map[string][]byte
}

func newReader(a Account, id jmap.Id) *reader {
	return &reader{account: a, id: id, got: map[string][]byte{}}
}

func (r *reader) want(path string, length int64) {
	if !slices.ContainsFunc(r.sections, func(s upstream.Section) bool { return s.Path == path }) {
		r.sections = append(r.sections, upstream.Section{Path: path, Length: length})
	}
}

func (r *reader) run(ctx context.Context) error {
	if len(r.sections) == 0 {
		return nil
	}
	data, err := r.account.Read(ctx, r.id, r.sections)
	if err != nil {
		return err
	}
	for i, s := range r.sections {
		r.got[s.Path] = data[i]
	}
	return nil
}

// bodyWants is what an Email/get asks of bodies.
type bodyWants struct {
	args    *jmap.EmailGetRequest
	headers []headerProperty
}

func newBodyWants(args *jmap.EmailGetRequest) (bodyWants, error) {
	w := bodyWants{args: args}
	if args.MaxBodyValueBytes < 0 {
		return w, jmap.Failf(jmap.InvalidArguments, "maxBodyValueBytes is negative")
	}
	for _, p := range args.BodyProperties {
		if h, ok := parseHeaderProperty(p); ok {
			w.headers = append(w.headers, h)
			continue
		}
		if p != "headers" && p != "subParts" && !slices.Contains(defaultBodyProperties, p) {
			return w, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "parts have no property " + p, Arguments: []string{"bodyProperties"}}
		}
	}
	return w, nil
}

// values lists the parts whose text is asked for.
func (w bodyWants) values(root *message.Part, text, html []*message.Part) []*message.Part {
	var want []*message.Part
	add := func(parts []*message.Part) {
		for _, p := range parts {
			if strings.HasPrefix(p.Type, "text/") && !slices.Contains(want, p) {
				want = append(want, p)
			}
		}
	}
	if w.args.FetchTextBodyValues || w.args.FetchAllBodyValues {
		add(text)
	}
	if w.args.FetchHTMLBodyValues || w.args.FetchAllBodyValues {
		add(html)
	}
	if w.args.FetchAllBodyValues {
		eachLeaf(root, func(p *message.Part) { add([]*message.Part{p}) })
	}
	return want
}

func eachLeaf(p *message.Part, f func(*message.Part)) {
	if isMultipart(p) {
		for _, child := range p.Parts {
			eachLeaf(child, f)
		}
		return
	}
	f(p)
}

// octets is how much of a part is read to give its value: enough for
// maxBodyValueBytes in any transfer encoding and charset.
func (w bodyWants) octets(_ *message.Part) int64 {
	if w.args.MaxBodyValueBytes == 0 {
		return maxBodyOctets
	}
	return min(w.args.MaxBodyValueBytes*4+4096, maxBodyOctets)
}

func (w bodyWants) value(p *message.Part, raw []byte) jmap.EmailBodyValue {
	// What cannot be decoded to its end is given as far as it can.
	decoded, err := io.ReadAll(message.DecodeTransfer(p.Encoding, bytes.NewReader(raw)))
	text, problem := message.DecodeText(p.Params["charset"], decoded)
	value := jmap.EmailBodyValue{
		Value:             text,
		IsEncodingProblem: problem || err != nil,
		IsTruncated:       int64(len(raw)) >= w.octets(p),
	}
	if w.args.MaxBodyValueBytes > 0 {
		var cut bool
		value.Value, cut = message.Truncate(text, w.args.MaxBodyValueBytes, p.Type == "text/html")
		value.IsTruncated = value.IsTruncated || cut
	}
	return value
}

// wantHeaders asks for the headers of parts where they are asked for.
func (w bodyWants) wantHeaders(read *reader, root *message.Part) {
	if len(w.headers) == 0 && !slices.Contains(w.args.BodyProperties, "headers") {
		return
	}
	read.want(headerSection(root, root), 0)
	eachPart(root, func(p *message.Part) { read.want(headerSection(root, p), 0) })
}

func eachPart(p *message.Part, f func(*message.Part)) {
	f(p)
	if isMultipart(p) {
		for _, child := range p.Parts {
			eachPart(child, f)
		}
	}
}

// headerSection is where the header of a part lies: that of the outermost part
// is the message's own.
func headerSection(root, p *message.Part) string {
	if p == root {
		return "HEADER"
	}
	return p.Section + ".MIME"
}

func (w bodyWants) list(read *reader, id jmap.Id, parts []*message.Part) []record {
	out := make([]record, len(parts))
	for i, p := range parts {
		out[i] = w.part(read, id, p, false)
	}
	return out
}

// part makes a record of a part, with those below it where tree is set (RFC 8621
// §4.1.4).
func (w bodyWants) part(read *reader, id jmap.Id, p *message.Part, tree bool) record {
	multipart := isMultipart(p)
	all := record{
		"type":        p.Type,
		"charset":     charset(p),
		"name":        orNull(p.Name),
		"disposition": orNull(p.Disposition),
		"cid":         orNull(p.CID),
		"language":    listOrNull(p.Language),
		"location":    orNull(p.Location),
		"size":        decodedSize(p),
		"partId":      orNull(p.Section),
		"blobId":      BlobID(id, p.Section),
	}
	if multipart {
		all["partId"], all["blobId"], all["size"] = nil, nil, int64(0)
	}
	out := record{}
	for _, property := range w.args.BodyProperties {
		if value, ok := all[property]; ok {
			out[property] = value
		}
	}
	if len(w.headers) > 0 || slices.Contains(w.args.BodyProperties, "headers") {
		header := message.ParseHeader(w.headerOf(read, p))
		if slices.Contains(w.args.BodyProperties, "headers") {
			out["headers"] = orEmpty(header.Fields())
		}
		for _, h := range w.headers {
			out[h.property] = h.value(header)
		}
	}
	if tree && multipart {
		children := make([]record, len(p.Parts))
		for i, child := range p.Parts {
			children[i] = w.part(read, id, child, true)
		}
		out["subParts"] = children
	}
	return out
}

func (w bodyWants) headerOf(read *reader, p *message.Part) []byte {
	if raw, ok := read.got[p.Section+".MIME"]; ok {
		return raw
	}
	return read.got["HEADER"]
}

// charset is that of a text part, us-ascii where it does not say; null for what
// is no text (RFC 8621 §4.1.4).
func charset(p *message.Part) any {
	if !strings.HasPrefix(p.Type, "text/") {
		return nil
	}
	if cs := p.Params["charset"]; cs != "" {
		return cs
	}
	return "us-ascii"
}

// decodedSize is the size of a part once its transfer encoding is undone. What
// the server tells is the size as it lies there: for base64 this assumes lines of
// 76 characters and may be two octets off; for quoted-printable it is an upper
// bound.
func decodedSize(p *message.Part) int64 {
	if p.Encoding == "base64" {
		return (p.Size - 2*(p.Size/78)) / 4 * 3
	}
	return p.Size
}
