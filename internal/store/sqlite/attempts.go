package sqlite

import (
	"errors"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func (tx *transaction) Attempts(subject string) (store.Attempts, error) {
	a, err := one(tx, func(r row) (store.Attempts, error) {
		var last, until int64
		a := store.Attempts{Subject: subject}
		err := r.Scan(&a.Failed, &last, &until)
		a.Last, a.Until = fromNanos(last), fromNanos(until)
		return a, err
	}, `SELECT failed, last_at, blocked_until FROM attempts WHERE subject = ?`, subject)
	if errors.Is(err, store.ErrNotFound) {
		return store.Attempts{}, nil
	}
	return a, err
}

func (tx *transaction) PutAttempts(a store.Attempts) error {
	return tx.insert(`INSERT INTO attempts (subject, failed, last_at, blocked_until) VALUES (?, ?, ?, ?)
		ON CONFLICT (subject) DO UPDATE SET
			failed = excluded.failed, last_at = excluded.last_at, blocked_until = excluded.blocked_until`,
		a.Subject, a.Failed, toNanos(a.Last), toNanos(a.Until))
}

func (tx *transaction) DeleteAttempts(subject string) error {
	return tx.deleteAny(`DELETE FROM attempts WHERE subject = ?`, subject)
}

func (tx *transaction) DropAttempts(before time.Time) error {
	return tx.deleteAny(`DELETE FROM attempts WHERE last_at < ? AND blocked_until < ?`, toNanos(before), toNanos(before))
}
