package message

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// littleEndian is octets still to be read.
type littleEndian []byte

func (l *littleEndian) take(n int) ([]byte, bool) {
	if n < 0 || n > len(*l) {
		return nil, false
	}
	out := (*l)[:n:n]
	*l = (*l)[n:]
	return out, true
}

func (l *littleEndian) uint32() (uint32, bool) {
	b, ok := l.take(4)
	if !ok {
		return 0, false
	}
	return binary.LittleEndian.Uint32(b), true
}

// padded takes octets that are followed by zeros to a multiple of four.
func (l *littleEndian) padded(n uint32) ([]byte, bool) {
	out, ok := l.take(int(n))
	if ok {
		_, _ = l.take(min(-len(out)&3, len(*l))) // the last may lack them
	}
	return out, ok
}

// mapiValue is a property: a number, or octets.
type mapiValue struct {
	kind   uint16
	number uint32
	data   []byte
}

// Kinds of properties ([MS-OXCDATA] §2.11.1).
const (
	mapiObject  = 0x000d
	mapiString8 = 0x001e
	mapiUnicode = 0x001f
	mapiBinary  = 0x0102
	mapiMany    = 0x1000 // several of a kind
)

// mapiSizes is how many octets the kinds of one size take.
var mapiSizes = map[uint16]int{
	0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000a: 4, 0x000b: 4, 0x0014: 8, 0x0040: 8, 0x0048: 16,
}

// readProperties reads a list of MAPI properties, as far as it can be read.
func readProperties(in littleEndian) map[uint16]mapiValue {
	out := map[uint16]mapiValue{}
	count, _ := in.uint32()
	for range count {
		tag, ok := in.uint32()
		if !ok {
			return out
		}
		id, kind := uint16(tag>>16), uint16(tag)
		if id >= 0x8000 && !in.skipName() {
			return out
		}
		v, ok := in.value(kind)
		if !ok {
			return out
		}
		if _, twice := out[id]; !twice {
			out[id] = v
		}
	}
	return out
}

// skipName passes over the name that properties from 0x8000 on have.
func (l *littleEndian) skipName() bool {
	if _, ok := l.take(16); !ok {
		return false
	}
	kind, ok := l.uint32()
	n, ok2 := l.uint32() // the name's number, or its length
	if !ok || !ok2 {
		return false
	}
	if kind == 1 {
		_, ok = l.padded(n)
	}
	return ok
}

// value reads a value; of several, the first.
func (l *littleEndian) value(kind uint16) (mapiValue, bool) {
	single := kind &^ mapiMany
	count := uint32(1)
	varies := single == mapiString8 || single == mapiUnicode || single == mapiBinary || single == mapiObject
	if varies || kind&mapiMany != 0 {
		var ok bool
		if count, ok = l.uint32(); !ok {
			return mapiValue{}, false
		}
	}
	first := mapiValue{kind: single}
	for i := range count {
		n, ok := uint32(mapiSizes[single]), true
		if varies {
			n, ok = l.uint32()
		}
		if !ok || n == 0 && !varies {
			return first, false
		}
		data, ok := l.padded(n)
		if !ok {
			return first, false
		}
		if i == 0 {
			first.data = data
			if len(data) >= 4 {
				first.number = binary.LittleEndian.Uint32(data)
			}
		}
	}
	return first, true
}

// text is a value as a text; charset is that of 8-bit ones.
func (v mapiValue) text(charset string) string {
	switch v.kind {
	case mapiUnicode:
		text, _ := DecodeText("utf-16le", v.data)
		return strings.TrimRight(text, "\x00")
	case mapiString8, mapiBinary:
		text, _ := DecodeText(charset, bytes.TrimRight(v.data, "\x00"))
		return text
	}
	return ""
}
