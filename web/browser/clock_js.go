package browser

import (
	"syscall/js"
	"time"
)

// LocalTime is when clocks here show that. What lies beyond the end of a month is in the
// next one. Go knows the offset of the zone as it is now; the browser knows when it changes.
func LocalTime(year int, month time.Month, day, hour, minute int) time.Time {
	at := js.Global().Get("Date").New(year, int(month)-1, day, hour, minute)
	return time.UnixMilli(int64(at.Call("getTime").Float()))
}
