package sqlite

import (
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const revisionCounter = "revision"

// changed records that identities or policies were changed, once in each operation.
func (tx *transaction) changed(ids ...string) error {
	if tx.revision == 0 {
		// Whoever has the counter has it until the commit, so revisions are in the order of commits.
		revision, err := tx.add(revisionCounter, 1)
		if err != nil {
			return err
		}
		if err := tx.put(`DELETE FROM changes WHERE revision <= ?`, revision-store.RememberedRevisions); err != nil {
			return err
		}
		tx.revision, tx.changes = revision, map[string]bool{}
	}
	for _, id := range ids {
		if tx.changes[id] {
			continue
		}
		if err := tx.put(`INSERT INTO changes (revision, id) VALUES (?, ?)`, tx.revision, id); err != nil {
			return err
		}
		tx.changes[id] = true
	}
	return nil
}

// Changed are the ids of the identities and policies that this operation changed so far, in order.
func (tx *transaction) Changed() []string { return slices.Sorted(maps.Keys(tx.changes)) }

// Revision counts the committed operations that changed identities or policies.
func (tx *transaction) Revision() (int64, error) { return tx.counter(revisionCounter) }

// ChangedSince lists what changed after a revision, each once, with its latest revision, in the order
// of these. It reports false where the store does not know, because the revision is too long ago or
// not one of this store's: then everything is to be read anew.
func (tx *transaction) ChangedSince(revision int64) ([]store.Change, bool, error) {
	now, err := tx.Revision()
	if err != nil || revision > now || revision < now-store.RememberedRevisions {
		return nil, false, err
	}
	changes, err := list(tx, func(r row) (c store.Change, err error) {
		err = r.Scan(&c.Revision, &c.ID)
		return c, err
	}, `SELECT max(revision) AS latest, id FROM changes WHERE revision > ? GROUP BY id ORDER BY latest, id`, revision)
	return changes, err == nil, err
}
