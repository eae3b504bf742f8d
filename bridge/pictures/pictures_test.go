package pictures

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// web is a web server that gives one answer, and a Fetcher that trusts it.
func web(t *testing.T, handler http.HandlerFunc) (*Fetcher, string) {
	s := httptest.NewTLSServer(handler)
	t.Cleanup(s.Close)
	return New(s.Client()), s.URL
}

func encoded(t *testing.T, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewRGBA(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func aPNG(t *testing.T) []byte {
	return encoded(t, func(b *bytes.Buffer, i image.Image) error { return png.Encode(b, i) })
}

// hugePNG says that it is a large picture, in a few octets.
func hugePNG(width, height uint32) []byte {
	header := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)...)
	header = append(header, 8, 2, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(out, header...), crc32.ChecksumIEEE(header))
}

// TestOnlyPictures: what the octets are counts, whatever the server calls them.
func TestOnlyPictures(t *testing.T) {
	for _, c := range []struct {
		name string
		body []byte
		want string // "": refused
	}{
		{"png", aPNG(t), "image/png"},
		{"jpeg", encoded(t, func(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) }), "image/jpeg"},
		{"gif", encoded(t, func(b *bytes.Buffer, i image.Image) error { return gif.Encode(b, i, nil) }), "image/gif"},
		{"webp", []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x02\x40\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "image/webp"},
		{"svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), ""},
		{"html", []byte("<!doctype html><script>alert(1)</script>"), ""},
		{"html behind a picture's name", []byte("GIF89"), ""},
		{"nothing", nil, ""},
		{"too many pixels", hugePNG(40_000, 1001), ""},
		{"as many as may be", hugePNG(40_000, 1000), "image/png"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, url := web(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "image/png")
				_, _ = w.Write(c.body)
			})
			got, err := f.Fetch(t.Context(), "ada", url+"/a.png")
			if got.Type != c.want || (err == nil) != (c.want != "") {
				t.Errorf("%q, %v", got.Type, err)
			}
			if err != nil && (!errors.Is(err, ErrNoPicture) || strings.Contains(err.Error(), "127.0.0.1")) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestNothingOfThePerson: the server learns that somebody looks, and no more; and once.
func TestNothingOfThePerson(t *testing.T) {
	var asked atomic.Int64
	f, url := web(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if len(r.Cookies()) > 0 || r.Referer() != "" || r.UserAgent() != userAgent || r.Header.Get("Accept-Language") != "" {
			t.Errorf("told %v", r.Header)
		}
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "ada"})
		_, _ = w.Write(aPNG(t))
	})
	for range 3 {
		if _, err := f.Fetch(t.Context(), "ada", strings.Replace(url, "https://", "http://", 1)+"/x#part"); err != nil {
			t.Fatal(err)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
	if _, err := f.Fetch(t.Context(), "grace", url+"/x"); err != nil || asked.Load() != 2 {
		t.Errorf("what ada has seen was given to grace without asking: %v", err)
	}
}

// TestAddresses that are none of the web are not asked for.
func TestAddresses(t *testing.T) {
	f := New(http.DefaultClient)
	for _, address := range []string{"", "x", "ftp://a.test/x", "file:///etc/passwd", "javascript:1", "https://", "https://user:pass@a.test/", "//a.test/x", "https://a.test:port/", "\x00"} {
		if _, err := f.Fetch(t.Context(), "ada", address); !errors.Is(err, ErrNoPicture) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestCacheIsBounded: however many pictures there are.
func TestCacheIsBounded(t *testing.T) {
	f, url := web(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(append(aPNG(t), make([]byte, 3<<20)...))
	})
	for i := range 10 {
		if _, err := f.Fetch(t.Context(), "ada", fmt.Sprintf("%s/%d", url, i)); err != nil {
			t.Fatal(err)
		}
	}
	if f.cache.octets > cacheOctets || f.cache.used.Len() != len(f.cache.held) || f.cache.used.Len() == 0 {
		t.Errorf("%d octets of %d pictures", f.cache.octets, f.cache.used.Len())
	}
}
