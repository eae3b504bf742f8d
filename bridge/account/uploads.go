package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Uploads are files named by their content's hash, in a folder for each account. What is
// made of one (a message) has its octets on the mail server, so none is needed for
// long (RFC 8620 §6):
const (
	// uploadKept is how long an upload lies after it was last uploaded or read.
	uploadKept = 7 * 24 * time.Hour
	// uploadQuota is how many octets the uploads of an account may have together. When
	// there are more, the oldest go. It is ten times the largest one.
	uploadQuota = 1000 << 20
	// scratchKept is how long a file may be worked on; older ones were left by a crash.
	scratchKept = 24 * time.Hour
	// sweepEvery is how often is looked for what is too old.
	sweepEvery = time.Hour
)

func (a *Account) uploads() string { return uploadsDir(a.cfg.Dir, a.cfg.ID) }

// uploadSum is the file an upload's blob id names: its id is its content's hash.
func uploadSum(id jmap.Id) (string, bool) {
	sum, ok := strings.CutPrefix(string(id), "u")
	raw, err := hex.DecodeString(sum)
	return sum, ok && err == nil && len(raw) == sha256.Size && sum == strings.ToLower(sum)
}

// Upload keeps what it reads, on disk, and gives the blob's id. The same octets have the
// same id, and the time they are kept begins anew.
func (a *Account) Upload(ctx context.Context, mediaType string, body io.Reader) (jmap.Upload, error) {
	f, done, err := a.scratch()
	if err != nil {
		return jmap.Upload{}, err
	}
	defer done()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, sum), body)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return jmap.Upload{}, fmt.Errorf("keeping an upload: %w", err)
	}
	name := hex.EncodeToString(sum.Sum(nil))
	if err := os.MkdirAll(a.uploads(), 0o700); err != nil {
		return jmap.Upload{}, err
	}
	if err := os.Rename(f.Name(), filepath.Join(a.uploads(), name)); err != nil {
		return jmap.Upload{}, err
	}
	a.sweepUploads(ctx)
	return jmap.Upload{AccountId: a.cfg.ID, BlobId: jmap.Id("u" + name), Type: mediaType, Size: size}, nil
}

// sweep removes files that are too old, now and from time to time.
func (a *Account) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		a.sweepUploads(ctx)
		a.sweepScratch(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweepUploads removes uploads that are too old, and the oldest while all of them
// together are too large.
func (a *Account) sweepUploads(ctx context.Context) {
	files := a.files(ctx, a.uploads())
	slices.SortFunc(files, func(x, y fs.FileInfo) int { return y.ModTime().Compare(x.ModTime()) })
	var total int64
	for _, f := range files {
		if total += f.Size(); total > uploadQuota || time.Since(f.ModTime()) > uploadKept {
			a.remove(ctx, filepath.Join(a.uploads(), f.Name()))
		}
	}
}

func (a *Account) sweepScratch(ctx context.Context) {
	dir := filepath.Join(a.cfg.Dir, "tmp")
	for _, f := range a.files(ctx, dir) {
		if time.Since(f.ModTime()) > scratchKept {
			a.remove(ctx, filepath.Join(dir, f.Name()))
		}
	}
}

// files lists a folder, which need not be there.
func (a *Account) files(ctx context.Context, dir string) []fs.FileInfo {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.cfg.Log.WarnContext(ctx, "folder not read", slog.Any("err", err))
	}
	infos := make([]fs.FileInfo, 0, len(entries))
	for _, e := range entries {
		if info, err := e.Info(); err == nil { // else it is gone already
			infos = append(infos, info)
		}
	}
	return infos
}

func (a *Account) remove(ctx context.Context, file string) {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.cfg.Log.WarnContext(ctx, "file not removed", slog.Any("err", err))
	}
}

// fileBlob is an upload.
type fileBlob struct {
	path string
	size int64
}

// openUpload opens an upload, which is used by that and kept anew.
func openUpload(path string) (method.Blob, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, method.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	if now := time.Now(); now.Sub(info.ModTime()) > time.Hour {
		if err := os.Chtimes(path, now, now); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return fileBlob{path, info.Size()}, nil
}

func (b fileBlob) Size() int64 { return b.size }

func (b fileBlob) Open(_ context.Context, offset int64) (io.ReadCloser, error) {
	f, err := os.Open(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, method.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
