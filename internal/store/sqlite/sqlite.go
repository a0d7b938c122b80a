package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// applicationID marks a SQLite file as a store: "IAMc".
const applicationID = 0x49414d63

// readerSetup sets up a connection that only reads.
var readerSetup = []string{"PRAGMA query_only = ON"}

// writerSetup sets up the connection that writes. It turns off SQLite's own waiting for other processes, because the
// writer does the waiting itself. SQLite would pause for up to 100 ms between attempts, and would rarely find
// the file free between two commits of a process that writes all the time.
var writerSetup = []string{"PRAGMA busy_timeout = 0"}

// Open opens the database file, and creates it and its directory if they do not exist. Only the owner may
// read what Open creates: the directory, its .gitignore, the file, and the files that SQLite adds beside it.
// Open migrates an older schema. It rejects a file that other users may read or write, a file that is not a
// store, and a schema newer than the program.
//
// If the process cannot write to an existing file or to its directory, the store is read-only.
//
// While a store is open, no other code of the process may open and close its file: on Unix, that releases
// SQLite's locks.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path, true)
	return s, describe(err, "opening the store %s", path)
}

// OpenExisting opens a store like [Open], but creates nothing. If the store does not exist, the error matches
// [fs.ErrNotExist].
func OpenExisting(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path, false)
	return s, describe(err, "opening the store %s", path)
}

func open(ctx context.Context, path string, mayCreate bool) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := prepareFile(path, mayCreate); err != nil {
		return nil, err
	}
	s := &Store{path: path}
	if s.access, err = accessTo(path); err != nil {
		return nil, err
	}
	if s.access == readUnchanged {
		if s.opened, err = stateOf(path); err != nil {
			return nil, err
		}
	}
	db, err := sql.Open("sqlite", dsn(path, s.access))
	if err != nil {
		return nil, err
	}
	s.db = db
	s.writer = writer{store: s, turn: make(chan struct{}, 1), batchTime: maxBatchTime, waitLimit: busyTimeout}
	s.readers = pool{
		open: func(ctx context.Context) (*conn, error) {
			c, err := newConn(ctx, db, readerSetup...)
			return c, explain(path, err)
		},
		slots: make(chan struct{}, min(max(2*runtime.GOMAXPROCS(0), 4), 32)),
	}
	if err := s.prepareSchema(ctx, mayCreate); err != nil {
		return nil, errors.Join(explain(path, err), db.Close())
	}
	return s, nil
}

// dsn returns the data source name: the file and the settings of every connection.
func dsn(path string, mode access) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/…
	}
	file := url.URL{Scheme: "file", Path: slashed}
	settings := readOnlySettings()
	if mode == readWrite {
		settings = writableSettings()
	}
	// Never mode=rwc: SQLite must not create the file, because it would use the wrong permissions.
	return file.String() + "?" + string(mode) + "&_dqs=0&_defensive=1&" + settings.Encode()
}

// writableSettings returns the settings of the connections of a store that can be written.
func writableSettings() url.Values {
	return url.Values{"_pragma": {
		// First, so that the settings below wait for other processes too.
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		// Readers and the writer do not block each other. The file remembers this setting.
		"journal_mode(WAL)",
		// Each commit syncs the log, so a committed change is on the disk.
		"synchronous(FULL)",
		"foreign_keys(ON)",
		// Queries sort in memory, so temporary files never contain secrets.
		"temp_store(MEMORY)",
		// Views and triggers of a manipulated file cannot call functions with side effects.
		"trusted_schema(OFF)",
		// SQLite checks each page that it reads, so a damaged file gives an error and not wrong rows.
		"cell_size_check(ON)",
		// SQLite overwrites deleted data, so a deleted secret does not stay in free pages.
		"secure_delete(ON)",
		// The log shrinks back after a burst.
		"journal_size_limit(16777216)",
	}}
}

// prepareSchema checks that the file is a store, and creates or migrates its schema.
func (s *Store) prepareSchema(ctx context.Context, mayCreate bool) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()

	steps, err := migrationsIn(migrationFiles)
	if err != nil {
		return err
	}
	// Usually the schema is current, and no lock is needed.
	current, err := isCurrent(ctx, c, steps, mayCreate && !s.ReadOnly())
	if err != nil {
		return err
	}
	if !current && s.ReadOnly() {
		return checkReadable(ctx, c)
	}
	if !current {
		if err := migrateFile(ctx, c, steps, mayCreate); err != nil {
			return err
		}
	}
	return nil
}

// connect opens a connection, and retries while the file is busy. While one process turns a new file into a
// WAL database, SQLite fails at once for all others instead of waiting.
func (s *Store) connect(ctx context.Context) (*sql.Conn, error) {
	for deadline := time.Now().Add(busyTimeout); ; {
		c, err := s.db.Conn(ctx)
		if err == nil || !isBusy(err) || time.Now().After(deadline) {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// isCurrent reports whether the database has the current schema. It returns an error for a database that
// the program must not change.
func isCurrent(ctx context.Context, db querier, steps []migration, mayCreate bool) (bool, error) {
	var application, tables int
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&application); err != nil {
		return false, err
	}
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return false, err
	}
	switch {
	case application == 0 && tables == 0 && !mayCreate:
		return false, fmt.Errorf("the file is empty and has no store yet: %w", fs.ErrNotExist)
	case application == 0 && tables == 0:
		return false, nil
	case application != applicationID:
		return false, errors.New("the file is a SQLite database of another program; choose another file")
	}
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return false, err
	}
	return version == len(steps), checkVersion(version, steps)
}

// checkReadable returns an error for a read-only database whose schema is too old to be read.
func checkReadable(ctx context.Context, db querier) error {
	version, err := schemaVersion(ctx, db)
	if err == nil && version < oldestReadable {
		err = fmt.Errorf("the store has schema version %d, and this program reads versions from %d without changing the "+
			"store; open a copy that you can write to", version, oldestReadable)
	}
	return err
}

// migrateFile updates the schema in one transaction, unless another process has done so meanwhile.
func migrateFile(ctx context.Context, c *sql.Conn, steps []migration, mayCreate bool) (err error) {
	if _, err := c.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}()
	if _, err := isCurrent(ctx, c, steps, mayCreate); err != nil {
		return err
	}
	if err := migrate(ctx, c, steps); err != nil {
		return err
	}
	if _, err := c.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return err
	}
	_, err = c.ExecContext(ctx, "COMMIT")
	return err
}

// Result codes, https://www.sqlite.org/rescode.html. The lower eight bits are the primary code.
const (
	primaryMask = 0xff

	codeBusy     = 5
	codeIOError  = 10
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeNotADB   = 26

	codeForeignKey = 787  // SQLITE_CONSTRAINT_FOREIGNKEY
	codePrimaryKey = 1555 // SQLITE_CONSTRAINT_PRIMARYKEY
	codeTrigger    = 1811 // SQLITE_CONSTRAINT_TRIGGER; SQLite implements ON DELETE RESTRICT as a trigger
	codeUnique     = 2067 // SQLITE_CONSTRAINT_UNIQUE
)

// resultCode returns the extended result code of SQLite, or 0 for any other error.
func resultCode(err error) int {
	if coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		return coded.Code()
	}
	return 0
}

func isBusy(err error) bool { return resultCode(err)&primaryMask == codeBusy }

// constraint is a kind of constraint that a statement can violate.
type constraint int

const (
	noConstraint constraint = iota
	uniqueness
	reference
)

// violation returns the kind of constraint that err reports.
func violation(err error) constraint {
	switch resultCode(err) {
	case codePrimaryKey, codeUnique:
		return uniqueness
	case codeForeignKey, codeTrigger:
		return reference
	}
	return noConstraint
}

// explain adds the path and the remedy to an error of the database.
func explain(path string, err error) error {
	switch resultCode(err) & primaryMask {
	case codeBusy:
		return errBusy(path)
	case codeCorrupt:
		return fmt.Errorf("%s is damaged; restore a backup: %w", path, err)
	case codeNotADB:
		return fmt.Errorf(
			"%s is not a SQLite database, or its header is damaged; choose another file, or restore a backup: %w", path, err)
	case codeFull:
		return fmt.Errorf("no disk space is left for %s; free some and try again: %w", path, err)
	case codeIOError, codeCantOpen:
		return fmt.Errorf("%s cannot be read or written; check its disk and the permissions of its directory: %w", path, err)
	}
	return err
}
