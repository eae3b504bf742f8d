package method

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// source is where the octets of one message come from, and what its parts are
// called as blobs: a message on a server, or one that lies in a blob.
type source struct {
	read func(ctx context.Context, sections []upstream.Section) ([][]byte, error)
	blob func(section string) jmap.Id
}

// stored is the source of an email.
func stored(a Account, id jmap.Id) source {
	return source{
		read: func(ctx context.Context, sections []upstream.Section) ([][]byte, error) {
			return a.Read(ctx, id, sections)
		},
		blob: func(section string) jmap.Id { return BlobID(id, section) },
	}
}

// inBlob is the source of a message that is in a blob.
func inBlob(m *message.Message, blob jmap.Id) source {
	return source{
		read: func(_ context.Context, sections []upstream.Section) ([][]byte, error) {
			out := make([][]byte, len(sections))
			for i, s := range sections {
				out[i] = cut(m.Section(s.Path), s.Offset, s.Length)
			}
			return out, nil
		},
		blob: func(section string) jmap.Id { return InsideBlobID(blob, section) },
	}
}

// cut is so many octets from an offset, 0 for all that follow.
func cut(raw []byte, offset, length int64) []byte {
	raw = raw[min(max(offset, 0), int64(len(raw))):]
	if length > 0 {
		raw = raw[:min(length, int64(len(raw)))]
	}
	return raw
}

// reader gathers the sections one message is asked for and reads them together.
type reader struct {
	source
	whole  map[string]int64 // sections from their beginning, by path: how many octets, 0 for all
	pieces []upstream.Section
	got    map[upstream.Section][]byte
}

func newReader(s source) *reader {
	return &reader{source: s, whole: map[string]int64{}, got: map[upstream.Section][]byte{}}
}

// want asks for the first octets of a section, 0 for all of it.
func (r *reader) want(path string, length int64) {
	if known, asked := r.whole[path]; asked && (known == 0 || length != 0 && known > length) {
		return
	}
	r.whole[path] = length
}

// wantPiece asks for a piece of a section.
func (r *reader) wantPiece(path string, offset, length int64) {
	r.pieces = append(r.pieces, upstream.Section{Path: path, Offset: offset, Length: length})
}

func (r *reader) run(ctx context.Context) error {
	sections := r.pieces
	for path, length := range r.whole {
		sections = append(sections, upstream.Section{Path: path, Length: length})
	}
	for chunk := range slices.Chunk(sections, maxSections) {
		data, err := r.read(ctx, chunk)
		if err != nil {
			return err
		}
		for i, s := range chunk {
			r.got[s] = data[i]
		}
	}
	return nil
}

// maxSections is how many sections are asked for at once: mail servers limit the length
// of a command.
const maxSections = 300

// octets is what was read of a section from its beginning; false where nothing was
// asked for.
func (r *reader) octets(path string) ([]byte, bool) {
	length, asked := r.whole[path]
	return r.got[upstream.Section{Path: path, Length: length}], asked
}

// put keeps octets as those of a section that was asked for.
func (r *reader) put(path string, octets []byte) {
	r.whole[path] = 0
	r.got[upstream.Section{Path: path}] = octets
}

// Sizes: a server tells how many octets a part has as it lies there, a client is
// told how many it has once decoded (RFC 8621 §4.1.4). Small parts are read and counted;
// of large ones in base64, the first line and the end say it, as long as all lines
// are of one length; of large ones in quoted-printable it stays an upper bound.
const (
	countText    = 64 << 10 // quoted-printable up to this is counted, in octets as they lie there
	countBase64  = 4 << 10  // base64 up to this
	countFirst   = 1000     // octets that hold the first line, of 998 at most
	countLast    = 100      // octets that hold the padding
	countAtMost  = 100      // parts of one message that are counted
	lengthOfLine = 76       // what is assumed of the others
)

// wantSize asks for what it takes to say how large a part is.
func (r *reader) wantSize(p *message.Part) {
	switch {
	case !isEncoded(p) || p.Size == 0 || len(r.pieces)+len(r.whole) > countAtMost:
	case p.Encoding == "base64" && p.Size <= countBase64, p.Encoding == "quoted-printable" && p.Size <= countText:
		r.want(p.Section, 0)
	case p.Encoding == "base64":
		r.wantPiece(p.Section, 0, countFirst)
		r.wantPiece(p.Section, p.Size-countLast, countLast)
	}
}

func isEncoded(p *message.Part) bool {
	return p.Encoding == "base64" || p.Encoding == "quoted-printable"
}

// size is how large a part is once decoded.
func (r *reader) size(p *message.Part) int64 {
	if !isEncoded(p) {
		return p.Size
	}
	if raw, ok := r.octets(p.Section); ok && int64(len(raw)) >= p.Size {
		n, _ := io.Copy(io.Discard, message.DecodeTransfer(p.Encoding, bytes.NewReader(raw)))
		return n
	}
	if p.Encoding == "quoted-printable" {
		return p.Size
	}
	first := r.got[upstream.Section{Path: p.Section, Length: countFirst}]
	last := r.got[upstream.Section{Path: p.Section, Offset: p.Size - countLast, Length: countLast}]
	return base64Size(p.Size, first, last)
}

// base64Size is how many octets so many of base64 are, from its first and last octets.
func base64Size(encoded int64, first, last []byte) int64 {
	line := int64(bytes.IndexByte(first, '\n') + 1)
	width := line - int64(len(first[:line])-len(bytes.TrimRight(first[:line], "\r\n")))
	if line == 0 {
		line, width = lengthOfLine+2, lengthOfLine
	}
	tail := strings.TrimRight(string(last), "\r\n")
	encoded -= int64(len(last) - len(tail))
	full := encoded / line
	characters := full*width + min(encoded-full*line, width)
	padding := int64(len(tail) - len(strings.TrimRight(tail, "=")))
	return (characters - padding) * 3 / 4
}
