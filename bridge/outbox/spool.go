package outbox

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func (b *Box) file(id jmap.Id) string { return filepath.Join(b.cfg.Dir, string(id)+".eml") }

// spool writes the message so that it is there after a power cut: the file and the
// folder's entry for it.
func (b *Box) spool(s *Submission, body io.Reader) error {
	f, err := os.OpenFile(b.file(s.ID), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	eight := &eightBit{}
	s.Size, err = io.Copy(io.MultiWriter(f, eight), body)
	s.EightBit = eight.seen
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = syncDir(b.cfg.Dir)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// drop removes a message that is no longer needed, if it is there.
func (b *Box) drop(id jmap.Id) error {
	if err := os.Remove(b.file(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// eightBit notices octets over 127.
type eightBit struct{ seen bool }

func (e *eightBit) Write(p []byte) (int, error) {
	for i := 0; i < len(p) && !e.seen; i++ {
		e.seen = p[i] > 127
	}
	return len(p), nil
}
