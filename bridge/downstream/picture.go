package downstream

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
)

// maxPictureRequest is more than an address that browsers follow has.
const maxPictureRequest = 16 << 10

// picture fetches a remote picture for a member who asked to see it: {"url": "https://…"}.
// The address is in the body, for what a mail says must not reach logs by way of an
// address of ours.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		var asked struct {
			URL string `json:"url"`
		}
		if err := json.NewDecoder(io.LimitReader(r.Body, maxPictureRequest)).Decode(&asked); err != nil || asked.URL == "" {
			problem(w, Problem{Status: http.StatusBadRequest, Title: "The address of the picture is missing."})
			return
		}
		mediaType, data, err := s.cfg.Picture(r.Context(), m.name(), asked.URL)
		if err != nil {
			s.cfg.Log.DebugContext(r.Context(), "no picture", slog.Any("err", err))
			problem(w, Problem{Status: http.StatusNotFound, Title: "There is no picture that can be shown."})
			return
		}
		h := w.Header()
		h.Set("Content-Type", mediaType)
		h.Set("Content-Length", strconv.Itoa(len(data)))
		h.Set("Content-Disposition", "attachment")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		_, _ = w.Write(data) // whoever asked may be gone
	})
}
