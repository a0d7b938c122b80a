//go:build unix

package sqlite

import (
	"errors"
	"syscall"
)

// isWritable reports whether the process may write to a file or directory. It does not open the file: closing it again
// would release SQLite's locks on it.
func isWritable(path string) bool { return syscall.Access(path, writeAccess) == nil }

// isOnReadOnlyMedium reports whether nobody can change a file, because its file system is read-only.
func isOnReadOnlyMedium(path string) bool {
	return errors.Is(syscall.Access(path, writeAccess), syscall.EROFS)
}

const writeAccess = 2 // W_OK
