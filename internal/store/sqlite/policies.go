package sqlite

import (
	"fmt"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"strings"

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

// Policy looks up a managed policy by its name, without regard to case.
func (tx *transaction) Policy(owner, name string) (store.Policy, error) {
	p, err := one(tx, scanPolicy, `SELECT `+policyColumns+` FROM policies p
		WHERE p.owner = ? AND p.name_key = ?`, owner, ascii.Fold(name))
	return p, about(err, "policy %q", name)
}

// PolicyByID looks up a managed policy by its id.
func (tx *transaction) PolicyByID(id string) (store.Policy, error) {
	p, err := one(tx, scanPolicy, `SELECT `+policyColumns+` FROM policies p WHERE p.id = ?`, id)
	return p, about(err, "policy %q", id)
}

// Policies lists managed policies by name, those of one name by owner.
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

// pageOfPolicies orders by name and owner. Names alone do not say where to go on.
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

// CountPolicies counts the managed policies of an owner.
func (tx *transaction) CountPolicies(owner string) (int, error) {
	return one(tx, value[int], `SELECT count(*) FROM policies WHERE owner = ?`, owner)
}

// InsertPolicy keeps a new managed policy. It answers ErrExists where its name or its id is taken.
// Its versions are inserted after it.
func (tx *transaction) InsertPolicy(p store.Policy) error {
	err := tx.put(`INSERT INTO policies (id, owner, name, name_key, path, description, created, updated,
			default_version, last_version, tags)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.ID, p.Owner, p.Name, ascii.Fold(p.Name), p.Path, p.Description, toSeconds(p.Created), toSeconds(p.Updated),
		p.DefaultVersion, p.LastVersion, toJSON(p.Tags))
	if err != nil {
		return about(err, "policy %q", p.Name)
	}
	return tx.changed(p.ID)
}

// UpdatePolicy keeps a managed policy as it is now; it is found by its ID. Its owner and when it was
// made stay as they are. It answers ErrNotFound where it is not there, and ErrExists where its new
// name is taken.
func (tx *transaction) UpdatePolicy(p store.Policy) error {
	err := tx.update(`UPDATE policies SET name = ?, name_key = ?, path = ?, description = ?, updated = ?,
			default_version = ?, last_version = ?, tags = ? WHERE id = ?`,
		p.Name, ascii.Fold(p.Name), p.Path, p.Description, toSeconds(p.Updated), p.DefaultVersion, p.LastVersion, toJSON(p.Tags), p.ID)
	if err != nil {
		return about(err, "policy %q", p.Name)
	}
	return tx.changed(p.ID)
}

// DeletePolicy deletes a managed policy with its versions. It answers ErrInUse while it is attached
// or a boundary.
func (tx *transaction) DeletePolicy(id string) error {
	p, err := tx.PolicyByID(id)
	if err != nil {
		return err
	}
	// Refused before anything is deleted: the function may go on.
	if p.Attachments > 0 || p.Boundaries > 0 {
		return about(store.ErrInUse, "policy %q", p.Name)
	}
	if _, err := tx.exec(`DELETE FROM policy_versions WHERE policy_id = ?`, id); err != nil {
		return err
	}
	if err := tx.remove(`DELETE FROM policies WHERE id = ?`, id); err != nil {
		return about(err, "policy %q", p.Name)
	}
	return tx.changed(id)
}

func scanVersion(r row) (v store.PolicyVersion, err error) {
	var created int64
	err = r.Scan(&v.PolicyID, &v.Number, &v.Document, &created)
	v.Created = fromSeconds(created)
	return v, err
}

// PolicyVersion looks up a version of a managed policy by its number.
func (tx *transaction) PolicyVersion(policyID string, number int) (store.PolicyVersion, error) {
	v, err := one(tx, scanVersion, `SELECT policy_id, number, document, created FROM policy_versions
		WHERE policy_id = ? AND number = ?`, policyID, number)
	return v, about(err, "version v%d of policy %q", number, policyID)
}

// PolicyVersions lists the versions of a managed policy, the newest first.
func (tx *transaction) PolicyVersions(policyID string) ([]store.PolicyVersion, error) {
	return list(tx, scanVersion, `SELECT policy_id, number, document, created FROM policy_versions
		WHERE policy_id = ? ORDER BY number DESC`, policyID)
}

// CountPolicyVersions counts the versions of all the account's own policies.
func (tx *transaction) CountPolicyVersions() (int, error) {
	return one(tx, value[int], `SELECT count(*) FROM policies p JOIN policy_versions v ON v.policy_id = p.id
		WHERE p.owner = ''`)
}

// InsertPolicyVersion keeps a new version. Which one is the default, and which numbers were given,
// the policy says. It answers ErrExists where the number is taken, and ErrNotFound where the policy
// is not there.
func (tx *transaction) InsertPolicyVersion(v store.PolicyVersion) error {
	err := tx.put(`INSERT INTO policy_versions (policy_id, number, document, created) VALUES (?, ?, ?, ?)`,
		v.PolicyID, v.Number, v.Document, toSeconds(v.Created))
	if err != nil {
		return about(err, "version v%d of policy %q", v.Number, v.PolicyID)
	}
	return tx.changed(v.PolicyID)
}

// DeletePolicyVersion deletes a version. It answers ErrInUse where it is the policy's default.
func (tx *transaction) DeletePolicyVersion(policyID string, number int) error {
	p, err := tx.PolicyByID(policyID)
	if err == nil && p.DefaultVersion == number {
		err = store.ErrInUse
	}
	if err == nil {
		err = tx.remove(`DELETE FROM policy_versions WHERE policy_id = ? AND number = ?`, policyID, number)
	}
	if err != nil {
		return about(err, "version v%d of policy %q", number, policyID)
	}
	return tx.changed(policyID)
}
