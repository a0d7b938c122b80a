package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/store/sqlite"
)

// Backup writes a copy of the store as of one moment to a new file, while it is used. The master key is not
// in it: without the key file, or the key that was given in its place, no secret in a backup can be
// read, and [Restore] refuses it. Keep a copy of the key elsewhere than the backups.
func (e *Engine) Backup(ctx context.Context, path string) error {
	if err := e.trail.flush(); err != nil {
		return err
	}
	if err := e.file.Backup(ctx, path); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	return nil
}

// Restore makes the store of options.Path from a backup, after checking it: that the database is whole and
// of a schema that this program knows, that the key at hand, which is that of options, opens its secrets, that it
// is the account of options where they name one, and that its audit trail is what was written. It overwrites
// nothing: there must be no store at the path yet. What happened after the backup was made is not in
// it; compare the report with a checkpoint that was kept.
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

// checkRestored opens a copy of a backup and checks all that a restore promises.
func checkRestored(ctx context.Context, options Options) (report audit.Report, err error) {
	e, err := Open(ctx, options)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if err := e.file.Check(ctx); err != nil {
		return report, err
	}
	report, err = e.VerifyAudit(ctx, nil)
	if err == nil && !report.OK() {
		err = fmt.Errorf("its audit trail has %d problems, the first of them: %s", report.Total, report.Problems[0])
	}
	return report, err
}
