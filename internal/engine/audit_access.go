package engine

import (
	"context"
	"errors"
	"iter"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AuditFilter says which records of the audit trail to give. The zero filter is all of them.
type AuditFilter = store.AuditFilter

var errStopped = errors.New("the reader has seen enough")

// AuditEvents gives the records of the audit trail as of one moment, for [audit.Export] and others that
// read links. It does not verify them.
func (e *Engine) AuditEvents(ctx context.Context, filter AuditFilter) iter.Seq2[audit.Link, error] {
	return func(yield func(audit.Link, error) bool) {
		err := e.trail.flush() // what was refused or read a moment ago belongs to it
		if err == nil {
			err = e.store.Read(ctx, func(tx store.Tx) error {
				for entry, err := range tx.AuditEntries(filter) {
					if err != nil {
						return err
					}
					if !yield(linkOf(entry), nil) {
						return errStopped
					}
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(audit.Link{}, err)
		}
	}
}

// VerifyAudit checks the whole audit trail, and that it goes on from a checkpoint where one is given. The
// report says what is wrong; the error is that the trail could not be read.
func (e *Engine) VerifyAudit(ctx context.Context, checkpoint *audit.Checkpoint) (audit.Report, error) {
	return audit.Verify(e.AuditEvents(ctx, AuditFilter{}), func(chain string) ([]byte, bool) {
		return e.auditKey(audit.KeyID(chain))
	}, checkpoint)
}

// checkpointEvent is the event that says that a checkpoint was made.
const checkpointEvent = "CreateAuditCheckpoint"

// AuditCheckpoint makes a checkpoint of the audit trail, to be kept where nobody who can write to the store
// can reach it. The trail's last record is then that this was done.
func (e *Engine) AuditCheckpoint(ctx context.Context) (audit.Checkpoint, error) {
	if err := e.trail.flush(); err != nil {
		return audit.Checkpoint{}, err
	}
	var checkpoint audit.Checkpoint
	var link audit.Link
	err := e.store.Write(ctx, func(tx store.Tx) error {
		event := e.newEvent(e.now(), Circumstances{})
		event.EventType, event.EventSource, event.EventName = audit.TypeServiceEvent, audit.SourceIAM, checkpointEvent
		event.UserIdentity = audit.UserIdentity{
			Type: audit.IdentityAWSService, AccountID: e.account, InvokedBy: audit.SourceIAM,
		}
		var err error
		if link, err = e.trail.append(tx, event, nil); err != nil {
			return err
		}
		keys, err := e.keysAt(tx)
		if err != nil {
			return err
		}
		checkpoint, err = audit.NewCheckpoint(keys.DeriveKey(credential.Audit), link.Chain, event.EventTime, &link)
		return err
	})
	if err != nil {
		return audit.Checkpoint{}, err
	}
	e.trail.committed(link)
	return checkpoint, nil
}
