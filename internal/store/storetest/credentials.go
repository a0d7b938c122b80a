package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func testAccessKey(t *testing.T, s store.Store) {
	late := store.AccessKey{ID: "AKIA1", UserID: "AIDAanna", Active: true, Created: noon.Add(time.Second), Secret: "s"}
	early := store.AccessKey{ID: "AKIA2", UserID: "AIDAanna", Created: noon, Secret: "t"}
	Insert(t, s, user("anna"), user("ben"), late, early, store.AccessKey{ID: "AKIA3", UserID: "AIDAben"})
	late.LastUsed, late.LastUsedService, late.LastUsedRegion, late.Active = noon, "iam", "eu", false
	write(t, s, func(tx store.Tx) error { return tx.UpdateAccessKey(late) })
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]store.AccessKey, error) { return tx.AccessKeys("AIDAanna") }),
		[]store.AccessKey{early, late})
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.AccessKey, error) { return tx.AccessKey("AKIA1") }), late)
	assertEqual(t,
		len(readValue(t, s, func(tx store.Tx) ([]store.AccessKey, error) { return collect(tx.EachAccessKey()) })), 3)
	write(t, s, func(tx store.Tx) error { return tx.DeleteAccessKey("AKIA2") })
	assertEqual(t,
		len(readValue(t, s, func(tx store.Tx) ([]store.AccessKey, error) { return collect(tx.EachAccessKey()) })), 2)
}

func testEachAccessKey(t *testing.T, s store.Store) {
	Insert(t, s, user("anna"))
	write(t, s, func(tx store.Tx) error {
		for n := range 2*manyRecords + 1 {
			if err := tx.InsertAccessKey(store.AccessKey{ID: fmt.Sprintf("AKIA%04d", n), UserID: "AIDAanna"}); err != nil {
				return err
			}
		}
		return nil
	})
	seen := 0
	write(t, s, func(tx store.Tx) error {
		for k, err := range tx.EachAccessKey() {
			if err != nil {
				return err
			}
			seen++
			k.Secret = "resealed"
			if err := tx.UpdateAccessKey(k); err != nil {
				return err
			}
		}
		return nil
	})
	assertEqual(t, seen, 2*manyRecords+1)
	read(t, s, func(tx store.Tx) error {
		for k, err := range tx.EachAccessKey() {
			if err != nil || k.Secret != "resealed" {
				t.Fatal(k, err)
			}
		}
		return nil
	})
}

func testPasswordHistory(t *testing.T, s store.Store) {
	first := store.LoginProfile{UserID: "AIDAanna", Created: noon, Hash: "one", Changed: noon, ResetRequired: true}
	Insert(t, s, user("anna"), first)
	assertEqual(t,
		readValue(t, s, func(tx store.Tx) (store.LoginProfile, error) { return tx.LoginProfile("AIDAanna") }), first)

	second := first
	second.Hash, second.Changed, second.ResetRequired, second.History = "two", noon.Add(time.Hour), false, []string{"one"}
	write(t, s, func(tx store.Tx) error { return tx.UpdateLoginProfile(second) })
	assertEqual(t,
		readValue(t, s, func(tx store.Tx) (store.LoginProfile, error) { return tx.LoginProfile("AIDAanna") }), second)

	write(t, s, func(tx store.Tx) error { return tx.DeleteLoginProfile("AIDAanna") })
	assertError(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.LoginProfile("AIDAanna"); return err }),
		store.ErrNotFound)
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]string, error) { return tx.PasswordHistory("AIDAanna") }),
		[]string{"two", "one"})

	Insert(t, s, store.LoginProfile{UserID: "AIDAanna", Hash: "three"})
	assertEqual(t,
		readValue(t, s, func(tx store.Tx) (store.LoginProfile, error) { return tx.LoginProfile("AIDAanna") }).History,
		[]string{"two", "one"})

	// The history does not grow beyond its limit.
	write(t, s, func(tx store.Tx) error {
		err := tx.DeleteLoginProfile("AIDAanna")
		for range 2 * store.MaxPasswordHistory {
			err = errors.Join(err, tx.InsertLoginProfile(store.LoginProfile{UserID: "AIDAanna", Hash: "again"}),
				tx.DeleteLoginProfile("AIDAanna"))
		}
		return err
	})
	assertEqual(t, len(readValue(t, s, func(tx store.Tx) ([]string, error) { return tx.PasswordHistory("AIDAanna") })),
		store.MaxPasswordHistory)

	// The history does not prevent the deletion of the user, and is deleted with the user.
	write(t, s, func(tx store.Tx) error { return tx.DeleteIdentity("AIDAanna") })
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]string, error) { return tx.PasswordHistory("AIDAanna") }),
		[]string(nil))
}

func testMFADevice(t *testing.T, s store.Store) {
	phone := store.MFADevice{Name: "Phone", Path: "/x/", Created: noon, Tags: []store.Tag{{Key: "k", Value: "v"}},
		Seed: "s", UserID: "AIDAanna", Enabled: noon, LastStep: 1 << 40, Drift: -3 * time.Minute}
	spare := store.MFADevice{Name: "a", Path: "/", Created: noon, Seed: "t"}
	Insert(t, s, user("anna"), phone, spare)
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.MFADevice, error) { return tx.MFADevice("PHONE") }), phone)
	for assignment, want := range map[store.Assignment][]store.MFADevice{store.AnyDevice: {spare, phone},
		store.Assigned: {phone}, store.Unassigned: {spare}} {
		assertEqual(t,
			readValue(t, s, func(tx store.Tx) ([]store.MFADevice, error) { return tx.MFADevices(assignment, store.Page{}) }),
			want)
	}
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]store.MFADevice, error) {
		return tx.MFADevices(store.AnyDevice, store.Page{PathPrefix: "/x/"})
	}), []store.MFADevice{phone})
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]store.MFADevice, error) {
		return tx.MFADevices(store.AnyDevice, store.Page{After: "A", Limit: 3})
	}), []store.MFADevice{phone})
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]store.MFADevice, error) { return tx.MFADevicesOf("AIDAanna") }),
		[]store.MFADevice{phone})

	phone.UserID, phone.Enabled, phone.LastStep, phone.Tags = "", time.Time{}, 0, nil
	write(t, s, func(tx store.Tx) error { return errors.Join(tx.UpdateMFADevice(phone), tx.DeleteMFADevice("A")) })
	assertEqual(t,
		readValue(t, s,
			func(tx store.Tx) ([]store.MFADevice, error) { return tx.MFADevices(store.Unassigned, store.Page{}) }),
		[]store.MFADevice{phone})
}

func testAccessAssertion(t *testing.T, s store.Store) {
	payroll := store.AccessAssertion{ID: "ASRTpayroll", Name: "Payroll", Document: `{"a":1}`, Protected: true,
		Created: noon, Updated: noon}
	build := store.AccessAssertion{ID: "ASRTbuild", Name: "build", Created: noon, Updated: noon}
	stored := func(tx store.Tx) (bool, error) { return tx.HasAccessAssertions() }
	assertEqual(t, readValue(t, s, stored), false)
	Insert(t, s, payroll, build)
	assertEqual(t, readValue(t, s, stored), true)
	all := func(tx store.Tx) ([]store.AccessAssertion, error) { return tx.AccessAssertions(store.Page{}) }
	assertEqual(t, readValue(t, s, all), []store.AccessAssertion{build, payroll})
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]store.AccessAssertion, error) {
		return tx.AccessAssertions(store.Page{After: "BUILD", Limit: 2})
	}), []store.AccessAssertion{payroll})
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.AccessAssertion, error) {
		return tx.AccessAssertion("PAYROLL")
	}), payroll)
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.AccessAssertion, error) {
		return tx.AccessAssertionByID("ASRTbuild")
	}), build)

	payroll.Document, payroll.Protected, payroll.Updated = "{}", false, noon.Add(time.Hour)
	write(t, s, func(tx store.Tx) error {
		return errors.Join(tx.UpdateAccessAssertion(payroll), tx.DeleteAccessAssertion(build.ID))
	})
	assertEqual(t, readValue(t, s, all), []store.AccessAssertion{payroll})
}
