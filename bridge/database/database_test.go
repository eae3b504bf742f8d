package database

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStepsAreAppliedOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new folder")
	steps := []string{`CREATE TABLE a (x TEXT) STRICT`, `INSERT INTO a VALUES ('one')`}
	for _, upTo := range []int{1, 2, 2} {
		db, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := Migrate(t.Context(), db, "test", steps[:upTo]); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM a`).Scan(&n); err != nil || n != 1 {
		t.Errorf("rows: %d, %v", n, err)
	}
	if err := Migrate(t.Context(), db, "test", steps[:1]); err == nil {
		t.Error("tables of a newer version were taken for ours")
	}
}

func TestFailedStepLeavesNothing(t *testing.T) {
	db, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if Migrate(t.Context(), db, "test", []string{`CREATE TABLE b (x TEXT) STRICT; NONSENSE`}) == nil {
		t.Fatal("no error")
	}
	if _, err := db.Exec(`SELECT * FROM b`); err == nil {
		t.Error("half a step was kept")
	}
}

func TestOnlyTheBridgeMayRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "hearthmail.db"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode().Perm(), err, want)
		}
	}
}
