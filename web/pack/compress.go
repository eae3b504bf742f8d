package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/andybalholm/brotli"
)

// worth names what gets smaller; pictures are compressed already.
var worth = map[string]bool{".wasm": true, ".js": true, ".css": true, ".html": true, ".svg": true, ".webmanifest": true, ".json": true}

// compressAll adds .br and .gz beside each file that is worth it.
func (b *builder) compressAll() error {
	var mu sync.Mutex // guards errs and adding to b.files
	var errs []error
	var work sync.WaitGroup
	for _, name := range slices.Collect(maps.Keys(b.files)) {
		if !worth[path.Ext(name)] {
			continue
		}
		data := b.files[name]
		for ending, compress := range map[string]func([]byte) ([]byte, error){".br": b.brotli, ".gz": b.gzip} {
			work.Go(func() {
				small, err := b.cached(data, ending, compress)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					errs = append(errs, fmt.Errorf("%s%s: %w", name, ending, err))
				} else if len(small) < len(data) {
					b.files[name+ending] = small
				}
			})
		}
	}
	work.Wait()
	if len(errs) > 0 {
		return errs[0]
	}
	return nil
}

// cached compresses, or finds what was compressed before.
func (b *builder) cached(data []byte, ending string, compress func([]byte) ([]byte, error)) ([]byte, error) {
	quality := "best"
	if b.fast {
		quality = "fast"
	}
	sum := sha256.Sum256(data)
	file := filepath.Join(b.cache, hex.EncodeToString(sum[:16])+"."+quality+ending)
	if small, err := os.ReadFile(file); err == nil {
		return small, nil
	}
	small, err := compress(data)
	if err != nil {
		return nil, err
	}
	// Renamed into place: an interrupted build leaves no half of a file behind.
	if err := os.WriteFile(file+".new", small, 0o644); err != nil {
		return nil, err
	}
	return small, os.Rename(file+".new", file)
}

func (b *builder) brotli(data []byte) ([]byte, error) {
	options := brotli.WriterOptions{Quality: 11, LGWin: 24}
	if b.fast {
		options.Quality = 4
	}
	var out bytes.Buffer
	w := brotli.NewWriterOptions(&out, options)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

func (b *builder) gzip(data []byte) ([]byte, error) {
	level := gzip.BestCompression
	if b.fast {
		level = gzip.BestSpeed
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
