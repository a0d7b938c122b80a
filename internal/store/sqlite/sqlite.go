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

// reading sets up a connection that only reads.
var reading = []string{"PRAGMA query_only = ON"}

// writing sets up the connection that writes. SQLite does not wait for other processes there: it would
// wait longer and longer before it tries again, up to 100 ms, and hardly ever find the file free between
// two commits of a process that writes all the time. The writer waits instead.
var writing = []string{"PRAGMA busy_timeout = 0"}

// Open opens the database file, and makes it, and its directory, where it is not there. What it
// makes, only its owner may read: the directory, which gets a .gitignore of its own, and the file, with
// those that SQLite keeps beside it. A file that others may read or write is refused, and so is one
// that is not a store, or has a newer schema than this program knows.
//
// While a store is open, no other code of the process may open and close its file: on Unix that takes
// SQLite's locks away.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path, true)
	return s, about(err, "opening the store %s", path)
}

// OpenExisting is [Open] for a store that is there already. Where it is not, the error
// matches [fs.ErrNotExist], and nothing is made.
func OpenExisting(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path, false)
	return s, about(err, "opening the store %s", path)
}

func open(ctx context.Context, path string, mayMake bool) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := prepareFile(path, mayMake); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, path: path}
	s.writer = writer{store: s, turn: make(chan struct{}, 1), batchTime: maxBatchTime, patience: busyTimeout}
	s.readers = pool{
		open: func(ctx context.Context) (*conn, error) {
			c, err := newConn(ctx, db, reading...)
			return c, explain(path, err)
		},
		slots: make(chan struct{}, min(max(2*runtime.GOMAXPROCS(0), 4), 32)),
	}
	if err := s.settle(ctx, mayMake); err != nil {
		return nil, errors.Join(explain(path, err), db.Close())
	}
	return s, nil
}

// dsn names the file and what every connection to it is set up with.
func dsn(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/…
	}
	file := url.URL{Scheme: "file", Path: slashed}
	pragmas := url.Values{"_pragma": {
		// First, so that the others wait too.
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		// Readers and a writer do not keep each other waiting. It stays with the file.
		"journal_mode(WAL)",
		// The log is synced at each commit: acknowledged is on the disk.
		"synchronous(FULL)",
		"foreign_keys(ON)",
		// What a query sorts, it sorts in memory: no copies of secrets in temporary files.
		"temp_store(MEMORY)",
		// Views and triggers of a file that someone else made call no functions with side effects.
		"trusted_schema(OFF)",
		// A page is checked when it is read, so that a damaged file gives an error and not wrong rows.
		"cell_size_check(ON)",
		// What is deleted is overwritten: a revoked secret does not linger in free pages.
		"secure_delete(ON)",
		// The log shrinks back after a burst.
		"journal_size_limit(16777216)",
	}}
	// mode=rw: SQLite never makes the file, since it would with the wrong mode.
	return file.String() + "?mode=rw&_dqs=0&_defensive=1&" + pragmas.Encode()
}

// settle makes sure that the file is a store with the schema of this program.
func (s *Store) settle(ctx context.Context, mayMake bool) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()

	steps, err := migrationsIn(migrationFiles)
	if err != nil {
		return err
	}
	// Mostly, there is nothing to do, and nothing to wait for.
	current, err := isCurrent(ctx, c, steps, mayMake)
	if err != nil {
		return err
	}
	if !current {
		if err := migrateFile(ctx, c, steps, mayMake); err != nil {
			return err
		}
	}
	return nil
}

// connect connects, again and again while others do: while one process turns a new file into a
// WAL database, SQLite does not let the next one wait but fails.
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

// isCurrent reports whether the database has the schema that the program knows, and refuses one
// that it must not touch.
func isCurrent(ctx context.Context, db querier, steps []migration, mayMake bool) (bool, error) {
	var application, tables int
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&application); err != nil {
		return false, err
	}
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return false, err
	}
	switch {
	case application == 0 && tables == 0 && !mayMake:
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

// migrateFile brings the schema up to date in one transaction. Another process may have done it since.
func migrateFile(ctx context.Context, c *sql.Conn, steps []migration, mayMake bool) (err error) {
	if _, err := c.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}()
	if _, err := isCurrent(ctx, c, steps, mayMake); err != nil {
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

// Check checks the whole database: its structure, its indexes and its references. It reads all of
// it, and is for backups and after suspected damage.
func (s *Store) Check(ctx context.Context) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.inFlight.Done()
	for _, check := range []string{
		`SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 1`,
		`SELECT "table" || ' refers to a missing record in ' || parent FROM pragma_foreign_key_check LIMIT 1`,
	} {
		var found string
		switch err := s.db.QueryRowContext(ctx, check).Scan(&found); {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return about(explain(s.path, err), "checking the store %s", s.path)
		default:
			return fmt.Errorf("checking the store %s: the database is damaged; restore a backup: %s", s.path, found)
		}
	}
	return nil
}

// The result codes that are told apart, https://www.sqlite.org/rescode.html. The lower eight bits are
// the primary code.
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
	codeTrigger    = 1811 // SQLITE_CONSTRAINT_TRIGGER, which ON DELETE RESTRICT is made of
	codeUnique     = 2067 // SQLITE_CONSTRAINT_UNIQUE
)

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

func violation(err error) constraint {
	switch resultCode(err) {
	case codePrimaryKey, codeUnique:
		return uniqueness
	case codeForeignKey, codeTrigger:
		return reference
	}
	return noConstraint
}

func explain(path string, err error) error {
	switch resultCode(err) & primaryMask {
	case codeBusy:
		return errBusy(path)
	case codeCorrupt:
		return fmt.Errorf("%s is damaged; restore a backup: %w", path, err)
	case codeNotADB:
		return fmt.Errorf("%s is not a SQLite database, or its header is damaged; choose another file, or restore a backup: %w", path, err)
	case codeFull:
		return fmt.Errorf("no disk space is left for %s; free some and try again: %w", path, err)
	case codeIOError, codeCantOpen:
		return fmt.Errorf("%s cannot be read or written; check its disk and the permissions of its directory: %w", path, err)
	}
	return err
}
