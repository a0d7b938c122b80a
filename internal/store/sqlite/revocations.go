package sqlite

import (
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func scanRevocation(r row) (store.Revocation, error) {
	var subject string
	var before, forget int64
	err := r.Scan(&subject, &before, &forget)
	return store.Revocation{Subject: subject, Before: fromNanos(before), Forget: fromNanos(forget)}, err
}

func (tx *transaction) Revocation(subject string) (store.Revocation, error) {
	r, err := one(tx, scanRevocation,
		`SELECT subject, issued_before, forget_at FROM revocations WHERE subject = ?`, subject)
	return r, describe(err, "revocation of %q", subject)
}

func (tx *transaction) Revocations() ([]store.Revocation, error) {
	return list(tx, scanRevocation, `SELECT subject, issued_before, forget_at FROM revocations ORDER BY subject`)
}

func (tx *transaction) PutRevocation(r store.Revocation) error {
	return describe(tx.insert(`INSERT INTO revocations (subject, issued_before, forget_at) VALUES (?, ?, ?)
		ON CONFLICT (subject) DO UPDATE SET
			issued_before = CASE WHEN excluded.issued_before > revocations.issued_before
				THEN excluded.issued_before ELSE revocations.issued_before END,
			forget_at = CASE WHEN excluded.forget_at > revocations.forget_at
				THEN excluded.forget_at ELSE revocations.forget_at END`,
		r.Subject, toNanos(r.Before), toNanos(r.Forget)), "revocation of %q", r.Subject)
}

func (tx *transaction) DropRevocations(now time.Time) error {
	return tx.deleteAny(`DELETE FROM revocations WHERE forget_at < ?`, toNanos(now))
}
