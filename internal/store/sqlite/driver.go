package sqlite

import "modernc.org/sqlite"

func init() {
	// fdatasync writes the data and the file size, and skips time stamps. SQLite uses it by default on Linux.
	// On other platforms the call has no effect.
	_, _ = sqlite.Fdatasync(true)
}
