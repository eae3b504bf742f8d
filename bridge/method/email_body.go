package method

import (
	"bytes"
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

// maxAllBodyOctets is the most of all text parts of a message together; of those beyond
// it one octet is read.
const maxAllBodyOctets = 32 << 20

// defaultBodyProperties is what parts have when Email/get is not told (RFC 8621
// §4.2).
var defaultBodyProperties = []string{"partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location"}

func isGone(err error) bool {
	return errors.Is(err, upstream.ErrGone) || errors.Is(err, upstream.ErrUIDValidity) || errors.Is(err, upstream.ErrNoMailbox) || errors.Is(err, ErrNotFound)
}

// bodyWants is what an Email/get or Email/parse asks of bodies.
type bodyWants struct {
	args    *bodyArgs
	headers []headerProperty
}

func newBodyWants(args *bodyArgs) (bodyWants, error) {
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

func (w bodyWants) asks(property string) bool {
	return slices.Contains(w.args.BodyProperties, property)
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
	eachPart(p, func(p *message.Part) {
		if !isMultipart(p) {
			f(p)
		}
	})
}

func eachPart(p *message.Part, f func(*message.Part)) {
	f(p)
	if isMultipart(p) {
		for _, child := range p.Parts {
			eachPart(child, f)
		}
	}
}

// limits says how much of each part is read to give its value: enough for
// maxBodyValueBytes in any transfer encoding and charset.
func (w bodyWants) limits(parts []*message.Part) map[*message.Part]int64 {
	each, left := int64(maxBodyOctets), int64(maxAllBodyOctets)
	if n := w.args.MaxBodyValueBytes; n > 0 && n < maxBodyOctets/4 {
		each = min(n*4+4096, each)
	}
	out := make(map[*message.Part]int64, len(parts))
	for _, p := range parts {
		out[p] = max(min(each, left), 1)
		left -= min(p.Size, out[p])
	}
	return out
}

// value is the text of a part, of which so many octets at most were to be read.
func (w bodyWants) value(p *message.Part, raw []byte, limit int64) jmap.EmailBodyValue {
	// What cannot be decoded to its end is given as far as it can.
	decoded, err := io.ReadAll(message.DecodeTransfer(p.Encoding, bytes.NewReader(raw)))
	short := int64(len(raw)) >= limit && p.Size > limit
	if short {
		decoded = message.DecodeBeginning(p.Encoding, raw[:limit])
	}
	text, problem := message.DecodeText(p.Params["charset"], decoded)
	if short && message.KnownCharset(p.Params["charset"]) {
		// Half a character at the end is no fault of the message.
		text = strings.TrimRight(text, "\ufffd")
		problem = strings.ContainsRune(text, '\ufffd')
	}
	value := jmap.EmailBodyValue{
		Value:             text,
		IsEncodingProblem: problem || err != nil || !message.KnownTransferEncoding(p.Encoding),
		IsTruncated:       short,
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
	if len(w.headers) == 0 && !w.asks("headers") {
		return
	}
	eachPart(root, func(p *message.Part) { read.want(headerSection(root, p), 0) })
}

// headerSection is where the header of a part lies: that of the outermost part
// is the message's own.
func headerSection(root, p *message.Part) string {
	if p == root {
		return "HEADER"
	}
	return p.Section + ".MIME"
}

func (w bodyWants) list(read *reader, root *message.Part, parts []*message.Part) []record {
	out := make([]record, len(parts))
	for i, p := range parts {
		out[i] = w.part(read, root, p)
	}
	return out
}

// tree makes a record of a part with those below it (RFC 8621 §4.1.4). What an attached
// message is made of is not below it.
func (w bodyWants) tree(read *reader, root, p *message.Part) record {
	out := w.part(read, root, p)
	if isMultipart(p) {
		children := make([]record, len(p.Parts))
		for i, child := range p.Parts {
			children[i] = w.tree(read, root, child)
		}
		out["subParts"] = children
	}
	return out
}

// partProperties says how each property of a part is made.
var partProperties = map[string]func(read *reader, p *message.Part) any{
	"type":        func(_ *reader, p *message.Part) any { return p.Type },
	"charset":     func(_ *reader, p *message.Part) any { return charset(p) },
	"name":        func(_ *reader, p *message.Part) any { return orNull(p.Name) },
	"disposition": func(_ *reader, p *message.Part) any { return orNull(p.Disposition) },
	"cid":         func(_ *reader, p *message.Part) any { return orNull(p.CID) },
	"language":    func(_ *reader, p *message.Part) any { return listOrNull(p.Language) },
	"location":    func(_ *reader, p *message.Part) any { return orNull(p.Location) },
	"size":        func(read *reader, p *message.Part) any { return partSize(read, p) },
	"partId":      func(_ *reader, p *message.Part) any { return leafOrNull(p, p.Section) },
	"blobId":      func(read *reader, p *message.Part) any { return leafOrNull(p, read.blob(p.Section)) },
}

func leafOrNull[T any](p *message.Part, value T) any {
	if isMultipart(p) {
		return nil
	}
	return value
}

func partSize(read *reader, p *message.Part) int64 {
	if isMultipart(p) {
		return 0
	}
	return read.size(p)
}

// part makes a record of a part.
func (w bodyWants) part(read *reader, root, p *message.Part) record {
	out := record{}
	for _, property := range w.args.BodyProperties {
		if make := partProperties[property]; make != nil {
			out[property] = make(read, p)
		}
	}
	if len(w.headers) == 0 && !w.asks("headers") {
		return out
	}
	raw, _ := read.octets(headerSection(root, p)) // nothing for what has no header of its own
	header := message.ParseHeader(raw)
	if w.asks("headers") {
		out["headers"] = orEmpty(header.Fields())
	}
	for _, h := range w.headers {
		out[h.property] = h.value(header)
	}
	return out
}

// charset is that of a part, us-ascii for a text that does not say, else null (RFC
// 8621 §4.1.4).
func charset(p *message.Part) any {
	if cs := p.Params["charset"]; cs != "" {
		return cs
	}
	if strings.HasPrefix(p.Type, "text/") {
		return "us-ascii"
	}
	return nil
}
