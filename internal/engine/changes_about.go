package engine

import (
	"context"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// ChangesAbout gives the records of what was changed about something, oldest first, that came after a number of the trail,
// and the number of the trail's last record. subject is a unique id, an access key's id, or an ARN. What was only read or
// refused is left out.
func (e *Engine) ChangesAbout(ctx context.Context, subject string, after int64) (changes []audit.Event, last int64, err error) {
	err = e.store.Read(ctx, func(tx store.Tx) error {
		changes = nil
		newest, err := lastLink(tx)
		if err != nil || newest == nil {
			return err
		}
		last = newest.Number
		for entry, err := range tx.AuditEntries(AuditFilter{After: after, Subject: subject}) {
			if err != nil {
				return err
			}
			event, err := audit.Decode(entry.Body)
			if err != nil {
				return err
			}
			if !event.ReadOnly && event.ErrorCode == "" {
				changes = append(changes, event)
			}
		}
		return nil
	})
	return changes, last, err
}
