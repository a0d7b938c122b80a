package accountstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// WithAllVersions returns an account with all versions that its managed policies have in the store. An account from
// [Store.Live], and a planned account, have the default versions only. Somebody who may change the default version of a
// policy can give the access of another one.
func (s *Store) WithAllVersions(ctx context.Context, of *account.Account) (*account.Account, error) {
	api, err := s.Existing(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return of, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := api.ExportAccount(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the versions of the managed policies: %w", err)
	}
	stored, err := account.ReadAuthorizationDetails(out.Text)
	if err != nil {
		return nil, fmt.Errorf("reading the versions of the managed policies: %w", err)
	}
	return of.WithVersionsOf(stored)
}
