package storetest

import (
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// album is a message with two texts and two files.
var album = []byte(strings.ReplaceAll(`From: "O'Hara, Ada" <ada@example.org>
To: Grace <grace@example.org>, =?utf-8?q?J=C3=BCrgen?= <juergen@example.org>
Cc: list@example.org
Reply-To: reply@example.org
Date: Tue, 06 Jan 2026 09:08:07 +0200
Message-ID: <album@example.org>
In-Reply-To: <question@example.org>
References: <first@example.org> <question@example.org>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from Lisbon
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

The caf=C3=A9 by the river is lovely.
--inner
Content-Type: text/html; charset=utf-8

<p>The <b>cafe</b> by the river is lovely.</p>
--inner--
--outer
Content-Type: image/png; name="river.png"
Content-Disposition: attachment; filename="river.png"
Content-Transfer-Encoding: base64

aGVsbG8gd29ybGQ=
--outer
Content-Type: message/rfc822

From: someone@example.org
Subject: inside

the letter inside
--outer--
`, "\n", "\r\n"))

var rowTests = []test{
	{"a row shows what a list needs", func(e *env) {
		m := filing(album, jmap.KeywordSeen, "project-x")
		m.ReceivedAt = time.Date(2026, 1, 6, 23, 30, 0, 0, time.FixedZone("", -5*3600))
		_, _, err := e.Store.Append(e.Context(), "INBOX", m)
		e.must(err)
		r := e.row(e.ref("INBOX"), e.sync("INBOX").UIDs.At(0))
		e.sameKeywords(r.Keywords, jmap.KeywordSeen, "project-x")
		if !r.ReceivedAt.Equal(m.ReceivedAt) || r.ReceivedAt.Location() != time.UTC {
			e.Errorf("received at %v, not %v", r.ReceivedAt, m.ReceivedAt)
		}
		if r.Size != int64(len(album)) {
			e.Errorf("%d octets, not %d", r.Size, len(album))
		}
		env := r.Envelope
		if env.Subject != "Grüße from Lisbon" || len(env.From) != 1 || env.From[0].Email != "ada@example.org" ||
			len(env.To) != 2 || len(env.Cc) != 1 || len(env.ReplyTo) != 1 || len(env.MessageID) != 1 || env.MessageID[0] != "album@example.org" ||
			len(env.References) != 2 || len(env.InReplyTo) != 1 || !env.SentAt.Equal(time.Date(2026, 1, 6, 7, 8, 7, 0, time.UTC)) {
			e.Errorf("%+v", env)
		}
		if r.Preview != "The café by the river is lovely." {
			e.Errorf("preview %q", r.Preview)
		}
		for section, want := range map[string]string{"": "multipart/mixed", "1": "multipart/alternative", "1.1": "text/plain", "1.2": "text/html", "2": "image/png", "3": "message/rfc822"} {
			if p := find(r.Root, section); p == nil || p.Type != want {
				e.Errorf("part %q is %+v, not %s", section, p, want)
			}
		}
		if p := r.Root.Find("2"); p != nil && (p.Name != "river.png" || p.Disposition != "attachment" || p.Encoding != "base64") {
			e.Errorf("%+v", p)
		}
		if !r.Root.HasAttachment() {
			e.Error("no attachment")
		}
	}},
	{"rows are those asked for, and of what is there", func(e *env) {
		uids := e.fill(5)
		rows, err := e.Store.Rows(e.Context(), e.ref("INBOX"), []uint32{uids[4], uids[1], uids[4] + 100, 4_000_000_000})
		e.must(err)
		got := map[uint32]string{}
		for _, r := range rows {
			got[r.UID] = r.Envelope.Subject
		}
		if len(rows) != 2 || got[uids[1]] != "message 2" || got[uids[4]] != "message 5" {
			e.Errorf("%v", got)
		}
	}},
	{"a message that came after a UID was asked for in vain is found", func(e *env) {
		uid := e.put("INBOX", letter("first"))
		ref := e.ref("INBOX")
		for _, absent := range []uint32{uid + 1000, 4_294_967_295} {
			rows, err := e.Store.Rows(e.Context(), ref, []uint32{absent})
			e.must(err)
			if len(rows) != 0 {
				e.Errorf("%+v", rows)
			}
		}
		e.Deliver(e.T, letter("second"))
		e.eventually("the message comes", func() bool { return e.sync("INBOX").UIDs.Len() == 2 })
		e.row(ref, e.sync("INBOX").UIDs.At(1))
	}},
	{"no UIDs are no rows", func(e *env) {
		e.fill(1)
		rows, err := e.Store.Rows(e.Context(), e.ref("INBOX"), nil)
		e.must(err)
		if len(rows) != 0 {
			e.Errorf("%+v", rows)
		}
	}},
	{"many scattered UIDs are no trouble", func(e *env) {
		uids := e.fill(2)
		asked := []uint32{uids[0], uids[1]}
		for i := range uint32(20_000) {
			asked = append(asked, 1_000_000+3*i)
		}
		ref := e.ref("INBOX")
		rows, err := e.Store.Rows(e.Context(), ref, asked)
		e.must(err)
		if len(rows) != 2 {
			e.Errorf("%d rows", len(rows))
		}
		_, err = e.Store.SetKeywords(e.Context(), ref, asked, []string{jmap.KeywordSeen}, nil)
		e.must(err)
		e.keywords(ref, uids[1], jmap.KeywordSeen)
		_, err = e.Store.Sync(e.Context(), "INBOX", upstream.Known{UIDValidity: ref.UIDValidity, Watched: asked})
		e.must(err)
		archive := e.archive()
		_, err = e.Store.Copy(e.Context(), ref, asked, archive)
		e.must(err)
		if n := e.sync(archive).UIDs.Len(); n != 2 {
			e.Errorf("%d were copied", n)
		}
		_, err = e.Store.Move(e.Context(), ref, asked, archive)
		e.must(err)
		e.has("INBOX")
		uids = e.sync(archive).UIDs.All()
		e.must(e.Store.Expunge(e.Context(), e.ref(archive), append(asked, uids...)))
		e.has(archive)
	}},
	{"looking at rows marks nothing seen", func(e *env) {
		uid := e.put("INBOX", album)
		e.keywords(e.ref("INBOX"), uid)
		e.keywords(e.ref("INBOX"), uid)
	}},
	{"mail without a header, a body, or anything at all has a row", func(e *env) {
		for _, raw := range []string{"\r\njust a body\r\n", "Subject: just a header\r\n\r\n", "Subject: no end", "\x80\xff\xfe\r\n\r\n\xff", "\r\n"} {
			uid := e.put("INBOX", []byte(raw))
			if r := e.row(e.ref("INBOX"), uid); r.Root == nil || r.Size != int64(len(raw)) {
				e.Errorf("%q: %+v", raw, r)
			}
		}
	}},
}

// find finds any part, multiparts too.
func find(p *message.Part, section string) *message.Part {
	if p.Section == section {
		return p
	}
	for _, child := range p.Parts {
		if found := find(child, section); found != nil {
			return found
		}
	}
	return nil
}
