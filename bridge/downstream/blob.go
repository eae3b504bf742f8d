package downstream

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
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
		if !s.uploads.take(m.credential()) {
			requestError(w, limited("maxConcurrentUpload", http.StatusTooManyRequests))
			return
		}
		defer s.uploads.give(m.credential())
		if r.ContentLength > limits.MaxSizeUpload {
			requestError(w, limited("maxSizeUpload", http.StatusRequestEntityTooLarge))
			return
		}
		up, err := m.mail.Upload(r.Context(), account, uploadedType(r), http.MaxBytesReader(w, r.Body, limits.MaxSizeUpload))
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			requestError(w, limited("maxSizeUpload", http.StatusRequestEntityTooLarge))
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

// uploadedType is the type a client gives its upload, in words that a header can have.
func uploadedType(r *http.Request) string {
	given := r.Header.Get("Content-Type")
	if mediaType, _, err := mime.ParseMediaType(given); err != nil || !strings.Contains(mediaType, "/") {
		return "application/octet-stream"
	}
	return given
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
// (RFC 8620 §6.2). It is never shown as a page of ours. A blob never changes, so its id
// is all there is to know of its version.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		blob := jmap.Id(r.PathValue("blob"))
		size, open, err := m.mail.Download(r.Context(), jmap.Id(r.PathValue("account")), blob)
		var server *upstream.Error
		if errors.As(err, &server) {
			s.refuse(w, r, err, "")
			return
		}
		if err != nil {
			problem(w, Problem{Status: http.StatusNotFound, Title: "There is no such file, or it is gone."})
			return
		}
		tag := `"` + string(blob) + `"`
		if given := r.Header.Get("If-None-Match"); given == tag || given == "*" {
			cacheable(w.Header(), tag)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		asked := r.Header.Get("Range")
		if known := r.Header.Get("If-Range"); known != "" && known != tag {
			asked = "" // RFC 9110 §13.1.5
		}
		cut := parseRange(asked, size)
		if !cut.satisfiable {
			refuseRange(w, size)
			return
		}
		body, err := open(r.Context(), cut.first)
		if err != nil {
			s.refuse(w, r, err, "")
			return
		}
		defer body.Close()
		var from io.Reader = body
		if cut.partial && size < 0 {
			if from, err = cut.readAhead(body); err != nil {
				s.refuse(w, r, err, "")
				return
			}
			if from == nil {
				refuseRange(w, size)
				return
			}
		}
		if cut.last >= 0 {
			from = io.LimitReader(from, cut.last-cut.first+1)
		}
		cacheable(w.Header(), tag)
		describe(w.Header(), r)
		w.WriteHeader(cut.status(w.Header(), size))
		if r.Method == http.MethodHead {
			return
		}
		if _, err := io.Copy(w, from); err != nil && r.Context().Err() == nil {
			s.cfg.Log.WarnContext(r.Context(), "download broken off", slog.Any("err", err))
			panic(http.ErrAbortHandler) // the client must not take half for the whole
		}
	})
}

// refuseRange answers for a range the blob does not have.
func refuseRange(w http.ResponseWriter, size int64) {
	if size >= 0 {
		w.Header().Set("Content-Range", "bytes */"+strconv.FormatInt(size, 10))
	}
	problem(w, Problem{Status: http.StatusRequestedRangeNotSatisfiable, Title: "The file has no such range."})
}

// cacheable lets the browser that asked keep a blob for good (RFC 8620 §6.2).
func cacheable(h http.Header, tag string) {
	h.Set("Cache-Control", "private, immutable, max-age=31536000")
	h.Set("ETag", tag)
	h.Set("Accept-Ranges", "bytes")
}

// describe says what a download is, and that it is to be kept and not run.
func describe(h http.Header, r *http.Request) {
	h.Set("Content-Type", servedType(r.URL.Query().Get("accept")))
	h.Set("Content-Disposition", disposition(r.PathValue("name")))
	h.Set("Content-Security-Policy", downloadPolicy)
}

// downloadPolicy lets nothing run in what is downloaded, wherever it is opened.
const downloadPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
