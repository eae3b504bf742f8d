package message

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
)

// winmail is a winmail.dat being put together.
type winmail struct{ bytes.Buffer }

func newWinmail() *winmail {
	w := new(winmail)
	w.number(tnefSignature)
	w.Write([]byte{1, 0})
	return w
}

func (w *winmail) number(n uint32) { w.Write(binary.LittleEndian.AppendUint32(nil, n)) }

func (w *winmail) attribute(level byte, id uint16, data []byte) *winmail {
	w.WriteByte(level)
	w.number(6<<16 | uint32(id))
	w.number(uint32(len(data)))
	w.Write(data)
	w.Write([]byte{0, 0}) // the check sum, which nobody checks
	return w
}

// properties makes a list of MAPI properties.
func properties(list ...[]byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(list))), bytes.Join(list, nil)...)
}

func property(id, kind uint16, data []byte) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(id)<<16|uint32(kind))
	if id >= 0x8000 {
		out = append(out, make([]byte, 16)...)
		out = binary.LittleEndian.AppendUint32(out, 1)
		out = append(binary.LittleEndian.AppendUint32(out, 6), "n\x00\x00\x00\x00\x00\x00\x00"...)
	}
	if mapiSizes[kind] == 0 {
		out = binary.LittleEndian.AppendUint32(out, 1)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
	}
	return append(append(out, data...), make([]byte, -len(data)&3)...)
}

func wide(s string) []byte {
	var out []byte
	for _, c := range utf16.Encode([]rune(s + "\x00")) {
		out = binary.LittleEndian.AppendUint16(out, c)
	}
	return out
}

const squeezed = "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"

func sample() []byte {
	rtf, err := hex.DecodeString(squeezed)
	if err != nil {
		panic(err)
	}
	return newWinmail().
		attribute(1, attCodepage, []byte{0xe3, 4, 0, 0, 0, 0, 0, 0}). // 1251
		attribute(1, attProperties, properties(
			property(0x8001, 0x0003, []byte{1, 0, 0, 0}), property(0x0040, 0x000b, []byte{1, 0, 0, 0}), property(propRTF, mapiBinary, rtf))).
		attribute(2, attRendering, make([]byte, 14)).
		attribute(2, attTitle, []byte("\xcf\xf0\xe8.txt\x00")).
		attribute(2, attData, []byte("first file")).
		attribute(2, attRendering, make([]byte, 14)).
		attribute(2, attTitle, []byte("SHORT~1.PDF\x00")).
		attribute(2, attData, []byte("%PDF")).
		attribute(2, attAttachment, properties(
			property(propLongFileName, mapiUnicode, wide(`C:\Users\Zoë\long name.pdf`)), property(propMIMEType, mapiString8, []byte("Application/PDF\x00")),
			property(propContentID, mapiUnicode, wide("pic@x")))).
		Bytes()
}

func TestWinmail(t *testing.T) {
	got := Extract(sample())
	want := []Extracted{
		{Name: "message.rtf", Type: "text/rtf", Body: true, Data: []byte("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n")},
		{Name: "При.txt", Type: "text/plain", Data: []byte("first file")},
		{Name: "long name.pdf", Type: "application/pdf", CID: "pic@x", Data: []byte("%PDF")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestWinmailWithText(t *testing.T) {
	got := Extract(newWinmail().attribute(1, attProperties, properties(
		property(propCodepage, 0x0003, []byte{0xe3, 4, 0, 0}),
		property(propBody, mapiUnicode, wide("Grüße\r\nZoë")),
		property(propHTML, mapiBinary, []byte("<p>\xcf\xf0\xe8</p>")))).Bytes())
	if len(got) != 2 || string(got[0].Data) != "Grüße\nZoë" || !got[0].Body || string(got[1].Data) != "<p>При</p>" || got[1].Type != "text/html" {
		t.Errorf("got %+v", got)
	}
}

// TestBrokenWinmail: cut anywhere, or lying about its lengths, it ends, and what came
// before is kept.
func TestBrokenWinmail(t *testing.T) {
	whole := sample()
	for i := range whole {
		Extract(whole[:i])
		lying := bytes.Clone(whole)
		lying[i] = 0xff
		Extract(lying)
	}
	if got := Extract(whole[:len(whole)-1]); len(got) != 3 {
		t.Errorf("%d files of one that is cut at its end", len(got))
	}
	if got := Extract(newWinmail().Bytes()); len(got) != 0 {
		t.Errorf("%+v out of nothing", got)
	}
}

func TestRTFDictionary(t *testing.T) {
	if len(rtfDictionary) != 207 {
		t.Errorf("%d octets", len(rtfDictionary))
	}
}

const uu = "begin 644 cat.txt\n#0V%T\n`\nend\n"

func TestUU(t *testing.T) {
	for raw, want := range map[string]string{
		uu:                                           "|cat.txt=Cat",
		"before\n" + uu + "after\n":                  "before\nafter\n|cat.txt=Cat",
		strings.ReplaceAll(uu, "\n", "\r\n"):         "|cat.txt=Cat",
		uu + "\n" + uu:                               "\n|cat.txt=Cat|cat.txt=Cat",
		"begin 644 a/b\\evil name.sh\n \nend\n":      "|evil name.sh=",
		"begin 644 cat.txt\n#0V%T\n":                 "begin 644 cat.txt\n#0V%T\n",      // no end
		"begin 644 x\nno uuencode\nend\n":            "begin 644 x\nno uuencode\nend\n", // it is prose
		"begin to understand\nend\n":                 "begin to understand\nend\n",
		"begin 644 a\nbegin 644 cat.txt\n#0V%T\nend": "begin 644 a\n|cat.txt=Cat",
	} {
		files, text := extractUU([]byte(raw))
		var got strings.Builder
		got.Write(text)
		for _, f := range files {
			got.WriteString("|" + f.Name + "=" + string(f.Data))
		}
		if got.String() != want {
			t.Errorf("%q: got %q, want %q", raw, got.String(), want)
		}
	}
	m := Parse([]byte("Content-Type: application/x-thing\nContent-Transfer-Encoding: x-uue\n\n" + uu))
	if got := string(m.Octets(m.Root)); got != "Cat" {
		t.Errorf("as a transfer encoding: %q", got)
	}
}

func TestInside(t *testing.T) {
	inner := "Content-Type: multipart/mixed; boundary=c\n\n--c\n\nhello\n--c\nContent-Type: application/ms-tnef\n\n" + string(sample()) + "\n--c--\n"
	outer := []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n" + inner + "\n--b\nContent-Type: text/plain\n\n" + uu + "\n--b--\n")
	for steps, want := range map[string]string{"m.1.1": "hello", "m.1.m.1": "hello", "m.1.2.x2": "first file", "m.1.m.2.x3": "%PDF", "m.2.x1": "Cat"} {
		if got, ok := Inside(outer, steps); !ok || string(got) != want {
			t.Errorf("%s: %q, %v", steps, got, ok)
		}
	}
	for _, steps := range []string{"", "m", "m.9", "m.1.2.x9", "x2", "x0", "x-1", "m.2.x1.m.x1", "y", strings.Repeat("m.1.", 50) + "m"} {
		if got, ok := Inside(outer, steps); ok {
			t.Errorf("%s: %q", steps, got)
		}
	}
}
