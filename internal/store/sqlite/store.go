package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Store implements [store.Store] on one database file.
type Store struct {
	db     *sql.DB
	path   string
	access access
	opened fileState // of a file that is read as unchanging

	readers pool
	writer  writer

	mu       sync.Mutex
	closed   bool
	inFlight sync.WaitGroup
}

// Read implements [store.Store].
func (s *Store) Read(ctx context.Context, fn func(tx store.Tx) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.inFlight.Done()

	c, err := s.readers.take(ctx)
	if err != nil {
		return err
	}
	healthy := false
	defer func() { s.readers.give(c, healthy) }()

	if err := c.exec(context.WithoutCancel(ctx), "BEGIN"); err != nil {
		return explain(s.path, err)
	}
	tx := &transaction{ctx: ctx, path: s.path, conn: c, readOnly: true}
	defer func() {
		tx.done = true
		healthy = c.exec(context.WithoutCancel(ctx), "ROLLBACK") == nil
	}()
	err = tx.outcome(fn(tx))
	if changed := s.checkUnchanged(); changed != nil {
		return changed
	}
	return err
}

// Write implements [store.Store]. Concurrent writes share one transaction of the database, each under a
// savepoint. It returns [store.ErrBusy] if another process blocks the file for ten seconds.
func (s *Store) Write(ctx context.Context, fn func(tx store.Tx) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.inFlight.Done()
	if s.ReadOnly() {
		return errReadOnly(s.path)
	}
	return s.writer.write(ctx, fn)
}

// Close implements [store.Store].
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return store.ErrClosed
	}
	s.closed = true
	s.mu.Unlock()
	s.inFlight.Wait()

	err := errors.Join(s.writer.close(), s.readers.close(), s.db.Close())
	if err != nil {
		return fmt.Errorf("closing the store %s: %w", s.path, err)
	}
	return nil
}

// enter registers a running call, or returns ErrClosed.
func (s *Store) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.ErrClosed
	}
	s.inFlight.Add(1)
	return nil
}
