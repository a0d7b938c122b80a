package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
	"github.com/iam-as-code/terraform-provider-iam/internal/store/storetest"
)

// writeTogether queues all operations before the first one runs, so that they share a commit in their order. It
// returns the result of each.
func writeTogether(t testing.TB, s *Store, operations ...func(tx store.Tx) error) []error {
	t.Helper()
	s.writer.turn <- struct{}{}
	s.writer.batchTime = time.Hour // even a slow machine puts all operations into one batch
	defer func() {
		s.writer.turn <- struct{}{}
		s.writer.batchTime = maxBatchTime
		<-s.writer.turn
	}()
	errs := make([]error, len(operations))
	batches := make([]*batch, len(operations))
	var wait sync.WaitGroup
	for n, operation := range operations {
		wait.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[n] = fmt.Errorf("panicked: %v", p)
				}
			}()
			errs[n] = errors.New("exited")
			errs[n] = s.Write(t.Context(), func(tx store.Tx) error {
				batches[n] = s.writer.batch
				return operation(tx)
			})
		})
		synctest.Wait() // until the operation waits for its turn
	}
	<-s.writer.turn
	wait.Wait()
	for n := range batches {
		if batches[n] != batches[0] {
			t.Fatalf("operation %d was not committed with the first", n)
		}
	}
	return errs
}

func TestWriterBatch_FailureIsIsolated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openNew(t)
		failed := errors.New("failed")
		good := func(name string) func(tx store.Tx) error {
			return func(tx store.Tx) error { return tx.InsertIdentity(user(name)) }
		}
		errs := writeTogether(t, s,
			good("one"),
			func(tx store.Tx) error { return errors.Join(good("failing")(tx), failed) },
			good("two"),
			func(tx store.Tx) error { panic(good("panicking")(tx)) },
			good("three"),
			func(tx store.Tx) error { _ = good("exiting")(tx); runtime.Goexit(); return nil },
			good("four"),
			func(tx store.Tx) error { return errors.Join(good("broken")(tx), tx.(*transaction).insert("NO SQL")) },
			func(tx store.Tx) error {
				_ = errors.Join(good("careless")(tx), tx.(*transaction).insert("NO SQL"))
				return nil
			},
			good("five"),
		)
		for n, want := range []string{"", "failed", "", "panicked: <nil>", "", "exited", "", "syntax error",
			"syntax error", ""} {
			if got := fmt.Sprint(errs[n]); !strings.Contains(strings.TrimSuffix(got, "<nil>"),
				strings.TrimSuffix(want, "<nil>")) || (want == "") != (errs[n] == nil) {
				t.Errorf("operation %d: got %s, want %q", n, got, want)
			}
		}
		assertEqual(t,
			names(readValue(t, s,
				func(tx store.Tx) ([]store.Identity, error) { return tx.Identities(store.User, store.Page{}) })),
			"five four one three two")
		assertEqual(t, readValue(t, s, store.Tx.Revision), int64(5))
	})
}

func TestWriterBatch_FailsWithItsTransaction(t *testing.T) {
	for name, statement := range map[string]string{
		"rollback": "ROLLBACK", "early commit": "COMMIT",
		"full disk": `INSERT INTO settings (name, value) VALUES ('big', zeroblob(100000000))`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := openNew(t)
				write(t, s, func(tx store.Tx) error {
					_, err := tx.(*transaction).conn.sql.ExecContext(t.Context(), "PRAGMA max_page_count = 1000")
					return err
				})
				errs := writeTogether(t, s,
					func(tx store.Tx) error { return tx.InsertIdentity(user("one")) },
					func(tx store.Tx) error {
						return errors.Join(tx.InsertIdentity(user("two")), tx.(*transaction).insert(statement))
					},
				)
				for n, err := range errs {
					if err == nil || !strings.Contains(err.Error(), "nothing was written") {
						t.Errorf("operation %d: got %v", n, err)
					}
				}
				if name == "full disk" && !strings.Contains(errs[0].Error(), "no disk space is left for") {
					t.Errorf("got %v", errs[0])
				}
				// The next operation works.
				storetest.Insert(t, s, user("three"))
				assertError(t, s.Check(t.Context()), nil)
			})
		})
	}
}

func TestWriterBatch_FailsWithItsCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openNew(t)
		failAtCommit := func(tx store.Tx) error {
			// SQLite checks this reference at the commit, so the commit fails.
			_, err := tx.(*transaction).conn.sql.ExecContext(context.Background(), "PRAGMA defer_foreign_keys = ON")
			return errors.Join(err, tx.PutInlinePolicy(store.InlinePolicy{IdentityID: "AIDA0", Name: "x", Document: "{}"}))
		}
		for n, err := range writeTogether(t, s, func(tx store.Tx) error { return tx.InsertIdentity(user("one")) },
			failAtCommit, func(tx store.Tx) error { return tx.PutSetting("x", nil) }) {
			if err == nil || !strings.Contains(err.Error(), "nothing was written: committing") {
				t.Errorf("operation %d: got %v", n, err)
			}
		}
		storetest.Insert(t, s, user("one"))
	})
}

func TestWrite_StopsWaitingWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openNew(t)
		ctx, cancel := context.WithCancel(t.Context())
		mustNotRun := func(store.Tx) error { t.Error("the function was called"); return nil }

		// The second write waits behind the first, which expects the second to commit for both.
		running, proceed := make(chan bool), make(chan bool)
		first := make(chan error)
		go func() {
			first <- s.Write(t.Context(), func(tx store.Tx) error {
				running <- true
				<-proceed
				return tx.InsertIdentity(user("first"))
			})
		}()
		<-running
		second := make(chan error)
		go func() { second <- s.Write(ctx, mustNotRun) }()
		synctest.Wait() // until it waits for its turn
		cancel()
		assertError(t, <-second, context.Canceled)
		close(proceed)
		assertError(t, <-first, nil)
		assertError(t, s.Write(ctx, mustNotRun), context.Canceled)

		// A running operation completes.
		ctx, cancel = context.WithCancel(t.Context())
		assertError(t, s.Write(ctx, func(tx store.Tx) error {
			cancel()
			return tx.InsertIdentity(user("second"))
		}), nil)
		assertEqual(t,
			names(readValue(t, s,
				func(tx store.Tx) ([]store.Identity, error) { return tx.Identities(store.User, store.Page{}) })), "first second")
	})
}

func TestWriterBatch_IsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openNew(t)
		var most, ran atomic.Int64
		var wait sync.WaitGroup
		s.writer.turn <- struct{}{}
		for n := range maxBatch + 10 {
			wait.Go(func() {
				if err := s.Write(t.Context(), func(tx store.Tx) error {
					most.Store(max(most.Load(), int64(s.writer.batch.size))) // the writer's turn guards size
					ran.Add(1)
					return tx.PutSetting(fmt.Sprint(n), nil)
				}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait() // until all of them wait for their turns
		<-s.writer.turn
		wait.Wait()
		if most.Load() > maxBatch || ran.Load() != maxBatch+10 {
			t.Errorf("%d operations in one commit, %d in all", most.Load(), ran.Load())
		}
	})
}

func TestClose_WaitsForRunningWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "iam.db")
		s := openAt(t, path)
		var wait sync.WaitGroup
		var stored atomic.Int64
		for n := range 20 {
			wait.Go(func() {
				switch err := s.Write(context.Background(),
					func(tx store.Tx) error { return tx.InsertIdentity(user(fmt.Sprint(n))) }); {
				case err == nil:
					stored.Add(1)
				case !errors.Is(err, store.ErrClosed):
					t.Error(err)
				}
			})
		}
		finish, closed := make(chan bool), make(chan error, 1)
		running := make(chan bool)
		wait.Go(func() {
			assertError(t, s.Write(context.Background(), func(tx store.Tx) error {
				close(running)
				<-finish
				stored.Add(1)
				return tx.InsertIdentity(user("slow"))
			}), nil)
		})
		<-running
		go func() { closed <- s.Close() }()
		synctest.Wait()
		if len(closed) > 0 {
			t.Error("Close returned while a write was running")
		}
		close(finish)
		assertError(t, <-closed, nil)
		wait.Wait()
		assertEqual(t,
			int64(readValue(t, openAt(t, path), func(tx store.Tx) (int, error) { return tx.CountIdentities(store.User) })),
			stored.Load())
	})
}

func TestWrite_TimesOutOnBusyDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "iam.db")
		blocker, other := openAt(t, path), openAt(t, path)
		const waitLimit = time.Second
		other.writer.waitLimit = waitLimit
		write(t, blocker, func(store.Tx) error {
			begun := time.Now()
			var wait sync.WaitGroup
			for range 3 {
				wait.Go(func() {
					err := other.Write(t.Context(), func(store.Tx) error { t.Error("the function was called"); return nil })
					if !errors.Is(err, store.ErrBusy) || !strings.Contains(err.Error(), path) {
						t.Errorf("got %v, want store.ErrBusy with the path", err)
					}
				})
			}
			wait.Wait()
			if waited := time.Since(begun); waited != waitLimit {
				t.Errorf("the three writes waited %v together, want %v", waited, waitLimit)
			}
			read(t, other, func(tx store.Tx) error { _, err := tx.Revision(); return err }) // readers do not wait

			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			assertError(t, other.Write(ctx, func(store.Tx) error { t.Error("the function was called"); return nil }),
				context.DeadlineExceeded)
			return nil
		})
		storetest.Insert(t, other, user("now"))
	})
}
