package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations
var migrationFiles embed.FS

// migration is one step of the schema. Steps are numbered from 1 without gaps. A released step is never
// edited.
type migration struct {
	version int
	name    string
	script  string
}

// migrationsIn reads the migrations, such as 0001_account.sql, in order.
func migrationsIn(files fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(files, "migrations")
	if err != nil {
		return nil, err
	}
	var steps []migration
	for i, entry := range entries {
		number, name, _ := strings.Cut(strings.TrimSuffix(entry.Name(), ".sql"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 || name == "" {
			return nil,
				fmt.Errorf("migration %s: expected a file named %04d_<name>.sql as the next migration", entry.Name(), i+1)
		}
		script, err := fs.ReadFile(files, path.Join("migrations", entry.Name()))
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{version, name, string(script)})
	}
	return steps, nil
}

// querier is a connection, with or without an open transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schemaVersion returns the schema version of a database that has the table schema_migrations.
func schemaVersion(ctx context.Context, db querier) (int, error) {
	var version int
	err := db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_migrations`).Scan(&version)
	return version, err
}

// checkVersion rejects a schema that is newer than the program, because the program cannot know its meaning.
func checkVersion(version int, steps []migration) error {
	if known := len(steps); version > known {
		return fmt.Errorf(
			"the store has schema version %d, and this program supports versions up to %d; use the program that wrote it, or "+
				"a newer one", version, known)
	}
	return nil
}

// migrate applies the missing migrations in the caller's transaction.
func migrate(ctx context.Context, db querier, steps []migration) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (
		version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied BIGINT NOT NULL)`); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	if err := checkVersion(version, steps); err != nil {
		return err
	}
	for _, step := range steps[version:] {
		if _, err := db.ExecContext(ctx, step.script); err != nil {
			return fmt.Errorf("migration %04d_%s: %w", step.version, step.name, err)
		}
		if _, err := db.ExecContext(ctx, `INSERT INTO schema_migrations (version, name, applied) VALUES (?, ?, ?)`,
			step.version, step.name, time.Now().Unix()); err != nil {
			return err
		}
	}
	return nil
}
