package message

import (
	"bytes"
	"sort"
)

const (
	// keptAfterMark is how much an Outline keeps of what follows a line that may be a
	// boundary: the header of a part, and the beginning of its text.
	keptAfterMark = 64 << 10
	// maxOutline is how much an Outline keeps in all. What lies beyond is one part that
	// is not taken apart.
	maxOutline = 8 << 20
)

// Outline takes a message apart as it comes, however long it is: it keeps what the tree is
// made of, and of each part the beginning. Write the message to it, then ask.
type Outline struct {
	kept  []byte
	spans []span // where what is kept lies in the message
	size  int64  // of the message, so far
	left  int    // how much is kept of what follows
	mid   bool   // the middle of a line comes next
	tail  []byte // the last octets, at most two, of what was not kept
	carry []byte // a dash that may begin a boundary
}

type span struct {
	kept int   // offset in what is kept
	at   int64 // in the message
}

// Write takes in more of the message. It never fails.
func (o *Outline) Write(p []byte) (int, error) {
	n := len(p)
	if len(o.carry) > 0 {
		p, o.carry = append(o.carry, p...), nil
	}
	for len(p) > 0 {
		if !o.mid && len(p) == 1 && p[0] == '-' {
			o.carry = []byte("-")
			break
		}
		line := p
		if end := bytes.IndexByte(p, '\n'); end >= 0 {
			line = p[:end+1]
		}
		if o.size == 0 {
			o.left = maxHeader + keptAfterMark // the message's own header
		}
		if !o.mid && bytes.HasPrefix(line, []byte("--")) {
			o.mark()
		}
		o.take(line)
		o.mid = line[len(line)-1] != '\n'
		p = p[len(line):]
	}
	return n, nil
}

// mark has what follows be kept, and the line end before it.
func (o *Outline) mark() {
	if o.left = max(o.left, keptAfterMark); len(o.kept) > maxOutline {
		o.left = 0
		return
	}
	if len(o.tail) > 0 {
		o.spans = append(o.spans, span{len(o.kept), o.size - int64(len(o.tail))})
		o.kept = append(o.kept, o.tail...)
		o.tail = o.tail[:0]
	}
}

func (o *Outline) take(line []byte) {
	n := min(o.left, len(line))
	if n > 0 {
		if len(o.spans) == 0 {
			o.spans = append(o.spans, span{})
		}
		o.kept = append(o.kept, line[:n]...)
		o.left -= n
	}
	if rest := line[n:]; len(rest) > 0 {
		o.tail = append(o.tail, rest[max(0, len(rest)-2):]...)
		o.tail = o.tail[max(0, len(o.tail)-2):]
	}
	o.size += int64(len(line))
}

// Message is what was kept, taken apart: the offsets and sizes in it are those in what was
// kept, so it is good for the beginnings of texts.
func (o *Outline) Message() *Message {
	o.end()
	return Parse(o.kept)
}

// Root is the tree of the whole message, with the offsets and sizes in that.
func (o *Outline) Root() *Part {
	o.end()
	root := Parse(o.kept).Root
	o.place(root)
	return root
}

// Size is how long the message is, in octets.
func (o *Outline) Size() int64 {
	o.end()
	return o.size
}

// end takes in the dash that nothing followed.
func (o *Outline) end() {
	carry := o.carry
	o.carry = nil
	if len(carry) > 0 {
		o.take(carry)
	}
}

func (o *Outline) place(p *Part) {
	end := o.at(p.Offset + p.Size)
	if int(p.Offset+p.Size) == len(o.kept) {
		end = o.size
	}
	p.HeaderOffset, p.Offset = o.at(p.HeaderOffset), o.at(p.Offset)
	p.Size = max(0, end-p.Offset)
	for _, child := range p.Parts {
		o.place(child)
	}
}

// at is where an offset in what is kept lies in the message.
func (o *Outline) at(kept int64) int64 {
	i := sort.Search(len(o.spans), func(i int) bool { return int64(o.spans[i].kept) > kept }) - 1
	if i < 0 {
		return kept
	}
	return o.spans[i].at + kept - int64(o.spans[i].kept)
}
