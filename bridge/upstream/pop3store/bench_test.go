package pop3store

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
)

// BenchmarkMaildrop downloads a maildrop of 100,000 messages of some 700 octets from a
// Dovecot on this machine: how long until the first page is there, and how many messages a
// second are kept.
func BenchmarkMaildrop(b *testing.B) {
	const n = 100_000
	srv := dovecot.Start(b, dovecot.Options{Config: dovecot.Bulk})
	user := fresh()
	srv.Seed(b, user, "INBOX", n)
	for b.Loop() {
		s := New(Config{Dir: b.TempDir(), Server: srv.POP3(user, upstream.TLS), Password: dovecot.Password, Dialer: srv.Dialer})
		began := time.Now()
		var page time.Duration
		for range s.Watch(b.Context()) {
			status, err := s.Status(b.Context(), "INBOX")
			if err != nil {
				b.Fatal(err)
			}
			if page == 0 && status.Messages >= firstBatch {
				page = time.Since(began)
			}
			if status.Messages == n {
				break
			}
		}
		all := time.Since(began)
		b.ReportMetric(page.Seconds(), "s-to-first-page")
		b.ReportMetric(n/all.Seconds(), "messages/s")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLong downloads one message of 1 and one of 100 MB from a server in a process of
// its own, and says how much memory of this process's own it took.
func BenchmarkLong(b *testing.B) {
	for _, mb := range []int{1, 100} {
		b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
			port, size := startLong(b, mb)
			b.SetBytes(size)
			for b.Loop() {
				s := New(Config{
					Dir: b.TempDir(), Server: upstream.Server{Host: "127.0.0.1", Port: port, Security: upstream.None, User: "ada"}, Password: "secret",
					Dialer: dialertest.NewAuthority(b).Dialer(b),
				})
				before, most := rssAnon(b), make(chan int64)
				stop := make(chan bool)
				go func() {
					top := int64(0)
					for {
						select {
						case <-stop:
							most <- top
							return
						case <-time.After(5 * time.Millisecond):
							top = max(top, rssAnon(b))
						}
					}
				}()
				look(b, s)
				close(stop)
				b.ReportMetric(float64(<-most-before)/(1<<20), "MB-rss-over-idle")
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// rssAnon is the process's own memory, in octets: what the kernel keeps of files for it
// does not count.
func rssAnon(b *testing.B) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("there is no /proc")
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	var kb int64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		b.Fatal(err)
	}
	return kb << 10
}
