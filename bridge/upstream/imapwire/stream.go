package imapwire

import (
	"bufio"
	"bytes"
	"compress/flate"
	"io"
	"net"
	"sync"
	"time"
)

// stream is the octets of a connection. Its deadlines count silence, not time: every
// octet that moves gives the server another span. What it may send for one command
// has a limit, which counts what comes out of the compression.
type stream struct {
	raw     net.Conn
	silence time.Duration
	until   time.Time // when not zero, reading ends then, silence or not

	in   io.Reader // raw, or what inflates it
	out  *bufio.Writer
	zip  *flate.Writer // nil without compression
	left int64         // octets it may still send

	hang sync.Once
}

func newStream(raw net.Conn, silence time.Duration) *stream {
	s := &stream{raw: raw, silence: silence}
	s.in = (*patient)(s)
	s.out = bufio.NewWriterSize((*patient)(s), 16<<10)
	return s
}

// patient is the raw connection with its deadlines.
type patient stream

func (p *patient) Read(b []byte) (int, error) {
	deadline := p.until
	if deadline.IsZero() {
		deadline = time.Now().Add(p.silence)
	}
	if err := p.raw.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	return p.raw.Read(b)
}

func (p *patient) Write(b []byte) (int, error) {
	total := 0
	for len(b) > 0 {
		if err := p.raw.SetWriteDeadline(time.Now().Add(p.silence)); err != nil {
			return total, err
		}
		n, err := p.raw.Write(b[:min(len(b), 32<<10)])
		total += n
		if err != nil {
			return total, err
		}
		b = b[n:]
	}
	return total, nil
}

// Read gives what the server says, decompressed.
func (s *stream) Read(b []byte) (int, error) {
	if s.left <= 0 {
		return 0, ErrTooMuch
	}
	n, err := s.in.Read(b[:min(int64(len(b)), s.left)])
	s.left -= int64(n)
	return n, err
}

func (s *stream) Write(b []byte) (int, error) {
	if s.zip != nil {
		return s.zip.Write(b)
	}
	return s.out.Write(b)
}

func (s *stream) flush() error {
	if s.zip != nil {
		if err := s.zip.Flush(); err != nil {
			return err
		}
	}
	return s.out.Flush()
}

// compress begins compression in both directions (RFC 4978); early is what had been
// read already and is compressed.
func (s *stream) compress(early []byte) error {
	s.in = flate.NewReader(io.MultiReader(bytes.NewReader(early), (*patient)(s)))
	var err error
	s.zip, err = flate.NewWriter(s.out, flate.BestSpeed)
	return err
}

func (s *stream) close() {
	s.hang.Do(func() { _ = s.raw.Close() })
}
