package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func testSetting(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutSetting("a", []byte("1")), tx.PutSetting("a", []byte("\x00\xff")),
			tx.PutSetting("empty", nil))
	})
	assertEqual(t, string(readValue(t, s, func(tx store.Tx) ([]byte, error) { return tx.Setting("a") })), "\x00\xff")
	assertEqual(t, len(readValue(t, s, func(tx store.Tx) ([]byte, error) { return tx.Setting("empty") })), 0)
	settings := readValue(t, s, store.Tx.Settings)
	if len(settings) != 2 || settings[0].Name != "a" || string(settings[0].Value) != "\x00\xff" ||
		settings[1].Name != "empty" || len(settings[1].Value) != 0 {
		t.Errorf("Settings lists %v", settings)
	}
	write(t, s, func(tx store.Tx) error { return tx.DeleteSetting("a") })
	assertError(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.Setting("a"); return err }),
		store.ErrNotFound)
}

func testRevocation(t *testing.T, s store.Store) {
	precise := noon.Add(123456789)
	revocation := func(tx store.Tx) (store.Revocation, error) { return tx.Revocation("x") }
	for _, step := range []struct{ put, want store.Revocation }{
		{store.Revocation{Subject: "x", Before: precise, Forget: noon.Add(time.Hour)},
			store.Revocation{Subject: "x", Before: precise, Forget: noon.Add(time.Hour)}},
		{store.Revocation{Subject: "x", Before: noon, Forget: noon.Add(2 * time.Hour)},
			store.Revocation{Subject: "x", Before: precise, Forget: noon.Add(2 * time.Hour)}},
		{store.Revocation{Subject: "x", Before: precise.Add(1), Forget: noon},
			store.Revocation{Subject: "x", Before: precise.Add(1), Forget: noon.Add(2 * time.Hour)}},
	} {
		write(t, s, func(tx store.Tx) error { return tx.PutRevocation(step.put) })
		assertEqual(t, readValue(t, s, revocation), step.want)
		assertEqual(t, readValue(t, s, store.Tx.Revocations), []store.Revocation{step.want})
	}
	write(t, s, func(tx store.Tx) error { return tx.DropRevocations(noon.Add(2 * time.Hour)) })
	assertEqual(t, readValue(t, s, revocation).Subject, "x")
	write(t, s, func(tx store.Tx) error { return tx.DropRevocations(noon.Add(2*time.Hour + 1)) })
	assertError(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := revocation(tx); return err }),
		store.ErrNotFound)
}

func testAttempts(t *testing.T, s store.Store) {
	precise := noon.Add(123456789)
	attempts := func(tx store.Tx) (store.Attempts, error) { return tx.Attempts("x") }
	assertEqual(t, readValue(t, s, attempts), store.Attempts{})
	a := store.Attempts{Subject: "x", Failed: 3, Last: precise, Until: precise.Add(time.Second)}
	write(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutAttempts(store.Attempts{Subject: "x", Failed: 2}), tx.PutAttempts(a),
			tx.DropAttempts(precise.Add(time.Second)))
	})
	assertEqual(t, readValue(t, s, attempts), a)
	write(t, s, func(tx store.Tx) error { return tx.DropAttempts(precise.Add(time.Second + 1)) })
	assertEqual(t, readValue(t, s, attempts), store.Attempts{})
	write(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutAttempts(a), tx.DeleteAttempts("x"), tx.DeleteAttempts("x"))
	})
	assertEqual(t, readValue(t, s, attempts), store.Attempts{})
}
