package imapwire

import (
	"bytes"
	"strings"
	"time"
)

// dateTime reads "17-Jul-1996 02:44:25 -0700". What is no date is the zero time.
func (r *reader) dateTime() (time.Time, error) {
	text, null, err := r.text(64)
	if err != nil || null {
		return time.Time{}, err
	}
	if t, ok := fastDate(text); ok {
		return t, nil
	}
	t, err := time.Parse("_2-Jan-2006 15:04:05 -0700", string(bytes.TrimSpace(text)))
	if err != nil {
		return time.Time{}, nil //nolint:nilerr // a date that cannot be read is none
	}
	return t.UTC(), nil
}

// fastDate reads a date of the usual form, in UTC.
func fastDate(b []byte) (time.Time, bool) {
	if len(b) != 26 || b[2] != '-' || b[6] != '-' || b[11] != ' ' || b[14] != ':' || b[17] != ':' || b[20] != ' ' {
		return time.Time{}, false
	}
	num := func(from, to int) int {
		n := 0
		for _, c := range b[from:to] {
			if c == ' ' && n == 0 {
				c = '0'
			}
			if c < '0' || c > '9' {
				return -1 << 20
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	month := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", string(b[3:6]))
	day, year, h, m, s, zone := num(0, 2), num(7, 11), num(12, 14), num(15, 17), num(18, 20), num(22, 26)
	if month%3 != 0 || day < 1 || day > 31 || year < 1 || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60 || zone < 0 || b[21] != '+' && b[21] != '-' {
		return time.Time{}, false
	}
	seconds := (zone/100)*3600 + (zone%100)*60
	if b[21] == '-' {
		seconds = -seconds
	}
	return time.Date(year, time.Month(month/3+1), day, h, m, s-seconds, 0, time.UTC), true
}
