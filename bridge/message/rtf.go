package message

import "encoding/binary"

// Compressed RTF ([MS-OXRTFCP]) is how Outlook keeps a formatted text.
const (
	rtfCompressed   = 0x75465a4c // "LZFu"
	rtfUncompressed = 0x414c454d // "MELA"
	rtfHeader       = 16
	rtfWindow       = 4096
	maxRTF          = 8 << 20 // octets, decompressed
)

// rtfDictionary is what the window has in it at the beginning.
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial` +
	`Times New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// decompressRTF gives the text as far as it can be decompressed, nil where it is none.
func decompressRTF(raw []byte) []byte {
	if len(raw) < rtfHeader {
		return nil
	}
	size := min(binary.LittleEndian.Uint32(raw[4:]), maxRTF)
	in := raw[rtfHeader:]
	switch binary.LittleEndian.Uint32(raw[8:]) {
	case rtfUncompressed:
		return in[:min(len(in), int(size))]
	case rtfCompressed:
		return inflateRTF(in, int(size))
	}
	return nil
}

// inflateRTF undoes LZ77: a control octet says of the next eight items which are references
// into the window of the last 4096 octets.
func inflateRTF(in []byte, size int) []byte {
	var window [rtfWindow]byte
	write := copy(window[:], rtfDictionary)
	var out []byte
	put := func(c byte) {
		out = append(out, c)
		window[write] = c
		write = (write + 1) % rtfWindow
	}
	for at := 0; at < len(in); {
		control := in[at]
		at++
		for bit := 0; bit < 8 && len(out) < size; bit++ {
			if control>>bit&1 == 0 {
				if at >= len(in) {
					return out
				}
				put(in[at])
				at++
				continue
			}
			if at+1 >= len(in) {
				return out
			}
			reference := int(in[at])<<8 | int(in[at+1])
			at += 2
			offset, length := reference>>4, reference&15+2
			if offset == write {
				return out // the end
			}
			for range length {
				put(window[offset])
				offset = (offset + 1) % rtfWindow
			}
		}
		if len(out) >= size {
			break
		}
	}
	return out[:min(len(out), size)]
}
