package downstream

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// upload keeps what a client sends (RFC 8620 §6.1).
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		account := jmap.Id(r.PathValue("account"))
		if _, ok := m.mail.Accounts()[account]; !ok {
			problem(w, Problem{Status: http.StatusNotFound, Title: "There is no such account."})
			return
		}
		mediaType := r.Header.Get("Content-Type")
		if mediaType == "" {
			mediaType = "application/octet-stream"
		}
		up, err := m.mail.Upload(r.Context(), account, mediaType, http.MaxBytesReader(w, r.Body, limits.MaxSizeUpload))
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			requestError(w, &jmap.RequestError{Type: jmap.ErrLimit, Status: http.StatusRequestEntityTooLarge, Limit: "maxSizeUpload"})
			return
		}
		if err != nil {
			s.refuse(w, r, err, "")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(up) // whoever asked may be gone
	})
}

// servedType is the type a download is given: the one that was asked for (RFC 8620
// §6.2), unless a browser could take it for a page. The headers of a download keep it
// from running either way; this is the second lock.
func servedType(accept string) string {
	const unnamed = "application/octet-stream"
	mediaType, params, err := mime.ParseMediaType(accept)
	if err != nil || !strings.Contains(mediaType, "/") {
		return unnamed
	}
	for _, page := range []string{"html", "xml", "svg", "script", "mathml", "multipart", "message/"} {
		if strings.Contains(mediaType, page) {
			return unnamed
		}
	}
	return cmp.Or(mime.FormatMediaType(mediaType, params), unnamed)
}

// download gives a blob, all of it or a range, as it comes from the mail server
// (RFC 8620 §6.2). It is never shown as a page of ours.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		size, open, err := m.mail.Download(r.Context(), jmap.Id(r.PathValue("account")), jmap.Id(r.PathValue("blob")))
		if err != nil {
			problem(w, Problem{Status: http.StatusNotFound, Title: "There is no such file, or it is gone."})
			return
		}
		first, last, partial, ok := parseRange(r.Header.Get("Range"), size)
		h := w.Header()
		if !ok {
			h.Set("Content-Range", "bytes */"+strconv.FormatInt(size, 10))
			problem(w, Problem{Status: http.StatusRequestedRangeNotSatisfiable, Title: "The file has no such range."})
			return
		}
		body, err := open(r.Context(), first)
		if err != nil {
			s.refuse(w, r, err, "")
			return
		}
		defer body.Close()
		h.Set("Content-Type", servedType(r.URL.Query().Get("accept")))
		h.Set("Content-Disposition", disposition(r.PathValue("name")))
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
		h.Set("Cache-Control", "private, immutable, max-age=31536000")
		h.Set("Accept-Ranges", "bytes")
		status := http.StatusOK
		var from io.Reader = body
		if last >= 0 {
			from = io.LimitReader(body, last-first+1)
		}
		switch {
		case partial && last >= 0:
			status = http.StatusPartialContent
			total := "*"
			if size >= 0 {
				total = strconv.FormatInt(size, 10)
				h.Set("Content-Length", strconv.FormatInt(last-first+1, 10))
			}
			h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%s", first, last, total))
		case size >= 0:
			h.Set("Content-Length", strconv.FormatInt(size, 10))
		}
		w.WriteHeader(status)
		if _, err := io.Copy(w, from); err != nil && r.Context().Err() == nil {
			s.cfg.Log.WarnContext(r.Context(), "download broken off", slog.Any("err", err))
			panic(http.ErrAbortHandler) // the client must not take half for the whole
		}
	})
}

// parseRange reads a Range header of one range. last is -1 for the end. Where the
// size is not known, a range must have both ends. What cannot be understood is
// ignored (RFC 9110 §14.2).
func parseRange(header string, size int64) (first, last int64, partial, ok bool) {
	last = -1
	if size >= 0 {
		last = size - 1
	}
	spec, isBytes := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !isBytes || !dash || strings.Contains(spec, ",") {
		return 0, last, false, true
	}
	if from == "" {
		n, err := strconv.ParseInt(to, 10, 64)
		if err != nil || n <= 0 || size < 0 {
			return 0, last, false, true
		}
		return max(size-n, 0), last, true, size > 0
	}
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil || first < 0 {
		return 0, last, false, true
	}
	if to != "" {
		end, err := strconv.ParseInt(to, 10, 64)
		if err != nil || end < first {
			return 0, last, false, true
		}
		if last < 0 || end < last {
			last = end
		}
	} else if size < 0 {
		return 0, -1, false, true
	}
	return first, last, true, size < 0 || first < size
}

// disposition says that a file is to be kept, under its name in any script (RFC
// 6266, 8187).
func disposition(name string) string {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '/' || r == '%' {
			return '_'
		}
		return r
	}, name)
	escaped := strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, ascii, escaped)
}
