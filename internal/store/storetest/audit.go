package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func testAuditEntries(t *testing.T, s store.Store) {
	var entries []store.AuditEntry
	for n := range 2*manyRecords + 7 {
		e := store.AuditEntry{
			Chain: []string{"b", "a", "c"}[n%3], Seq: int64(n/3 + 1), Time: noon.Add(time.Duration(n) * time.Second),
			Body: []byte{byte(n), 0},
			MAC:  []byte("mac"), EventName: []string{"CreateUser", "DeleteUser"}[n%2], Principal: fmt.Sprint("p", n%5),
			Subjects: []string{fmt.Sprint("s", n%7), "all", "all"},
		}
		e.Number = int64(n + 1)
		entries = append(entries, e)
	}
	write(t, s, func(tx store.Tx) error {
		for _, e := range entries {
			if number, err := tx.AppendAudit(e); err != nil || number != e.Number {
				t.Fatal(number, err)
			}
		}
		return nil
	})
	for name, test := range map[string]struct {
		filter store.AuditFilter
		accept func(e store.AuditEntry) bool
	}{
		"no filter": {store.AuditFilter{}, func(store.AuditEntry) bool { return true }},
		"after":     {store.AuditFilter{After: 1000}, func(e store.AuditEntry) bool { return e.Number > 1000 }},
		"since": {store.AuditFilter{Since: noon.Add(900 * time.Second)},
			func(e store.AuditEntry) bool { return e.Number > 900 }},
		"until": {store.AuditFilter{Until: noon.Add(9 * time.Second)},
			func(e store.AuditEntry) bool { return e.Number < 10 }},
		"future": {store.AuditFilter{Since: noon.Add(time.Hour)}, func(store.AuditEntry) bool { return false }},
		"past":   {store.AuditFilter{Until: noon}, func(store.AuditEntry) bool { return false }},
		"event": {store.AuditFilter{EventName: "CreateUser"},
			func(e store.AuditEntry) bool { return e.EventName == "CreateUser" }},
		"principal":    {store.AuditFilter{Principal: "p3"}, func(e store.AuditEntry) bool { return e.Principal == "p3" }},
		"subject":      {store.AuditFilter{Subject: "s3"}, func(e store.AuditEntry) bool { return e.Subjects[0] == "s3" }},
		"all subjects": {store.AuditFilter{Subject: "all"}, func(store.AuditEntry) bool { return true }},
		"chain":        {store.AuditFilter{Chain: "c"}, func(e store.AuditEntry) bool { return e.Chain == "c" }},
		"several fields": {store.AuditFilter{Chain: "c", Subject: "s1", Since: noon.Add(20 * time.Second),
			EventName: "DeleteUser"}, func(e store.AuditEntry) bool {
			return e.Chain == "c" && e.Subjects[0] == "s1" && e.Number > 20 && e.EventName == "DeleteUser"
		}},
	} {
		for _, limit := range []int{0, 1, 3, manyRecords, manyRecords + 1} {
			for _, descending := range []bool{false, true} {
				var want []store.AuditEntry
				for n := range entries {
					if descending {
						n = len(entries) - 1 - n
					}
					if test.accept(entries[n]) && (limit == 0 || len(want) < limit) {
						want = append(want, entries[n])
					}
				}
				filter := test.filter
				filter.Limit, filter.Descending = limit, descending
				found := readValue(t, s, func(tx store.Tx) ([]store.AuditEntry, error) { return collect(tx.AuditEntries(filter)) })
				if !reflect.DeepEqual(found, want) {
					t.Errorf("%s, limit %d, descending %v: got %d entries, want %d", name, limit, descending, len(found), len(want))
				}
			}
		}
	}
	for n, chain := range []string{"c", "b", "a"} {
		head := readValue(t, s, func(tx store.Tx) (store.AuditEntry, error) { return tx.ChainHead(chain) })
		assertEqual(t, head, entries[1004+n])
	}
	assertError(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.ChainHead("d"); return err }),
		store.ErrNotFound)
}

func testAuditNumbers(t *testing.T, s store.Store) {
	entry := func(seq int64) store.AuditEntry {
		return store.AuditEntry{Chain: "c", Seq: seq, Body: []byte("b"), MAC: []byte("m")}
	}
	write(t, s, func(tx store.Tx) error { _, err := tx.AppendAudit(entry(1)); return err })
	failed := errors.New("failed")
	assertError(t, s.Write(t.Context(), func(tx store.Tx) error {
		if _, err := tx.AppendAudit(entry(2)); err != nil {
			return err
		}
		return failed
	}), failed)
	write(t, s, func(tx store.Tx) error {
		_, err := tx.AppendAudit(entry(1))
		assertError(t, err, store.ErrExists)
		number, err := tx.AppendAudit(entry(2))
		assertEqual(t, number, int64(2))
		return err
	})
}
