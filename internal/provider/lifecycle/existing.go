package lifecycle

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// refuseExisting adds an error for an object that a plan creates, or to which it gives another name, if the name is in
// use. It is no error if the plan destroys the object at another address.
func (m *Base) refuseExisting(ctx context.Context, api accountstore.API, c planned.Change, found planaccount.Overlaps,
	diags *diag.Diagnostics) {
	if m.Planned.Applying() {
		return
	}
	for _, object := range found.Created {
		if slices.Contains(found.HandedOver, object) || slices.Contains(found.Replaced, object) {
			continue
		}
		id, err := m.existingID(ctx, api, object)
		if err != nil {
			m.Store.AddError(diags, err)
			return
		}
		if id == "" {
			continue
		}
		if c.Before.Kind == tree.Null {
			m.refuseCreation(ctx, api, c, object, id, diags)
		} else if object.Kind == planned.Identity && m.isAnother(ctx, c, object) {
			diags.AddError(apierror.UpperFirst(object.String())+" is another object", fmt.Sprintf("The plan gives this %s the "+
				"name %q, which another %[1]s has. If the plan renames or destroys that one, the two would change their names, "+
				"and the credentials and policies of each would belong to the other name. This happens if an index of count "+
				"shifts: use for_each with the names as keys, and write moved blocks. To rename it really, first free the name "+
				"in an apply of its own.", object.OwnerKind, object.Owner))
		}
	}
}

// refuseCreation adds an error for the creation of an object that exists.
func (m *Base) refuseCreation(ctx context.Context, api accountstore.API, c planned.Change, object planned.Object,
	id string, diags *diag.Diagnostics) {
	takesOver, err := m.wasHandedOver(ctx, api, object)
	if err == nil && !takesOver {
		takesOver, err = m.leftBehind(ctx, api, object)
	}
	if err != nil {
		m.Store.AddError(diags, err)
	}
	if takesOver || err != nil {
		return
	}
	diags.Append(m.Planned.RefuseUnlessDropped(ctx, object, m.madeHere(ctx, api, object),
		apierror.UpperFirst(object.String())+" already exists",
		fmt.Sprintf("The plan creates an %[1]s, and the account has one with this name; names are compared without regard "+
			"to case. Choose another name, or import the existing one:\n\n  import {\n    to = %[1]s.LABEL\n    id = %[2]q\n"+
			"  }\n\nLABEL is the label of this resource. If the object had another address in this configuration, write a "+
			"moved block instead.", c.Type, id))...)
}

// madeHere reports whether this configuration made or imported an object, as far as the audit trail shows.
func (m *Base) madeHere(ctx context.Context, api accountstore.API, object planned.Object) bool {
	from, known, err := m.originOf(ctx, api, object)
	return err == nil && known && m.Store.Configuration != "" && from.Configuration == m.Store.Configuration
}

// wasHandedOver reports whether an earlier plan handed the object over, and its apply did not come to the creation.
func (m *Base) wasHandedOver(ctx context.Context, api accountstore.API, object planned.Object) (bool, error) {
	stays, err := m.handsOver(ctx, api, object)
	if err != nil || stays || object.OwnerKind != account.PolicyKind {
		return stays, err
	}
	last, err := m.lastHandover(ctx, api, replacement(object), "")
	return last.Stays, err
}

// isAnother reports whether the object with a planned name is another one than the changed one.
func (m *Base) isAnother(ctx context.Context, c planned.Change, object planned.Object) bool {
	live, err := m.Store.Live(ctx)
	if err != nil || object.OwnerKind == account.PolicyKind {
		return false // a policy is replaced, not renamed
	}
	own, ok := c.Before.Member("unique_id")
	return ok && own.Text != "" && live.IDOf(object.OwnerKind, object.Owner) != own.Text
}

// existingID returns the import id of an existing object, or "".
func (m *Base) existingID(ctx context.Context, api accountstore.API, object planned.Object) (id string, err error) {
	live, err := m.Store.Live(ctx)
	if err != nil || !exists(live, object) {
		return "", err
	}
	switch object.Kind {
	case planned.Identity:
		if object.OwnerKind == account.PolicyKind {
			return live.PolicyNamed(object.Owner), nil
		}
		name, _ := live.NameOf(object.OwnerKind, live.IDOf(object.OwnerKind, object.Owner))
		return name, nil
	case planned.InlinePolicy:
		return object.Owner + ":" + object.Name, nil
	case planned.LoginProfile:
		if _, err = api.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: &object.Owner}); err == nil {
			return object.Owner, nil
		}
	case planned.AccessAssertion:
		if _, err = api.GetAccessAssertion(ctx, &engine.GetAccessAssertionInput{Name: object.Name}); err == nil {
			return object.Name, nil
		}
	case planned.AccountAlias:
		out, err := api.ListAccountAliases(ctx, nil)
		if err != nil || len(out.AccountAliases) == 0 {
			return "", err
		}
		return out.AccountAliases[0], nil
	}
	return "", apierror.UnlessMissing(err)
}
