package downstream

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// files is the app's own files, as web/pack lays them out: index.html, sw.js,
// manifest.webmanifest, and assets/ whose names hold the hash of their content; the page
// in other languages than English is index.de.html and the like; beside each, where it
// helps, the same compressed (.br, .gz).
type files struct {
	app fs.FS
}

// types that Go's table may not know on every machine.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".wasm": "application/wasm", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json",
}

// asset answers with a file whose name says its content: it is good for ever.
func (f *files) asset(w http.ResponseWriter, r *http.Request) {
	name := "assets/" + r.PathValue("file")
	if !fs.ValidPath(name) || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	f.send(w, r, name)
}

// page answers with a top-level file, and with the app for every other address: it
// finds out for itself what the address names.
func (f *files) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	tag, ok := f.tag(name)
	if !ok {
		if strings.Contains(name, ".") && !strings.Contains(r.Header.Get("Accept"), "text/html") {
			http.NotFound(w, r)
			return
		}
		var language string
		name, language = f.index(r)
		w.Header().Set("Content-Language", language)
		if tag, ok = f.tag(name); !ok {
			http.Error(w, "The app is not built in. Build it with: make build", http.StatusServiceUnavailable)
			return
		}
	}
	w.Header().Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	etag := `"` + tag + encodingOf(r, f.app, name) + `"`
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", etag)
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	f.send(w, r, name)
}

// tag is the hash of a top-level file; false when there is none. They are small.
func (f *files) tag(name string) (string, bool) {
	if strings.Contains(name, "/") || strings.HasPrefix(name, ".") {
		return "", false
	}
	data, err := fs.ReadFile(f.app, name)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8]), err == nil
}

// encodingOf is the ending of the copy that suits a request best, "" for the file
// itself.
func encodingOf(r *http.Request, app fs.FS, name string) string {
	accepted := r.Header.Get("Accept-Encoding")
	for _, e := range []struct{ token, ending string }{{"br", ".br"}, {"gzip", ".gz"}} {
		for item := range strings.SplitSeq(accepted, ",") {
			token, params, _ := strings.Cut(strings.TrimSpace(item), ";")
			if strings.EqualFold(token, e.token) && strings.ReplaceAll(params, " ", "") != "q=0" {
				if _, err := fs.Stat(app, name+e.ending); err == nil {
					return e.ending
				}
			}
		}
	}
	return ""
}

func (f *files) send(w http.ResponseWriter, r *http.Request, name string) {
	ending := encodingOf(r, f.app, name)
	file, err := f.app.Open(name + ending)
	if errors.Is(err, fs.ErrNotExist) {
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	defer file.Close()
	h := w.Header()
	mediaType := types[path.Ext(name)]
	if mediaType == "" {
		mediaType = mime.TypeByExtension(path.Ext(name))
	}
	h.Set("Content-Type", mediaType)
	if h.Get("Vary") == "" {
		h.Set("Vary", "Accept-Encoding")
	}
	switch ending {
	case ".br":
		h.Set("Content-Encoding", "br")
	case ".gz":
		h.Set("Content-Encoding", "gzip")
	}
	if info, err := file.Stat(); err == nil {
		h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	}
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, file) // whoever asked may be gone
	}
}
