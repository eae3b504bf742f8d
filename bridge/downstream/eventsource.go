package downstream

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// eventSource tells what changes as server-sent events (RFC 8620 §7.3).
func (s *Server) eventSource(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		q := r.URL.Query()
		var types []string
		if t := q.Get("types"); t != "" && t != "*" {
			types = strings.Split(t, ",")
		}
		ping, err := strconv.Atoi(q.Get("ping"))
		if err != nil || ping < 0 {
			ping = 0
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		context.AfterFunc(s.closing, cancel)
		var revoked <-chan struct{}
		if m.session != "" {
			revoked = s.cfg.House.Revoked(m.session)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		flush := http.NewResponseController(w)
		if flush.Flush() != nil {
			return
		}
		var tick <-chan time.Time
		if ping > 0 {
			ticker := time.NewTicker(time.Duration(max(ping, 5)) * time.Second)
			defer ticker.Stop()
			tick = ticker.C
		}
		changes := m.mail.Listen(ctx, r.Header.Get("Last-Event-ID"))
		for {
			select {
			case change, ok := <-changes:
				if !ok {
					return
				}
				if !only(&change, types) {
					continue
				}
				fmt.Fprintf(w, "event: state\nid: %s\ndata: %s\n\n", change.PushState, mustJSON(map[string]any{"@type": "StateChange", "changed": change.Changed}))
				if flush.Flush() != nil || q.Get("closeafter") == "state" {
					return
				}
			case <-tick:
				fmt.Fprintf(w, "event: ping\ndata: {\"interval\":%d}\n\n", max(ping, 5))
				if flush.Flush() != nil {
					return
				}
			case <-revoked:
				return
			case <-ctx.Done():
				return
			}
		}
	})
}
