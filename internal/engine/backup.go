package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
	"github.com/iam-as-code/terraform-provider-iam/internal/store/sqlite"
)

// CreateBackupInput is the input of [Client.CreateBackup].
type CreateBackupInput struct {
	// Path is the path of the new file, on the machine where the engine runs. It is required.
	Path string
}

// CreateBackupOutput is the empty output of [Client.CreateBackup].
type CreateBackupOutput struct{ ResultMetadata middleware.Metadata }

// CreateBackup writes a consistent copy of the store to a new file. Other calls may use the store
// meanwhile. Only the local operator may call CreateBackup.
//
// The backup does not contain the master key. Without the key, nobody can read the secrets in a
// backup, and [Restore] refuses it. Store a copy of the key in another place than the backups.
func (c *Client) CreateBackup(ctx context.Context, in *CreateBackupInput) (*CreateBackupOutput, error) {
	return do(ctx, c, createBackup, in)
}

var createBackup = registerExtension("Copies the store to a new file.",
	[]model.Member{required(member("Path", &pathShape, "The path of the new file."))}, nil,
	operation[CreateBackupInput, CreateBackupOutput]{
		name: "CreateBackup", writes: true, usesOnly: true, audience: localOperatorOnly,
		prepare: func(c *call, in *CreateBackupInput) error {
			if err := c.engine.trail.flush(); err != nil {
				return err
			}
			if err := c.engine.file.Backup(c.ctx, in.Path); err != nil {
				return fmt.Errorf("writing a backup to %q: %w", in.Path, err)
			}
			return nil
		},
		run: func(*call, *CreateBackupInput) (*CreateBackupOutput, error) { return &CreateBackupOutput{}, nil },
	})

// Restore creates a store at options.Path from a backup. No store may exist at that path. Before it
// creates the store, it checks that
//
//   - the database is intact and has a known schema,
//   - the master key of options opens its secrets,
//   - it has options.AccountID, if that is set,
//   - its audit trail is complete and unchanged, and its account is as the audit trail says.
//
// The restored store lacks all changes after the backup. A stored checkpoint shows which audit records
// are missing.
func Restore(ctx context.Context, backup string, options Options) (report audit.Report, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("restoring %q from %q: %w", options.Path, backup, err)
		}
	}()
	err = sqlite.Restore(backup, options.Path, func(candidate string) error {
		keys, err := loadKeys(options, true)
		if err != nil {
			return err
		}
		report, err = verifyRestored(ctx, Options{
			Path: candidate, Existing: true, AccountID: options.AccountID, MasterKey: keys.Encode(), Now: options.Now,
		})
		return err
	})
	return report, err
}

// verifyRestored opens a copy of a backup and makes the checks of Restore.
func verifyRestored(ctx context.Context, options Options) (report audit.Report, err error) {
	e, err := Open(ctx, options)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	err = e.store.Read(ctx, func(tx store.Tx) (err error) {
		report, err = e.verifyAudit(ctx, tx, nil)
		return err
	})
	if err == nil && !report.OK() {
		err = fmt.Errorf("verifying the audit trail and the account in the backup found %d problems; the first is: %s",
			report.Total, report.Problems[0])
	}
	return report, err
}
