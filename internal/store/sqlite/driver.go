package sqlite

import "modernc.org/sqlite"

func init() {
	// SQLite's own choice where it is built for Linux: a commit writes what is needed to read it back,
	// and no time stamps. Elsewhere it stays with what the platform has.
	_, _ = sqlite.Fdatasync(true)
}
