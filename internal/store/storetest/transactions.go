package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func testReadSnapshot(t *testing.T, s store.Store) {
	Insert(t, s, user("anna"))
	read(t, s, func(tx store.Tx) error {
		before, err := tx.Identities(store.User, store.Page{})
		if err != nil {
			return err
		}
		done := make(chan error)
		go func() {
			done <- s.Write(context.Background(), func(tx store.Tx) error { return tx.InsertIdentity(user("ben")) })
		}()
		assertError(t, <-done, nil)
		after, err := tx.Identities(store.User, store.Page{})
		assertEqual(t, after, before)
		return err
	})
}

// neverRuns is a function for transactions that must not begin.
func neverRuns(t testing.TB) func(store.Tx) error {
	return func(store.Tx) error { t.Error("the function was called"); return nil }
}

func testReadOnly(t *testing.T, s store.Store) {
	Insert(t, s, user("anna"))
	before := contents(t, s)
	for name, do := range map[string]func(tx store.Tx) error{
		"insert": func(tx store.Tx) error { return tx.InsertIdentity(user("x")) },
		"update": func(tx store.Tx) error { return tx.UpdateIdentity(user("anna")) },
		"put":    func(tx store.Tx) error { return tx.PutSetting("x", nil) },
		"append": func(tx store.Tx) error { _, err := tx.AppendAudit(store.AuditEntry{}); return err },
	} {
		if err := s.Read(t.Context(), do); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	assertEqual(t, contents(t, s), before)
	read(t, s, func(tx store.Tx) error { assertEqual(t, tx.ReadOnly(), true); return nil })
	write(t, s, func(tx store.Tx) error { assertEqual(t, tx.ReadOnly(), false); return nil })
}

func testReadContext(t *testing.T, s store.Store) {
	Insert(t, s, user("anna"))
	for name, query := range map[string]func(tx store.Tx) error{
		"lookup":   func(tx store.Tx) error { _, err := tx.IdentityByID("AIDAanna"); return err },
		"list":     func(tx store.Tx) error { _, err := tx.Identities(store.User, store.Page{}); return err },
		"iterator": func(tx store.Tx) error { _, err := collect(tx.EachIdentity()); return err },
		"audit":    func(tx store.Tx) error { _, err := collect(tx.AuditEntries(store.AuditFilter{})); return err },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Read(ctx, func(tx store.Tx) error {
			if err := query(tx); err != nil {
				return fmt.Errorf("%s before the end: %w", name, err)
			}
			cancel()
			return query(tx)
		})
		assertError(t, err, context.Canceled)
		assertError(t, s.Read(ctx, neverRuns(t)), context.Canceled)
	}
	read(t, s, func(tx store.Tx) error { _, err := tx.IdentityByID("AIDAanna"); return err }) // the store still works
}

func testLateUse(t *testing.T, s store.Store) {
	for _, run := range []func(context.Context, func(store.Tx) error) error{s.Read, s.Write} {
		var late store.Tx
		assertError(t, run(t.Context(), func(tx store.Tx) error { late = tx; return nil }), nil)
		if err := late.InsertIdentity(user("late")); err == nil {
			t.Error("a transaction inserted a user after its function returned")
		}
		if _, err := late.Identities(store.User, store.Page{}); err == nil {
			t.Error("a transaction listed users after its function returned")
		}
	}
	assertEqual(t, readValue(t, s, func(tx store.Tx) (int, error) { return tx.CountIdentities(store.User) }), 0)
}

// testIsolatedFailure lets writes fail in every possible way while other writes succeed.
func testIsolatedFailure(t *testing.T, s store.Store) {
	failed := errors.New("failed")
	var wait sync.WaitGroup
	var calls atomic.Int64
	const rounds = 20
	for n := range rounds {
		add := func(kind string) func(tx store.Tx) error {
			return func(tx store.Tx) error {
				calls.Add(1)
				return errors.Join(tx.InsertIdentity(user(fmt.Sprint(kind, n))), tx.PutSetting(fmt.Sprint(kind, n), nil))
			}
		}
		wait.Go(func() { assertNil(t, s.Write(t.Context(), add("good"))) })
		wait.Go(func() {
			err := s.Write(t.Context(), func(tx store.Tx) error { return errors.Join(add("bad")(tx), failed) })
			if !errors.Is(err, failed) {
				t.Errorf("got %v, want the error of the function", err)
			}
		})
		wait.Go(func() {
			defer func() {
				if recover() != "panic" {
					t.Error("Write did not pass a panic on")
				}
			}()
			_ = s.Write(t.Context(), func(tx store.Tx) error { _ = add("bad")(tx); panic("panic") })
		})
		wait.Go(func() {
			_ = s.Write(t.Context(), func(tx store.Tx) error { _ = add("bad")(tx); runtime.Goexit(); return nil })
		})
	}
	wait.Wait()
	assertEqual(t, calls.Load(), int64(4*rounds)) // each exactly once
	assertEqual(t, readValue(t, s, store.Tx.Revision), int64(rounds))
	users := readValue(t, s,
		func(tx store.Tx) ([]store.Identity, error) { return tx.Identities(store.User, store.Page{}) })
	assertEqual(t, len(users), rounds)
	read(t, s, func(tx store.Tx) error {
		for n := range rounds {
			_, err := tx.Identity(store.User, fmt.Sprint("good", n))
			_, err2 := tx.Setting(fmt.Sprint("good", n))
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			_, err = tx.Setting(fmt.Sprint("bad", n))
			assertError(t, err, store.ErrNotFound)
		}
		return nil
	})
}

func testWriteContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	assertError(t, s.Write(ctx, func(tx store.Tx) error {
		cancel()
		return tx.InsertIdentity(user("anna"))
	}), nil)
	read(t, s, func(tx store.Tx) error { _, err := tx.Identity(store.User, "anna"); return err })
	assertError(t, s.Write(ctx, neverRuns(t)), context.Canceled)
}

func testWaitingContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	running, finish, first := make(chan bool), make(chan bool), make(chan error)
	go func() {
		first <- s.Write(t.Context(), func(tx store.Tx) error {
			running <- true
			<-finish
			return tx.InsertIdentity(user("first"))
		})
	}()
	<-running
	second := make(chan error)
	go func() { second <- s.Write(ctx, neverRuns(t)) }()
	cancel()
	assertError(t, <-second, context.Canceled)
	close(finish)
	assertError(t, <-first, nil)
	Insert(t, s, user("third"))
}

func testClose(t *testing.T, s store.Store) {
	assertError(t, s.Close(), nil)
	for _, err := range []error{
		s.Close(), s.Read(t.Context(), neverRuns(t)), s.Write(t.Context(), neverRuns(t)),
	} {
		assertError(t, err, store.ErrClosed)
	}
}

// testSharedDatabase writes through two stores of one database at the same time.
func testSharedDatabase(t *testing.T, open func() store.Store) {
	stores := []store.Store{open(), open()}
	for n := range 30 {
		Insert(t, stores[n%2], user(fmt.Sprint("turn", n)))
		read(t, stores[(n+1)%2], func(tx store.Tx) error { // sees what the other has committed
			_, err := tx.Identity(store.User, fmt.Sprint("turn", n))
			return err
		})
	}
	const writers, each = 4, 10
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for n := range each {
				assertNil(t, stores[w%2].Write(t.Context(), func(tx store.Tx) error {
					_, err := tx.AppendAudit(store.AuditEntry{Chain: fmt.Sprint(w), Seq: int64(n + 1), Body: []byte("b"),
						MAC: []byte("m")})
					return errors.Join(err, tx.InsertIdentity(user(fmt.Sprint("w", w, "n", n))))
				}))
			}
		})
	}
	wait.Wait()
	for _, s := range stores {
		assertEqual(t, readValue(t, s, store.Tx.Revision), int64(30+writers*each))
		entries := readValue(t, s,
			func(tx store.Tx) ([]store.AuditEntry, error) { return collect(tx.AuditEntries(store.AuditFilter{})) })
		assertEqual(t, len(entries), writers*each)
		last := map[string]int64{}
		for n, e := range entries {
			assertEqual(t, e.Number, int64(n+1))   // no gaps
			assertEqual(t, e.Seq, last[e.Chain]+1) // in the order of the commits
			last[e.Chain] = e.Seq
		}
	}
}
