package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// checks are queries that return a sentence about the first problem that they find, or no row.
var checks = []string{
	`SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 1`,
	`SELECT "table" || ' refers to a missing record in ' || parent FROM pragma_foreign_key_check LIMIT 1`,
	// The engine finds records by these columns. SQLite's lower folds ASCII letters only, like package ascii.
	`SELECT kind || ' ' || name || ' is found by the name ' || name_key FROM identities WHERE name_key <> lower(name)
		LIMIT 1`,
	`SELECT 'policy ' || name || ' is found by the name ' || name_key FROM policies WHERE name_key <> lower(name) LIMIT 1`,
	`SELECT 'inline policy ' || name || ' is found by the name ' || name_key FROM inline_policies
		WHERE name_key <> lower(name) LIMIT 1`,
	`SELECT 'MFA device ' || name || ' is found by the name ' || name_key FROM mfa_devices WHERE name_key <> lower(name)
		LIMIT 1`,
}

// Check checks the structure, the indexes and the references of the whole database. It also checks that the tables and
// triggers are those of the program: with a trigger or a view, another program could change what the store reads and
// writes. If Check finds a problem, the error matches [store.ErrDamaged]. It reads the whole file.
func (s *Store) Check(ctx context.Context) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.inFlight.Done()
	for _, check := range checks {
		var found string
		switch err := s.db.QueryRowContext(ctx, check).Scan(&found); {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return describe(explain(s.path, err), "checking the store %s", s.path)
		default:
			return s.damaged(found)
		}
	}
	found, err := s.foreignSchema(ctx)
	if err != nil {
		return describe(explain(s.path, err), "checking the store %s", s.path)
	}
	if found != "" {
		return s.damaged(found)
	}
	return nil
}

func (s *Store) damaged(found string) error {
	return fmt.Errorf("checking the store %s: %w; restore a backup: %s", s.path, store.ErrDamaged, found)
}

// foreignSchema returns a sentence about the first table, index, trigger or view that differs from those of the
// database's schema version, or "" if there is none.
func (s *Store) foreignSchema(ctx context.Context) (string, error) {
	steps, err := migrationsIn(migrationFiles)
	if err != nil {
		return "", err
	}
	version, err := schemaVersion(ctx, s.db)
	if err != nil {
		return "", err
	}
	if err := checkVersion(version, steps); err != nil {
		return "", err
	}
	reference, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "", err
	}
	defer reference.Close()
	reference.SetMaxOpenConns(1) // each connection has a database of its own
	if err := migrate(ctx, reference, steps[:version]); err != nil {
		return "", err
	}
	want, err := schemaOf(ctx, reference)
	if err != nil {
		return "", err
	}
	found, err := schemaOf(ctx, s.db)
	if err != nil {
		return "", err
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if found[name] != want[name] {
			return "another program added or changed the " + name, nil
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, ok := found[name]; !ok {
			return "another program removed the " + name, nil
		}
	}
	return "", nil
}

// schemaOf returns the SQL of each table, index, trigger and view of a database, by type and name.
func schemaOf(ctx context.Context, db *sql.DB) (map[string]string, error) {
	// SQLite creates the tables sqlite_… by itself, for its own purposes.
	rows, err := db.QueryContext(ctx, `SELECT type || ' ' || name, tbl_name || ': ' || coalesce(sql, '') FROM sqlite_schema
		WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' OR type NOT IN ('table', 'index')`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	schema := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		schema[name] = text
	}
	return schema, rows.Err()
}
