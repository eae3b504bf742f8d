package message

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"strings"
)

// TNEF is how Outlook packs attachments, and sometimes the text, into one file called
// winmail.dat ([MS-OXTNEF]): a list of attributes, some of which are lists of MAPI
// properties. Whatever is broken ends the list; nothing is followed or unpacked further.

const (
	tnefSignature = 0x223e9f78

	// Attributes, by the lower half of their id.
	attBody       = 0x800c
	attData       = 0x800f
	attTitle      = 0x8010
	attRendering  = 0x9002 // begins an attachment
	attProperties = 0x9003
	attAttachment = 0x9005 // properties of the attachment
	attCodepage   = 0x9007

	// MAPI properties ([MS-OXPROPS]).
	propBody         = 0x1000
	propRTF          = 0x1009
	propHTML         = 0x1013
	propDisplayName  = 0x3001
	propData         = 0x3701
	propFileName     = 0x3704
	propLongFileName = 0x3707
	propMIMEType     = 0x370e
	propContentID    = 0x3712
	propCodepage     = 0x3fde
)

func isTNEF(raw []byte) bool {
	return len(raw) > 6 && binary.LittleEndian.Uint32(raw) == tnefSignature
}

// tnefReader reads one winmail.dat.
type tnefReader struct {
	charset string // of 8-bit texts
	text    string
	html    string
	rtf     []byte
	files   []tnefFile
}

type tnefFile struct {
	title string // of the attribute; those of properties are better
	props map[uint16]mapiValue
	data  []byte
}

// extractTNEF gives the text, if there is one, and then the files.
func extractTNEF(raw []byte) []Extracted {
	t := &tnefReader{charset: "windows-1252"}
	t.read(littleEndian(raw[6:]))
	var out []Extracted
	for _, body := range []struct{ kind, text string }{{"text/plain", t.text}, {"text/html", t.html}} {
		if body.text != "" {
			out = append(out, Extracted{Type: body.kind, Body: true, Data: []byte(body.text)})
		}
	}
	if len(out) == 0 && len(t.rtf) > 0 {
		out = append(out, Extracted{Name: "message.rtf", Type: "text/rtf", Body: true, Data: t.rtf})
	}
	for i := range t.files {
		out = append(out, t.files[i].extracted(t.charset))
	}
	return out
}

// read reads the attributes: level, id, length, data, check sum.
func (t *tnefReader) read(in littleEndian) {
	for {
		_, ok := in.take(1)
		id, ok2 := in.uint32()
		n, ok3 := in.uint32()
		data, ok4 := in.take(int(n))
		if !ok || !ok2 || !ok3 || !ok4 {
			return
		}
		t.attribute(uint16(id), data)
		if _, ok := in.take(2); !ok {
			return
		}
	}
}

func (t *tnefReader) attribute(id uint16, data []byte) {
	switch id {
	case attCodepage:
		if page, ok := (*littleEndian)(&data).uint32(); ok {
			t.charset = codepage(page)
		}
	case attBody:
		t.text = t.string8(data)
	case attProperties:
		t.message(readProperties(littleEndian(data)))
	case attRendering:
		if len(t.files) < maxExtracted {
			t.files = append(t.files, tnefFile{})
		}
	case attTitle, attData, attAttachment:
		if len(t.files) > 0 {
			t.files[len(t.files)-1].attribute(id, data)
		}
	}
}

func (t *tnefReader) message(props map[uint16]mapiValue) {
	if page, ok := props[propCodepage]; ok {
		t.charset = codepage(page.number)
	}
	if body := props[propBody]; t.text == "" {
		t.text = body.text(t.charset)
	}
	html := props[propHTML]
	t.html = html.text(t.charset)
	t.rtf = decompressRTF(props[propRTF].data)
}

func (t *tnefReader) string8(data []byte) string {
	text, _ := DecodeText(t.charset, bytes.TrimRight(data, "\x00"))
	return text
}

func (f *tnefFile) attribute(id uint16, data []byte) {
	switch id {
	case attTitle:
		f.title = string(bytes.TrimRight(data, "\x00"))
	case attData:
		f.data = data
	case attAttachment:
		f.props = readProperties(littleEndian(data))
	}
}

func (f *tnefFile) extracted(charset string) Extracted {
	text := func(id uint16) string {
		v := f.props[id]
		return v.text(charset)
	}
	title, _ := DecodeText(charset, []byte(f.title))
	data := f.data
	if inner := f.props[propData].data; len(data) == 0 && len(inner) > 0 {
		data = inner
		if len(inner) > 16 && isTNEF(inner[16:]) {
			data = inner[16:] // an attached message, behind the id of its interface
		}
	}
	e := newExtracted(cmp.Or(text(propLongFileName), text(propFileName), title, text(propDisplayName), "attachment"), data)
	if isTNEF(data) {
		e.Type = "application/ms-tnef"
	}
	if kind := strings.ToLower(text(propMIMEType)); isMediaType(kind) {
		e.Type = kind
	}
	e.CID = clean(strings.Trim(text(propContentID), "<> "))
	return e
}

// isMediaType says whether a string is a media type of one part.
func isMediaType(s string) bool {
	major, minor, ok := strings.Cut(s, "/")
	return ok && isToken(major) && isToken(minor) && major != "multipart"
}

// codepage is the charset of a number of Windows'.
func codepage(n uint32) string {
	names := map[uint32]string{
		437: "ibm437", 850: "ibm850", 874: "windows-874", 932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5",
		1250: "windows-1250", 1251: "windows-1251", 1253: "windows-1253", 1254: "windows-1254", 1255: "windows-1255", 1256: "windows-1256",
		1257: "windows-1257", 1258: "windows-1258", 20866: "koi8-r", 21866: "koi8-u", 28592: "iso-8859-2", 28605: "iso-8859-15",
		50220: "iso-2022-jp", 51932: "euc-jp", 54936: "gb18030", 65001: "utf-8",
	}
	return cmp.Or(names[n], "windows-1252")
}
