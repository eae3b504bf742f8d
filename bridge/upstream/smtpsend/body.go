package smtpsend

import (
	"bytes"
	"io"
)

// lineEnds writes CRLF where the message has a bare CR. go-smtp does the same for
// a bare LF, and stuffs dots. So no line of the message can be taken for its end
// or for a command, however the server reads line ends ("SMTP smuggling"; RFC
// 5321 §2.3.8).
type lineEnds struct {
	w  io.Writer
	cr bool // the last octet was CR
}

func (l *lineEnds) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		if l.cr && p[written] != '\n' {
			if _, err := l.w.Write([]byte{'\n'}); err != nil {
				return written, err
			}
		}
		chunk := p[written:]
		if cr := bytes.IndexByte(chunk, '\r'); cr >= 0 {
			chunk = chunk[:cr+1]
		}
		n, err := l.w.Write(chunk)
		if written += n; err != nil {
			return written, err
		}
		l.cr = chunk[len(chunk)-1] == '\r'
	}
	return written, nil
}

// reader counts octets and remembers an error, to tell a message that cannot be
// read from a server that cannot be written to.
type reader struct {
	r   io.Reader
	n   int64
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.n += int64(n)
	if err != io.EOF {
		r.err = err
	}
	return n, err
}
