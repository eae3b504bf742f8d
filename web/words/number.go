package words

import (
	"time"

	"github.com/hearthmail/hearthmail/web/browser"
)

// Number writes a whole number.
func Number(n int) string { return browser.Number(float64(n), 0) }

// Size writes octets as people read them.
func Size(octets int64) string {
	n := float64(octets)
	switch {
	case octets < 1000:
		return T("{n} B", browser.Number(n, 0))
	case octets < 999_500:
		return T("{n} KB", browser.Number(n/1e3, 0))
	case octets < 999_950_000:
		return T("{n} MB", browser.Number(n/1e6, 1))
	}
	return T("{n} GB", browser.Number(n/1e9, 1))
}

// DateTime writes when something was, in the person's time zone: Tue, 24 Nov 2026, 14:05.
func DateTime(t time.Time) string { return browser.Format(browser.FormatLong, t.Local()) }
