package engine

import (
	"context"

	"github.com/iam-as-code/terraform-provider-iam/internal/store/sqlite"
)

// storeFile is what a store offers beyond [store.Store] when its data is a file.
type storeFile interface {
	Backup(ctx context.Context, path string) error
	Check(ctx context.Context) error
}

var _ storeFile = (*sqlite.Store)(nil)

// openStore opens the store that options name. No other function chooses the database.
func openStore(ctx context.Context, options Options) (*sqlite.Store, error) {
	if options.Existing {
		return sqlite.OpenExisting(ctx, options.Path)
	}
	return sqlite.Open(ctx, options.Path)
}
