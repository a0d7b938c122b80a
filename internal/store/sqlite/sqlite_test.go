package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
	"github.com/iam-as-code/terraform-provider-iam/internal/store/storetest"
)

// mode returns the permissions of a file.
func mode(t testing.TB, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestOpen_RestrictsPermissions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "some", ".iam")
	path := filepath.Join(dir, "iam.db")
	s := openAt(t, path)
	storetest.Insert(t, s, user("anna"))
	assertEqual(t, mode(t, dir), fs.FileMode(0o700))
	for _, file := range []string{path, path + "-wal", path + "-shm", filepath.Join(dir, ".gitignore")} {
		assertEqual(t, mode(t, file), fs.FileMode(0o600))
	}
	ignored, err := os.ReadFile(filepath.Join(dir, ".gitignore"))
	assertError(t, err, nil)
	assertEqual(t, string(ignored), "*\n")
	assertError(t, s.Close(), nil)

	// An existing directory does not change.
	own := t.TempDir()
	assertError(t, os.Chmod(own, 0o755), nil)
	openAt(t, filepath.Join(own, "iam.db"))
	assertEqual(t, mode(t, own), fs.FileMode(0o755))
	if _, err := os.Stat(filepath.Join(own, ".gitignore")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want no .gitignore", err)
	}
}

func TestOpen_RejectsOtherFiles(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(path string) error
		want   string
	}{
		"readable by others": {func(path string) error { return os.Chmod(path, 0o640) }, "chmod 600"},
		"directory": {func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
			"not a regular file"},
		"text": {func(path string) error {
			return os.WriteFile(path, bytes.Repeat([]byte("text "), 1000),
				0o600)
		}, "not a SQLite database"},
		"another application id": {func(path string) error { return alter(path, "PRAGMA application_id = 7") },
			"database of another program"},
		"no application id": {func(path string) error {
			return alter(path, "PRAGMA application_id = 0")
		}, "database of another program"},
		"newer schema": {func(path string) error {
			return alter(path, "INSERT INTO schema_migrations VALUES (99, 'future', 0)")
		}, "schema version 99, and this program supports versions up to 4"},
		"truncated": {func(path string) error { return os.Truncate(path, 3*4096) }, "is damaged; restore a backup"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "iam.db")
			s := openAt(t, path)
			storetest.Insert(t, s, user("anna"))
			assertError(t, s.Close(), nil)
			assertError(t, test.damage(path), nil)
			for _, open := range []func(context.Context, string) (*Store, error){Open, OpenExisting} {
				_, err := open(t.Context(), path)
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v, want %q", err, test.want)
				}
			}
		})
	}
}

// alter runs a statement on a database, as another program would.
func alter(path, statement string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = db.Exec(statement)
	return errors.Join(err, db.Close())
}

func TestCheck_ReportsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iam.db")
	s := openAt(t, path)
	var users []any
	for n := range 6000 {
		users = append(users, user(fmt.Sprint(n)))
	}
	storetest.Insert(t, s, users...)
	assertError(t, s.Close(), nil)

	text, err := os.ReadFile(path)
	assertError(t, err, nil)
	for at := 100 * 4096; at < len(text); at += 4096 { // not the schema
		copy(text[at:], bytes.Repeat([]byte{0xff}, 64))
	}
	assertError(t, os.WriteFile(path, text, 0o600), nil)
	s = openAt(t, path)
	err = s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.Identities(store.User, store.Page{}); return err })
	if err == nil || !strings.Contains(err.Error(), "is damaged; restore a backup") {
		t.Errorf("reading: got %v", err)
	}
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("checking: got %v", err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := s.Backup(t.Context(), copied); err == nil {
		t.Error("Backup accepted a damaged store")
	}
	if _, err := os.Stat(copied); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want no copy", err)
	}
}

func TestOpenExisting_CreatesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "iam.db")
	_, err := OpenExisting(t.Context(), path)
	assertError(t, err, fs.ErrNotExist)
	entries, err := os.ReadDir(dir)
	assertError(t, err, nil)
	assertEqual(t, len(entries), 0)

	// A process that is killed while it creates the file leaves an empty file.
	empty := filepath.Join(dir, "empty")
	assertError(t, os.WriteFile(empty, nil, 0o600), nil)
	_, err = OpenExisting(t.Context(), empty)
	assertError(t, err, fs.ErrNotExist)

	openAt(t, empty)
	existing, err := OpenExisting(t.Context(), empty)
	assertError(t, err, nil)
	assertError(t, existing.Close(), nil)
}

func TestOpen_AcceptsAnyPath(t *testing.T) {
	for _, name := range []string{"a b", "a?mode=memory", "a#b", "100%41", "a&b;c", "é", `a\b`, "a'b\"c", ":memory:",
		"file:x"} {
		path := filepath.Join(t.TempDir(), name, name)
		s := openAt(t, path)
		storetest.Insert(t, s, user("anna"))
		assertEqual(t, mode(t, path), fs.FileMode(0o600))
		copied := path + " copy"
		assertError(t, s.Backup(t.Context(), copied), nil)
		assertEqual(t, mode(t, copied), fs.FileMode(0o600))
	}
	t.Chdir(t.TempDir())
	openAt(t, "iam.db")
	assertEqual(t, mode(t, "iam.db"), fs.FileMode(0o600))
}

func TestConn_HasAllSettings(t *testing.T) {
	s := openNew(t)
	want := map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "temp_store": "2",
		"trusted_schema": "0", "cell_size_check": "1", "secure_delete": "1", "journal_size_limit": "16777216",
	}
	check := func(c *conn, queryOnly, busyTimeout string) {
		t.Helper()
		want["query_only"], want["busy_timeout"] = queryOnly, busyTimeout
		for pragma, value := range want {
			var found string
			if err := c.sql.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&found); err != nil || found != value {
				t.Errorf("%s is %s %v, want %s", pragma, found, err, value)
			}
		}
	}
	var readers []*conn
	for range cap(s.readers.slots) {
		c, err := s.readers.take(t.Context())
		assertError(t, err, nil)
		check(c, "1", "10000")
		readers = append(readers, c)
	}
	for _, c := range readers {
		s.readers.give(c, true)
	}
	write(t, s, func(tx store.Tx) error { check(tx.(*transaction).conn, "0", "0"); return nil })
	c, err := newConn(t.Context(), s.db)
	assertError(t, err, nil)
	check(c, "0", "10000")
	assertError(t, c.close(), nil)
}

func TestBackup_OpensAsStore(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "iam.db"))
	storetest.Insert(t, s, user("anna"), policy("full"))
	write(t, s, func(tx store.Tx) error { return tx.Attach("AIDAanna", "ANPAfull") })
	before := snapshot(t, s)
	path := filepath.Join(dir, "copy.db")
	assertError(t, s.Backup(t.Context(), path), nil)
	storetest.Insert(t, s, user("later"))

	assertEqual(t, mode(t, path), fs.FileMode(0o600))
	entries, err := filepath.Glob(path + "?*")
	assertError(t, err, nil)
	assertEqual(t, entries, []string(nil))
	copied, err := OpenExisting(t.Context(), path)
	assertError(t, err, nil)
	defer copied.Close()
	assertEqual(t, snapshot(t, copied), before)

	assertError(t, s.Backup(t.Context(), path), ErrFileExists)
	assertError(t, s.Backup(t.Context(), filepath.Join(dir, "none", "copy")), fs.ErrNotExist)
	assertEqual(t, snapshot(t, copied), before)
}

func TestBackup_UnderLoad(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "iam.db"))
	done := make(chan error)
	go func() {
		for n := range 200 {
			if err := s.Write(context.Background(), func(tx store.Tx) error {
				name := fmt.Sprint(n)
				return errors.Join(tx.InsertIdentity(user(name)), tx.PutSetting("of-AIDA"+name, nil))
			}); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for n := range 5 {
		path := filepath.Join(dir, fmt.Sprint("copy", n))
		assertError(t, s.Backup(t.Context(), path), nil)
		assertStored(t, openAt(t, path), nil)
	}
	assertError(t, <-done, nil)
}

func TestMigrations_NumberedWithoutGaps(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("SELECT 1;")}
	for name, files := range map[string]fstest.MapFS{
		"gap":         {"migrations/0001_a.sql": file, "migrations/0003_b.sql": file},
		"duplicate":   {"migrations/0001_a.sql": file, "migrations/0001_b.sql": file},
		"no number":   {"migrations/a.sql": file},
		"no name":     {"migrations/0001.sql": file},
		"number zero": {"migrations/0000_a.sql": file},
	} {
		if _, err := migrationsIn(files); err == nil {
			t.Errorf("migrationsIn accepted migrations with: %s", name)
		}
	}
	steps, err := migrationsIn(migrationFiles)
	if err != nil || len(steps) == 0 {
		t.Fatal(steps, err)
	}
}

func TestMigrate_IsAtomic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iam.db")
	s := openAt(t, path)
	storetest.Insert(t, s, user("anna"))
	steps, err := migrationsIn(migrationFiles)
	assertError(t, err, nil)
	c, err := s.db.Conn(t.Context())
	assertError(t, err, nil)
	defer c.Close()

	next := len(steps) + 1
	broken := slices.Concat(steps, []migration{
		{next, "next", "CREATE TABLE later (x INTEGER);"}, {next + 1, "broken", "CREATE TABLE half (x INTEGER); NO SQL;"},
	})
	err = migrateFile(t.Context(), c, broken, true)
	if err == nil || !strings.Contains(err.Error(), "_broken") {
		t.Fatalf("got %v", err)
	}
	version, err := schemaVersion(t.Context(), c)
	assertError(t, err, nil)
	assertEqual(t, version, len(steps))

	assertError(t, migrateFile(t.Context(), c, broken[:next], true), nil)
	assertError(t, migrateFile(t.Context(), c, broken[:next], true), nil) // another process has done it
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("version %d", next)) {
		t.Errorf("Open accepted a newer schema: got %v", err)
	}
}

func TestOpen_MigratesFirstSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iam.db")
	assertError(t, os.WriteFile(path, nil, 0o600), nil)
	db, err := sql.Open("sqlite", dsn(path, readWrite))
	assertError(t, err, nil)
	c, err := db.Conn(t.Context())
	assertError(t, err, nil)
	steps, err := migrationsIn(migrationFiles)
	assertError(t, err, nil)
	assertError(t, migrateFile(t.Context(), c, steps[:1], true), nil)
	for _, statement := range []string{
		`INSERT INTO meta (name, value) VALUES ('store_id', 'unused')`,
		`INSERT INTO settings (name, value) VALUES ('alias', x'6b657074')`,
	} {
		_, err := c.ExecContext(t.Context(), statement)
		assertError(t, err, nil)
	}
	assertError(t, errors.Join(c.Close(), db.Close()), nil)

	s, err := OpenExisting(t.Context(), path)
	assertError(t, err, nil)
	defer s.Close()
	value := readValue(t, s, func(tx store.Tx) ([]byte, error) { return tx.Setting("alias") })
	assertEqual(t, string(value), "kept")
	version, err := schemaVersion(t.Context(), s.db)
	assertError(t, err, nil)
	assertEqual(t, version, len(steps))
	assertError(t, s.Check(t.Context()), nil)
}

func TestCheck_ReportsChangesOfOtherPrograms(t *testing.T) {
	for name, test := range map[string]struct{ statement, want string }{
		"trigger": {`CREATE TRIGGER grants AFTER INSERT ON attachments BEGIN DELETE FROM changes; END`, "trigger grants"},
		"changed trigger": {`DROP TRIGGER audit_entries_stay;
			CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries BEGIN SELECT 1; END`, "trigger audit_entries_stay"},
		"removed trigger": {`DROP TRIGGER audit_entries_stay`, "removed the trigger audit_entries_stay"},
		"removed index":   {`DROP INDEX audit_entries_by_time`, "removed the index audit_entries_by_time"},
		"view": {`ALTER TABLE attempts RENAME TO other; CREATE VIEW attempts AS SELECT * FROM other`,
			"index attempts_by_time"},
		"new table":                     {`CREATE TABLE extra (x INTEGER)`, "table extra"},
		"user with another search name": {`UPDATE identities SET name_key = 'x'`, "user anna is found by the name x"},
		"missing reference":             {`INSERT INTO attachments VALUES ('AIDAanna', 'ANPA0')`, "missing record"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "iam.db")
			s := openAt(t, path)
			storetest.Insert(t, s, user("anna"))
			assertError(t, s.Check(t.Context()), nil)
			assertError(t, s.Close(), nil)
			assertError(t, alter(path, test.statement), nil)
			s = openAt(t, path)
			if err := s.Check(t.Context()); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
