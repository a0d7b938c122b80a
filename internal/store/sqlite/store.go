package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Store is one account's durable state. It may be used by several goroutines, and its database by
// several stores and processes.
type Store struct {
	db   *sql.DB
	path string
	id   string

	readers pool
	writer  writer

	mu       sync.Mutex
	closed   bool
	inFlight sync.WaitGroup
}

// Read runs fn on one moment of the store: it sees no change that is committed while it runs. fn
// must not call Read or Write of the same store, which may wait for fn.
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
	return tx.outcome(fn(tx))
}

// Write runs fn and, where it returns nil, commits what it did: when Write returns nil, it is on the
// disk. Where fn fails or panics, or Write returns an error, nothing of it is kept.
//
// fn sees what is committed and nothing else changes while it runs. It shares its transaction with
// those of other goroutines, so it must not wait for them, nor take long: hash and seal before. It
// must not call Read or Write of the same store; a Write within a Write waits for itself forever.
//
// A ctx that is done before fn's turn keeps fn from running; once fn runs, it is finished.
// [ErrBusy] says that another process held the database for ten seconds.
func (s *Store) Write(ctx context.Context, fn func(tx store.Tx) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.inFlight.Done()
	return s.writer.write(ctx, fn)
}

// Close waits for the transactions that run and closes the database. Later calls of any method
// answer [ErrClosed].
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

// enter counts a call that runs, unless the store is closed.
func (s *Store) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.ErrClosed
	}
	s.inFlight.Add(1)
	return nil
}
