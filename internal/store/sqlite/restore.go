package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrFileExists reports that a backup or a restore would overwrite a file.
var ErrFileExists = errors.New(
	"a file with this name exists and will not be overwritten; choose another name, or move the file away")

// requireNoFile returns an error that matches [ErrFileExists] if the path is taken.
func requireNoFile(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, errors.Join(err, ErrFileExists))
	}
	return nil
}

// requireNoStore returns an error that matches [ErrFileExists] if a store, or the log of one, is at the
// path. SQLite would take the log of an earlier store for that of a restored one.
func requireNoStore(path string) error {
	return errors.Join(requireNoFile(path), requireNoFile(path+"-wal"))
}

// Restore copies a backup to a path that has no store. It calls check with the path of a private copy
// first, and installs that copy only if check returns nil.
func Restore(backup, path string, check func(candidate string) error) (err error) {
	if err := requireNoStore(path); err != nil {
		return err
	}
	directory, err := os.MkdirTemp(filepath.Dir(path), ".restore-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	candidate := filepath.Join(directory, filepath.Base(path))
	if err := copyFile(backup, candidate); err != nil {
		return err
	}
	if err := check(candidate); err != nil {
		return err
	}
	if err := os.Link(candidate, path); err != nil { // unlike a rename, a link replaces nothing
		return err
	}
	return syncPath(filepath.Dir(path))
}

func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}
