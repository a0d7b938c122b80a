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

// CreateBackupInput says where to write the backup.
type CreateBackupInput struct {
	// Path is the name of a new file, on the machine of the engine. It is required.
	Path string
}

// CreateBackupOutput is the empty output of [Client.CreateBackup].
type CreateBackupOutput struct{ ResultMetadata middleware.Metadata }

// CreateBackup writes a copy of the store as of one moment to a new file, while the store is used. It is for the local
// operator.
//
// The backup does not have the master key. Without the key file, or the key that was given in its place, no secret in a
// backup can be read, and [Restore] refuses it. Keep a copy of the key elsewhere than the backups.
func (c *Client) CreateBackup(ctx context.Context, in *CreateBackupInput) (*CreateBackupOutput, error) {
	return do(ctx, c, createBackup, in)
}

var createBackup = registerExtension("Copies the store to a new file.",
	[]model.Member{required(member("Path", &pathShape, "The name of the new file."))}, nil,
	operation[CreateBackupInput, CreateBackupOutput]{
		name: "CreateBackup", writes: true, audience: localOperatorOnly,
		prepare: func(c *call, in *CreateBackupInput) error {
			if err := c.engine.trail.flush(); err != nil {
				return err
			}
			if err := c.engine.file.Backup(c.ctx, in.Path); err != nil {
				return fmt.Errorf("backing up to %s: %w", in.Path, err)
			}
			return nil
		},
		run: func(*call, *CreateBackupInput) (*CreateBackupOutput, error) { return &CreateBackupOutput{}, nil },
	})

// Restore creates the store of options.Path from a backup. It first checks that the database is
// intact and of a known schema, that the key of options opens its secrets, that it has the account
// id of options, if there is one, and that its audit trail verifies. It overwrites nothing: no
// store may exist at the path. The backup lacks whatever happened after it was made; compare the
// report with a stored checkpoint.
func Restore(ctx context.Context, backup string, options Options) (report audit.Report, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("restoring %s from %s: %w", options.Path, backup, err)
		}
	}()
	err = sqlite.Restore(backup, options.Path, func(candidate string) error {
		keys, err := loadKeys(options, true)
		if err != nil {
			return err
		}
		report, err = checkRestored(ctx, Options{
			Path: candidate, Existing: true, AccountID: options.AccountID, MasterKey: keys.Encode(), Now: options.Now,
		})
		return err
	})
	return report, err
}

// checkRestored opens a copy of a backup and checks it as Restore promises.
func checkRestored(ctx context.Context, options Options) (report audit.Report, err error) {
	e, err := Open(ctx, options)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if err := e.file.Check(ctx); err != nil {
		return report, err
	}
	err = e.store.Read(ctx, func(tx store.Tx) (err error) {
		report, err = e.verifyAudit(tx, nil)
		return err
	})
	if err == nil && !report.OK() {
		err = fmt.Errorf("its audit trail has %d problems, the first of them: %s", report.Total, report.Problems[0])
	}
	return report, err
}
