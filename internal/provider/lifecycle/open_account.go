package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
)

// OpenIfExists opens the account. It returns nil if there is none yet, so that there is nothing in
// it.
func (d *DataSourceBase) OpenIfExists(ctx context.Context, diags *diag.Diagnostics) accountstore.API {
	e, err := d.Store.Existing(ctx)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.Store.AddError(diags, err)
	}
	if err != nil {
		return nil
	}
	return e
}

// OpenExisting opens the account to read something that must exist. what names it, such as `user
// "alice"`.
func (d *DataSourceBase) OpenExisting(ctx context.Context, what string, diags *diag.Diagnostics) (accountstore.API,
	bool) {
	e := d.OpenIfExists(ctx, diags)
	if diags.HasError() {
		return nil, false
	}
	if e == nil {
		diags.AddError("Not found: "+what, fmt.Sprintf("There is no account at %s yet: it is made when something "+
			"is first created in it. If another file was meant, name it with the provider's argument store or with %s.",
			d.Store.Path(), accountstore.PathVariable))
		return nil, false
	}
	return e, true
}

// NotFound reports that something that must exist does not exist, or cannot be read.
func NotFound(diags *diag.Diagnostics, what string, err error) {
	if apierror.IsMissing(err) {
		diags.AddError("Not found: "+what, apierror.Text(err))
		return
	}
	apierror.Add(diags, "reading "+what, err)
}
