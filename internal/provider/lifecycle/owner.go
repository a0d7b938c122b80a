package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planvalue"
)

// This file keeps an object with its owner: the user, group or role that it belongs to, and that an attribute of the
// resource names. Terraform compares only names. To it, an object of a renamed user has another owner, and an object
// of a user that is replaced by one with the same name has the same owner. The private state therefore contains the
// unique id of the owner.

// OwnerDescription describes the attribute that names the owner of an object. owner is user, group or role, and
// replaces says what another owner does, such as "creates a new policy".
func OwnerDescription(owner, replaces string) string {
	return fmt.Sprintf("The name of the %[1]s. Another %[1]s %[2]s. A renamed %[1]s changes nothing but this name.", owner,
		replaces)
}

// ownerAttribute returns the attribute that names the owner. ok is false if the type of resource has no owner.
func (r *Resource[M, O]) ownerAttribute() (planned.OwnerAttribute, bool) {
	if r.d.OutsideAccount || r.d.IsAction {
		return planned.OwnerAttribute{}, false
	}
	return planned.OwnerOf(r.d.TypeName)
}

// followRename sets the owner in a state to the present name of the owner, if the owner was renamed. want is the name
// in the plan: if the plan renames the owner to it, the owner has this name. Everything after followRename, the
// comparison with the plan too, then sees an object whose owner has not changed.
func (r *Resource[M, O]) followRename(ctx context.Context, state *tfsdk.State, want types.String, private privateState,
	diags *diag.Diagnostics) {
	owner, ok := r.ownerAttribute()
	if !ok || state.Raw.IsNull() {
		return
	}
	name := TextOf(ctx, state, owner.Attribute, diags)
	if name.ValueString() == "" || want.Equal(name) {
		return
	}
	from, _ := readProvenance(ctx, private, diags)
	live, err := r.Store.Live(ctx)
	if err != nil {
		return // the operation itself reports the error
	}
	id := from.owner
	if id == "" {
		id = live.IDOf(owner.Kind, name.ValueString())
	}
	present, ok := live.NameOf(owner.Kind, id)
	if !ok {
		return // the owner was deleted
	}
	if want.ValueString() != "" {
		renamed, err := r.Planned.NameOf(ctx, owner.Kind, present)
		if err != nil {
			r.Store.AddError(diags, err)
			return
		}
		if ascii.EqualFold(renamed, want.ValueString()) {
			present = want.ValueString()
		}
	}
	if !ascii.EqualFold(present, name.ValueString()) || present == want.ValueString() {
		Put(ctx, state, owner.Attribute, types.StringValue(present), diags)
	}
}

// ownerName returns the name of the owner in a plan or a state. It is null if there is none.
func (r *Resource[M, O]) ownerName(ctx context.Context, of attributes, diags *diag.Diagnostics) types.String {
	owner, ok := r.ownerAttribute()
	if !ok {
		return types.StringNull()
	}
	return TextOf(ctx, of, owner.Attribute, diags)
}

// saveOwner writes the unique id of the owner that a state names to the private state.
func (r *Resource[M, O]) saveOwner(ctx context.Context, state attributes, private privateState,
	diags *diag.Diagnostics) {
	owner, ok := r.ownerAttribute()
	if !ok || diags.HasError() {
		return
	}
	from, known := readProvenance(ctx, private, diags)
	live, err := r.Store.Live(ctx)
	if !known || err != nil {
		return
	}
	id := live.IDOf(owner.Kind, TextOf(ctx, state, owner.Attribute, diags).ValueString())
	if id != from.owner {
		from.owner = id
		from.write(ctx, private, diags)
	}
}

// planOwner plans what happens to the object when its owner changes. If the object gets another owner, it is replaced,
// unless an update can move it. If the plan replaces the owner by a new one with the same name, the object is replaced
// too.
//
// lost reports that the object, or a part of it, is lost with an owner. The caller then plans the id of the object as
// unknown, because Terraform does nothing without a difference in an attribute.
func (r *Resource[M, O]) planOwner(ctx context.Context, state *tfsdk.State, plan *tfsdk.Plan, replace *path.Paths,
	diags *diag.Diagnostics) (lost bool) {
	owner, ok := r.ownerAttribute()
	if !ok || state.Raw.IsNull() {
		return false
	}
	before, after := r.ownerName(ctx, state, diags), r.ownerName(ctx, plan, diags)
	if !r.d.MovesBetweenOwners && !ascii.EqualFold(before.ValueString(), after.ValueString()) {
		*replace = append(*replace, path.Root(owner.Attribute))
		return false
	}
	wanted, err := planvalue.Node(plan.Raw)
	existing, err2 := planvalue.Node(state.Raw)
	if err := errors.Join(err, err2); err != nil {
		diags.AddError("Plan cannot be read", err.Error())
		return false
	}
	whole, part := planned.Owners(r.d.TypeName, wanted)
	_, was := planned.Owners(r.d.TypeName, existing)
	if lost = r.anyReplaced(ctx, whole, diags); lost {
		*replace = append(*replace, path.Root(idAttribute))
		return true
	}
	return r.anyReplaced(ctx, part, diags) || len(whole) == 1 && r.lacksMember(ctx, whole[0], slices.DeleteFunc(part,
		func(o planned.Owner) bool { return !slices.Contains(was, o) }))
}

// lacksMember reports whether the account lacks one of the memberships that a resource keeps. Terraform plans each
// change again before it applies the change. At that time, the account has already lost the memberships of a replaced
// user or group, while Terraform's state still has them.
func (r *Resource[M, O]) lacksMember(ctx context.Context, owner planned.Owner, others []planned.Owner) bool {
	if len(others) == 0 {
		return false
	}
	live, err := r.Store.Live(ctx)
	if err != nil {
		return false // the operation itself reports the error
	}
	for _, other := range others {
		user, group := owner.Name, other.Name
		if owner.Kind == account.GroupKind {
			user, group = group, user
		}
		if !live.IsMember(user, group) {
			return true
		}
	}
	return false
}

// idAttribute is the computed attribute that every resource with an owner has.
const idAttribute = "id"

// anyReplaced reports whether the plan replaces one of the owners by another one with the same name.
func (r *Resource[M, O]) anyReplaced(ctx context.Context, owners []planned.Owner, diags *diag.Diagnostics) bool {
	for _, owner := range owners {
		replaced, err := r.Planned.Replaces(ctx, owner.Kind, owner.Name)
		if err != nil {
			r.Store.AddError(diags, err)
			return false
		}
		if replaced {
			return true
		}
	}
	return false
}
