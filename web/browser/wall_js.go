package browser

import "time"

// Wall is when a clock in a time zone shows what wall does as if it were UTC; zone "" is
// where the reader is. It is false for a zone that the browser does not know.
func Wall(zone string, wall time.Time) (at time.Time, ok bool) {
	if zone == "" {
		date := window.Get("Date").New(wall.Year(), int(wall.Month())-1, wall.Day(), wall.Hour(), wall.Minute(), wall.Second())
		return time.UnixMilli(int64(date.Call("getTime").Float())), true
	}
	defer func() {
		if recover() != nil { // the name means nothing here
			at, ok = time.Time{}, false
		}
	}()
	clock := window.Get("Intl").Get("DateTimeFormat").New("en-GB", map[string]any{
		"timeZone": zone, "hourCycle": "h23", "year": "numeric", "month": "2-digit", "day": "2-digit", "hour": "2-digit", "minute": "2-digit", "second": "2-digit",
	})
	at = wall
	for range 2 { // the second time for what lies beyond a change of the clock
		shown, err := time.Parse("02/01/2006, 15:04:05", clock.Call("format", window.Get("Date").New(float64(at.UnixMilli()))).String())
		if err != nil {
			return time.Time{}, false
		}
		at = at.Add(wall.Sub(shown))
	}
	return at, true
}
