package sqlite

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const identityColumns = `i.id, i.kind, i.name, i.path, i.created, i.tags, i.boundary, i.password_last_used,
	i.trust, i.description, i.max_session_duration, i.last_used, i.last_used_region`

func scanIdentity(r row) (i store.Identity, err error) {
	var created, passwordLastUsed, lastUsed int64
	var tags string
	var boundary sql.NullString
	if err := r.Scan(&i.ID, &i.Kind, &i.Name, &i.Path, &created, &tags, &boundary, &passwordLastUsed,
		&i.Trust, &i.Description, &i.MaxSessionDuration, &lastUsed, &i.LastUsedRegion); err != nil {
		return i, err
	}
	i.Created, i.PasswordLastUsed, i.LastUsed = fromSeconds(created), fromSeconds(passwordLastUsed), fromSeconds(lastUsed)
	i.Boundary = boundary.String
	i.Tags, err = fromJSON[store.Tag](tags)
	return i, err
}

func (tx *transaction) Identity(kind store.Kind, name string) (store.Identity, error) {
	i, err := one(tx, scanIdentity, `SELECT `+identityColumns+` FROM identities i
		WHERE i.kind = ? AND i.name_key = ?`, kind, ascii.Fold(name))
	return i, describe(err, "%s %q", kind, name)
}

func (tx *transaction) IdentityByID(id string) (store.Identity, error) {
	i, err := one(tx, scanIdentity, `SELECT `+identityColumns+` FROM identities i WHERE i.id = ?`, id)
	return i, describe(err, "identity %q", id)
}

func (tx *transaction) Identities(kind store.Kind, page store.Page) ([]store.Identity, error) {
	var q query
	q.add(`SELECT `+identityColumns+` FROM identities i WHERE i.kind = ?`, kind)
	return tx.pageOfIdentities(&q, page)
}

func (tx *transaction) pageOfIdentities(q *query, page store.Page) ([]store.Identity, error) {
	q.path("i.path", page.PathPrefix)
	q.page("i.name_key", page)
	return list(tx, scanIdentity, q.text.String(), q.args...)
}

func (tx *transaction) CountIdentities(kind store.Kind) (int, error) {
	n, err := tx.counter(identityCounter(kind))
	return int(n), err
}

func identityCounter(kind store.Kind) string { return "identities/" + string(kind) }

func (tx *transaction) InsertIdentity(i store.Identity) error {
	err := tx.insert(`INSERT INTO identities (id, kind, name, name_key, path, created, tags, boundary,
			password_last_used, trust, description, max_session_duration, last_used, last_used_region)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		i.ID, i.Kind, i.Name, ascii.Fold(i.Name), i.Path, toSeconds(i.Created), toJSON(i.Tags), orNull(i.Boundary),
		toSeconds(i.PasswordLastUsed), i.Trust, i.Description, i.MaxSessionDuration, toSeconds(i.LastUsed), i.LastUsedRegion)
	if err != nil {
		return describe(err, "%s %q", i.Kind, i.Name)
	}
	if _, err := tx.addToCounter(identityCounter(i.Kind), 1); err != nil {
		return err
	}
	if err := tx.updateBoundaryCounts("", i.Boundary); err != nil {
		return err
	}
	return tx.recordChange(i.ID)
}

func (tx *transaction) UpdateIdentity(i store.Identity) error {
	stored, err := tx.IdentityByID(i.ID)
	if err != nil {
		return err
	}
	err = tx.update(`UPDATE identities SET name = ?, name_key = ?, path = ?, tags = ?, boundary = ?,
			trust = ?, description = ?, max_session_duration = ? WHERE id = ?`,
		i.Name, ascii.Fold(i.Name), i.Path, toJSON(i.Tags), orNull(i.Boundary), i.Trust, i.Description,
		i.MaxSessionDuration, i.ID)
	if err != nil {
		return describe(err, "%s %q", stored.Kind, i.Name)
	}
	if err := tx.updateBoundaryCounts(stored.Boundary, i.Boundary); err != nil {
		return err
	}
	return tx.recordChange(i.ID)
}

func (tx *transaction) DeleteIdentity(id string) error {
	stored, err := tx.IdentityByID(id)
	if err != nil {
		return err
	}
	if err := tx.remove(`DELETE FROM identities WHERE id = ?`, id); err != nil {
		return describe(err, "%s %q", stored.Kind, stored.Name)
	}
	if _, err := tx.addToCounter(identityCounter(stored.Kind), -1); err != nil {
		return err
	}
	if err := tx.updateBoundaryCounts(stored.Boundary, ""); err != nil {
		return err
	}
	return tx.recordChange(id)
}

// updateBoundaryCounts updates Policy.Boundaries when the boundary of an identity changes.
func (tx *transaction) updateBoundaryCounts(before, after string) error {
	for id, by := range map[string]int{before: -1, after: +1} {
		if id == "" || before == after {
			continue
		}
		if err := tx.update(`UPDATE policies SET boundaries = boundaries + ? WHERE id = ?`, by, id); err != nil {
			return fmt.Errorf("counting boundary %q: %w", id, err)
		}
	}
	return nil
}

func (tx *transaction) SetPasswordLastUsed(userID string, at time.Time) error {
	return describe(tx.update(`UPDATE identities SET password_last_used = ? WHERE id = ? AND kind = ?`,
		toSeconds(at), userID, store.User), "user %q", userID)
}

func (tx *transaction) SetRoleLastUsed(roleID string, at time.Time, region string) error {
	return describe(tx.update(`UPDATE identities SET last_used = ?, last_used_region = ? WHERE id = ? AND kind = ?`,
		toSeconds(at), region, roleID, store.Role), "role %q", roleID)
}
