package downstream_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/downstream"
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// slowMail is accounts that say when they have begun, and end when they are told to.
type slowMail struct {
	downstream.Mail
	begun, end chan struct{}
}

func (m slowMail) Call(ctx context.Context, req *jmap.Request) (*jmap.Response, error) {
	m.begun <- struct{}{}
	<-m.end
	return m.Mail.Call(ctx, req)
}

func (m slowMail) Upload(ctx context.Context, account jmap.Id, mediaType string, body io.Reader) (jmap.Upload, error) {
	m.begun <- struct{}{}
	<-m.end
	return m.Mail.Upload(ctx, account, mediaType, body)
}

// slow makes the accounts of Ada slow, once they are signed in to.
func slow(begun, end chan struct{}) func(*downstream.Config) {
	return func(c *downstream.Config) {
		open := c.Open
		c.Open = func(ctx context.Context, credential string, session *household.Session, verify bool) (downstream.Mail, error) {
			mail, err := open(ctx, credential, session, verify)
			if err != nil || !strings.HasPrefix(session.OwnAccount().Address, "ada@") {
				return mail, err
			}
			return slowMail{mail, begun, end}, nil
		}
	}
}

// TestConcurrent: what is one too many at once is refused, in the words of RFC 8620 §3.6.1,
// and nobody else's is.
func TestConcurrent(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	h := newHouse(t, slow(begun, end))
	b, other := h.signIn("ada@hearth.test"), h.signIn("grace@hearth.test")
	upload := "/jmap/upload/" + string(b.account())
	const request = `{"using":[],"methodCalls":[]}`
	for _, c := range []struct {
		limit string
		most  int
		send  func(b *browser) answer
		done  int
	}{
		{"maxConcurrentUpload", 8, func(b *browser) answer { return b.do("POST", upload, strings.NewReader("x"), nil) }, http.StatusCreated},
		{"maxConcurrentRequests", 16, func(b *browser) answer { return b.post("/jmap/api", request) }, http.StatusOK},
	} {
		answers := make(chan int)
		for range c.most {
			go func() { answers <- c.send(b).StatusCode }()
		}
		for range c.most {
			<-begun
		}
		if got := c.send(b); got.StatusCode != http.StatusTooManyRequests || !strings.Contains(got.text, `"limit":"`+c.limit+`"`) || !strings.Contains(got.text, jmap.ErrLimit) {
			t.Errorf("%s: one too many is %s %s", c.limit, got.Status, got.text)
		}
		if got := c.send(other); got.StatusCode == http.StatusTooManyRequests {
			t.Errorf("%s: somebody else's is %s", c.limit, got.text)
		}
		for range c.most {
			end <- struct{}{}
		}
		for range c.most {
			if got := <-answers; got != c.done {
				t.Errorf("%s: one of those under way is %d", c.limit, got)
			}
		}
	}
	s := b.socket(t, nil)
	for i := range 17 {
		s.say(t, fmt.Sprintf(`{"@type":"Request","id":"R%d","using":[],"methodCalls":[]}`, i))
		if i < 16 {
			<-begun
		}
	}
	if f := s.hear(t); f.Type != jmap.FrameRequestError || f.RequestID != "R16" || f.RequestError.Limit != "maxConcurrentRequests" {
		t.Errorf("one too many frames: %+v", f)
	}
	for range 16 {
		end <- struct{}{}
		if f := s.hear(t); f.Type != jmap.FrameResponse {
			t.Errorf("one of those under way: %+v", f)
		}
	}
}
