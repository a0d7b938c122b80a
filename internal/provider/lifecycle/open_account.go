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

// OpenIfExists opens the account. It returns nil if the store does not exist yet, which means that
// the account is empty. It also returns nil after an error.
func (d *DataSourceBase) OpenIfExists(ctx context.Context, diags *diag.Diagnostics) accountstore.API {
	e, err := d.Store.Existing(ctx)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.Store.AddError(diags, err)
	}
	if err != nil {
		return nil
	}
	d.Store.WarnIfReadOnly(diags)
	return e
}

// OpenExisting opens the account to read an object that must exist. object is its name in messages, such as
// `user "alice"`.
func (d *DataSourceBase) OpenExisting(ctx context.Context, object string, diags *diag.Diagnostics) (accountstore.API,
	bool) {
	e := d.OpenIfExists(ctx, diags)
	if diags.HasError() {
		return nil, false
	}
	if e == nil {
		diags.AddError("Not found: "+object, fmt.Sprintf("There is no account at %q. The provider creates the file "+
			"together with the first object. If the account is in another file, set the provider's argument store or the "+
			"environment variable %s to its path.",
			d.Store.Path(), accountstore.PathVariable))
		return nil, false
	}
	return e, true
}

// AddReadError adds the error of reading an object that must exist.
func AddReadError(diags *diag.Diagnostics, object string, err error) {
	if apierror.IsMissing(err) {
		diags.AddError("Not found: "+object, apierror.Text(err))
		return
	}
	apierror.Add(diags, "reading "+object, err)
}
