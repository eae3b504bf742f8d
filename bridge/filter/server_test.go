package filter_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/bridge/filter"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/sieve"
)

// A real server compiles whatever a person writes, and keeps it as it was sent.
func TestServerTakesEveryScript(t *testing.T) {
	s := dovecot.Start(t, dovecot.Options{Sieve: true})
	c := sieve.New(sieve.Config{Server: s.ManageSieve("ada", upstream.None), Password: dovecot.Password, Dialer: s.Dialer})
	t.Cleanup(func() { _ = c.Close() })
	rapid.Check(t, func(rt *rapid.T) {
		script, err := filter.Vacation(filter.AnyVacation().Draw(rt, "object"), []string{"ada@hearth.test", `"a\\ \"b"@hearth.test`})
		if err != nil {
			rt.Fatal(err)
		}
		if err := c.Put(t.Context(), filter.VacationScript, script); err != nil {
			rt.Fatalf("%v\n%s", err, script)
		}
		if got, err := c.Get(t.Context(), filter.VacationScript); err != nil || got != script {
			rt.Fatalf("%q (%v)", got, err)
		}
	})
}
