//go:build unix

package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
	"github.com/iam-as-code/terraform-provider-iam/internal/store/storetest"
)

// protect takes away the permission to write to files and directories until the test ends.
func protect(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		info, err := os.Stat(path)
		assertError(t, err, nil)
		assertError(t, os.Chmod(path, info.Mode().Perm()&^0o222), nil)
		t.Cleanup(func() { assertError(t, os.Chmod(path, info.Mode().Perm()), nil) })
	}
}

func copyTo(t *testing.T, dir string, paths ...string) {
	t.Helper()
	for _, path := range paths {
		text, err := os.ReadFile(path)
		assertError(t, err, nil)
		assertError(t, os.WriteFile(filepath.Join(dir, filepath.Base(path)), text, 0o600), nil)
	}
}

// TestOpen_ReadOnly opens stores in every way in which files can be protected. All of them have a user anna.
func TestOpen_ReadOnly(t *testing.T) {
	if !storetest.AsOrdinaryUser(t) {
		return
	}
	for name, test := range map[string]struct {
		open    bool // another process has the store open
		copied  []string
		protect func(path string) []string
		want    access
		err     string
	}{
		"protected file and directory": {copied: []string{""}, want: readUnchanged,
			protect: func(path string) []string { return []string{path, filepath.Dir(path)} }},
		"protected directory": {copied: []string{""}, want: readUnchanged,
			protect: func(path string) []string { return []string{filepath.Dir(path)} }},
		"protected file": {copied: []string{""}, want: readUnchanged,
			protect: func(path string) []string { return []string{path} }},
		"copy of an open store": {open: true, copied: []string{"", "-wal", "-shm"}, want: readLog,
			protect: func(path string) []string { return []string{path, path + "-wal", path + "-shm", filepath.Dir(path)} }},
		"copy of an open store without the index": {open: true, copied: []string{"", "-wal"}, err: "iam backup",
			protect: func(path string) []string { return []string{path, path + "-wal", filepath.Dir(path)} }},
		"copy that can be written": {open: true, copied: []string{"", "-wal"}, want: readWrite,
			protect: func(string) []string { return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			original := filepath.Join(t.TempDir(), "iam.db")
			s := openAt(t, original)
			storetest.Insert(t, s, user("anna"))
			if !test.open {
				assertError(t, s.Close(), nil)
			}
			dir := t.TempDir()
			path := filepath.Join(dir, "iam.db")
			for _, suffix := range test.copied {
				copyTo(t, dir, original+suffix)
			}
			protect(t, test.protect(path)...)
			before, err := os.ReadDir(dir)
			assertError(t, err, nil)

			opened, err := OpenExisting(t.Context(), path)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want %q", err, test.err)
				}
				return
			}
			assertError(t, err, nil)
			defer func() { assertError(t, opened.Close(), nil) }()
			assertEqual(t, opened.access, test.want)
			assertEqual(t, opened.ReadOnly(), test.want != readWrite)
			anna := readValue(t, opened, func(tx store.Tx) (store.Identity, error) { return tx.Identity(store.User, "anna") })
			assertEqual(t, anna.Name, "anna")
			assertError(t, opened.Check(t.Context()), nil)
			if !opened.ReadOnly() {
				return
			}
			called := false
			err = opened.Write(t.Context(), func(store.Tx) error { called = true; return nil })
			if !errors.Is(err, store.ErrReadOnly) || called {
				t.Errorf("Write returned %v, and called its function: %v", err, called)
			}
			after, err := os.ReadDir(dir)
			assertError(t, err, nil)
			assertEqual(t, len(after), len(before))
		})
	}
}

// TestOpen_ReadOnlySeesOtherProcess reads a store that another process writes to.
func TestOpen_ReadOnlySeesOtherProcess(t *testing.T) {
	if !storetest.AsOrdinaryUser(t) {
		return
	}
	path := filepath.Join(t.TempDir(), "iam.db")
	writing := openAt(t, path)
	storetest.Insert(t, writing, user("anna"))
	protect(t, path, filepath.Dir(path))
	reading, err := OpenExisting(t.Context(), path)
	assertError(t, err, nil)
	defer reading.Close()
	assertEqual(t, reading.access, readLog)
	storetest.Insert(t, writing, user("ben"))
	ben := readValue(t, reading, func(tx store.Tx) (store.Identity, error) { return tx.Identity(store.User, "ben") })
	assertEqual(t, ben.Name, "ben")
}

// TestRead_ReportsChangeOfUnchangingFile checks that a store that is read as unchanging does not return wrong data.
func TestRead_ReportsChangeOfUnchangingFile(t *testing.T) {
	if !storetest.AsOrdinaryUser(t) {
		return
	}
	for name, change := range map[string]func(path string) error{
		"file": func(path string) error { return os.Truncate(path, 8192) },
		"log":  func(path string) error { return os.WriteFile(path+"-wal", []byte("log"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "iam.db")
			s := openAt(t, path)
			storetest.Insert(t, s, user("anna"))
			assertError(t, s.Close(), nil)
			assertError(t, os.Chmod(path, 0o400), nil)
			opened, err := OpenExisting(t.Context(), path)
			assertError(t, err, nil)
			defer opened.Close()
			assertError(t, os.Chmod(path, 0o600), nil)
			assertError(t, change(path), nil)
			err = opened.Read(t.Context(), func(store.Tx) error { return nil })
			if err == nil || !strings.Contains(err.Error(), "another process has begun to write") {
				t.Errorf("got %v", err)
			}
		})
	}
}
