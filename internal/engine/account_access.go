package engine

import (
	"context"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Account is the account as it is now, as a value to ask questions about. It takes no permission, like all that the
// engine itself offers: it is for who has the store in hand.
func (e *Engine) Account(ctx context.Context) (*account.Account, error) {
	var now *account.Account
	err := e.store.Read(ctx, func(tx store.Tx) (err error) {
		c := &call{ctx: ctx, engine: e}
		c.begin(tx)
		now, err = e.live.at(c)
		return err
	})
	return now, err
}
