//go:build !unix

package sqlite

import "os"

// isWritable reports whether a file or directory is not marked as read-only.
func isWritable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && (info.IsDir() || info.Mode().Perm()&0o200 != 0)
}

// isOnReadOnlyMedium is not known on these systems.
func isOnReadOnlyMedium(string) bool { return false }
