package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// A WAL database needs three files: the database, its log (-wal) and the index of the log (-shm). SQLite creates the
// log and its index even to read. If the process cannot write to the database or its directory, there are two ways to
// read. If another process has created the files, SQLite can use them. Otherwise the database has no log, and SQLite
// can read it as a file that nobody changes ("immutable"). That mode ignores locks and the log, so this package never
// uses it for a file that the process could write to, and checks after each transaction that the file did not change.

// access is the way in which a store uses its file.
type access string

const (
	readWrite access = "mode=rw"
	// readLog reads the database and the log that another process wrote, or still writes.
	readLog access = "mode=ro"
	// readUnchanged reads a database that has no log and that nobody writes to.
	readUnchanged access = "mode=ro&immutable=1"
)

// oldestReadable is the oldest schema version that the program can read without migrating it.
const oldestReadable = 1

// accessTo returns the way in which the process can use a database file.
func accessTo(path string) (access, error) {
	if isWritable(path) && isWritable(filepath.Dir(path)) {
		return readWrite, nil
	}
	logSize, hasLog, err := sizeOf(path + "-wal")
	if err != nil {
		return "", err
	}
	_, hasIndex, err := sizeOf(path + "-shm")
	switch {
	case err != nil:
		return "", err
	case hasLog && hasIndex:
		return readLog, nil
	case logSize > 0:
		return "", fmt.Errorf("the file cannot be written and has the log %s-wal without its index, so the changes in the "+
			"log cannot be read; make a copy with iam backup, or copy the file and its log to a directory that you can "+
			"write to", path)
	}
	return readUnchanged, nil
}

// sizeOf returns the size of a file, and whether it exists.
func sizeOf(path string) (size int64, exists bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return info.Size(), true, nil
}

// readOnlySettings returns the settings of the connections of a store that is only read.
func readOnlySettings() url.Values {
	return url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"temp_store(MEMORY)", "trusted_schema(OFF)", "cell_size_check(ON)",
	}}
}

// fileState identifies the contents of a database file that nobody should write to.
type fileState struct {
	size     int64
	modified time.Time
}

func stateOf(path string) (fileState, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{}, err
	}
	if size, _, err := sizeOf(path + "-wal"); err != nil || size > 0 {
		return fileState{}, err // another process has begun to write
	}
	return fileState{info.Size(), info.ModTime()}, nil
}

// checkUnchanged returns an error if another process wrote to a file that is read as unchanging.
func (s *Store) checkUnchanged() error {
	if s.access != readUnchanged {
		return nil
	}
	if now, err := stateOf(s.path); err != nil || now != s.opened {
		return fmt.Errorf("reading the store %s: %w", s.path, errors.Join(err,
			errors.New("another process has begun to write to the file; open it again")))
	}
	return nil
}

// errReadOnly returns an error that matches ErrReadOnly and says how to proceed.
func errReadOnly(path string) error {
	return fmt.Errorf("this process cannot write to %s and its directory, so it can only read the account; change the "+
		"permissions, or use a copy that you can write to: %w", path, store.ErrReadOnly)
}

// ReadOnly reports whether the process can only read the store.
func (s *Store) ReadOnly() bool { return s.access != readWrite }
