package engine

import (
	"context"

	"github.com/iam-as-code/terraform-provider-iam/internal/store/sqlite"
)

// storeFile has the operations of a store that is a database file, beyond those of [store.Store].
type storeFile interface {
	Backup(ctx context.Context, path string) error
	Check(ctx context.Context) error
	ReadOnly() bool
}

var _ storeFile = (*sqlite.Store)(nil)

// openStore opens the store of the options. No other function of the engine chooses the kind of
// database.
func openStore(ctx context.Context, options Options) (*sqlite.Store, error) {
	if options.Existing {
		return sqlite.OpenExisting(ctx, options.Path)
	}
	return sqlite.Open(ctx, options.Path)
}
