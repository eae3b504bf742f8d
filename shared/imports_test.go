// Package shared_test holds the plan of the house as a test: who may import whom.
package shared_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/hearthmail/hearthmail/"

// mayEnter says which rooms of ours each room may import, besides shared/jmap,
// which everyone may. A main wires its own side and may enter all of it.
var mayEnter = map[string][]string{
	"shared/jmap": {},

	"bridge/downstream":         {"bridge/household", "bridge/oauth", "bridge/upstream"},
	"bridge/oauth":              {"bridge/household", "bridge/upstream"},
	"bridge/household":          {"bridge/database", "bridge/upstream"},
	"bridge/database":           {},
	"bridge/account":            {"bridge/method", "bridge/outbox", "bridge/upstream", "bridge/message", "bridge/filter"},
	"bridge/method":             {"bridge/outbox", "bridge/upstream", "bridge/message"},
	"bridge/outbox":             {"bridge/upstream"},
	"bridge/push":               {},
	"bridge/roster":             {"bridge/household", "bridge/method", "bridge/upstream"},
	"bridge/message":            {},
	"bridge/pictures":           {},
	"bridge/filter":             {},
	"bridge/discover":           {"bridge/upstream", "bridge/upstream/dialer"},
	"bridge/upstream":           {"bridge/message"},
	"bridge/upstream/dialer":    {"bridge/upstream"},
	"bridge/upstream/signin":    {"bridge/upstream"},
	"bridge/upstream/imapstore": {"bridge/upstream", "bridge/upstream/signin", "bridge/upstream/imapwire", "bridge/upstream/dialer", "bridge/message"},
	"bridge/upstream/imapwire":  {},
	"bridge/upstream/pop3store": {"bridge/upstream", "bridge/upstream/pop3wire", "bridge/database", "bridge/message"},
	"bridge/upstream/pop3wire":  {"bridge/upstream", "bridge/upstream/signin", "bridge/upstream/dialer"},
	"bridge/upstream/sieve":     {"bridge/upstream", "bridge/upstream/signin", "bridge/upstream/dialer"},
	"bridge/upstream/smtpsend":  {"bridge/upstream", "bridge/upstream/signin", "bridge/upstream/dialer", "bridge/message"},
	"bridge/upstream/memstore":  {"bridge/upstream", "bridge/message"},
	"bridge/demo":               {"bridge/message"},

	"web/screen":  {"web/action", "web/store", "web/draft", "web/search", "web/mailinfo", "web/browser", "web/invite", "web/words"},
	"web/action":  {"web/store", "web/draft", "web/words"},
	"web/client":  {"web/store"},
	"web/store":   {},
	"web/draft":   {},
	"web/search":  {"web/words"},
	"web/words":   {"web/browser"},
	"web/invite":  {},
	"web/browser": {},
	"web/dist":    {},
	"web/pack":    {"web/words"},
	"web/static":  {},

	"web/mailinfo": {},
}

// mains wire their side.
var mains = []string{"bridge", "web"}

// testRooms are imported by tests only, and may enter what they test.
var testRooms = []string{"bridge/upstream/storetest", "bridge/upstream/dovecot", "bridge/upstream/postfix", "bridge/upstream/dialer/dialertest", "bridge/oauth/oauthtest", "bridge/e2e", "bridge/e2e/gateway", "web/client/clienttest"}

func TestEveryRoomKeepsToThePlan(t *testing.T) {
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && file != ".") {
			return errOrSkip(err)
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") {
			return nil
		}
		checkFile(t, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func errOrSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

func checkFile(t *testing.T, file string) {
	// The source is read, not built: this sees _js.go files as well.
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.ImportsOnly)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	room := path.Dir(file)
	test := strings.HasSuffix(file, "_test.go")
	if _, known := mayEnter[room]; !known && !slices.Contains(mains, room) && !slices.Contains(testRooms, room) && room != "shared" {
		t.Errorf("%s: the plan has no room %s", file, room)
	}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if why := forbidden(room, imported, test); why != "" {
			t.Errorf("%s imports %s: %s", file, imported, why)
		}
	}
}

// forbidden says why a room must not import a package, "" when it may.
func forbidden(room, imported string, test bool) string {
	side, _, _ := strings.Cut(room, "/")
	switch {
	case room == "shared/jmap" && strings.Contains(imported, ".") && imported != module+room:
		return "shared/jmap uses the standard library only"
	case imported == "syscall/js" && room != "web/browser":
		return "only web/browser knows the browser"
	case side == "web" && imported == "net/http" && !test && room != "web/pack":
		return "net/http would weigh app.wasm down"
	case side == "web" && (imported == "text/template" || imported == "html/template") && room != "web/pack":
		return "templates would weigh app.wasm down"
	}
	ours, ok := strings.CutPrefix(imported, module)
	if !ok || ours == "shared/jmap" || ours == room {
		return ""
	}
	other, _, _ := strings.Cut(ours, "/")
	if test && other == side || slices.Contains(testRooms, room) {
		return ""
	}
	if slices.Contains(testRooms, ours) && !test {
		return "it is for tests"
	}
	if slices.Contains(mains, room) && (other == side || ours == "web/dist") {
		return ""
	}
	if !slices.Contains(mayEnter[room], ours) {
		return "not in the plan"
	}
	return ""
}
