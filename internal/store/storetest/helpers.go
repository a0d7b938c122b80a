package storetest

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func read(t testing.TB, s store.Store, fn func(tx store.Tx) error) {
	t.Helper()
	if err := s.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, s store.Store, fn func(tx store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// readValue returns what lookup finds in a transaction of its own.
func readValue[T any](t testing.TB, s store.Store, lookup func(tx store.Tx) (T, error)) T {
	t.Helper()
	var found T
	read(t, s, func(tx store.Tx) (err error) {
		found, err = lookup(tx)
		return err
	})
	return found
}

// assertEqual checks that got and want are equal.
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

// collect returns the items of an iterator, up to its first error.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var items []T
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// names joins the names of identities.
func names(identities []store.Identity) string {
	var n []string
	for _, i := range identities {
		n = append(n, i.Name)
	}
	return strings.Join(n, " ")
}

// policyNames joins the names of policies, each followed by its owner.
func policyNames(policies []store.Policy) string {
	var n []string
	for _, p := range policies {
		n = append(n, p.Name+p.Owner)
	}
	return strings.Join(n, " ")
}

func user(name string) store.Identity {
	return store.Identity{Kind: store.User, ID: "AIDA" + name, Name: name, Path: "/", Created: noon}
}

func group(name string) store.Identity {
	return store.Identity{Kind: store.Group, ID: "AGPA" + name, Name: name, Path: "/", Created: noon}
}

func policy(name string) store.Policy {
	return store.Policy{ID: "ANPA" + name, Name: name, Path: "/", Created: noon, Updated: noon, DefaultVersion: 1,
		LastVersion: 1}
}

// Insert writes records of several types in one transaction.
func Insert(t testing.TB, s store.Store, records ...any) {
	t.Helper()
	write(t, s, func(tx store.Tx) error {
		for _, r := range records {
			var err error
			switch r := r.(type) {
			case store.Identity:
				err = tx.InsertIdentity(r)
			case store.Policy:
				err = tx.InsertPolicy(r)
			case store.PolicyVersion:
				err = tx.InsertPolicyVersion(r)
			case store.AccessKey:
				err = tx.InsertAccessKey(r)
			case store.LoginProfile:
				err = tx.InsertLoginProfile(r)
			case store.MFADevice:
				err = tx.InsertMFADevice(r)
			case store.InlinePolicy:
				err = tx.PutInlinePolicy(r)
			case store.AccessAssertion:
				err = tx.InsertAccessAssertion(r)
			default:
				err = fmt.Errorf("Insert does not support records of type %T", r)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// manyRecords is more than an implementation should read at a time.
const manyRecords = 500

// assertNil reports an error without ending the goroutine, so any goroutine may call it.
func assertNil(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// contents returns everything in a store that the contract can list.
func contents(t testing.TB, s store.Store) map[string]string {
	t.Helper()
	found := map[string]string{}
	read(t, s, func(tx store.Tx) error {
		add := func(key string, value any, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			found[key] = fmt.Sprintf("%+v", value)
		}
		everything := store.Page{}
		for _, kind := range []store.Kind{store.User, store.Group, store.Role} {
			identities, err := tx.Identities(kind, everything)
			add(string(kind), identities, err)
			count, err := tx.CountIdentities(kind)
			add("number of "+string(kind), count, err)
			for _, i := range identities {
				inline, err := tx.InlinePolicies(i.ID, everything)
				add("inline policies of "+i.ID, inline, err)
				attached, err := tx.AttachedPolicies(i.ID, everything)
				add("policies of "+i.ID, attached, err)
				groups, err := tx.GroupsOf(i.ID, everything)
				add("groups of "+i.ID, groups, err)
				history, err := tx.PasswordHistory(i.ID)
				add("passwords of "+i.ID, history, err)
				profile, err := tx.LoginProfile(i.ID)
				if errors.Is(err, store.ErrNotFound) {
					err = nil
				}
				add("login profile of "+i.ID, profile, err)
			}
		}
		policies, err := tx.Policies(store.PolicyFilter{}, everything)
		add("policies", policies, err)
		for _, p := range policies {
			versions, err := tx.PolicyVersions(p.ID)
			add("versions of "+p.ID, versions, err)
		}
		assertions, err := tx.AccessAssertions(everything)
		add("access assertions", assertions, err)
		keys, err := collect(tx.EachAccessKey())
		add("access keys", keys, err)
		devices, err := tx.MFADevices(store.AnyDevice, everything)
		add("MFA devices", devices, err)
		entries, err := collect(tx.AuditEntries(store.AuditFilter{}))
		add("audit entries", entries, err)
		revision, err := tx.Revision()
		add("revision", revision, err)
		changes, known, err := tx.ChangedSince(0)
		add("changes", fmt.Sprint(changes, known), err)
		return nil
	})
	return found
}
