package e2e_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// BenchmarkMillion measures the gateway in front of an inbox of 1,000,000 messages:
// while it takes them into its index, and afterwards.
func BenchmarkMillion(b *testing.B) {
	const million = 1_000_000
	mail := e2e.StartBulkProvider(b)
	mail.Seed(b, "ada", "INBOX", million)
	data := b.TempDir()
	bridge := e2e.StartBridge(b, "serve", "-listen", "127.0.0.1:0", "-data", data, "-config", mail.Config(b))
	idle := resident(b, bridge.Pid)
	s := e2e.SignIn(b, bridge, "ada")
	inbox := mailbox(s, "inbox")

	begun := time.Now()
	b.Run("window-while-indexing", func(b *testing.B) { windows(b, s, inbox, million) })
	for threadIndex(s) != "ready" {
		if time.Since(begun) > 10*time.Minute {
			b.Fatal("the index does not end")
		}
		time.Sleep(200 * time.Millisecond)
	}
	rate := million / time.Since(begun).Seconds()

	b.Run("query-anywhere", func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			began := time.Now()
			var got jmap.QueryResponse
			s.Call(&got, "Email/query", fmt.Sprintf(window, inbox, rand.IntN(million-50)))
			took = append(took, time.Since(began))
			if len(got.Ids) != 50 || got.Total == nil || *got.Total < million {
				b.Fatalf("%d ids of %v", len(got.Ids), got.Total)
			}
		}
		percentiles(b, took)
	})
	b.Run("cold-window", func(b *testing.B) { windows(b, s, inbox, million) })
	b.Run("collapsed-window", func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			began := time.Now()
			var got jmap.QueryResponse
			s.Call(&got, "Email/query", strings.Replace(fmt.Sprintf(window, inbox, rand.IntN(million/10)), `"limit"`, `"collapseThreads":true,"limit"`, 1))
			took = append(took, time.Since(began))
			if len(got.Ids) != 50 {
				b.Fatalf("%d ids", len(got.Ids))
			}
		}
		percentiles(b, took)
	})
	b.Run("flag-from-elsewhere", func(b *testing.B) {
		var took []time.Duration
		var ids jmap.QueryResponse
		s.Call(&ids, "Email/query", fmt.Sprintf(window, inbox, 0))
		var shown jmap.GetResponse[json.RawMessage]
		s.Call(&shown, "Email/query", fmt.Sprintf(window, inbox, 0), "Email/get", rows)
		verb, want := "add", true
		for b.Loop() {
			mail.Doveadm(b, "flags", verb, "-u", "ada", `\Flagged`, "mailbox", "INBOX", "uid", fmt.Sprint(million))
			began := time.Now()
			for flagged(s, ids.Ids[0]) != want {
				if time.Since(began) > 20*time.Second {
					b.Fatal("the flag is not seen")
				}
				time.Sleep(5 * time.Millisecond)
			}
			took = append(took, time.Since(began))
			if want = !want; want {
				verb = "add"
			} else {
				verb = "remove"
			}
		}
		percentiles(b, took)
	})
	b.Run("at-rest", func(b *testing.B) {
		for b.Loop() { // what is measured has happened
		}
		b.ReportMetric(rate, "indexed/s")
		b.ReportMetric(resident(b, bridge.Pid)-idle, "MB-over-idle")
		b.ReportMetric(float64(octets(b, data))/million, "disk-B/message")
	})
}

// windows asks for 50 rows anywhere, nobody having seen them.
func windows(b *testing.B, s *e2e.Session, inbox jmap.Id, most int) {
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		var got jmap.GetResponse[json.RawMessage]
		s.Call(&got, "Email/query", fmt.Sprintf(window, inbox, rand.IntN(most-50)), "Email/get", rows)
		took = append(took, time.Since(began))
		if len(got.List) != 50 {
			b.Fatalf("%d rows", len(got.List))
		}
	}
	percentiles(b, took)
}

func percentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "ms-p50")
	b.ReportMetric(took[len(took)*95/100].Seconds()*1000, "ms-p95")
}

func threadIndex(s *e2e.Session) string {
	s.Refresh()
	var of struct {
		ThreadIndex string `json:"threadIndex"`
	}
	if json.Unmarshal(s.Session.Accounts[s.Account].AccountCapabilities[jmap.CapabilityBridge], &of) != nil {
		return ""
	}
	return of.ThreadIndex
}

func flagged(s *e2e.Session, id jmap.Id) bool {
	var got jmap.GetResponse[jmap.Email]
	s.Call(&got, "Email/get", `{"accountId":"ACCOUNT","ids":["`+string(id)+`"],"properties":["keywords"]}`)
	return len(got.List) == 1 && got.List[0].Keywords[jmap.KeywordFlagged]
}

// octets is what lies in a folder.
func octets(b *testing.B, dir string) (n int64) {
	b.Helper()
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}
