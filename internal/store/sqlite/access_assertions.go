package sqlite

import (
	"errors"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const accessAssertionColumns = `id, name, document, protected, created, updated`

func scanAccessAssertion(r row) (a store.AccessAssertion, err error) {
	var protected, created, updated int64
	err = r.Scan(&a.ID, &a.Name, &a.Document, &protected, &created, &updated)
	a.Protected, a.Created, a.Updated = protected != 0, fromSeconds(created), fromSeconds(updated)
	return a, err
}

// tableMissing reports whether the database is one of an earlier version that cannot be migrated, because it is
// read-only. It has no access assertions.
func (tx *transaction) tableMissing() (bool, error) {
	if !tx.readOnly {
		return false, nil
	}
	return one(tx, value[bool], `SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'access_assertions')`)
}

func (tx *transaction) AccessAssertion(name string) (store.AccessAssertion, error) {
	if missing, err := tx.tableMissing(); err != nil || missing {
		return store.AccessAssertion{}, describe(errors.Join(err, store.ErrNotFound), "access assertion %q", name)
	}
	a, err := one(tx, scanAccessAssertion,
		`SELECT `+accessAssertionColumns+` FROM access_assertions WHERE name_key = ?`, ascii.Fold(name))
	return a, describe(err, "access assertion %q", name)
}

func (tx *transaction) AccessAssertionByID(id string) (store.AccessAssertion, error) {
	a, err := one(tx, scanAccessAssertion, `SELECT `+accessAssertionColumns+` FROM access_assertions WHERE id = ?`, id)
	return a, describe(err, "access assertion with id %q", id)
}

func (tx *transaction) AccessAssertions(page store.Page) ([]store.AccessAssertion, error) {
	if missing, err := tx.tableMissing(); err != nil || missing {
		return nil, err
	}
	var q query
	q.add(`SELECT ` + accessAssertionColumns + ` FROM access_assertions WHERE 1 = 1`)
	q.page("name_key", page)
	return list(tx, scanAccessAssertion, q.text.String(), q.args...)
}

func (tx *transaction) HasAccessAssertions() (bool, error) {
	return one(tx, value[bool], `SELECT EXISTS (SELECT 1 FROM access_assertions)`)
}

func (tx *transaction) InsertAccessAssertion(a store.AccessAssertion) error {
	err := tx.insert(`INSERT INTO access_assertions (name_key, `+accessAssertionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		ascii.Fold(a.Name), a.ID, a.Name, a.Document, boolToInt(a.Protected), toSeconds(a.Created), toSeconds(a.Updated))
	if err != nil {
		return describe(err, "access assertion %q", a.Name)
	}
	return tx.recordChange(a.ID)
}

func (tx *transaction) UpdateAccessAssertion(a store.AccessAssertion) error {
	err := tx.update(`UPDATE access_assertions SET document = ?, protected = ?, updated = ? WHERE id = ?`,
		a.Document, boolToInt(a.Protected), toSeconds(a.Updated), a.ID)
	if err != nil {
		return describe(err, "access assertion with id %q", a.ID)
	}
	return tx.recordChange(a.ID)
}

func (tx *transaction) DeleteAccessAssertion(id string) error {
	if err := tx.remove(`DELETE FROM access_assertions WHERE id = ?`, id); err != nil {
		return describe(err, "access assertion with id %q", id)
	}
	return tx.recordChange(id)
}
