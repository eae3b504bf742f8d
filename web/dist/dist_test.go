package dist

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// budget is what app.wasm may weigh on its way to a browser, in octets.
const budget = 2_200_000

// TestTheAppIsLight: the program is what a first visit waits for.
func TestTheAppIsLight(t *testing.T) {
	if size := wasmSize(t, ".br"); size > budget {
		t.Errorf("app.wasm weighs %d octets with brotli; it may weigh %d", size, budget)
	}
}

// TestTheAppIsWhole: an asset's name tells its content, its compressed copies are
// copies, what the pages name is there, and nothing is named that lies elsewhere.
func TestTheAppIsWhole(t *testing.T) {
	app := Files()
	assets, err := fs.Glob(app, "assets/*")
	if err != nil || len(assets) == 0 {
		t.Fatalf("no build of the app is there: run make app (%v)", err)
	}
	for _, name := range assets {
		original := strings.TrimSuffix(strings.TrimSuffix(name, ".br"), ".gz")
		data := read(t, app, name)
		switch path.Ext(name) {
		case ".br":
			data, err = io.ReadAll(brotli.NewReader(bytes.NewReader(data)))
		case ".gz":
			var r *gzip.Reader
			if r, err = gzip.NewReader(bytes.NewReader(data)); err == nil {
				data, err = io.ReadAll(r)
			}
		}
		if err != nil || !bytes.Equal(data, read(t, app, original)) {
			t.Errorf("%s is no copy of %s: %v", name, original, err)
		}
		sum := sha256.Sum256(data)
		if !strings.Contains(original, "."+hex.EncodeToString(sum[:6])+".") {
			t.Errorf("%s has another content than its name says", name)
		}
	}
	pages, err := fs.Glob(app, "*.*")
	if err != nil || len(pages) < 3 {
		t.Fatal(pages, err)
	}
	for _, page := range pages {
		if ext := path.Ext(page); ext == ".br" || ext == ".gz" || page == ".gitkeep" {
			continue
		}
		text := string(read(t, app, page))
		for _, named := range regexp.MustCompile(`/assets/[\w.-]+`).FindAllString(text, -1) {
			if _, err := fs.Stat(app, named[1:]); err != nil {
				t.Errorf("%s names %s: %v", page, named, err)
			}
		}
		if elsewhere := regexp.MustCompile(`(src|href)="(https?:)?//[^"]*"`).FindString(text); elsewhere != "" {
			t.Errorf("%s names %s", page, elsewhere)
		}
	}
}

func read(t *testing.T, app fs.FS, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(app, name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// BenchmarkAppSize reports what there is to download.
func BenchmarkAppSize(b *testing.B) {
	for b.Loop() {
	}
	b.ReportMetric(float64(wasmSize(b, "")), "octets")
	b.ReportMetric(float64(wasmSize(b, ".br")), "octets-brotli")
	b.ReportMetric(float64(wasmSize(b, ".gz")), "octets-gzip")
}

func wasmSize(t testing.TB, ending string) int64 {
	t.Helper()
	found, err := fs.Glob(Files(), "assets/app.*.wasm"+ending)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 {
		t.Fatalf("%d builds of the app are there: run make app", len(found))
	}
	info, err := fs.Stat(Files(), found[0])
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
