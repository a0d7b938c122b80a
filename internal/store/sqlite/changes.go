package sqlite

import (
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const revisionCounter = "revision"

// recordChange adds identities or policies to the change log, each id once per transaction.
func (tx *transaction) recordChange(ids ...string) error {
	if tx.revision == 0 {
		// No other transaction can change the counter before this one ends, so revisions follow the commits.
		revision, err := tx.addToCounter(revisionCounter, 1)
		if err != nil {
			return err
		}
		if err := tx.deleteAny(`DELETE FROM changes WHERE revision <= ?`, revision-store.RememberedRevisions); err != nil {
			return err
		}
		tx.revision, tx.changes = revision, map[string]bool{}
	}
	for _, id := range ids {
		if tx.changes[id] {
			continue
		}
		if err := tx.insert(`INSERT INTO changes (revision, id) VALUES (?, ?)`, tx.revision, id); err != nil {
			return err
		}
		tx.changes[id] = true
	}
	return nil
}

func (tx *transaction) Changed() []string { return slices.Sorted(maps.Keys(tx.changes)) }

func (tx *transaction) Revision() (int64, error) { return tx.counter(revisionCounter) }

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
