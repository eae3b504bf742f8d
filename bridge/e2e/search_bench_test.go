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
	for begun := time.Now(); threadIndex(s) != "ready"; time.Sleep(200 * time.Millisecond) {
		if time.Since(begun) > 5*time.Minute {
			b.Fatal("the index does not end")
		}
	}
	n := 0
	for _, q := range []struct{ name, filter string }{
		{"subject", `{"subject":"matter %d"}`},
		{"from", `{"from":"p%d@seed.test"}`},
		{"body", `{"body":"message %d"}`},
		{"text", `{"text":"message %d"}`},
		{"unread", `{"operator":"AND","conditions":[{"notKeyword":"$seen"},{"subject":"%d"}]}`},
	} {
		for _, total := range []string{"", `"calculateTotal":true,`} {
			name := q.name
			if total != "" {
				name += "/total"
			}
			b.Run(name, func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					n++
					began := time.Now()
					var got jmap.GetResponse[jmap.Email]
					s.Call(&got, "Email/query", `{"accountId":"ACCOUNT","limit":50,`+total+`"filter":`+strings.Replace(q.filter, "%d", fmt.Sprint(100+n%800), 1)+`}`,
						"Email/get", `{"accountId":"ACCOUNT","#ids":{"resultOf":"0","name":"Email/query","path":"/ids"},"properties":["subject","preview","from"]}`)
					took = append(took, time.Since(began))
				}
				percentiles(b, took)
			})
		}
	}
}
