package method

import (
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// bodyProperties are the properties of an email that say what it is made of.
var bodyProperties = []string{"bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments"}

// emailWants is what one Email/get or Email/parse asks of each message.
type emailWants struct {
	properties []string
	headers    []headerProperty
	body       bodyWants
}

// newEmailWants checks what is asked for; defaults are the properties where nothing
// is said.
func newEmailWants(args *bodyArgs, defaults []string) (*emailWants, error) {
	if args.BodyProperties == nil {
		args.BodyProperties = defaultBodyProperties
	}
	w := &emailWants{properties: args.Properties}
	if w.properties == nil {
		w.properties = defaults
	}
	for _, p := range w.properties {
		h, ok := parseHeaderProperty(p)
		switch {
		case ok:
			w.headers = append(w.headers, h)
		case p != "headers" && emailProperties[p] == nil && !slices.Contains(bodyProperties, p):
			return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "there is no property " + p, Arguments: []string{"properties"}}
		}
	}
	var err error
	w.body, err = newBodyWants(args)
	return w, err
}

func (w *emailWants) asks(property string) bool { return slices.Contains(w.properties, property) }

func (w *emailWants) asksHeader() bool { return w.asks("headers") || len(w.headers) > 0 }

// stored is the record of an email. A server that found no parts in a multipart says
// that it has nothing but empty ones: then the message is taken apart here.
func (w *emailWants) stored(ctx context.Context, a Account, id jmap.Id, row *Row) (record, error) {
	from := stored(a, id)
	if !isHollow(row.Root) || !slices.ContainsFunc(bodyProperties, w.asks) {
		return w.record(ctx, from, id, row)
	}
	raw, err := from.read(ctx, []upstream.Section{{Length: maxBodyOctets}})
	if err != nil {
		return nil, err
	}
	m := message.Parse(raw[0])
	whole := *row
	whole.Root, whole.Preview = m.Root, m.Preview()
	return w.record(ctx, inBlob(m, BlobID(id, "")), id, &whole)
}

// isHollow says whether a message is a multipart without anything in it.
func isHollow(root *message.Part) bool {
	if root == nil || !isMultipart(root) {
		return false
	}
	hollow := true
	eachLeaf(root, func(p *message.Part) { hollow = hollow && p.Size == 0 })
	return hollow
}

// record makes the answer for one message, in one round trip where the row is
// not enough.
func (w *emailWants) record(ctx context.Context, from source, id jmap.Id, row *Row) (record, error) {
	r := record{"id": id}
	for _, p := range w.properties {
		if make := emailProperties[p]; make != nil {
			r[p] = make(id, row)
		}
	}
	if !w.asksHeader() && !slices.ContainsFunc(bodyProperties, w.asks) {
		return r, nil
	}
	root := row.Root
	if root == nil {
		root = &message.Part{Section: "1", Type: "text/plain"}
	}
	b := &bodies{root: root}
	b.text, b.html, b.attachments = root.Bodies()
	read := newReader(from)
	w.gather(read, b)
	if err := read.run(ctx); err != nil {
		return nil, err
	}
	if b.open(read); len(b.containers) > 0 && w.asks("hasAttachment") {
		r["hasAttachment"] = message.HasAttachment(b.attachments)
	}
	w.addHeaders(r, read)
	w.addBodies(r, read, b)
	return r, nil
}

// bodies is the parts of a message, sorted.
type bodies struct {
	root                    *message.Part
	text, html, attachments []*message.Part
	containers              []*message.Part // to be opened, see email_extract.go
}

// shown lists the parts that are told about.
func (w *emailWants) shown(b *bodies) []*message.Part {
	var parts []*message.Part
	if w.asks("bodyStructure") {
		eachLeaf(b.root, func(p *message.Part) { parts = append(parts, p) })
		return parts
	}
	for property, list := range map[string][]*message.Part{"textBody": b.text, "htmlBody": b.html, "attachments": b.attachments} {
		if w.asks(property) {
			parts = append(parts, list...)
		}
	}
	return parts
}

// gather says what has to be read.
func (w *emailWants) gather(read *reader, b *bodies) {
	if w.asksHeader() {
		read.want("HEADER", 0)
	}
	if w.asks("bodyValues") {
		for p, limit := range w.body.limits(w.body.values(b.root, b.text, b.html)) {
			read.want(p.Section, limit)
		}
	}
	w.wantInside(read, b)
	shown := w.shown(b)
	if len(shown) > 0 || w.asks("bodyStructure") {
		w.body.wantHeaders(read, b.root)
	}
	if w.body.asks("size") {
		for _, p := range shown {
			read.wantSize(p)
		}
	}
}

func (w *emailWants) addHeaders(r record, read *reader) {
	if !w.asksHeader() {
		return
	}
	raw, _ := read.octets("HEADER") // it was asked for
	header := message.ParseHeader(raw)
	if w.asks("headers") {
		r["headers"] = orEmpty(header.Fields())
	}
	for _, h := range w.headers {
		r[h.property] = h.value(header)
	}
}

func (w *emailWants) addBodies(r record, read *reader, b *bodies) {
	if w.asks("bodyStructure") {
		r["bodyStructure"] = w.body.tree(read, b.root, b.root)
	}
	for property, parts := range map[string][]*message.Part{"textBody": b.text, "htmlBody": b.html, "attachments": b.attachments} {
		if w.asks(property) {
			r[property] = w.body.list(read, b.root, parts)
		}
	}
	if w.asks("bodyValues") {
		values := map[string]jmap.EmailBodyValue{}
		for p, limit := range w.body.limits(w.body.values(b.root, b.text, b.html)) {
			raw, _ := read.octets(p.Section) // it was asked for
			values[p.Section] = w.body.value(p, raw, limit)
		}
		r["bodyValues"] = values
	}
}
