package account_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestUploadsAreKeptForAWhile: what nobody has used for a week is gone, and so is what a
// crash left half done.
func TestUploadsAreKeptForAWhile(t *testing.T) {
	d := newDesk(t)
	upload := func(body string) jmap.Id {
		t.Helper()
		up, err := d.Upload(t.Context(), "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		return up.BlobId
	}
	there := func(id jmap.Id) bool {
		_, err := d.OpenBlob(t.Context(), id)
		return err == nil
	}
	age := func(file string, by time.Duration) {
		t.Helper()
		at := time.Now().Add(-by)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	file := func(id jmap.Id) string { return filepath.Join(d.dir, "uploads", "a", string(id[1:])) }
	old, read, again, young := upload("old"), upload("read"), upload("again"), upload("young")
	for _, id := range []jmap.Id{old, read, again} {
		age(file(id), 8*24*time.Hour)
	}
	age(file(young), 6*24*time.Hour)
	if !there(read) || upload("again") != again {
		t.Fatal("it is not there")
	}
	scratch := filepath.Join(d.dir, "tmp", "scratch-left")
	if err := os.WriteFile(scratch, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	age(scratch, 25*time.Hour)
	d.stop()
	d.start("a")
	eventually(t, func() bool {
		_, err := os.Stat(scratch)
		return os.IsNotExist(err) && !there(old)
	})
	for _, id := range []jmap.Id{read, again, young} {
		if !there(id) {
			t.Errorf("%s is gone", id)
		}
	}
}

// TestUploadsHaveAQuota: when there are too many octets, the oldest go first (RFC 8620 §6).
func TestUploadsHaveAQuota(t *testing.T) {
	d := newDesk(t)
	dir := filepath.Join(d.dir, "uploads", "a")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ids := make([]jmap.Id, 11)
	for i := range ids {
		ids[i] = jmap.Id("u" + strings.Repeat(string("0123456789a"[i]), 64))
		file := filepath.Join(dir, string(ids[i][1:]))
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, 99<<20); err != nil { // it has no octets on the disk
			t.Fatal(err)
		}
		at := time.Now().Add(time.Duration(i-100) * time.Second)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Upload(t.Context(), "", strings.NewReader(strings.Repeat("x", 20<<20))); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		_, err := d.OpenBlob(t.Context(), id)
		if gone := err != nil; gone != (i < 2) {
			t.Errorf("upload %d: %v", i, err)
		}
	}
}
