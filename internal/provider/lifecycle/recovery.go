package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planvalue"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// This file continues the work of a run that was killed. If Terraform or the provider is killed between the creation
// of an object and the next write of the state, the account has an object that no state has. The audit trail shows
// that a run of this configuration created it, and that the run did not end in good order.

// recordedObject names an object of the account in the calls about origins.
type recordedObject struct {
	uniqueID string
	kind     engine.ResourceKind
	name     string
}

// recordedAs returns the names under which the calls about origins know an object. ok is false if they do not know it,
// or if its owner does not exist.
func recordedAs(ctx context.Context, api accountstore.API, object planned.Object) (found recordedObject, ok bool,
	err error) {
	switch object.Kind {
	case planned.AccountAlias, planned.PasswordPolicy:
		return found, false, nil
	case planned.MFADevice:
		return recordedObject{uniqueID: object.Name}, true, nil
	case planned.AccessAssertion:
		out, err := api.GetAccessAssertion(ctx, &engine.GetAccessAssertionInput{Name: object.Name})
		if err != nil {
			return found, false, apierror.UnlessMissing(err)
		}
		return recordedObject{uniqueID: out.AccessAssertion.ID}, true, nil
	}
	live, err := accountstore.Account(ctx, api)
	if err != nil {
		return found, false, err
	}
	found.uniqueID = live.IDOf(object.OwnerKind, object.Owner)
	if object.OwnerKind == account.PolicyKind {
		policy, _ := live.Policy(live.PolicyNamed(object.Owner))
		found.uniqueID = policy.ID
	}
	switch object.Kind {
	case planned.InlinePolicy:
		found.kind, found.name = engine.InlinePolicyResource, object.Name
	case planned.Attachment:
		found.kind, found.name = engine.AttachmentResource, object.Name
	case planned.Member:
		found.kind, found.name = engine.MembershipResource, object.Name
	case planned.LoginProfile:
		found.kind = engine.LoginProfileResource
	}
	return found, found.uniqueID != "", nil
}

// origin returns where an object comes from. known is false if the object does not exist.
func origin(ctx context.Context, api accountstore.API, of recordedObject) (from engine.Origin, known bool, err error) {
	out, err := api.DescribeOrigin(ctx,
		&engine.DescribeOriginInput{UniqueID: of.uniqueID, Kind: of.kind, Name: of.name})
	if err != nil {
		return from, false, apierror.UnlessMissing(err)
	}
	return out.Origin, true, nil
}

// isLeftBehind reports whether an object with this origin may be missing in the state, because the run that created it
// was killed, and nobody else has changed it since.
func (m *Base) isLeftBehind(from engine.Origin) bool {
	return m.Store.Configuration != "" && from.Configuration == m.Store.Configuration &&
		from.Run != "" && !m.Store.SameTerraform(from.Run) && !from.RunEnded && !from.Confirmed && !from.ChangedByOthers
}

// leftBehind reports whether an object exists that a killed run of this configuration created, that no state is known
// to have, and that nobody else has changed since.
func (m *Base) leftBehind(ctx context.Context, api accountstore.API, object planned.Object) (bool, error) {
	_, left, err := m.originIfLeftBehind(ctx, api, object)
	return left, err
}

// originIfLeftBehind returns where an object comes from, if a killed run left it behind.
func (m *Base) originIfLeftBehind(ctx context.Context, api accountstore.API, object planned.Object) (from engine.Origin,
	left bool, err error) {
	from, known, err := m.originOf(ctx, api, object)
	return from, err == nil && known && m.isLeftBehind(from), err
}

// originOf returns where an object of a plan comes from. known is false if the object does not exist, or if the audit
// trail cannot tell.
func (m *Base) originOf(ctx context.Context, api accountstore.API, object planned.Object) (from engine.Origin,
	known bool, err error) {
	if object.Kind == planned.AccountAlias {
		from, err = m.originOfAlias(ctx, api)
		return from, err == nil, err
	}
	of, ok, err := recordedAs(ctx, api, object)
	if err != nil || !ok {
		return from, false, err
	}
	return origin(ctx, api, of)
}

// originOfAlias returns where the alias of the account comes from, as its last change shows. Unlike other objects, it
// has no unique id by which the audit trail finds it. An alias that the state has is not confirmed: to take it over
// again changes nothing.
func (m *Base) originOfAlias(ctx context.Context, api accountstore.API) (from engine.Origin, err error) {
	changes, _, err := accountstore.Changes(ctx, api, "", 0)
	if err != nil {
		return from, err
	}
	for _, event := range slices.Backward(changes) {
		if event.EventName != "CreateAccountAlias" && event.EventName != "DeleteAccountAlias" {
			continue
		}
		if ByTerraform(event) && event.EventName == "CreateAccountAlias" {
			from.Configuration, _ = event.AdditionalEventData[audit.KeyConfiguration].(string)
			from.Run, _ = event.AdditionalEventData[audit.KeyRun].(string)
			from.CreatedAt, from.RunEnded = event.EventTime, m.runEnded(ctx, api, from.Run)
		}
		break
	}
	return from, nil
}

// Recoverer is implemented by an [Object] whose secret was lost with the run that created it.
type Recoverer interface {
	// Recover gives the object, which exists, a new secret. made says that it also creates the object again.
	Recover(ctx context.Context, op *Operation) (made bool, err error)
}

// createOrTakeOver creates the object of a plan. If the plan hands the object over from another address, or if a
// killed run left it behind, createOrTakeOver takes it over. It also returns the id of the run that created the
// object.
func (r *Resource[M, O]) createOrTakeOver(ctx context.Context, op *Operation, plan *M,
	req resource.CreateRequest) (o O, run string, err error) {
	o, run = plan, r.Store.Run
	object, ok := r.soleObject(req.Plan.Raw)
	if !ok || op.API == nil {
		return o, run, o.Create(ctx, op)
	}
	live, err := r.Store.Live(ctx)
	if err != nil || !exists(live, object) {
		return o, run, o.Create(ctx, op)
	}
	handedOver, err := r.handsOver(ctx, op.API, object)
	if err != nil {
		return o, run, err
	}
	if handedOver {
		existing, err := r.takeOver(ctx, op, req.Plan)
		if err != nil {
			return o, run, err
		}
		return existing, run, nil
	}
	from, left, err := r.originIfLeftBehind(ctx, op.API, object)
	if err != nil || !left {
		return o, run, o.Create(ctx, op)
	}
	same, err := r.canBecome(ctx, op, req)
	if err != nil {
		return o, run, err
	}
	if !same {
		return o, run, o.Create(ctx, op)
	}
	run = from.Run
	made := false
	if recoverer, ok := any(o).(Recoverer); ok {
		if made, err = recoverer.Recover(ctx, op); made {
			run = r.Store.Run
		}
	} else {
		var existing *M
		if existing, err = r.takeOver(ctx, op, req.Plan); err == nil {
			o = existing
		}
	}
	if err == nil {
		warnRecovered(object.String(), made, from.CreatedAt, op.Diags)
	}
	return o, run, err
}

// warnRecovered warns that an object was taken over. The summary contains all facts, because Terraform merges warnings
// with the same summary.
func warnRecovered(object string, made bool, created time.Time, diags *diag.Diagnostics) {
	verb := "Taken over"
	if made {
		verb = "Deleted and made again"
	}
	diags.AddWarning(fmt.Sprintf("%s: %s, which a killed run of this configuration created at %s", verb, object,
		created.UTC().Format(time.RFC3339)),
		"Terraform or the provider was killed before the object was in the state. Nobody else has changed it since. If it "+
			"had a secret, the secret was lost with the run, and it has a new one now.")
}

// canBecome reports whether an update can change an existing object to the planned arguments. Otherwise it has other
// arguments than the object that Terraform wants to create.
func (r *Resource[M, O]) canBecome(ctx context.Context, op *Operation, req resource.CreateRequest) (bool, error) {
	existing, err := r.completed(ctx, req.Plan, nil, op.Diags)
	if err != nil {
		return false, err
	}
	if err := O(existing).Read(ctx, op); err != nil {
		return false, apierror.UnlessMissing(err) // it has another path
	}
	state := tfsdk.State{Schema: req.Plan.Schema, Raw: tftypes.NewValue(req.Plan.Raw.Type(), nil)}
	if r.write(ctx, &state, existing, op.Diags); op.Diags.HasError() {
		return false, nil
	}
	for name, attribute := range r.d.Schema().Attributes {
		text, ok := attribute.(schema.StringAttribute)
		if !ok || text.CustomType != nil { // an update can change every text with a type of its own
			continue
		}
		modify := planmodifier.StringRequest{
			Path: path.Root(name), PathExpression: path.MatchRoot(name), Config: req.Config, Plan: req.Plan, State: state,
			ConfigValue: TextOf(ctx, req.Config, name, op.Diags), PlanValue: TextOf(ctx, req.Plan, name, op.Diags),
			StateValue: TextOf(ctx, &state, name, op.Diags),
		}
		if textReplaces(ctx, text.PlanModifiers, modify) {
			return false, nil
		}
	}
	return true, nil
}

// keyAttributes has the attributes with the ids of access keys, for each type of resource that has access keys. A user
// may have several of them, so a key is no [planned.Object].
var keyAttributes = map[string][]string{
	"iam_access_key":          {"id"},
	"iam_access_key_rotation": {"current_access_key_id", "previous_access_key_id"},
}

// recovers reports whether the creation of a resource looks for objects that a killed run left behind. Adding a link
// that exists does nothing.
func (r *Resource[M, O]) recovers() bool {
	for _, suffix := range []string{"_attachment", "_membership", "_exclusive"} {
		if strings.HasSuffix(r.d.TypeName, suffix) {
			return false
		}
	}
	return !r.d.IsAction
}

// confirmable returns everything that a resource stands for and that a later run could take for left behind. value has
// the attributes of the resource.
func (r *Resource[M, O]) confirmable(ctx context.Context, api accountstore.API, value tftypes.Value) (
	all []recordedObject, err error) {
	if object, ok := r.soleObject(value); ok {
		of, ok, err := recordedAs(ctx, api, object)
		if err != nil || !ok {
			return nil, err
		}
		return []recordedObject{of}, nil
	}
	attributes := keyAttributes[r.d.TypeName]
	if len(attributes) == 0 {
		return nil, nil
	}
	node, err := planvalue.Node(value)
	if err != nil {
		return nil, err
	}
	live, err := accountstore.Account(ctx, api)
	if err != nil {
		return nil, err
	}
	for _, attribute := range attributes {
		user, _ := node.Member("user")
		key, ok := node.Member(attribute)
		if !ok || key.Kind != tree.String || user == nil {
			continue
		}
		id := live.IDOf(account.UserKind, user.Text)
		if id != "" {
			all = append(all, recordedObject{uniqueID: id, kind: engine.AccessKeyResource, name: key.Text})
		}
	}
	return all, nil
}

// confirm records, after a run that did not end in good order, that the state has the objects of a resource. A later
// run could otherwise take them for left behind. If confirm cannot record it, such as in a read-only store, a later
// run tries again. It reports whether nothing is left to confirm.
func (r *Resource[M, O]) confirm(ctx context.Context, state tftypes.Value, private privateState,
	diags *diag.Diagnostics) (done bool) {
	if r.d.OutsideAccount || !r.recovers() || state.IsNull() {
		return false
	}
	from, known := readProvenance(ctx, private, diags)
	if known && (from.run == "" || r.Store.SameTerraform(from.run)) {
		return false
	}
	api, err := r.Store.Existing(ctx)
	if err != nil {
		return false // the operation itself reports the error
	}
	if known && r.runEnded(ctx, api, from.run) {
		return false
	}
	all, err := r.confirmable(ctx, api, state)
	if err != nil {
		return false
	}
	for _, of := range all {
		found, exists, err := origin(ctx, api, of)
		if err != nil {
			return false
		}
		if !exists || found.Configuration != r.Store.Configuration || found.RunEnded || found.Confirmed {
			continue
		}
		if _, err := api.ConfirmResource(ctx,
			&engine.ConfirmResourceInput{UniqueID: of.uniqueID, Kind: of.kind, Name: of.name}); err != nil {
			return false
		}
	}
	return known
}

// confirmRead confirms the objects of a resource that was read, and remembers in the private state that this is done.
func (r *Resource[M, O]) confirmRead(ctx context.Context, state tftypes.Value, from, to privateState,
	diags *diag.Diagnostics) {
	if !r.confirm(ctx, state, from, diags) {
		return
	}
	if p, known := readProvenance(ctx, to, diags); known && p.run != "" {
		p.run = ""
		p.write(ctx, to, diags)
	}
}

// runEnded reports whether a run ended in good order. It asks the account once for each run.
func (s *Session) runEnded(ctx context.Context, api accountstore.API, run string) bool {
	if ended, known := s.endedRuns.Load(run); known {
		return ended == true
	}
	out, err := api.DescribeRun(ctx, &engine.DescribeRunInput{Run: run})
	if err != nil {
		return false
	}
	s.endedRuns.Store(run, out.Ended)
	return out.Ended
}

// runAfterUpdate returns the id of the run that created the objects of a resource after an update. An update that
// creates an object, such as an access key, has confirmed the earlier ones when it was planned.
func (r *Resource[M, O]) runAfterUpdate(ctx context.Context, before, after attributes, private privateState,
	diags *diag.Diagnostics) string {
	for _, attribute := range keyAttributes[r.d.TypeName] {
		if !TextOf(ctx, before, attribute, diags).Equal(TextOf(ctx, after, attribute, diags)) {
			return r.Store.Run
		}
	}
	from, _ := readProvenance(ctx, private, diags)
	return from.run
}

// leftBehindKeys returns the access keys of a user that killed runs of this configuration left behind: no state is
// known to have them, and nobody has used them.
func (m *Base) leftBehindKeys(ctx context.Context, api accountstore.API, user string) (left map[string]time.Time,
	err error) {
	out, err := api.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user})
	if err != nil {
		return nil, apierror.UnlessMissing(err)
	}
	if len(out.AccessKeyMetadata) == 0 {
		return nil, nil
	}
	live, err := accountstore.Account(ctx, api)
	if err != nil {
		return nil, err
	}
	left = map[string]time.Time{}
	for _, key := range out.AccessKeyMetadata {
		id := aws.ToString(key.AccessKeyId)
		from, known, err := origin(ctx, api, recordedObject{uniqueID: live.IDOf(account.UserKind, user),
			kind: engine.AccessKeyResource, name: id})
		if err != nil {
			return nil, err
		}
		// A run of HCP Terraform has several processes, and confirm trusts the end of one of them.
		if !known || !m.isLeftBehind(from) || m.runEnded(ctx, api, from.Run) {
			continue
		}
		used, err := api.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: key.AccessKeyId})
		if err != nil {
			return nil, err
		}
		if used.AccessKeyLastUsed.LastUsedDate == nil {
			left[id] = from.CreatedAt
		}
	}
	return left, nil
}

// DeleteLeftBehindKeys deletes the access keys of a user that killed runs of this configuration left behind, except
// for those that the resource has. Nobody has their secrets, and they would count towards the limit.
func (op *Operation) DeleteLeftBehindKeys(ctx context.Context, user string, own ...types.String) error {
	left, err := op.leftBehindKeys(ctx, op.API, user)
	if err != nil {
		return err
	}
	for id, created := range left {
		if slices.Contains(own, types.StringValue(id)) {
			continue
		}
		_, err := op.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &user, AccessKeyId: &id})
		switch {
		case err == nil:
			warnRecovered(fmt.Sprintf("access key %s of user %q", id, user), true, created, op.Diags)
		case apierror.UnlessMissing(err) != nil:
			return err
		}
	}
	return nil
}
