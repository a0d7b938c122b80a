package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// transaction implements [store.Tx] on a connection.
type transaction struct {
	ctx      context.Context
	path     string
	conn     *conn
	readOnly bool
	done     bool
	failed   error // the error that ended the transaction

	revision int64           // of this transaction's changes; 0 before the first
	changes  map[string]bool // the ids recorded under this revision
}

// outcome returns the result of a transaction whose function returned err.
func (tx *transaction) outcome(err error) error {
	if err == nil {
		return tx.failed
	}
	return err
}

// checkUsable returns an error if the transaction has ended.
func (tx *transaction) checkUsable() error {
	switch {
	case tx.done:
		return errors.New("store: the transaction was used after its function returned")
	case tx.failed != nil:
		return tx.failed
	case tx.readOnly:
		return tx.ctx.Err() // a write ignores its context once it runs
	}
	return nil
}

// fail classifies an error of the database. It returns ErrExists or errReference for a violated constraint,
// which the caller handles. Any other error ends the transaction.
func (tx *transaction) fail(err error) error {
	switch violation(err) {
	case uniqueness:
		return store.ErrExists
	case reference:
		return errReference
	}
	tx.failed = explain(tx.path, err)
	return tx.failed
}

// errReference reports a violated reference. An insert or update turns it into ErrNotFound, a deletion
// into ErrInUse.
var errReference = errors.New("a reference is violated")

// exec runs a statement that writes, and returns the number of rows that it changed.
func (tx *transaction) exec(query string, args ...any) (int64, error) {
	if err := tx.checkUsable(); err != nil {
		return 0, err
	}
	if tx.readOnly {
		return 0, errors.New("store: a read transaction cannot write")
	}
	s, err := tx.conn.statement(tx.ctx, query)
	if err != nil {
		return 0, tx.fail(err)
	}
	result, err := s.ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, tx.fail(err)
	}
	return result.RowsAffected()
}

// insert runs an INSERT statement.
func (tx *transaction) insert(query string, args ...any) error {
	_, err := tx.exec(query, args...)
	if errors.Is(err, errReference) {
		return fmt.Errorf("the record refers to a missing record: %w", store.ErrNotFound)
	}
	return err
}

// update runs an UPDATE statement. It returns ErrNotFound if no row matches.
func (tx *transaction) update(query string, args ...any) error {
	changed, err := tx.exec(query, args...)
	switch {
	case errors.Is(err, errReference):
		return fmt.Errorf("referenced record: %w", store.ErrNotFound)
	case err == nil && changed == 0:
		return store.ErrNotFound
	}
	return err
}

// remove runs a DELETE statement. It returns ErrNotFound if no row matches.
func (tx *transaction) remove(query string, args ...any) error {
	removed, err := tx.exec(query, args...)
	switch {
	case errors.Is(err, errReference):
		return store.ErrInUse
	case err == nil && removed == 0:
		return store.ErrNotFound
	}
	return err
}

// deleteAny runs a DELETE statement that may match no row.
func (tx *transaction) deleteAny(query string, args ...any) error {
	_, err := tx.exec(query, args...)
	return err
}

// row is a result row.
type row interface{ Scan(dest ...any) error }

// list reads all rows of a query at once, so that the connection is free afterwards. The query stops when
// the context of the transaction is done.
func list[T any](tx *transaction, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	return listWith(tx.ctx, tx, scan, query, args...)
}

// listWith is list with another context than that of the transaction.
func listWith[T any](ctx context.Context, tx *transaction, scan func(row) (T, error), query string, args ...any) ([]T,
	error) {
	if err := tx.checkUsable(); err != nil {
		return nil, err
	}
	s, err := tx.conn.statement(ctx, query)
	if err != nil {
		return nil, tx.fail(err)
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, tx.fail(err)
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, tx.fail(err)
		}
		found = append(found, item)
	}
	if err := rows.Err(); err != nil {
		return nil, tx.fail(err)
	}
	return found, nil
}

// one reads the only row of a query, or returns ErrNotFound. It checks the context first and does not
// stop in the middle: a lookup takes microseconds, and watching the context would double its time.
func one[T any](tx *transaction, scan func(row) (T, error), query string, args ...any) (T, error) {
	found, err := listWith(context.WithoutCancel(tx.ctx), tx, scan, query, args...)
	if err != nil || len(found) == 0 {
		var none T
		if err == nil {
			err = store.ErrNotFound
		}
		return none, err
	}
	return found[0], nil
}

// value scans a row with one column.
func value[T any](r row) (T, error) {
	var v T
	err := r.Scan(&v)
	return v, err
}

// addToCounter adds a number to a counter and returns the new value.
func (tx *transaction) addToCounter(counter string, by int64) (int64, error) {
	if tx.readOnly {
		return 0, errors.New("store: a read transaction cannot write")
	}
	return one(tx, value[int64], `
		INSERT INTO counters (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value
		RETURNING value`, counter, by)
}

// counter returns the value of a counter.
func (tx *transaction) counter(name string) (int64, error) {
	n, err := one(tx, value[int64], `SELECT value FROM counters WHERE name = ?`, name)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

// query builds a statement from the conditions that apply.
type query struct {
	text strings.Builder
	args []any
}

// add appends a line of SQL with its arguments.
func (q *query) add(text string, args ...any) {
	q.text.WriteString(text)
	q.text.WriteString("\n")
	q.args = append(q.args, args...)
}

// path selects the records under a path prefix.
func (q *query) path(column, prefix string) {
	if prefix != "" && prefix != "/" {
		q.add("AND substr("+column+", 1, ?) = ?", utf8.RuneCountInString(prefix), prefix)
	}
}

// limit bounds the number of rows.
func (q *query) limit(n int) {
	if n > 0 {
		q.add("LIMIT ?", n)
	}
}

// page orders the rows by name and selects one page.
func (q *query) page(nameKey string, p store.Page) {
	if p.After != "" {
		q.add("AND "+nameKey+" > ?", ascii.Fold(p.After))
	}
	q.add("ORDER BY " + nameKey)
	q.limit(p.Limit)
}

// toJSON encodes a list. A nil list and an empty one give the same text.
func toJSON[T any](items []T) string {
	if len(items) == 0 {
		return "[]"
	}
	text, err := json.Marshal(items)
	if err != nil {
		panic(err) // cannot happen: the items contain only strings
	}
	return string(text)
}

// fromJSON decodes a list that toJSON encoded.
func fromJSON[T any](text string) ([]T, error) {
	if text == "[]" {
		return nil, nil
	}
	var items []T
	err := json.Unmarshal([]byte(text), &items)
	return items, err
}

// A zero time is stored as 0.

func toSeconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromSeconds(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

func toNanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// boolToInt returns a boolean as the integer that the database stores.
func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// orNull returns NULL for an empty reference.
func orNull(id string) any {
	if id == "" {
		return nil
	}
	return id
}
