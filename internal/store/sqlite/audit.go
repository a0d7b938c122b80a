package sqlite

import (
	"database/sql"
	"errors"
	"iter"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const auditColumns = `e.number, e.chain, e.seq, e.logged_at, e.event_name, e.principal, e.subjects, e.body, e.mac`

func scanAuditEntry(r row) (e store.AuditEntry, err error) {
	var at int64
	var subjects string
	if err := r.Scan(&e.Number, &e.Chain, &e.Seq, &at, &e.EventName, &e.Principal, &subjects, &e.Body,
		&e.MAC); err != nil {
		return e, err
	}
	e.Time = fromNanos(at)
	e.Subjects, err = fromJSON[string](subjects)
	return e, err
}

func (tx *transaction) AppendAudit(e store.AuditEntry) (number int64, err error) {
	// No other transaction can change the counter before this one ends, so numbers follow the commits.
	number, err = tx.addToCounter(auditCounter, 1)
	if err != nil {
		return 0, err
	}
	err = tx.insert(`INSERT INTO audit_entries (number, chain, seq, logged_at, event_name, principal, subjects, body, mac)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		number, e.Chain, e.Seq, toNanos(e.Time), e.EventName, e.Principal, toJSON(e.Subjects), e.Body, e.MAC)
	if errors.Is(err, store.ErrExists) {
		if _, err := tx.addToCounter(auditCounter, -1); err != nil { // the caller may continue, and numbers must have no gap
			return 0, err
		}
	}
	if err != nil {
		return 0, describe(err, "entry %d of audit chain %q", e.Seq, e.Chain)
	}
	for _, subject := range e.Subjects {
		err := tx.insert(`INSERT INTO audit_subjects (subject, number) VALUES (?, ?)
			ON CONFLICT (subject, number) DO NOTHING`, subject, number)
		if err != nil {
			return 0, err
		}
	}
	return number, nil
}

const auditCounter = "audit"

func (tx *transaction) AuditEntries(f store.AuditFilter) iter.Seq2[store.AuditEntry, error] {
	return func(yield func(store.AuditEntry, error) bool) {
		first, last, err := tx.auditRange(f)
		if err != nil {
			yield(store.AuditEntry{}, err)
			return
		}
		returned := 0
		for e, err := range inChunks(func(after int64, n int) ([]store.AuditEntry, error) {
			if f.Limit > 0 {
				n = min(n, f.Limit-returned)
			}
			if f.Descending {
				return tx.auditEntriesBetween(f, first, after-1, n)
			}
			return tx.auditEntriesBetween(f, after+1, last, n)
		}, auditStart(f, first, last), func(e store.AuditEntry) int64 { return e.Number }) {
			if !yield(e, err) || err != nil {
				return
			}
			if returned++; returned == f.Limit {
				return
			}
		}
	}
}

// auditStart returns the number before the first entry to return, in the direction of the filter.
func auditStart(f store.AuditFilter, first, last int64) int64 {
	if f.Descending {
		return last + 1
	}
	return first - 1
}

// auditRange returns the range of numbers that entries matching the filter can have. Numbers are nearly in
// the order of time, so the range is narrow and the query does not scan all other entries.
func (tx *transaction) auditRange(f store.AuditFilter) (first, last int64, err error) {
	first = f.After + 1
	if last, err = tx.counter(auditCounter); err != nil {
		return 0, 0, err
	}
	if !f.Since.IsZero() {
		from, err := one(tx, value[sql.NullInt64], `SELECT min(number) FROM audit_entries WHERE logged_at >= ?`,
			toNanos(f.Since))
		if err != nil || !from.Valid {
			return 1, 0, err
		}
		first = max(first, from.Int64)
	}
	if !f.Until.IsZero() {
		to, err := one(tx, value[sql.NullInt64], `SELECT max(number) FROM audit_entries WHERE logged_at < ?`,
			toNanos(f.Until))
		if err != nil || !to.Valid {
			return 1, 0, err
		}
		last = min(last, to.Int64)
	}
	return first, last, nil
}

// auditEntriesBetween reads up to n entries with numbers from first to last that match the filter.
func (tx *transaction) auditEntriesBetween(f store.AuditFilter, first, last int64, n int) ([]store.AuditEntry, error) {
	var q query
	q.add(`SELECT ` + auditColumns + ` FROM audit_entries e`)
	if f.Subject != "" {
		q.add(`JOIN audit_subjects s ON s.number = e.number AND s.subject = ? AND s.number BETWEEN ? AND ?`, f.Subject,
			first, last)
	}
	q.add(`WHERE e.number BETWEEN ? AND ?`, first, last)
	if !f.Since.IsZero() {
		q.add(`AND e.logged_at >= ?`, toNanos(f.Since))
	}
	if !f.Until.IsZero() {
		q.add(`AND e.logged_at < ?`, toNanos(f.Until))
	}
	if f.EventName != "" {
		q.add(`AND e.event_name = ?`, f.EventName)
	}
	if f.Principal != "" {
		q.add(`AND e.principal = ?`, f.Principal)
	}
	if f.Chain != "" {
		q.add(`AND e.chain = ?`, f.Chain)
	}
	if f.Descending {
		q.add(`ORDER BY e.number DESC`)
	} else {
		q.add(`ORDER BY e.number`)
	}
	q.limit(n)
	return list(tx, scanAuditEntry, q.text.String(), q.args...)
}

func (tx *transaction) ChainHead(chain string) (store.AuditEntry, error) {
	e, err := one(tx, scanAuditEntry, `SELECT `+auditColumns+` FROM audit_entries e
		WHERE e.chain = ? ORDER BY e.seq DESC LIMIT 1`, chain)
	return e, describe(err, "audit chain %q", chain)
}
