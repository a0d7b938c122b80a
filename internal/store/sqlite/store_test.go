package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
	"github.com/iam-as-code/terraform-provider-iam/internal/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t testing.TB) func() store.Store {
		path := filepath.Join(t.TempDir(), "iam.db")
		return func() store.Store { return openAt(t, path) }
	})
}

// openNew opens a store in a new file.
func openNew(t testing.TB) *Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "iam.db"))
}

func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

func write(t testing.TB, s *Store, fn func(tx store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, s *Store, fn func(tx store.Tx) error) {
	t.Helper()
	if err := s.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// readValue returns what lookup finds in a transaction of its own.
func readValue[T any](t testing.TB, s *Store, lookup func(tx store.Tx) (T, error)) T {
	t.Helper()
	var found T
	read(t, s, func(tx store.Tx) (err error) {
		found, err = lookup(tx)
		return err
	})
	return found
}

func assertEqual(t testing.TB, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// assertError checks that err matches want; nil stands for no error.
func assertError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

// names joins the names of identities.
func names(identities []store.Identity) string {
	var n []string
	for _, i := range identities {
		n = append(n, i.Name)
	}
	return strings.Join(n, " ")
}

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

func user(name string) store.Identity {
	return store.Identity{Kind: store.User, ID: "AIDA" + name, Name: name, Path: "/", Created: noon}
}

func policy(name string) store.Policy {
	return store.Policy{ID: "ANPA" + name, Name: name, Path: "/", Created: noon, Updated: noon, DefaultVersion: 1,
		LastVersion: 1}
}

// snapshot returns the contents of every table.
func snapshot(t testing.TB, s *Store) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, table := range []string{
		"counters", "policies", "policy_versions", "identities", "inline_policies", "attachments", "memberships",
		"access_keys",
		"login_profiles", "password_histories", "mfa_devices", "settings", "revocations", "attempts", "audit_entries",
		"audit_subjects", "changes",
	} {
		rows, err := s.db.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1, 2")
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				found[table] += fmt.Sprint(*v.(*any), "|")
			}
			found[table] += "\n"
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func TestAuditEntries_CannotBeChanged(t *testing.T) {
	s := openNew(t)
	write(t, s, func(tx store.Tx) error {
		_, err := tx.AppendAudit(store.AuditEntry{Chain: "c", Seq: 1, Body: []byte("b"), MAC: []byte("m")})
		return err
	})
	for _, statement := range []string{`DELETE FROM audit_entries`, `UPDATE audit_entries SET body = x'00'`} {
		if _, err := s.db.ExecContext(t.Context(), statement); err == nil ||
			!strings.Contains(err.Error(), "audit entries are never") {
			t.Errorf("%s: got %v", statement, err)
		}
	}
}

func TestChangedSince_ForgetsOldRevisions(t *testing.T) {
	s := openNew(t)
	storetest.Insert(t, s, user("old"), user("anna"))
	write(t, s, func(tx store.Tx) error {
		for range store.RememberedRevisions {
			tx.(*transaction).revision = 0 // each update then counts as an operation of its own
			if err := tx.UpdateIdentity(user("anna")); err != nil {
				return err
			}
		}
		return nil
	})
	for revision, known := range map[int64]bool{0: false, 1: true, store.RememberedRevisions: true,
		store.RememberedRevisions + 1: true, store.RememberedRevisions + 2: false, -1: false} {
		read(t, s, func(tx store.Tx) error {
			changes, ok, err := tx.ChangedSince(revision)
			if err != nil || ok != known {
				t.Errorf("since %d: got %v %v, want %v", revision, ok, err, known)
			}
			if revision == 1 {
				assertEqual(t, changes, []store.Change{{Revision: store.RememberedRevisions + 1, ID: "AIDAanna"}})
			}
			return nil
		})
	}
}

func TestTransaction_ExplainsMisuse(t *testing.T) {
	s := openNew(t)
	for name, do := range map[string]func(tx store.Tx) error{
		"insert an identity":    func(tx store.Tx) error { return tx.InsertIdentity(user("x")) },
		"record a change":       func(tx store.Tx) error { return tx.(*transaction).recordChange("x") },
		"append an audit entry": func(tx store.Tx) error { _, err := tx.AppendAudit(store.AuditEntry{}); return err },
	} {
		if err := s.Read(t.Context(), do); err == nil || !strings.Contains(err.Error(), "a read transaction cannot write") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var late store.Tx
	write(t, s, func(tx store.Tx) error { late = tx; return nil })
	if err := late.InsertIdentity(user("late")); err == nil ||
		!strings.Contains(err.Error(), "after its function returned") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	assertError(t, s.Read(ctx, func(tx store.Tx) error {
		cancel()
		_, err := tx.Identities(store.User, store.Page{})
		return err
	}), context.Canceled)
	assertError(t, s.Read(ctx, func(store.Tx) error { t.Error("the function was called"); return nil }), context.Canceled)
}

func TestClose_RefusesLaterCalls(t *testing.T) {
	s := openNew(t)
	assertError(t, s.Close(), nil)
	nothing := func(store.Tx) error { t.Error("the function was called"); return nil }
	for _, err := range []error{
		s.Close(), s.Read(t.Context(), nothing), s.Write(t.Context(), nothing), s.Check(t.Context()),
		s.Backup(t.Context(), filepath.Join(t.TempDir(), "x")),
	} {
		assertError(t, err, store.ErrClosed)
	}
}

func TestMain(m *testing.M) {
	if job := childJobs[os.Getenv("STORE_TEST_CHILD")]; job != nil {
		if err := job(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
