package sqlite

import (
	"errors"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func (tx *transaction) AddMember(groupID, userID string) error {
	added, err := tx.exec(`INSERT INTO memberships (group_id, user_id) VALUES (?, ?)
		ON CONFLICT (group_id, user_id) DO NOTHING`, groupID, userID)
	if errors.Is(err, errReference) {
		err = store.ErrNotFound
	}
	if err != nil || added == 0 {
		return describe(err, "group %q or user %q", groupID, userID)
	}
	return tx.recordChange(groupID, userID)
}

func (tx *transaction) RemoveMember(groupID, userID string) error {
	err := tx.remove(`DELETE FROM memberships WHERE group_id = ? AND user_id = ?`, groupID, userID)
	if err != nil {
		return describe(err, "user %q in group %q", userID, groupID)
	}
	return tx.recordChange(groupID, userID)
}

func (tx *transaction) Members(groupID string, page store.Page) ([]store.Identity, error) {
	var q query
	q.add(`SELECT `+identityColumns+` FROM memberships m JOIN identities i ON i.id = m.user_id
		WHERE m.group_id = ?`, groupID)
	return tx.pageOfIdentities(&q, page)
}

func (tx *transaction) GroupsOf(userID string, page store.Page) ([]store.Identity, error) {
	var q query
	q.add(`SELECT `+identityColumns+` FROM memberships m JOIN identities i ON i.id = m.group_id
		WHERE m.user_id = ?`, userID)
	return tx.pageOfIdentities(&q, page)
}
