package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// creationMu prevents one store of this process from opening a file while another creates it. POSIX locks
// belong to the process, so closing the new file would release SQLite's locks on it.
var creationMu sync.Mutex

// prepareFile checks that the database file exists and that only its owner may use it. It creates the
// file if mayCreate is set.
func prepareFile(path string, mayCreate bool) error {
	creationMu.Lock()
	defer creationMu.Unlock()

	// Do not open an existing file here, for the reason that creationMu gives.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && mayCreate:
		if err := createDirectory(filepath.Dir(path)); err != nil {
			return err
		}
		if err := createFile(path); !errors.Is(err, fs.ErrExist) {
			return err
		}
		info, err = os.Stat(path) // another process created it first
	case err == nil && !info.Mode().IsRegular():
		return errors.New("the path is not a regular file; choose another")
	}
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" && !isOnReadOnlyMedium(path) {
		return fmt.Errorf(
			"other users can read or write the file (mode %04o), so they may know or have changed its contents; check that, "+
				"then run chmod 600 %s", mode, path)
	}
	return nil
}

// createDirectory creates the directory of a store unless it exists. It adds a .gitignore, so that a store
// inside a repository is not committed.
func createDirectory(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o600); err != nil {
		return err
	}
	return syncPath(filepath.Dir(dir))
}

// createFile creates an empty file that only its owner may use, or returns fs.ErrExist.
func createFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Chmod(0o600), file.Sync(), file.Close()); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// syncPath writes a file, or the entries of a directory, to the disk.
func syncPath(path string) error {
	if runtime.GOOS == "windows" {
		return nil // Windows cannot sync directories and does not need to
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
