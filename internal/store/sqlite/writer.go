package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// A commit costs a write to the disk, whatever its size. Therefore concurrent operations share one
// commit: each operation runs in turn, under a savepoint, in the goroutine of its caller. The last
// operation in the queue commits for all. The next operations queue while it does.
const (
	// A batch is committed after this many operations or this much time, even if others wait. So no caller
	// waits long for its result, and other processes get their turn.
	maxBatch     = 256
	maxBatchTime = 10 * time.Millisecond

	// beginInterval is the time between two attempts to begin a transaction while another process writes.
	beginInterval = time.Millisecond
)

// writer runs operations one after the other and commits them together.
type writer struct {
	store  *Store
	queued atomic.Int64  // operations waiting for their turn
	turn   chan struct{} // held by the running operation; guards the fields below

	conn  *conn  // nil until the first write
	batch *batch // nil while no transaction is open

	batchTime time.Duration // maxBatchTime, or another value in tests
	waitLimit time.Duration // busyTimeout, or another value in tests

	lastTimeout time.Time // when begin last timed out while it waited for another process
}

// batch is a transaction of the database with the operations in it.
type batch struct {
	begun time.Time
	size  int // the number of operations

	done chan struct{} // closed after the commit
	err  error         // why the transaction failed
}

// write runs fn when its turn comes, and returns after the commit.
func (w *writer) write(ctx context.Context, fn func(tx store.Tx) error) error {
	arrived := time.Now()
	w.queued.Add(1)
	select {
	case w.turn <- struct{}{}:
		w.queued.Add(-1)
	case <-ctx.Done():
		// Earlier operations of the batch may rely on this one to commit.
		w.store.inFlight.Add(1)
		go func() {
			defer w.store.inFlight.Done()
			w.turn <- struct{}{}
			w.queued.Add(-1)
			w.endTurn()
		}()
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		w.endTurn()
		return err
	}

	if err := w.begin(ctx, arrived); err != nil {
		w.endTurn()
		return fmt.Errorf("writing to the store: %w", err)
	}
	b := w.batch
	b.size++
	err := w.run(context.WithoutCancel(ctx), b, fn) // a running operation finishes
	// A failed operation waits too, because it may have seen changes of others that are not committed yet.
	<-b.done
	if b.err != nil {
		return fmt.Errorf("writing to the store: nothing was written: %w", b.err)
	}
	return err
}

// run runs fn as one operation of the batch. If fn fails or panics, run undoes its changes. In every case, run
// then lets the next queued operation start.
func (w *writer) run(ctx context.Context, b *batch, fn func(tx store.Tx) error) (err error) {
	tx := &transaction{ctx: ctx, path: w.store.path, conn: w.conn}
	done := false
	defer func() {
		tx.done = true
		if !done && b.err == nil {
			w.rollBack(ctx, b, tx.failed)
		}
		w.endTurn()
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
	done = true
	return nil
}

// rollBack rolls an operation back. If that fails, all operations of the batch have failed. SQLite rolls the
// whole transaction back after some errors, such as a full disk.
func (w *writer) rollBack(ctx context.Context, b *batch, cause error) {
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

// begin opens a transaction unless one is open.
func (w *writer) begin(ctx context.Context, arrived time.Time) error {
	if w.batch != nil {
		return nil
	}
	if !w.lastTimeout.Before(arrived) && time.Since(arrived) >= w.waitLimit {
		return errBusy(w.store.path) // this operation has waited long enough in the queue
	}
	if w.conn == nil {
		c, err := newConn(context.WithoutCancel(ctx), w.store.db, writerSetup...)
		if err != nil {
			return w.explain(err)
		}
		w.conn = c
	}
	for deadline := arrived.Add(w.waitLimit); ; { // time spent in the queue counts
		err := w.conn.exec(context.WithoutCancel(ctx), "BEGIN IMMEDIATE")
		switch {
		case err == nil:
			w.batch = &batch{begun: time.Now(), done: make(chan struct{})}
			return nil
		case !isBusy(err):
			w.discardConn()
			return w.explain(err)
		case ctx.Err() != nil:
			return ctx.Err()
		case !time.Now().Before(deadline):
			w.lastTimeout = time.Now()
			return w.explain(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(beginInterval):
		}
	}
}

// endTurn lets the next operation run. It commits first if the batch is full or no operation waits.
func (w *writer) endTurn() {
	if b := w.batch; b != nil {
		full := b.size >= maxBatch || time.Since(b.begun) >= w.batchTime
		if full || b.err != nil || w.queued.Load() == 0 {
			w.commit(b)
		}
	}
	<-w.turn
}

// commit commits the batch, or abandons its transaction if the batch has failed. It wakes all callers that
// wait for the batch.
func (w *writer) commit(b *batch) {
	if b.err == nil {
		// The commit is for all operations, so the context of one of them must not stop it.
		if err := w.conn.exec(context.Background(), "COMMIT"); err != nil {
			b.err = fmt.Errorf("committing: %w", w.explain(err))
		}
	}
	if b.err != nil {
		// The state of the connection is unknown, so the next batch uses a new one.
		w.discardConn()
	}
	w.batch = nil
	close(b.done)
}

// explain adds the path of the store and the remedy to an error of the database.
func (w *writer) explain(err error) error { return explain(w.store.path, err) }

// discardConn closes the connection and abandons its transaction. The next batch opens a new connection.
func (w *writer) discardConn() {
	w.conn.discard()
	w.conn = nil
}

// close closes the connection. No operation may be running or waiting.
func (w *writer) close() error {
	if w.conn == nil {
		return nil
	}
	return w.conn.close()
}
