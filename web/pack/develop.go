package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// develop serves at an address what command serves at another, and builds the app
// anew whenever a page is loaded and a source has changed. A build that fails is
// shown in place of the page.
func develop(asked context.Context, b *builder, address string, command []string) error {
	if len(command) == 0 {
		return errors.New("-serve needs a command to stand in front of")
	}
	ctx, cancel := context.WithCancel(asked)
	defer cancel()
	behind, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, command[0], append(command[1:], "-listen", behind)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		return err
	}
	died := make(chan error, 1)
	go func() {
		died <- cmd.Wait()
		cancel()
	}()
	ended := func() error {
		cancel()
		if err := <-died; asked.Err() == nil {
			return err
		}
		return nil // as it was asked to
	}
	if !answers(ctx, behind) {
		return ended()
	}
	target := &url.URL{Scheme: "http", Host: behind}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // the bridge compares it with the page's origin
	}}
	r := &rebuilder{b: b, built: time.Now()}
	srv := &http.Server{Addr: address, ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Sec-Fetch-Dest") == "document" {
			if err := r.rebuild(req.Context()); err != nil {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = fmt.Fprintln(w, err) // whoever asked may be gone
				return
			}
		}
		proxy.ServeHTTP(w, req)
	})}
	defer context.AfterFunc(ctx, func() { srv.Close() })()
	fmt.Printf("A page load at http://%s builds the app anew.\n", address)
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return ended()
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// answers waits until somebody listens at an address; false when ctx ends before.
func answers(ctx context.Context, address string) bool {
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = conn.Close() // it was only to see
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// rebuilder builds when sources are newer than the last build.
type rebuilder struct {
	mu    sync.Mutex
	b     *builder
	built time.Time // guarded by mu
}

func (r *rebuilder) rebuild(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	start := time.Now()
	changed, err := r.changed()
	if err != nil || !changed {
		return err
	}
	if err := r.b.build(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	r.built = start
	return nil
}

var errChanged = errors.New("a source has changed")

func (r *rebuilder) changed() (bool, error) {
	for _, dir := range []string{r.b.web, "shared"} {
		err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				if d.Name() == "node_modules" || strings.HasPrefix(filepath.ToSlash(file), r.b.out) {
					return fs.SkipDir
				}
				return nil
			}
			if info, err := d.Info(); err == nil && info.ModTime().After(r.built) {
				return errChanged
			}
			return nil
		})
		if errors.Is(err, errChanged) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}
