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

// making keeps the stores of this process from opening a file while another makes it: closing the file
// that was made would take SQLite's locks on it away (POSIX locks belong to the process).
var making sync.Mutex

// prepareFile makes sure that there is a database file that only its owner may use.
func prepareFile(path string, mayMake bool) error {
	making.Lock()
	defer making.Unlock()

	// The file is not opened where it is there already, see making.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && mayMake:
		if err := makeDirectory(filepath.Dir(path)); err != nil {
			return err
		}
		if err := makeFile(path); !errors.Is(err, fs.ErrExist) {
			return err
		}
		info, err = os.Stat(path) // another process was faster
	case err == nil && !info.Mode().IsRegular():
		return errors.New("the path is not a regular file; choose another")
	}
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return fmt.Errorf("other users can read or write the file (mode %04o), so they may know or have changed its contents; check that, then run chmod 600 %s", mode, path)
	}
	return nil
}

// makeDirectory makes the directory of a store, unless it is there. It gets a .gitignore, so that a
// store that lies in a repository is not committed with it.
func makeDirectory(dir string) error {
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

// makeFile makes an empty file that only its owner may use, or answers fs.ErrExist.
func makeFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Chmod(0o600), file.Sync(), file.Close()); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// syncPath makes sure that a file, or what a directory lists, is on the disk.
func syncPath(path string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there, and need not be
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
