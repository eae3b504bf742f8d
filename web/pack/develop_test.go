package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestChanged: a source newer than the last build asks for another; what is built or
// installed does not.
func TestChanged(t *testing.T) {
	t.Chdir(t.TempDir())
	old := time.Now().Add(-time.Hour)
	write := func(file string, when time.Time) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, when, when); err != nil {
			t.Fatal(err)
		}
	}
	r := &rebuilder{b: &builder{web: "web", out: "web/dist/app"}, built: time.Now().Add(-time.Minute)}
	changed := func() bool {
		t.Helper()
		is, err := r.changed()
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	write("web/screen/row.go", old)
	write("shared/jmap/core.go", old)
	write("web/dist/app/index.html", time.Now())
	write("web/static/node_modules/x/index.js", time.Now())
	if changed() {
		t.Error("what was built counts as a source")
	}
	for _, file := range []string{"web/screen/row.go", "web/static/style/list.css", "shared/jmap/core.go"} {
		write(file, time.Now())
		if !changed() {
			t.Errorf("%s has changed", file)
		}
		write(file, old)
	}
}

func TestAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !answers(t.Context(), l.Addr().String()) {
		t.Error("somebody listens")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if answers(over, l.Addr().String()) {
		t.Error("nobody waits any more")
	}
}
