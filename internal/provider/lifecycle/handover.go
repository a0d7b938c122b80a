package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planvalue"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// This file keeps an object that a plan destroys at one address of the configuration and creates at another, such as
// an attachment after a change of count. Terraform applies the two in no fixed order and in another process than it
// has planned them. The plan therefore records the handover in the audit trail. In apply, the destruction of the
// object then does nothing, and the creation takes the object over.

// planObjects reports conflicts of a planned change with other changes of the plan, and records handovers.
func (m *Base) planObjects(ctx context.Context, c planned.Change, found planaccount.Overlaps,
	diags *diag.Diagnostics) {
	for _, conflict := range found.Conflicts {
		diags.AddError(conflict.Summary, conflict.Detail)
	}
	boundary, successor, changesBoundary := planned.ChangedBoundary(c)
	if len(found.HandedOver)+len(found.Dropped)+len(found.Replaced)+len(found.Created) == 0 && !changesBoundary &&
		!m.Planned.HasUnrecorded() {
		return
	}
	api, err := m.Store.Existing(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return // nothing exists that could stay
	}
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	m.refuseExisting(ctx, api, c, found, diags)
	if changesBoundary && !m.Planned.Applying() {
		// The policy of the old boundary may be destroyed before the user or role is updated.
		m.record(ctx, api, engine.RecordHandoverInput{Object: boundary.String(), Stays: true, Successor: successor}, diags)
	}
	for _, object := range found.HandedOver {
		m.adoptDropped(ctx, api, object, diags)
	}
	if len(found.HandedOver) > 0 {
		warnHandover(c.Type, found.HandedOver[0], diags)
	}
	for _, object := range found.Replaced {
		if object.OwnerKind == account.PolicyKind {
			m.recordHandover(ctx, api, replacement(object), true, diags)
		}
	}
	for _, object := range found.Dropped {
		if c.After.Kind != tree.Null {
			m.adoptDropped(ctx, api, object, diags)
		}
		if object.OwnerKind == account.PolicyKind {
			m.recordHandover(ctx, api, replacement(object), false, diags)
		}
	}
	m.Planned.WithHandovers(slices.Concat(found.HandedOver, found.Dropped),
		func(object planned.Object, handedOver bool) {
			m.recordHandover(ctx, api, object.String(), handedOver, diags)
		})
}

// adoptDropped records that this configuration manages an object that a resource gives up. The audit trail does not say
// so if the configuration imported the object. With the record, another resource can take the object over. If the
// object is a link, such as a membership, the destruction of the user or group can remove it.
func (m *Base) adoptDropped(ctx context.Context, api accountstore.API, object planned.Object, diags *diag.Diagnostics) {
	of, ok, err := recordedAs(ctx, api, object)
	if err == nil && ok {
		var from engine.Origin
		if from, ok, err = origin(ctx, api, of); err == nil && ok && from.Configuration != m.Store.Configuration {
			_, err = api.AdoptResource(ctx,
				&engine.AdoptResourceInput{UniqueID: of.uniqueID, Kind: of.kind, Name: of.name})
		}
	}
	if apierror.UnlessMissing(err) != nil {
		diags.AddWarning("Import not recorded: "+object.String(), "Recording the import in the audit trail: "+err.Error())
	}
}

// replacement names, in the records of handovers, the replacement of a managed policy by another one with the same
// name.
func replacement(policy planned.Object) string { return "replacement of " + policy.String() }

// warnHandover warns that an object stays although Terraform shows its destruction. The summary is the same for all
// objects, so that Terraform shows one of them and counts the others.
func warnHandover(typeName string, object planned.Object, diags *diag.Diagnostics) {
	diags.AddWarning("An object stays that the plan destroys at one address and creates at another", fmt.Sprintf(
		"The %s stays as it is. Terraform shows its destruction and creation, because it has a new address. A moved "+
			"block tells Terraform so:\n\n  moved {\n    from = %[2]s.OLD\n    to   = %[2]s.NEW\n  }\n\nOLD is the "+
			"label and the index of the address that the plan destroys, and NEW of the one that it creates.", object, typeName))
}

// recordHandover records in the audit trail whether an object stays, unless its last record says so.
func (m *Base) recordHandover(ctx context.Context, api accountstore.API, object string, stays bool,
	diags *diag.Diagnostics) {
	m.record(ctx, api, engine.RecordHandoverInput{Object: object, Stays: stays}, diags)
}

// record writes a record of a handover, unless the last record has the same content.
func (m *Base) record(ctx context.Context, api accountstore.API, in engine.RecordHandoverInput,
	diags *diag.Diagnostics) {
	last, err := m.lastHandover(ctx, api, in.Object, "")
	if err == nil && (last.Stays != in.Stays || last.Successor != in.Successor || in.Stays && last.run != m.Store.Run) {
		_, err = api.RecordHandover(ctx, &in)
	}
	if err != nil {
		diags.AddError("Handover not recorded", fmt.Sprintf("Recording what the plan does with the %s failed: %s. Without "+
			"the record, the apply could delete it. Write a moved block, or plan with write access to the account.", in.Object,
			err))
	}
}

// recordedHandover is a record of a handover, and the run that wrote it.
type recordedHandover struct {
	engine.RecordHandoverInput
	run string
}

// lastHandover returns the last record about the handover of an object: that of a run or, without a run, that of this
// configuration.
func (m *Base) lastHandover(ctx context.Context, api accountstore.API, object, run string) (last recordedHandover,
	err error) {
	events, _, err := accountstore.Changes(ctx, api, engine.HandoverSubject(object), 0)
	for _, event := range events {
		if event.EventName != engine.HandoverEvent || !ByTerraform(event) {
			continue
		}
		by, _ := event.AdditionalEventData[audit.KeyRun].(string)
		if run != "" && by != run || run == "" && event.AdditionalEventData[audit.KeyConfiguration] != m.Store.Configuration {
			continue
		}
		last = recordedHandover{run: by}
		last.Stays, _ = event.RequestParameters["stays"].(bool)
		last.Successor, _ = event.RequestParameters["successor"].(string)
	}
	return last, err
}

// handsOver reports whether the last plan of this configuration hands an object over, and the object is still one of
// this configuration. Somebody could have deleted it, and made another one with its name.
func (m *Base) handsOver(ctx context.Context, api accountstore.API, object planned.Object) (bool, error) {
	last, err := m.lastHandover(ctx, api, object.String(), "")
	if err != nil || !last.Stays {
		return false, err
	}
	of, ok, err := recordedAs(ctx, api, object)
	if err != nil || !ok {
		return err == nil, err
	}
	from, known, err := origin(ctx, api, of)
	return known && from.Configuration == m.Store.Configuration, err
}

// planRunKey is the key of the run that planned a change, in the planned private state of a resource.
const planRunKey = "plan"

// savePlanRun writes the run that plans a destruction to the planned private state. The destruction then finds the
// records of its own plan, and not those of a later one.
func (m *Base) savePlanRun(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, planRunKey, fmt.Appendf(nil, "%q", m.Store.Run))...)
}

// planRun returns the run that planned a destruction.
func planRun(ctx context.Context, private privateState, diags *diag.Diagnostics) (run string) {
	text, found := private.GetKey(ctx, planRunKey)
	if diags.Append(found...); len(text) > 0 {
		_ = json.Unmarshal(text, &run) // without a run, the records of the configuration count
	}
	return run
}

// Successor returns what the plan puts in the place of an object.
func (op *Operation) Successor(ctx context.Context, object planned.Object) (successor string, planned bool, err error) {
	last, err := op.lastHandover(ctx, op.API, object.String(), op.planRun)
	return last.Successor, last.Stays, err
}

// Stays reports whether the plan hands an object over to another resource, which has it after the apply, or whether
// another resource has made the object in this apply.
func (op *Operation) Stays(ctx context.Context, object planned.Object) (bool, error) {
	if op.Planned.IsMade(object) {
		return true, nil
	}
	last, err := op.lastHandover(ctx, op.API, object.String(), op.planRun)
	return last.Stays, err
}

// Replaces reports whether the plan replaces a managed policy by another one with the same name.
func (op *Operation) Replaces(ctx context.Context, policy string) (bool, error) {
	last, err := op.lastHandover(ctx, op.API, replacementOf(policy), op.planRun)
	return last.Stays, err
}

// Replaced records that the replacement of a managed policy is complete.
func (op *Operation) Replaced(ctx context.Context, policy string) {
	op.recordHandover(ctx, op.API, replacementOf(policy), false, op.Diags)
}

func replacementOf(policy string) string {
	return replacement(planned.IdentityObject(account.PolicyKind, policy))
}

// willMake records the objects that an apply is about to create or change.
func (r *Resource[M, O]) willMake(value tftypes.Value) {
	if node, err := planvalue.Node(value); err == nil && !r.d.OutsideAccount {
		r.Planned.WillMake(planned.Objects(r.d.TypeName, node))
	}
}

// soleObject returns the object that a resource stands for, if it stands for one and owns no set.
func (r *Resource[M, O]) soleObject(value tftypes.Value) (planned.Object, bool) {
	node, err := planvalue.Node(value)
	if err != nil || r.d.OutsideAccount {
		return planned.Object{}, false
	}
	if _, _, _, owns := planned.Owned(r.d.TypeName, node); owns {
		return planned.Object{}, false
	}
	objects := planned.Objects(r.d.TypeName, node)
	if len(objects) != 1 || objects[0].Kind == planned.Member {
		return planned.Object{}, false
	}
	return objects[0], true
}

// staysAfterDestroy reports whether the destruction of a resource leaves its object.
func (r *Resource[M, O]) staysAfterDestroy(ctx context.Context, op *Operation, state tftypes.Value) bool {
	object, ok := r.soleObject(state)
	if !ok || op.API == nil {
		return false
	}
	stays, err := op.Stays(ctx, object)
	if err != nil {
		op.Store.AddError(op.Diags, err)
	}
	return stays
}

// exists reports whether an account may have an object. The account as a value does not have all kinds of objects.
func exists(of *account.Account, object planned.Object) bool {
	switch object.Kind {
	case planned.Identity:
		if object.OwnerKind == account.PolicyKind {
			return of.PolicyNamed(object.Owner) != ""
		}
		return of.IDOf(object.OwnerKind, object.Owner) != ""
	case planned.InlinePolicy:
		return of.HasInline(object.OwnerKind, object.Owner, object.Name)
	case planned.Attachment, planned.Member:
		return false // adding one that exists does nothing
	}
	return true
}

// takeOver changes an existing object to the planned arguments, as if it had been imported, and completes the plan
// with its computed attributes.
func (r *Resource[M, O]) takeOver(ctx context.Context, op *Operation, plan tfsdk.Plan) (*M, error) {
	existing, err := r.completed(ctx, plan, nil, op.Diags)
	if err != nil {
		return nil, err
	}
	if err := O(existing).Read(ctx, op); err != nil {
		return nil, err
	}
	changed, err := r.completed(ctx, plan, existing, op.Diags)
	if err != nil {
		return nil, err
	}
	if err := O(changed).Update(ctx, op, existing); err != nil {
		return nil, err
	}
	if err := O(changed).Read(ctx, op); err != nil {
		return nil, err
	}
	return r.completed(ctx, plan, changed, op.Diags) // a read may set computed values that the plan does not have
}

// completed reads a plan, and takes the attributes that are known after apply from an existing object. Without one,
// they are null.
func (r *Resource[M, O]) completed(ctx context.Context, plan tfsdk.Plan, existing *M, diags *diag.Diagnostics) (*M,
	error) {
	values, present := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if err := plan.Raw.As(&values); err != nil {
		return nil, err
	}
	if existing != nil {
		state := tfsdk.State{Schema: plan.Schema, Raw: tftypes.NewValue(plan.Raw.Type(), nil)}
		r.write(ctx, &state, existing, diags)
		if err := state.Raw.As(&present); err != nil {
			return nil, err
		}
	}
	values = maps.Clone(values) // As returns the map of the plan itself
	for name, value := range values {
		if value.IsFullyKnown() {
			continue
		}
		found, ok := present[name]
		if !ok || !found.IsFullyKnown() {
			found = tftypes.NewValue(value.Type(), nil)
		}
		values[name] = found
	}
	model, ok := r.read(ctx, tfsdk.State{Schema: plan.Schema, Raw: tftypes.NewValue(plan.Raw.Type(), values)}, diags)
	if !ok {
		return nil, errors.New("the plan cannot be read")
	}
	return model, nil
}
