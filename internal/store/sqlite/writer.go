package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// A commit costs a write to the disk, whatever is in it. So concurrent operations share one: each
// runs in its turn, under a savepoint, in the caller's own goroutine, and the last of those that wait
// commits for all. While it does, the next ones gather.
const (
	// So many operations, or so much time, and a commit is made although others wait: nobody's
	// acknowledgement is put off for long, and other processes get their turn.
	maxBatch     = 256
	maxBatchTime = 10 * time.Millisecond

	// beginInterval is the time between two attempts to begin a transaction while another process writes.
	beginInterval = time.Millisecond
)

// writer runs operations one after the other, and commits them together.
type writer struct {
	store  *Store
	queued atomic.Int64  // operations that wait for their turn
	turn   chan struct{} // filled by the one whose turn it is, to whom all below belongs

	conn  *conn  // nil until it is needed
	batch *batch // nil while no transaction is open

	batchTime time.Duration // how long a batch may gather
	patience  time.Duration // how long an attempt to begin waits for other processes
	gaveUp    time.Time     // when the last attempt found the database busy to the end
}

// batch is the operations of one transaction.
type batch struct {
	begun time.Time
	size  int

	done chan struct{} // closed after the commit
	err  error         // of the commit, or why there could be none
}

func (w *writer) write(ctx context.Context, fn func(tx store.Tx) error) error {
	arrived := time.Now()
	w.queued.Add(1)
	select {
	case w.turn <- struct{}{}:
		w.queued.Add(-1)
	case <-ctx.Done():
		// Those who had their turn may have left the commit to this one.
		w.store.inFlight.Add(1)
		go func() {
			defer w.store.inFlight.Done()
			w.turn <- struct{}{}
			w.queued.Add(-1)
			w.pass()
		}()
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		w.pass()
		return err
	}

	if err := w.begin(ctx, arrived); err != nil {
		w.pass()
		return fmt.Errorf("writing to the store: %w", err)
	}
	b := w.batch
	b.size++
	err := w.run(context.WithoutCancel(ctx), b, fn) // what runs is finished
	// An operation that failed waits too: what it saw may have been another's, not yet committed.
	<-b.done
	if b.err != nil {
		return fmt.Errorf("writing to the store: nothing was written: %w", b.err)
	}
	return err
}

// run runs an operation so that it is done wholly or not at all, even if fn panics, and ends its turn.
func (w *writer) run(ctx context.Context, b *batch, fn func(tx store.Tx) error) (err error) {
	tx := &transaction{ctx: ctx, path: w.store.path, conn: w.conn}
	kept := false
	defer func() {
		tx.done = true
		if !kept && b.err == nil {
			w.undo(ctx, b, tx.failed)
		}
		w.pass()
	}()

	if err := w.conn.exec(ctx, "SAVEPOINT operation"); err != nil {
		b.err = w.explain(err)
		return b.err
	}
	if err := tx.outcome(fn(tx)); err != nil {
		return err
	}
	if err := w.conn.exec(ctx, "RELEASE SAVEPOINT operation"); err != nil {
		b.err = w.explain(err)
		return b.err
	}
	kept = true
	return nil
}

// undo takes back an operation. Where that fails, as after an error on which SQLite took back the
// whole transaction (a full disk), there is nothing left to commit, and all operations have failed.
func (w *writer) undo(ctx context.Context, b *batch, cause error) {
	err := w.conn.exec(ctx, "ROLLBACK TO SAVEPOINT operation")
	if err == nil {
		err = w.conn.exec(ctx, "RELEASE SAVEPOINT operation")
	}
	if err != nil && cause == nil {
		cause = w.explain(err)
	}
	if err != nil {
		b.err = fmt.Errorf("the database rolled back the whole transaction: %w", cause)
	}
}

// begin makes sure that a transaction is open.
func (w *writer) begin(ctx context.Context, arrived time.Time) error {
	if w.batch != nil {
		return nil
	}
	if !w.gaveUp.Before(arrived) && time.Since(arrived) >= w.patience {
		return errBusy(w.store.path) // it waited as long as the one that tried
	}
	if w.conn == nil {
		c, err := newConn(context.WithoutCancel(ctx), w.store.db, writing...)
		if err != nil {
			return w.explain(err)
		}
		w.conn = c
	}
	for deadline := arrived.Add(w.patience); ; { // those who waited behind one that gave up do not begin anew
		err := w.conn.exec(context.WithoutCancel(ctx), "BEGIN IMMEDIATE")
		switch {
		case err == nil:
			w.batch = &batch{begun: time.Now(), done: make(chan struct{})}
			return nil
		case !isBusy(err):
			w.dropConn()
			return w.explain(err)
		case ctx.Err() != nil:
			return ctx.Err()
		case !time.Now().Before(deadline):
			w.gaveUp = time.Now()
			return w.explain(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(beginInterval):
		}
	}
}

// pass ends a turn, after the commit if it was the last.
func (w *writer) pass() {
	if b := w.batch; b != nil {
		full := b.size >= maxBatch || time.Since(b.begun) >= w.batchTime
		if full || b.err != nil || w.queued.Load() == 0 {
			w.commit(b)
		}
	}
	<-w.turn
}

func (w *writer) commit(b *batch) {
	if b.err == nil {
		// The commit is for all operations, so the context of one of them must not stop it.
		if err := w.conn.exec(context.Background(), "COMMIT"); err != nil {
			b.err = fmt.Errorf("committing: %w", w.explain(err))
		}
	}
	if b.err != nil {
		// Whatever state the connection is in, a new one has none.
		w.dropConn()
	}
	w.batch = nil
	close(b.done)
}

func (w *writer) explain(err error) error { return explain(w.store.path, err) }

func (w *writer) dropConn() {
	w.conn.discard()
	w.conn = nil
}

// close closes the connection. Nothing may be running or waiting.
func (w *writer) close() error {
	if w.conn == nil {
		return nil
	}
	return w.conn.close()
}
