package e2e

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// raced and lean are the program under test, built once: with the race detector for
// tests, as people run it for benchmarks. The app is the one in web/dist: `make app`
// makes it.
var (
	raced = sync.OnceValues(func() (string, error) { return build("-race") })
	lean  = sync.OnceValues(func() (string, error) { return build() })
)

const module = "github.com/hearthmail/hearthmail"

// root is the folder of the module: tests run in the folders of their packages.
var root = sync.OnceValues(func() (string, error) {
	out, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	return strings.TrimSpace(string(out)), err
})

func build(flags ...string) (string, error) {
	dir, err := os.MkdirTemp("", "hearthmail-e2e-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "hearthmail")
	args := append([]string{"build"}, append(flags, "-o", file, module+"/bridge")...)
	out, err := exec.CommandContext(context.Background(), "go", args...).CombinedOutput()
	if err != nil {
		return "", &buildError{string(out)}
	}
	return file, nil
}

type buildError struct{ text string }

func (e *buildError) Error() string { return "the bridge does not build:\n" + e.text }

// Bridge is a running bridge.
type Bridge struct {
	URL string
	// Pid is its process, for measuring.
	Pid  int
	stop func()
}

// Stop ends the bridge as a restart would; Start it again on the same data.
func (b *Bridge) Stop() { b.stop() }

var announced = regexp.MustCompile(`http://[0-9.:]+`)

// StartBridge runs the program with arguments until the test ends; what it says
// goes to the test's log.
func StartBridge(t testing.TB, args ...string) *Bridge {
	t.Helper()
	binary := raced
	if _, bench := t.(*testing.B); bench {
		binary = lean
	}
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := root()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "web/dist/app/index.html")); err != nil {
		t.Fatal("the app is not built: run make app")
	}
	cmd := exec.CommandContext(context.Background(), file, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log := &tail{}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &Bridge{Pid: cmd.Process.Pid}
	b.stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		ended := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		ended.Stop()
		if text := log.String(); t.Failed() || strings.Contains(text, "DATA RACE") || strings.Contains(text, "panic") {
			t.Logf("the bridge said:\n%s", text)
		}
		if strings.Contains(log.String(), "DATA RACE") {
			t.Error("the bridge has a data race")
		}
	})
	t.Cleanup(b.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	b.URL = announced.FindString(line)
	if b.URL == "" {
		t.Fatalf("the bridge did not start: %q, %v\n%s", line, err, log)
	}
	return b
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte // guarded by mu
}

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	if over := len(l.text) - 64<<10; over > 0 {
		l.text = l.text[over:]
	}
	return len(p), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
