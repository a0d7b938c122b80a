package sqlite

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func scanInlinePolicy(r row) (p store.InlinePolicy, err error) {
	err = r.Scan(&p.IdentityID, &p.Name, &p.Document)
	return p, err
}

func (tx *transaction) InlinePolicy(identityID, name string) (store.InlinePolicy, error) {
	p, err := one(tx, scanInlinePolicy, `SELECT identity_id, name, document FROM inline_policies
		WHERE identity_id = ? AND name_key = ?`, identityID, ascii.Fold(name))
	return p, describe(err, "inline policy %q", name)
}

func (tx *transaction) InlinePolicies(identityID string, page store.Page) ([]store.InlinePolicy, error) {
	var q query
	q.add(`SELECT identity_id, name, document FROM inline_policies WHERE identity_id = ?`, identityID)
	q.page("name_key", page)
	return list(tx, scanInlinePolicy, q.text.String(), q.args...)
}

func (tx *transaction) PutInlinePolicy(p store.InlinePolicy) error {
	err := tx.insert(`INSERT INTO inline_policies (identity_id, name, name_key, document) VALUES (?, ?, ?, ?)
		ON CONFLICT (identity_id, name_key) DO UPDATE SET document = excluded.document`,
		p.IdentityID, p.Name, ascii.Fold(p.Name), p.Document)
	if err != nil {
		return describe(err, "inline policy %q", p.Name)
	}
	return tx.recordChange(p.IdentityID)
}

func (tx *transaction) DeleteInlinePolicy(identityID, name string) error {
	err := tx.remove(`DELETE FROM inline_policies WHERE identity_id = ? AND name_key = ?`, identityID, ascii.Fold(name))
	if err != nil {
		return describe(err, "inline policy %q", name)
	}
	return tx.recordChange(identityID)
}
