package method

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxNewDepth is how deep the parts of a creation may lie.
const maxNewDepth = 50

// newPart is an EmailBodyPart of a creation.
type newPart struct {
	jmap.EmailBodyPart
	SubParts []*newPart                 `json:"subParts"`
	given    map[string]json.RawMessage // every property as it came, but those that are null
}

// UnmarshalJSON also keeps the properties as they came: header fields are among them.
func (p *newPart) UnmarshalJSON(raw []byte) error {
	type plain newPart
	if err := json.Unmarshal(raw, (*plain)(p)); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &p.given); err != nil {
		return err
	}
	for name, value := range p.given {
		if string(value) == "null" {
			delete(p.given, name)
		}
	}
	return nil
}

// partFieldOf is the header field that a property of a part goes into.
var partFieldOf = map[string][]string{
	"type": {"content-type"}, "charset": {"content-type"}, "name": {"content-type", "content-disposition"},
	"disposition": {"content-disposition"}, "cid": {"content-id"}, "language": {"content-language"}, "location": {"content-location"},
}

// bodyMaker makes the parts of a message.
type bodyMaker struct {
	ctx     context.Context
	c       *call
	email   *newEmail
	missing []jmap.Id // blobs that are not there
	size    int64     // of the blobs
}

// body makes the parts: those of bodyStructure, or textBody, htmlBody and
// attachments in the usual arrangement.
func (n *newEmail) body(ctx context.Context, c *call) (*message.OutPart, error) {
	for id, value := range n.BodyValues {
		if value.IsTruncated || value.IsEncodingProblem {
			return nil, invalid("the value of part "+id+" is not whole", "bodyValues")
		}
	}
	m := &bodyMaker{ctx: ctx, c: c, email: n}
	var root *message.OutPart
	var err error
	if n.parts.BodyStructure != nil {
		root, err = m.structure()
	} else {
		root, err = m.arranged()
	}
	switch {
	case err != nil:
		return nil, err
	case len(m.missing) > 0:
		return nil, &jmap.SetError{Type: jmap.SetBlobNotFound, NotFound: m.missing}
	case m.size > MaxAttachments:
		return nil, &jmap.SetError{Type: jmap.SetTooLarge, Description: "the attachments are too large together"}
	}
	return root, nil
}

// MaxAttachments is how large the attachments of one email may be together, in
// octets (maxSizeAttachmentsPerEmail, RFC 8621 §1.3.1).
const MaxAttachments = 100 << 20

func (m *bodyMaker) structure() (*message.OutPart, error) {
	for _, other := range []string{"textBody", "htmlBody", "attachments"} {
		if m.email.given[other] != nil {
			return nil, invalid("bodyStructure goes without the others", "bodyStructure", other)
		}
	}
	// The outermost part shares the header of the message.
	for name := range m.email.parts.BodyStructure.given {
		h, ok := parseHeaderProperty(name)
		if other, twice := m.email.headers[strings.ToLower(h.name)]; ok && twice {
			return nil, invalid("one header field in two properties", other, "bodyStructure")
		}
		if ok {
			m.email.headers[strings.ToLower(h.name)] = "bodyStructure"
		}
	}
	return m.part(m.email.parts.BodyStructure, "bodyStructure", 0)
}

func (m *bodyMaker) arranged() (*message.OutPart, error) {
	text, err := m.single(m.email.parts.TextBody, "text/plain", "textBody")
	if err != nil {
		return nil, err
	}
	html, err := m.single(m.email.parts.HtmlBody, "text/html", "htmlBody")
	if err != nil {
		return nil, err
	}
	var inline, attached []*message.OutPart
	for _, asked := range m.email.parts.Attachments {
		p, err := m.part(asked, "attachments", 0)
		if err != nil {
			return nil, err
		}
		if p.CID != "" && p.Disposition == "inline" && html != nil {
			inline = append(inline, p)
			continue
		}
		if p.Disposition == "" && asked.given["header:Content-Disposition"] == nil {
			p.Disposition = "attachment"
		}
		attached = append(attached, p)
	}
	return message.Arrange(text, html, inline, attached), nil
}

// single is textBody or htmlBody of a creation: one part of one type (RFC 8621
// §4.6).
func (m *bodyMaker) single(list []*newPart, mediaType, property string) (*message.OutPart, error) {
	if m.email.given[property] == nil {
		return nil, nil
	}
	if len(list) != 1 || list[0] == nil || list[0].Type != "" && !strings.EqualFold(list[0].Type, mediaType) {
		return nil, invalid("one part of type "+mediaType, property)
	}
	list[0].Type = mediaType
	return m.part(list[0], property, 0)
}

// part makes a part; property is what it lies in, to be named where something is wrong.
func (m *bodyMaker) part(p *newPart, property string, depth int) (*message.OutPart, error) {
	if p == nil {
		return nil, invalid("a part is an object", property)
	}
	if depth > maxNewDepth {
		return nil, invalid("parts lie too deep", property)
	}
	out := &message.OutPart{
		Type: strings.ToLower(p.Type), Name: p.Name, Disposition: strings.ToLower(p.Disposition), CID: p.Cid,
		Language: p.Language, Location: p.Location, Charset: p.Charset,
	}
	if err := p.addHeader(out); err != nil {
		return nil, invalid(err.Error(), property)
	}
	if out.CID != "" && !message.ValidID(out.CID) {
		return nil, invalid("cid cannot be a Content-ID", property)
	}
	switch {
	case strings.HasPrefix(out.Type, "multipart/"), out.Type == "" && len(p.SubParts) > 0:
		return out, m.multipart(out, p, property, depth)
	case len(p.SubParts) > 0:
		return nil, invalid("only a multipart has parts", property)
	case p.PartId != "" && p.BlobId != "":
		return nil, invalid("a part has a partId or a blobId", property)
	case p.PartId != "":
		return out, m.text(out, p, property)
	case p.BlobId != "":
		return out, m.blob(out, p)
	}
	return nil, invalid("a part needs a partId or a blobId", property)
}

func (m *bodyMaker) multipart(out *message.OutPart, p *newPart, property string, depth int) error {
	if p.PartId != "" || p.BlobId != "" || len(p.SubParts) == 0 {
		return invalid("a multipart has parts, and nothing else", property)
	}
	if out.Type == "" {
		out.Type = "multipart/mixed"
	}
	for _, sub := range p.SubParts {
		child, err := m.part(sub, property, depth+1)
		if err != nil {
			return err
		}
		out.Parts = append(out.Parts, child)
	}
	return nil
}

func (m *bodyMaker) text(out *message.OutPart, p *newPart, property string) error {
	value, ok := m.email.BodyValues[p.PartId]
	switch {
	case !ok:
		return invalid("bodyValues has no part "+p.PartId, property, "bodyValues")
	case p.given["charset"] != nil || p.given["size"] != nil:
		return invalid("the server chooses charset and size of a text", property)
	}
	out.Text = &value.Value
	if out.Type == "" {
		out.Type = "text/plain"
	}
	return nil
}

func (m *bodyMaker) blob(out *message.OutPart, p *newPart) error {
	blob, err := m.c.account.OpenBlob(m.ctx, m.c.real(p.BlobId))
	if isGone(err) {
		if !slices.Contains(m.missing, p.BlobId) {
			m.missing = append(m.missing, p.BlobId)
		}
		return nil
	}
	if err != nil {
		return err
	}
	m.size += max(blob.Size(), 0)
	out.Open = func() (io.ReadCloser, error) { return blob.Open(m.ctx, 0) }
	return nil
}

// addHeader makes the header fields that a part is given besides its properties. A
// Content-Type is taken apart: it has to agree with what is written.
func (p *newPart) addHeader(out *message.OutPart) error {
	said := map[string]bool{}
	for name := range p.given {
		switch {
		case partFieldOf[name] != nil:
			for _, field := range partFieldOf[name] {
				said[field] = true
			}
		case !isHeaderProperty(name) && !slices.Contains([]string{"partId", "blobId", "size", "subParts"}, name):
			return errors.New("parts have no property " + name + " that can be set")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.given)) {
		if isHeaderProperty(name) {
			if err := p.addField(out, name, said); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *newPart) addField(out *message.OutPart, name string, said map[string]bool) error {
	h, ok := parseHeaderProperty(name)
	field := strings.ToLower(h.name)
	switch {
	case !ok || !message.ValidFieldName(h.name) || field == "content-transfer-encoding" || field == "mime-version":
		return errors.New(name + " cannot be set")
	case said[field]:
		return errors.New(name + " is said by another property already")
	}
	said[field] = true
	fields, err := headerFields(h, p.given[name])
	if err != nil {
		return err
	}
	if field != "content-type" {
		out.Header = append(out.Header, fields...)
		return nil
	}
	for _, f := range fields {
		out.SetContentType(f.Value)
	}
	return nil
}
