package outbox_test

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/outbox"
)

// TestFullDisk: what there is no room for is refused before it is accepted, and leaves
// nothing behind; what fits is then sent.
func TestFullDisk(t *testing.T) {
	o := newOffice(t)
	if err := syscall.Mount("tmpfs", o.dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("no small disk to be had: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(o.dir, syscall.MNT_DETACH) })
	large := strings.NewReader(letter + strings.Repeat("much\r\n", 1<<16))
	if _, err := o.box.Submit(t.Context(), submission("s1", ""), large); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v", err)
	}
	if _, err := o.box.Get(t.Context(), "s1"); !errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("it is there: %v", err)
	}
	if files, err := os.ReadDir(o.dir); err != nil || len(files) > 0 {
		t.Errorf("%v, %v", files, err)
	}
	if s := o.send("s2", ""); s.State != outbox.Sent || o.server.received() != 1 {
		t.Errorf("%+v, the server got %d", s, o.server.received())
	}
}
