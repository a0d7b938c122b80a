package sqlite

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const policyColumns = `p.id, p.owner, p.name, p.path, p.description, p.created, p.updated,
	p.default_version, p.last_version, p.tags, p.attachments, p.boundaries`

func scanPolicy(r row) (p store.Policy, err error) {
	var created, updated int64
	var tags string
	if err := r.Scan(&p.ID, &p.Owner, &p.Name, &p.Path, &p.Description, &created, &updated,
		&p.DefaultVersion, &p.LastVersion, &tags, &p.Attachments, &p.Boundaries); err != nil {
		return p, err
	}
	p.Created, p.Updated = fromSeconds(created), fromSeconds(updated)
	p.Tags, err = fromJSON[store.Tag](tags)
	return p, err
}

func (tx *transaction) Policy(owner, name string) (store.Policy, error) {
	p, err := one(tx, scanPolicy, `SELECT `+policyColumns+` FROM policies p
		WHERE p.owner = ? AND p.name_key = ?`, owner, ascii.Fold(name))
	return p, describe(err, "policy %q", name)
}

func (tx *transaction) PolicyByID(id string) (store.Policy, error) {
	p, err := one(tx, scanPolicy, `SELECT `+policyColumns+` FROM policies p WHERE p.id = ?`, id)
	return p, describe(err, "policy %q", id)
}

func (tx *transaction) Policies(filter store.PolicyFilter, page store.Page) ([]store.Policy, error) {
	var q query
	q.add(`SELECT ` + policyColumns + ` FROM policies p WHERE 1 = 1`)
	if filter.Owner != nil {
		q.add(`AND p.owner = ?`, *filter.Owner)
	}
	if filter.Attached {
		q.add(`AND (p.attachments > 0 OR p.boundaries > 0)`)
	}
	switch filter.Usage {
	case store.AsPermissions:
		q.add(`AND p.attachments > 0`)
	case store.AsBoundary:
		q.add(`AND p.boundaries > 0`)
	case "":
	default:
		return nil, fmt.Errorf("listing policies: unknown usage %q", filter.Usage)
	}
	return tx.pageOfPolicies(&q, page)
}

// pageOfPolicies orders by name and owner, because several owners may have a policy of the same name.
func (tx *transaction) pageOfPolicies(q *query, page store.Page) ([]store.Policy, error) {
	q.path("p.path", page.PathPrefix)
	if name, owner, both := strings.Cut(page.After, "/"); both {
		q.add(`AND (p.name_key > ? OR p.name_key = ? AND p.owner > ?)`, ascii.Fold(name), ascii.Fold(name), owner)
	} else if name != "" {
		q.add(`AND p.name_key > ?`, ascii.Fold(name))
	}
	q.add(`ORDER BY p.name_key, p.owner`)
	q.limit(page.Limit)
	return list(tx, scanPolicy, q.text.String(), q.args...)
}

func (tx *transaction) CountPolicies(owner string) (int, error) {
	return one(tx, value[int], `SELECT count(*) FROM policies WHERE owner = ?`, owner)
}

func (tx *transaction) InsertPolicy(p store.Policy) error {
	err := tx.insert(`INSERT INTO policies (id, owner, name, name_key, path, description, created, updated,
			default_version, last_version, tags)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.ID, p.Owner, p.Name, ascii.Fold(p.Name), p.Path, p.Description, toSeconds(p.Created), toSeconds(p.Updated),
		p.DefaultVersion, p.LastVersion, toJSON(p.Tags))
	if err != nil {
		return describe(err, "policy %q", p.Name)
	}
	return tx.recordChange(p.ID)
}

func (tx *transaction) UpdatePolicy(p store.Policy) error {
	err := tx.update(`UPDATE policies SET name = ?, name_key = ?, path = ?, description = ?, updated = ?,
			default_version = ?, last_version = ?, tags = ? WHERE id = ?`,
		p.Name, ascii.Fold(p.Name), p.Path, p.Description, toSeconds(p.Updated), p.DefaultVersion, p.LastVersion,
		toJSON(p.Tags), p.ID)
	if err != nil {
		return describe(err, "policy %q", p.Name)
	}
	return tx.recordChange(p.ID)
}

func (tx *transaction) DeletePolicy(id string) error {
	p, err := tx.PolicyByID(id)
	if err != nil {
		return err
	}
	// The check comes before any deletion, so that the function may continue after the error.
	if p.Attachments > 0 || p.Boundaries > 0 {
		return describe(store.ErrInUse, "policy %q", p.Name)
	}
	if _, err := tx.exec(`DELETE FROM policy_versions WHERE policy_id = ?`, id); err != nil {
		return err
	}
	if err := tx.remove(`DELETE FROM policies WHERE id = ?`, id); err != nil {
		return describe(err, "policy %q", p.Name)
	}
	return tx.recordChange(id)
}

func scanVersion(r row) (v store.PolicyVersion, err error) {
	var created int64
	err = r.Scan(&v.PolicyID, &v.Number, &v.Document, &created)
	v.Created = fromSeconds(created)
	return v, err
}

func (tx *transaction) PolicyVersion(policyID string, number int) (store.PolicyVersion, error) {
	v, err := one(tx, scanVersion, `SELECT policy_id, number, document, created FROM policy_versions
		WHERE policy_id = ? AND number = ?`, policyID, number)
	return v, describe(err, "version v%d of policy %q", number, policyID)
}

func (tx *transaction) PolicyVersions(policyID string) ([]store.PolicyVersion, error) {
	return list(tx, scanVersion, `SELECT policy_id, number, document, created FROM policy_versions
		WHERE policy_id = ? ORDER BY number DESC`, policyID)
}

func (tx *transaction) CountPolicyVersions() (int, error) {
	return one(tx, value[int], `SELECT count(*) FROM policies p JOIN policy_versions v ON v.policy_id = p.id
		WHERE p.owner = ''`)
}

func (tx *transaction) InsertPolicyVersion(v store.PolicyVersion) error {
	err := tx.insert(`INSERT INTO policy_versions (policy_id, number, document, created) VALUES (?, ?, ?, ?)`,
		v.PolicyID, v.Number, v.Document, toSeconds(v.Created))
	if err != nil {
		return describe(err, "version v%d of policy %q", v.Number, v.PolicyID)
	}
	return tx.recordChange(v.PolicyID)
}

func (tx *transaction) DeletePolicyVersion(policyID string, number int) error {
	p, err := tx.PolicyByID(policyID)
	if err == nil && p.DefaultVersion == number {
		err = store.ErrInUse
	}
	if err == nil {
		err = tx.remove(`DELETE FROM policy_versions WHERE policy_id = ? AND number = ?`, policyID, number)
	}
	if err != nil {
		return describe(err, "version v%d of policy %q", number, policyID)
	}
	return tx.recordChange(policyID)
}
