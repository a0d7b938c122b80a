package sqlite

import (
	"errors"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func (tx *transaction) Attach(identityID, policyID string) error {
	added, err := tx.exec(`INSERT INTO attachments (identity_id, policy_id) VALUES (?, ?)
		ON CONFLICT (identity_id, policy_id) DO NOTHING`, identityID, policyID)
	if errors.Is(err, errReference) {
		err = store.ErrNotFound
	}
	if err != nil || added == 0 {
		return describe(err, "policy %q or identity %q", policyID, identityID)
	}
	return tx.recordAttachment(identityID, policyID, +1)
}

func (tx *transaction) Detach(identityID, policyID string) error {
	err := tx.remove(`DELETE FROM attachments WHERE identity_id = ? AND policy_id = ?`, identityID, policyID)
	if err != nil {
		return describe(err, "policy %q on identity %q", policyID, identityID)
	}
	return tx.recordAttachment(identityID, policyID, -1)
}

// recordAttachment updates Policy.Attachments and the change log.
func (tx *transaction) recordAttachment(identityID, policyID string, by int) error {
	if err := tx.update(`UPDATE policies SET attachments = attachments + ? WHERE id = ?`, by, policyID); err != nil {
		return describe(err, "counting attachments of policy %q", policyID)
	}
	return tx.recordChange(identityID)
}

func (tx *transaction) AttachedPolicies(identityID string, page store.Page) ([]store.Policy, error) {
	var q query
	q.add(`SELECT `+policyColumns+` FROM attachments a JOIN policies p ON p.id = a.policy_id
		WHERE a.identity_id = ?`, identityID)
	return tx.pageOfPolicies(&q, page)
}

func (tx *transaction) AttachedTo(policyID string, kind store.Kind, page store.Page) ([]store.Identity, error) {
	var q query
	q.add(`SELECT `+identityColumns+` FROM attachments a JOIN identities i ON i.id = a.identity_id
		WHERE a.policy_id = ? AND i.kind = ?`, policyID, kind)
	return tx.pageOfIdentities(&q, page)
}

func (tx *transaction) BoundaryOf(policyID string, kind store.Kind, page store.Page) ([]store.Identity, error) {
	var q query
	q.add(`SELECT `+identityColumns+` FROM identities i WHERE i.boundary = ? AND i.kind = ?`, policyID, kind)
	return tx.pageOfIdentities(&q, page)
}
