package imapwire

import (
	"math"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Limits of a BODYSTRUCTURE, as of a message that we take apart ourselves. What is
// above them is read and dropped.
const (
	maxParts       = 10_000
	maxPartsDeep   = 100
	maxPartParams  = 200
	maxPartOctets  = 1 << 20 // of all strings together
	maxPartStrings = 100     // languages, extensions
)

// structure reads one BODYSTRUCTURE (RFC 9051 §7.5.2). Servers write odd ones: a thing of the
// wrong kind in its place is as if it were NIL.
type structure struct {
	r      *reader
	parts  int
	octets int
}

// empty is the structure of what says nothing.
func empty() imap.BodyStructure { return &imap.BodyStructureSinglePart{Type: "text", Subtype: "plain"} }

// body reads one part, which is a list; NIL is empty, and what is above the limits nil.
func (s *structure) body() (imap.BodyStructure, error) {
	b, err := s.r.peek()
	if err != nil {
		return nil, err
	}
	if s.parts++; s.parts > maxParts {
		return nil, s.r.skip()
	}
	if b != '(' || s.r.depth > maxPartsDeep*2 {
		return empty(), s.r.skip()
	}
	var out imap.BodyStructure
	var multi *imap.BodyStructureMultiPart
	var single *imap.BodyStructureSinglePart
	field := 0
	err = s.r.each(func() error {
		b, err := s.r.peek()
		if err != nil {
			return err
		}
		if field == 0 && single == nil && b == '(' {
			if multi == nil {
				multi = &imap.BodyStructureMultiPart{Extended: &imap.BodyStructureMultiPartExt{}}
				out = multi
			}
			child, err := s.body()
			if child != nil {
				multi.Children = append(multi.Children, child)
			}
			return err
		}
		field++
		if multi != nil {
			return s.multiField(multi, field)
		}
		if single == nil {
			single = &imap.BodyStructureSinglePart{Extended: &imap.BodyStructureSinglePartExt{}}
			out = single
		}
		return s.singleField(single, field)
	})
	if out == nil {
		out = empty()
	}
	return out, err
}

func (s *structure) multiField(m *imap.BodyStructureMultiPart, field int) (err error) {
	switch field {
	case 1:
		m.Subtype, err = s.str()
	case 2:
		m.Extended.Params, err = s.params()
	case 3:
		m.Extended.Disposition, err = s.disposition()
	case 4:
		m.Extended.Language, err = s.strs()
	case 5:
		m.Extended.Location, err = s.str()
	default:
		return s.r.skip()
	}
	return err
}

func (s *structure) singleField(p *imap.BodyStructureSinglePart, field int) (err error) {
	switch field {
	case 1:
		p.Type, err = s.str()
		return err
	case 2:
		p.Subtype, err = s.str()
		return err
	case 3:
		p.Params, err = s.params()
		return err
	case 4:
		p.ID, err = s.str()
		return err
	case 5:
		p.Description, err = s.str()
		return err
	case 6:
		p.Encoding, err = s.str()
		return err
	case 7:
		p.Size, err = s.size()
		return err
	}
	// What follows depends on the type: envelope, structure and lines of an attached
	// message, lines of a text, then what all have.
	field -= 8
	switch {
	case strings.EqualFold(p.Type, "message") && (strings.EqualFold(p.Subtype, "rfc822") || strings.EqualFold(p.Subtype, "global")):
		if field == 1 {
			p.MessageRFC822 = &imap.BodyStructureMessageRFC822{}
			p.MessageRFC822.BodyStructure, err = s.body()
			return err
		}
		field -= 3
	case strings.EqualFold(p.Type, "text"):
		field--
	}
	switch field {
	case 1:
		p.Extended.Disposition, err = s.disposition()
	case 2:
		p.Extended.Language, err = s.strs()
	case 3:
		p.Extended.Location, err = s.str()
	default: // MD5, and what we do not know
		return s.r.skip()
	}
	return err
}

// str reads a string; a list in its place is "".
func (s *structure) str() (string, error) {
	b, err := s.r.peek()
	if err != nil {
		return "", err
	}
	if b == '(' {
		return "", s.r.skip()
	}
	text, null, err := s.r.text(int64(maxPartOctets - s.octets))
	if null || err != nil {
		return "", err
	}
	s.octets += len(text)
	return string(text), nil
}

// size reads a number; what is none, or is too big, is 0.
func (s *structure) size() (uint32, error) {
	text, err := s.str()
	n := uint64(0)
	for _, c := range []byte(text) {
		if c < '0' || c > '9' || n > math.MaxUint32 {
			return 0, err
		}
		n = n*10 + uint64(c-'0')
	}
	if n > math.MaxUint32 {
		return 0, err
	}
	return uint32(n), err
}

// params reads a list of names and values, or NIL.
func (s *structure) params() (map[string]string, error) {
	out := map[string]string{}
	name, named := "", false
	err := s.list(func() error {
		text, err := s.str()
		if named && len(out) < maxPartParams {
			if _, twice := out[name]; !twice {
				out[name] = text
			}
		}
		name, named = strings.ToLower(text), !named
		return err
	})
	return out, err
}

// list is reader.each for what may also be a string in its place.
func (s *structure) list(f func() error) error {
	b, err := s.r.peek()
	if err != nil {
		return err
	}
	if b != '(' {
		return s.r.skip()
	}
	return s.r.each(f)
}

// strs reads a string, or a list of them.
func (s *structure) strs() ([]string, error) {
	b, err := s.r.peek()
	if err != nil {
		return nil, err
	}
	var out []string
	one := func() error {
		text, err := s.str()
		if text != "" && len(out) < maxPartStrings {
			out = append(out, text)
		}
		return err
	}
	if b != '(' {
		return out, one()
	}
	err = s.r.each(one)
	return out, err
}

// disposition reads ("attachment" ("filename" "x")), or NIL.
func (s *structure) disposition() (*imap.BodyStructureDisposition, error) {
	var d *imap.BodyStructureDisposition
	field := 0
	err := s.list(func() (err error) {
		switch field++; field {
		case 1:
			d = &imap.BodyStructureDisposition{}
			d.Value, err = s.str()
		case 2:
			d.Params, err = s.params()
		default:
			err = s.r.skip()
		}
		return err
	})
	return d, err
}
