package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// BenchmarkSearch searches all mail of a person with 100,000 messages in the inbox and
// 10,000 in Archive, each time for other words, as the app does: the first hits with
// their rows, and the rest of the answer.
func BenchmarkSearch(b *testing.B) {
	mail := e2e.StartBulkProvider(b)
	mail.Seed(b, "ada", "INBOX", many)
	mail.Seed(b, "ada", "Archive", many/10)
	bridge := mail.Bridge(b)
	s := e2e.SignIn(b, bridge, "ada")
	var all jmap.QueryResponse
	s.Call(&all, "Email/query", `{"accountId":"ACCOUNT","limit":1}`) // has it indexed
	for begun := time.Now(); threadIndex(s) != "ready"; time.Sleep(200 * time.Millisecond) {
		if time.Since(begun) > 5*time.Minute {
			b.Fatal("the index does not end")
		}
	}
	n := 0
	week := time.Now().Add(-7 * 24 * time.Hour).UTC().Format(time.RFC3339)
	for _, q := range []struct{ name, filter string }{
		{"subject", `{"subject":"matter %d"}`},
		{"from", `{"from":"p%d@seed.test"}`},
		{"body", `{"body":"message %d"}`},
		{"body/week", `{"operator":"AND","conditions":[{"after":"WEEK"},{"body":"message %d"}]}`},
		{"subject/week", `{"operator":"AND","conditions":[{"after":"WEEK"},{"subject":"matter %d"}]}`},
		{"text", `{"text":"message %d"}`},
		{"unread", `{"operator":"AND","conditions":[{"notKeyword":"$seen"},{"subject":"%d"}]}`},
	} {
		b.Run(q.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				n++
				began := time.Now()
				var got jmap.GetResponse[jmap.Email]
				s.Call(&got, "Email/query", `{"accountId":"ACCOUNT","limit":50,"calculateTotal":true,"filter":`+strings.NewReplacer("%d", fmt.Sprint(100+n%800), "WEEK", week).Replace(q.filter)+`}`,
					"Email/get", `{"accountId":"ACCOUNT","#ids":{"resultOf":"0","name":"Email/query","path":"/ids"},"properties":["subject","preview","from"]}`)
				took = append(took, time.Since(began))
			}
			percentiles(b, took)
		})
	}
}
