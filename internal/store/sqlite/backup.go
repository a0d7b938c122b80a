package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a copy of the store as of one moment to a new file. The store stays usable meanwhile. When
// Backup returns nil, the copy is on the disk, has been checked, and can be opened as a store. Backup does
// not overwrite an existing file: the error matches [ErrFileExists].
func (s *Store) Backup(ctx context.Context, path string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.inFlight.Done()

	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := requireNoFile(path); err != nil {
		return fmt.Errorf("backing up the store %s: %w", s.path, err)
	}
	if err := createFile(path); err != nil {
		return fmt.Errorf("backing up the store %s: creating the copy: %w", s.path, err)
	}
	if err := s.copyTo(ctx, path); err != nil {
		return fmt.Errorf("backing up the store %s to %s: %w", s.path, path, errors.Join(err, os.Remove(path)))
	}
	return nil
}

// copyTo copies the store into an empty file.
func (s *Store) copyTo(ctx context.Context, path string) error {
	if _, err := s.db.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return explain(path, err)
	}
	copied, err := OpenExisting(ctx, path)
	if err != nil {
		return err
	}
	if err := errors.Join(copied.Check(ctx), copied.Close()); err != nil {
		return err
	}
	// SQLite does not sync what VACUUM INTO writes.
	if err := syncPath(path); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}
