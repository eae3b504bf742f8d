package pop3store

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
)

const (
	// mailDir is where the messages are, below the account's folder.
	mailDir = "mail"
	// perDir is how many messages a folder of files has.
	perDir = 1000
	// syncers is how many files are written to the disk for good at a time: file systems
	// put many such wishes into one write.
	syncers = 16
)

// paper is a message that came and is on its way into a mailbox.
type paper struct {
	id       int64 // of the content
	size     int64
	whole    []byte // hash of all of it
	head     []byte // hash of its header
	outline  *message.Outline
	uid      uint32
	received time.Time
	keywords string

	uidl   string // how the server names it; "" for what was not downloaded
	listed int64  // its size there
}

// path is the file of a content.
func (s *Store) path(id int64) string {
	return filepath.Join(s.dir(id), strconv.FormatInt(id, 10))
}

func (s *Store) dir(id int64) string {
	return filepath.Join(s.cfg.Dir, mailDir, strconv.FormatInt(id/perDir, 10))
}

// receive writes what it reads into a new file. The file is not on the disk for good yet:
// see settle. The paper is to be discarded if that does not happen, also after an error.
func (s *Store) receive(r io.Reader) (*paper, error) {
	s.mu.Lock()
	s.content++
	p := &paper{id: s.content, outline: new(message.Outline)}
	s.mu.Unlock()
	f, err := s.create(p.id)
	if err != nil {
		return p, err
	}
	whole, head := sha256.New(), &headHash{hash: sha256.New()}
	p.size, err = io.Copy(io.MultiWriter(f, whole, head, p.outline), r)
	p.whole, p.head = whole.Sum(nil), head.hash.Sum(nil)
	return p, errors.Join(err, f.Close())
}

func (s *Store) create(id int64) (*os.File, error) {
	const flags = os.O_CREATE | os.O_TRUNC | os.O_WRONLY // a file of this number is one that was never kept
	f, err := os.OpenFile(s.path(id), flags, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.Mkdir(s.dir(id), 0o700); err == nil || errors.Is(err, fs.ErrExist) {
			if err = syncDir(filepath.Dir(s.dir(id))); err == nil {
				f, err = os.OpenFile(s.path(id), flags, 0o600)
			}
		}
	}
	return f, err
}

// discard removes the file of what is not kept. If that fails, sweep does it later.
func (s *Store) discard(p *paper) {
	if p != nil {
		_ = os.Remove(s.path(p.id))
	}
}

// settle has the files of papers on the disk for good, and their names in the folders.
func (s *Store) settle(papers []*paper) error {
	dirs := map[string]bool{}
	files := make(chan string)
	failed := make(chan error, syncers)
	var wg sync.WaitGroup
	for range min(syncers, len(papers)) {
		wg.Go(func() {
			var err error
			for name := range files {
				err = errors.Join(err, syncFile(name))
			}
			failed <- err
		})
	}
	for _, p := range papers {
		dirs[s.dir(p.id)] = true
		files <- s.path(p.id)
	}
	close(files)
	wg.Wait()
	close(failed)
	var all error
	for err := range failed {
		all = errors.Join(all, err)
	}
	for dir := range dirs {
		all = errors.Join(all, syncDir(dir))
	}
	return all
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func syncDir(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (s *Store) removeFiles(ids []int64) error {
	var all error
	for _, id := range ids {
		if err := os.Remove(s.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// headHash hashes a message's header: its lines up to the first that is blank. Their ends
// do not count, nor whether there is a blank line: servers that give a header alone differ
// in that.
type headHash struct {
	hash hash.Hash
	line int  // octets of this line so far
	over bool // the blank line has come
}

func (h *headHash) Write(p []byte) (int, error) {
	if h.over {
		return len(p), nil
	}
	head := make([]byte, 0, len(p))
	for _, c := range p {
		switch {
		case c == '\r':
		case c != '\n':
			head = append(head, c)
			h.line++
		case h.line == 0:
			h.over = true
		default:
			head = append(head, c)
			h.line = 0
		}
		if h.over {
			break
		}
	}
	_, _ = h.hash.Write(head) // never fails
	return len(p), nil
}
