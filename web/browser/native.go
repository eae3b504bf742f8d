//go:build !js

package browser

import (
	"context"
	"errors"
	"strconv"
	"time"

	"nhooyr.io/websocket"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Outside of a browser there is no page: what is asked of it is left undone, and
// what is asked about it is empty. The socket works, so that what is built on it
// can be tested.

var errNoBrowser = errors.New("there is no browser")

type nativeWire struct {
	ctx    context.Context //nolint:containedctx // the life of the wire, ended by close
	cancel context.CancelFunc
	out    chan string
}

func dial(url string, events wireEvents) wire {
	ctx, cancel := context.WithCancel(context.Background())
	w := &nativeWire{ctx, cancel, make(chan string, 64)}
	go w.run(url, events)
	return w
}

func (w *nativeWire) run(url string, events wireEvents) {
	c, _, err := websocket.Dial(w.ctx, url, &websocket.DialOptions{Subprotocols: []string{jmap.Subprotocol}}) //nolint:bodyclose // the library says that nobody needs to
	if err != nil {
		events.closed(int(websocket.StatusAbnormalClosure))
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(-1)
	events.open()
	go func() {
		for {
			select {
			case text := <-w.out:
				if c.Write(w.ctx, websocket.MessageText, []byte(text)) != nil {
					w.cancel()
				}
			case <-w.ctx.Done():
				return
			}
		}
	}()
	for {
		_, data, err := c.Read(w.ctx)
		if err != nil {
			events.closed(int(websocket.CloseStatus(err)))
			return
		}
		events.frame(data)
	}
}

func (w *nativeWire) send(text string) error {
	select {
	case w.out <- text:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

func (w *nativeWire) buffered() int { return 0 }
func (w *nativeWire) close()        { w.cancel() }

// Uploader brings files to the bridge.
type Uploader struct{ URL string }

// Upload does nothing here.
func (Uploader) Upload(context.Context, jmap.Id, string, any, int64, int64, func(int64)) (jmap.Upload, error) {
	return jmap.Upload{}, errNoBrowser
}

// What people read is English here.
func PageLanguage() (tag, words string)                 { return "en", "" }
func SetLanguage(string, string)                        {}
func RememberLanguage(string)                           {}
func SystemLanguages() []string                         { return nil }
func Catalogue(context.Context, string) (string, error) { return "", errNoBrowser }

// Number writes digits and nothing between them.
func Number(n float64, digits int) string { return strconv.FormatFloat(n, 'f', digits, 64) }

// Plural counts as English and German do.
func Plural(n int) string {
	if n == 1 {
		return "one"
	}
	return "other"
}

// Get and Post reach nothing here.
func Get(context.Context, string, any) error       { return errNoBrowser }
func Post(context.Context, string, any, any) error { return errNoBrowser }

// Format writes a time the same everywhere.
func Format(format string, t time.Time) string {
	return t.Format(map[string]string{
		FormatTime: "15:04", FormatDay: "2 Jan", FormatDate: "2 Jan 2006", FormatLong: "Mon, 2 Jan 2006, 15:04", FormatWhole: "Monday, 2 January 2006 at 15:04", FormatFullDay: "Monday, 2 January 2006",
		FormatWeekday: "Monday", FormatMonth: "January", FormatMonthYear: "January 2006",
	}[format])
}

// ShowMail shows nothing here.
func ShowMail(string, string, string, map[string]string, func(string, string) bool, func(int, int)) Mail {
	return noMail
}

// Open opens nothing here, and nobody follows a link.
func Open(string)           {}
func OnMailto(func(string)) {}

// MarkWords marks nothing here.
func MarkWords(string, []string) {}

// OnWake and OnFiles never call here.
func OnWake(func()) (forget func())                       { return func() {} }
func OnFiles(string, func(bool), func([]File)) func()     { return func() {} }
func OnLeave(func())                                      {}
func OnResize(func())                                     {}
func OnKey(func(Key) bool)                                {}
func On(string, string, bool, func())                     {}
func TakeNavigation(func(path string), func(path string)) {}
func Ready() bool                                         { return false }
func Online() bool                                        { return true }
func Origin() string                                      { return "" }
func Path() string                                        { return "/" }
func Push(string)                                         {}
func Replace(string)                                      {}
func Back()                                               {}
func SetTitle(string)                                     {}
func HandleMailto(string)                                 {}
func SetView(string)                                      {}
func SetTheme(string)                                     {}
func Remember(string, string)                             {}
func Remembered(string) string                            { return "" }
func Forget(string)                                       {}
func TabKeep(string, string)                              {}
func TabKept(string) string                               { return "" }
func TabForget(string)                                    {}
func KeepPicture(string)                                  {}
func ForgetPicture()                                      {}
func FitPanes()                                           {}
func Matches(string) bool                                 { return false }
func AppleKeys() bool                                     { return false }
func Focus(string)                                        {}
func Focused() string                                     { return "" }
func FocusInside(string) bool                             { return false }
func Value(string) string                                 { return "" }
func SetValue(string, string)                             {}
func SetCaret(string, int)                                {}
func Insert(string, string)                               {}
func Checked(string) bool                                 { return false }
func SetText(string, string)                              {}
func SetProperty(string, string, any)                     {}
func SetAttribute(string, string, string)                 {}
func Height(string) int                                   { return 0 }
func ScrollTop(string) int                                { return 0 }
func SetScrollTop(string, int)                            {}
func Sight(string, string) (top, bottom int, ok bool)     { return 0, 0, false }
func Click(string)                                        {}
func Property(string, string) string                      { return "" }
func FocusStep(string, string, int)                       {}
func OnDrag(Drag)                                         {}
func OnGestures(Gestures)                                 {}
func FocusFirst(string, string)                           {}
func Select(string)                                       {}
func FocusTurn(string, bool)                              {}
func SetBadge(int)                                        {}
func Reveal(string)                                       {}
func Reload(string)                                       {}
func Picked(string) []File                                { return nil }

// LocalTime is when clocks here show that.
func LocalTime(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, time.Local)
}
