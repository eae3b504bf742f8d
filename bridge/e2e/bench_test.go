package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const many = 100_000

// crowded is a provider where ada has many messages in her inbox, indexed as on a
// server that has been running for a while.
func crowded(b testing.TB, many int) *e2e.Provider {
	b.Helper()
	mail := e2e.StartProvider(b)
	mail.Deliver(b, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "First", "Hello"))
	crowd(b, mail, "ada", many)
	return mail
}

// crowd puts many messages that were read into the inbox of somebody who has some already.
func crowd(b testing.TB, mail *e2e.Provider, name string, many int) {
	b.Helper()
	dir := filepath.Join(mail.Maildir(name, "INBOX"), "cur")
	mode, err := os.Stat(dir)
	if err != nil {
		b.Fatal(err)
	}
	var work sync.WaitGroup
	for part := range 4 {
		work.Go(func() {
			for i := part; i < many; i += 4 {
				raw := letter(fmt.Sprintf("Person %d <p%d@hearth.test>", i%977, i%977), name+"@hearth.test", fmt.Sprintf("Message %d", i), "Some text that goes on for a line or two.")
				file := filepath.Join(dir, fmt.Sprintf("%d.M%d.test:2,S", time.Now().Unix()-int64(many-i), i))
				if err := os.WriteFile(file, raw, mode.Mode().Perm()|0o644); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	mail.Doveadm(b, "index", "-u", name, "INBOX")
}

// trips counts round trips between the bridge and its IMAP server.
type trips struct {
	n    atomic.Int64
	port int
}

// countTrips stands between the bridge and the server.
func countTrips(b testing.TB, to int) *trips {
	b.Helper()
	c := &trips{}
	c.port = dialertest.Listen(b, func(client net.Conn) {
		server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(to)))
		if err != nil {
			return
		}
		defer server.Close()
		var answered atomic.Bool
		answered.Store(true)
		go func() {
			defer client.Close()
			buf := make([]byte, 64<<10)
			for {
				n, err := server.Read(buf)
				if err != nil {
					return
				}
				answered.Store(true)
				if _, err := client.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
		buf := make([]byte, 64<<10)
		for {
			n, err := client.Read(buf)
			if err != nil {
				return
			}
			if answered.Swap(false) { // what follows without waiting is no trip of its own
				c.n.Add(1)
			}
			if _, err := server.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	return c
}

const window = `{"accountId":"ACCOUNT","filter":{"inMailbox":"%s"},"position":%d,"limit":50,"calculateTotal":true}`

const rows = `{"accountId":"ACCOUNT","#ids":{"resultOf":"0","name":"Email/query","path":"/ids"},
	"properties":["threadId","mailboxIds","keywords","size","receivedAt","from","to","subject","preview","hasAttachment"]}`

// BenchmarkHundredThousand measures what people do in an inbox of 100,000.
func BenchmarkHundredThousand(b *testing.B) {
	mail := crowded(b, many)
	counted := countTrips(b, mail.IMAP("", upstream.None).Port)
	config := mail.ConfigFor(b, counted.port, upstream.None)

	b.Run("sign-in-to-list/bridge", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			bridge := e2e.StartBridge(b, "serve", "-listen", "127.0.0.1:0", "-data", b.TempDir(), "-config", config)
			b.StartTimer()
			s := e2e.SignIn(b, bridge, "ada")
			inbox := mailbox(s, "inbox")
			var got jmap.GetResponse[json.RawMessage]
			s.Call(&got, "Email/query", fmt.Sprintf(window, inbox, 0), "Email/get", rows)
			if len(got.List) != 50 {
				b.Fatalf("%d rows", len(got.List))
			}
			b.StopTimer()
			bridge.Stop()
			b.StartTimer()
		}
	})

	bridge := e2e.StartBridge(b, "serve", "-listen", "127.0.0.1:0", "-data", b.TempDir(), "-config", config)
	b.Run("sign-in-to-list/browser", func(b *testing.B) {
		browser := e2e.StartBrowser(b)
		for b.Loop() {
			b.StopTimer()
			p := browser.Open(b, bridge.URL)
			p.Fill("textbox", "Email address", "ada@"+e2e.Domain)
			p.Fill("textbox", "Password", e2e.Password)
			p.Eval(`(() => {
				document.getElementById("signin-submit").addEventListener("click", () => { window.clicked = performance.now() });
				new MutationObserver((_, o) => { if (document.querySelector(".row-subject")) { window.listed = performance.now(); o.disconnect() } })
					.observe(document.body, {childList: true, subtree: true});
			})()`)
			b.StartTimer()
			p.Click("button", "Sign in")
			p.Wait("grid", "Messages")
			p.Wait("row", "")
			p.WaitText("row", "Message")
			b.StopTimer()
			ms, err := strconv.ParseFloat(p.Eval("window.listed - window.clicked"), 64)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(ms, "ms-in-page")
			b.StartTimer()
		}
	})

	s := e2e.SignIn(b, bridge, "ada")
	inbox := mailbox(s, "inbox")
	b.Run("window-anywhere", func(b *testing.B) {
		before := counted.n.Load()
		for b.Loop() {
			var got jmap.GetResponse[json.RawMessage]
			s.Call(&got, "Email/query", fmt.Sprintf(window, inbox, rand.IntN(many-50)), "Email/get", rows)
			if len(got.List) != 50 {
				b.Fatalf("%d rows", len(got.List))
			}
		}
		b.ReportMetric(float64(counted.n.Load()-before)/float64(b.N), "IMAP-trips/op")
	})
	b.Run("open-message", func(b *testing.B) {
		var ids jmap.QueryResponse
		s.Call(&ids, "Email/query", fmt.Sprintf(`{"accountId":"ACCOUNT","filter":{"inMailbox":"%s"},"position":2000,"limit":500}`, inbox))
		// What is opened stands in a list that was shown.
		var shown jmap.GetResponse[json.RawMessage]
		s.Call(&shown, "Email/query", fmt.Sprintf(strings.Replace(window, `"limit":50`, `"limit":500`, 1), inbox, 2000), "Email/get", rows)
		before := counted.n.Load()
		i := 0
		for b.Loop() {
			var got jmap.GetResponse[jmap.Email]
			s.Call(&got, "Email/get", `{"accountId":"ACCOUNT","ids":["`+string(ids.Ids[i%len(ids.Ids)])+`"],"fetchTextBodyValues":true,"properties":["subject","bodyValues","textBody","attachments"]}`)
			if len(got.List) != 1 || len(got.List[0].BodyValues) != 1 {
				b.Fatalf("got %+v", got)
			}
			i++
		}
		b.ReportMetric(float64(counted.n.Load()-before)/float64(b.N), "IMAP-trips/op")
	})
	b.ReportMetric(resident(b, bridge.Pid), "MB-resident")
}

func mailbox(s *e2e.Session, role string) jmap.Id {
	var got jmap.GetResponse[jmap.Mailbox]
	s.Call(&got, "Mailbox/get", `{"accountId":"ACCOUNT","ids":null}`)
	for _, m := range got.List {
		if m.HasRole(role) {
			return m.Id
		}
	}
	return ""
}

// resident is the memory of a process, in megabytes.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("no /proc here")
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kb) / 1024
		}
	}
	return 0
}

// BenchmarkMemory measures the bridge at rest, and while a 50 MB attachment goes up
// and comes down.
func BenchmarkMemory(b *testing.B) {
	mail := e2e.StartProvider(b)
	bridge := mail.Bridge(b)
	idle := resident(b, bridge.Pid)
	s := e2e.SignIn(b, bridge, "ada")
	mailbox(s, "drafts")
	time.Sleep(time.Second) // what signing in took is given back
	signedIn := resident(b, bridge.Pid)
	var peak atomic.Uint64
	stop := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				peak.Store(max(peak.Load(), uint64(resident(b, bridge.Pid))))
			}
		}
	})
	const size = 50 << 20
	body := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	for b.Loop() {
		var up jmap.Upload
		if err := json.Unmarshal(s.Post("/jmap/upload/"+string(s.Account), "application/octet-stream", io.LimitReader(bytes.NewReader(body), size)), &up); err != nil {
			b.Fatal(err)
		}
		drafts := mailbox(s, "drafts")
		var set jmap.SetResponse
		s.Call(&set, "Email/set", fmt.Sprintf(`{"accountId":"ACCOUNT","create":{"d":{"mailboxIds":{"%s":true},"subject":"big",
			"bodyStructure":{"type":"multipart/mixed","subParts":[{"type":"text/plain","partId":"t"},{"blobId":"%s","type":"application/octet-stream","name":"big.bin"}]},
			"bodyValues":{"t":{"value":"see attached"}}}}}`, drafts, up.BlobId))
		var created struct{ Id jmap.Id }
		if err := json.Unmarshal(set.Created["d"], &created); err != nil {
			b.Fatalf("%v %+v", err, set)
		}
		var got jmap.GetResponse[jmap.Email]
		s.Call(&got, "Email/get", `{"accountId":"ACCOUNT","ids":["`+string(created.Id)+`"],"properties":["attachments"]}`)
		if n := s.Download(got.List[0].Attachments[0].BlobId); n != size {
			b.Fatalf("%d octets came back", n)
		}
	}
	close(stop)
	watch.Wait()
	b.SetBytes(2 * size)
	b.ReportMetric(idle, "MB-idle")
	b.ReportMetric(signedIn, "MB-signed-in")
	b.ReportMetric(float64(peak.Load()), "MB-peak")
}
