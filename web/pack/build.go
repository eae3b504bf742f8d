package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/hearthmail/hearthmail/web/words"
)

// builder makes one build. Paths are relative to the checkout.
type builder struct {
	web, out, cache string
	fast            bool

	files map[string][]byte // by path in out
	asset map[string]string // plain name → address
	sizes map[string]int    // plain name → octets before compression

	catalogues map[string]catalogue // by language
}

// build makes everything anew and replaces out.
func (b *builder) build(ctx context.Context) error {
	b.files, b.asset, b.sizes = map[string][]byte{}, map[string]string{}, map[string]int{}
	b.catalogues = map[string]catalogue{}
	steps := []func(context.Context) error{b.program, b.images, b.styles, b.scripts, b.words, b.pages}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return b.write()
}

// add adds an asset under the hash of its content.
func (b *builder) add(name string, data []byte) {
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	hashed := "assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	b.files[hashed] = data
	b.asset[name] = "/" + hashed
	b.sizes[name] = len(data)
}

// inlining are the packages in which short functions are put where they are called: the maps
// and the way to the page, which all others lean on. Elsewhere it would make the app draw
// by a tenth faster, and larger to fetch by as much, which is more than it may weigh.
var inlining = []string{"-gcflags=all=-l", "-gcflags=internal/runtime/...=", "-gcflags=syscall/js="}

// program compiles the Go half.
func (b *builder) program(ctx context.Context) error {
	out := filepath.Join(b.cache, "app.wasm")
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return err
	}
	args := append([]string{"build", "-trimpath", "-ldflags=-s -w -buildid=", "-o", out}, inlining...)
	if _, err := b.command(ctx, []string{"GOOS=js", "GOARCH=wasm"}, "go", append(args, "./"+b.web)...); err != nil {
		return err
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	b.add("app.wasm", data)
	return nil
}

// images takes over the pictures.
func (b *builder) images(context.Context) error {
	dir := filepath.Join(b.web, "static", "images")
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range list {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return err
		}
		b.add(f.Name(), data)
	}
	return nil
}

// styles bundles style/app.css and adds a class for each icon.
func (b *builder) styles(ctx context.Context) error {
	css, err := b.esbuild(ctx, "style/app.css", "--loader:.css=css")
	if err != nil {
		return err
	}
	icons, err := b.icons()
	if err != nil {
		return err
	}
	b.add("app.css", append(css, icons...))
	return nil
}

// icons makes `.icon-NAME` for each line of icons.txt: the picture of Lucide as a
// mask, so that it takes the colour of the text around it.
func (b *builder) icons() ([]byte, error) {
	static := filepath.Join(b.web, "static")
	list, err := os.ReadFile(filepath.Join(static, "icons.txt"))
	if err != nil {
		return nil, err
	}
	var css bytes.Buffer
	for name := range strings.FieldsSeq(string(list)) {
		svg, err := os.ReadFile(filepath.Join(static, "node_modules", "lucide-static", "icons", name+".svg"))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&css, ".icon-%s{--icon:url(\"data:image/svg+xml,%s\")}\n", name, dataURL(string(svg)))
	}
	return css.Bytes(), nil
}

// dataURL escapes a picture for a data: URL between double quotes, and drops what
// only people read.
func dataURL(svg string) string {
	if _, after, ok := strings.Cut(svg, "-->"); ok {
		svg = after
	}
	svg = strings.Join(strings.Fields(svg), " ")
	if before, after, ok := strings.Cut(svg, ` class="`); ok {
		_, after, _ = strings.Cut(after, `"`)
		svg = before + after
	}
	return strings.NewReplacer(`"`, "'", "%", "%25", "#", "%23", "<", "%3C", ">", "%3E").Replace(svg)
}

// seldom is what only some people ever load: it is not kept for offline.
var seldom = []string{"pdf.js", "pdfworker.js"}

// scripts bundles the scripts of the page, and takes over the Go release's own.
func (b *builder) scripts(ctx context.Context) error {
	for _, name := range append([]string{"boot.js", "mail.js", "editor.js"}, seldom...) {
		js, err := b.esbuild(ctx, "script/"+name)
		if err != nil {
			return err
		}
		b.add(name, js)
	}
	goroot, err := b.command(ctx, nil, "go", "env", "GOROOT")
	if err != nil {
		return err
	}
	js, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return err
	}
	b.add("wasm_exec.js", js)
	return nil
}

// pages fills in what names the assets: the page and the manifest in each language, the
// service worker.
func (b *builder) pages(ctx context.Context) error {
	var shell []string
	version := sha256.New()
	for _, l := range words.Languages {
		for name, as := range map[string]string{"manifest.webmanifest": manifestName(l), "index.html": pageName(l)} {
			text, err := b.fill(name, l)
			if err != nil {
				return err
			}
			b.files[as] = text
			shell = append(shell, "/"+as)
		}
		version.Write(b.files[pageName(l)])
	}
	slices.Sort(shell)
	// The worker names all that the app needs offline. Its own text differs in each
	// build, which is how browsers notice a new one.
	for _, name := range slices.Sorted(maps.Keys(b.asset)) {
		if !slices.Contains(seldom, name) {
			shell = append(shell, b.asset[name])
		}
	}
	list, err := json.Marshal(shell)
	if err != nil {
		return err
	}
	id, err := json.Marshal(hex.EncodeToString(version.Sum(nil)[:8]))
	if err != nil {
		return err
	}
	js, err := b.esbuild(ctx, "script/sw.js", "--define:SHELL="+string(list), "--define:VERSION="+string(id))
	if err != nil {
		return err
	}
	b.files["sw.js"] = js
	return nil
}

// fill makes a page of its template in static.
func (b *builder) fill(name string, l words.Language) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(b.web, "static", name))
	if err != nil {
		return nil, err
	}
	c := b.catalogues[l.Tag]
	functions := template.FuncMap{"asset": b.address, "size": b.size, "t": c.escaped, "quoted": c.quoted}
	t, err := template.New(name).Funcs(functions).Parse(string(text))
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = t.Execute(&page, b.pageIn(l))
	return page.Bytes(), err
}

func (b *builder) address(name string) (string, error) {
	a, ok := b.asset[name]
	if !ok {
		return "", errors.New("there is no asset " + name)
	}
	return a, nil
}

func (b *builder) size(name string) int { return b.sizes[name] }

// esbuild bundles one file of web/static with all it imports.
func (b *builder) esbuild(ctx context.Context, entry string, options ...string) ([]byte, error) {
	static := filepath.Join(b.web, "static")
	args := append([]string{
		filepath.Join(static, entry), "--bundle", "--minify", "--charset=utf8", "--target=es2022,chrome109,firefox115,safari16",
		"--format=iife", "--legal-comments=inline", "--log-level=warning",
	}, options...)
	return b.command(ctx, nil, filepath.Join(static, "node_modules", ".bin", "esbuild"), args...)
}

func (b *builder) command(ctx context.Context, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, errs.Bytes())
	}
	return out.Bytes(), nil
}

// write replaces out: new files first, then the pages that name them, and at last
// what is no longer named is removed. A bridge that serves from out never serves a
// page whose assets are missing.
func (b *builder) write() error {
	if err := b.compressAll(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(b.out, "assets"), 0o755); err != nil {
		return err
	}
	names := slices.SortedFunc(maps.Keys(b.files), func(x, y string) int {
		return pagesLast(x) - pagesLast(y)
	})
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(b.out, name), b.files[name], 0o644); err != nil {
			return err
		}
	}
	return filepath.WalkDir(b.out, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".gitkeep" {
			return err
		}
		name, err := filepath.Rel(b.out, file)
		if err != nil {
			return err
		}
		if _, wanted := b.files[filepath.ToSlash(name)]; wanted {
			return nil
		}
		return os.Remove(file)
	})
}

func pagesLast(name string) int {
	if strings.HasPrefix(name, "assets/") {
		return 0
	}
	return 1
}
