package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

var readTests = []test{
	{"sections are read as they lie in the message", func(e *env) {
		uid := e.put("INBOX", album)
		header, _, _ := bytes.Cut(album, []byte("\r\n\r\n"))
		want := map[string]string{
			"":         string(album),
			"HEADER":   string(header) + "\r\n\r\n",
			"1.1":      "The caf=C3=A9 by the river is lovely.",
			"1.1.MIME": "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
			"2":        "aGVsbG8gd29ybGQ=",
			"3.HEADER": "From: someone@example.org\r\nSubject: inside\r\n\r\n",
		}
		var sections []upstream.Section
		for path := range want {
			sections = append(sections, upstream.Section{Path: path})
		}
		got := e.read(uid, sections...)
		for i, s := range sections {
			if string(got[i]) != want[s.Path] {
				e.Errorf("%q is %q, not %q", s.Path, got[i], want[s.Path])
			}
		}
		e.keywords(e.ref("INBOX"), uid) // not seen
	}},
	{"the one part of a message that is not multipart is 1", func(e *env) {
		raw := letter("plain")
		uid := e.put("INBOX", raw)
		_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		if got := e.read(uid, upstream.Section{Path: "1"}); !bytes.Equal(got[0], body) {
			e.Errorf("%q", got[0])
		}
	}},
	{"ranges are ranges, and end where the message does", func(e *env) {
		uid := e.put("INBOX", album)
		size := int64(len(album))
		sections := []upstream.Section{
			{Offset: 0, Length: 10},
			{Offset: 10, Length: 10},
			{Offset: size - 5, Length: 100},
			{Offset: size - 5},
			{Offset: size, Length: 10},
			{Offset: size + 10},
			{Path: "2", Offset: 4, Length: 4},
		}
		want := []string{string(album[:10]), string(album[10:20]), string(album[size-5:]), string(album[size-5:]), "", "", "bG8g"}
		got := e.read(uid, sections...)
		for i := range sections {
			if string(got[i]) != want[i] {
				e.Errorf("%+v is %q, not %q", sections[i], got[i], want[i])
			}
		}
	}},
	{"a big message read in ranges is the message", func(e *env) {
		var raw bytes.Buffer
		raw.Write(letter("big"))
		for i := range 40_000 {
			fmt.Fprintf(&raw, "line %06d of a message that is rather long, to be read in pieces\r\n", i)
		}
		uid := e.put("INBOX", raw.Bytes())
		const piece = 256 << 10
		var got []byte
		for {
			s := e.read(uid, upstream.Section{Offset: int64(len(got)), Length: piece})[0]
			got = append(got, s...)
			if len(s) < piece {
				break
			}
		}
		if !bytes.Equal(got, raw.Bytes()) {
			e.Errorf("%d octets, not %d, or others", len(got), raw.Len())
		}
	}},
	{"a part that is not there is empty", func(e *env) {
		uid := e.put("INBOX", album)
		for _, path := range []string{"9", "2.7", "1.1.5"} {
			if got := e.read(uid, upstream.Section{Path: path}); len(got[0]) != 0 {
				e.Errorf("%q is %q", path, got[0])
			}
		}
	}},
	{"what is no section is refused", func(e *env) {
		uid := e.put("INBOX", album)
		for _, path := range []string{"x", "1..2", "0", "1]", "HEADER.1", strings.Repeat("9", 30), "1\r\n"} {
			if _, err := e.Store.Read(e.Context(), e.ref("INBOX"), uid, []upstream.Section{{Path: path}}); err == nil {
				e.Errorf("%q was read", path)
			}
		}
	}},
	{"a message that is gone is ErrGone", func(e *env) {
		uids := e.fill(2)
		ref := e.ref("INBOX")
		e.must(e.Store.Expunge(e.Context(), ref, uids[:1]))
		for _, uid := range []uint32{uids[0], uids[1] + 100} {
			if _, err := e.Store.Read(e.Context(), ref, uid, []upstream.Section{{}}); !errors.Is(err, upstream.ErrGone) {
				e.Errorf("%d: %v", uid, err)
			}
		}
	}},
	{"a message another device removed is gone, and the rest is there", func(e *env) {
		other := e.other()
		uids := e.fill(3)
		ref := e.ref("INBOX")
		e.row(ref, uids[0])
		e.must(other.Expunge(e.Context(), ref, uids[:1]))
		rows, err := e.Store.Rows(e.Context(), ref, uids)
		e.must(err)
		if len(rows) < 2 {
			e.Errorf("%d rows", len(rows))
		}
		e.must(other.Expunge(e.Context(), ref, uids[1:2]))
		// A server may show it for a while yet.
		if got, err := e.Store.Read(e.Context(), ref, uids[1], []upstream.Section{{}}); !errors.Is(err, upstream.ErrGone) &&
			(err != nil || !bytes.Equal(got[0], letter("message 2"))) {
			e.Errorf("%q, %v", got, err)
		}
		_, err = e.Store.SetKeywords(e.Context(), ref, uids, []string{"kept"}, nil)
		e.must(err)
		e.keywords(ref, uids[2], "kept")
		e.must(other.Expunge(e.Context(), ref, uids[2:]))
		_, err = e.Store.SetKeywords(e.Context(), ref, uids, []string{"late"}, nil)
		e.must(err)
		_, err = e.Store.Move(e.Context(), ref, uids, e.archive())
		e.must(err)
		e.must(e.Store.Expunge(e.Context(), ref, uids))
	}},
}

func (e *env) read(uid uint32, sections ...upstream.Section) [][]byte {
	e.Helper()
	got, err := e.Store.Read(e.Context(), e.ref("INBOX"), uid, sections)
	e.must(err)
	if len(got) != len(sections) {
		e.Fatalf("%d sections, not %d", len(got), len(sections))
	}
	return got
}
