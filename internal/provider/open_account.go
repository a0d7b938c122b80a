package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// openIfExists opens the account. It returns nil if there is none yet, so that there is nothing in it.
func (d *dataSourceBase) openIfExists(ctx context.Context, diags *diag.Diagnostics) api {
	e, err := d.store.existing(ctx)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.store.addError(diags, err)
	}
	if err != nil {
		return nil
	}
	return e
}

// openExisting opens the account to read something that must exist. what names it, such as `user "alice"`.
func (d *dataSourceBase) openExisting(ctx context.Context, what string, diags *diag.Diagnostics) (api, bool) {
	e := d.openIfExists(ctx, diags)
	if diags.HasError() {
		return nil, false
	}
	if e == nil {
		diags.AddError("Not found: "+what, fmt.Sprintf("There is no account at %s yet: it is made when something is first created in it. If another file was meant, name it with the provider's argument store or with %s.",
			d.store.path(), storeVariable))
		return nil, false
	}
	return e, true
}

// notFound reports that something that must exist does not exist, or cannot be read.
func notFound(diags *diag.Diagnostics, what string, err error) {
	if isMissing(err) {
		diags.AddError("Not found: "+what, errorText(err))
		return
	}
	addFailure(diags, "reading "+what, err)
}
