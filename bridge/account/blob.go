package account

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// chunk is how much of a message one round trip reads: what a download holds in
// memory, whatever its size.
const chunk = 1 << 20

// OpenBlob opens the octets of a message, a part of one, or an upload.
func (a *Account) OpenBlob(ctx context.Context, id jmap.Id) (method.Blob, error) {
	if outer, inside := splitInside(id); inside != "" {
		return a.openInside(ctx, outer, inside)
	}
	if sum, ok := uploadSum(id); ok {
		return openUpload(filepath.Join(a.uploads(), sum))
	}
	email, section, ok := parseBlobID(id)
	if !ok {
		return nil, method.ErrNotFound
	}
	rows, err := a.Rows(ctx, []jmap.Id{email})
	if err != nil {
		return nil, err
	}
	row, ok := rows[email]
	if !ok {
		return nil, method.ErrNotFound
	}
	if section == "" {
		return &messageBlob{a: a, email: email, size: row.Size, raw: row.Size}, nil
	}
	if row.Root == nil {
		return nil, method.ErrNotFound
	}
	part := row.Root.Find(section)
	if part == nil || part.Section == "" {
		return nil, method.ErrNotFound
	}
	b := &messageBlob{a: a, email: email, section: section, encoding: part.Encoding, size: -1, raw: part.Size}
	switch part.Encoding {
	case "", "7bit", "8bit", "binary":
		b.size = part.Size
	}
	return b, nil
}

// messageBlob is a message or a part of it, with its transfer encoding undone.
type messageBlob struct {
	a        *Account
	email    jmap.Id
	section  string
	encoding string
	size     int64 // -1: only known once decoded
	raw      int64 // octets as they lie on the server
}

func (b *messageBlob) Size() int64 { return b.size }

// Open reads from an offset, in pieces of chunk octets.
func (b *messageBlob) Open(ctx context.Context, offset int64) (io.ReadCloser, error) {
	pieces := &pieces{ctx: ctx, blob: b}
	if b.size >= 0 {
		pieces.next = offset
		return io.NopCloser(pieces), nil
	}
	decoded := message.DecodeTransfer(b.encoding, pieces)
	if _, err := io.CopyN(io.Discard, decoded, offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return io.NopCloser(decoded), nil
}

// pieces reads a section piece by piece; no connection is held in between.
type pieces struct {
	ctx  context.Context
	blob *messageBlob
	next int64
	have []byte
	end  bool
}

func (p *pieces) Read(out []byte) (int, error) {
	if len(p.have) == 0 && !p.end {
		data, err := p.blob.a.Read(p.ctx, p.blob.email, []upstream.Section{{Path: p.blob.section, Offset: p.next, Length: chunk}})
		if err != nil {
			return 0, err
		}
		p.have = data[0]
		p.next += int64(len(p.have))
		p.end = len(p.have) < chunk || p.next >= p.blob.raw
	}
	if len(p.have) == 0 {
		return 0, io.EOF
	}
	n := copy(out, p.have)
	p.have = p.have[n:]
	return n, nil
}

// Scratch makes an empty file that is gone when it is closed.
func (a *Account) Scratch() (io.ReadWriteSeeker, func(), error) { return a.scratch() }

func (a *Account) scratch() (*os.File, func(), error) {
	dir := filepath.Join(a.cfg.Dir, "tmp")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	f, err := os.CreateTemp(dir, "scratch-*")
	if err != nil {
		return nil, nil, err
	}
	return f, func() {
		f.Close()
		os.Remove(f.Name()) // renamed by then, or of no more use
	}, nil
}
