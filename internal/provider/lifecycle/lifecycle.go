// Package lifecycle runs the resources of the provider.
//
// A resource has two parts. A [Definition] describes its schema and its special rules. An [Object]
// is the model that creates, reads, updates and deletes one object of the account. [New] combines
// them into a resource of the plugin framework.
//
// The resulting resource performs the steps that all resources share, so that none can forget a
// step. It tells the planned account whether Terraform plans or applies. It opens the store in
// which the object was created, and refuses any other store. It adds the planned edits to the
// planned account. It reports changes made outside Terraform, and it maintains the identity and the
// private state.
//
// [Session] is the state that a configured provider shares with its resources, data sources and
// ephemeral resources.
package lifecycle

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
)

// Definition describes one type of resource. Only TypeName and Schema are required.
type Definition[M any] struct {
	TypeName string
	Schema   func() schema.Schema

	// Identity lists the attributes that name the object in its account, each with its description,
	// in the order in which SplitID returns them. A resource without identity cannot be imported.
	Identity []IdentityAttribute
	// MutableIdentity says that an update may change the identity.
	MutableIdentity bool
	// SplitID splits the id of an import into the attributes of the identity. By default the id is the
	// value of the only attribute.
	SplitID func(id string) ([]string, error)
	// ImportState replaces the default import, which supports only identities that consist of strings.
	ImportState func(context.Context, *Base, resource.ImportStateRequest, *resource.ImportStateResponse)
	// MovedFrom is a resource type of the AWS provider. A moved block can move a resource of that type
	// to this one.
	MovedFrom string

	// Load and Save read and write a model whose attribute names vary. By default the model is a
	// struct with tfsdk tags.
	Load func(ctx context.Context, from Source, into *M, diags *diag.Diagnostics)
	Save func(ctx context.Context, to Target, from *M, diags *diag.Diagnostics)

	// Validate checks the rules that the schema cannot express.
	Validate func(ctx context.Context, config *M, diags *diag.Diagnostics)
	// Plan computes the attributes that follow from the arguments, and reports changes that the
	// account would refuse.
	Plan func(ctx context.Context, c *Change[M])
	// PlanDestroy runs when Terraform plans to destroy the object.
	PlanDestroy func(ctx context.Context, b *Base, state *M, diags *diag.Diagnostics)

	// DriftIfDifferent means that the resource reads the audit trail only after a read has found a
	// difference.
	DriftIfDifferent bool
	// IsAction means that the resource is an action: after its creation there is nothing to read,
	// change or delete.
	IsAction bool
	// ChangesByCode says, for the documentation, what a change of an argument does if Plan decides it.
	ChangesByCode map[string]string
	// WhenReplaced says, for the documentation, what a replacement of the object does to what belongs to it.
	WhenReplaced string
	// MovesBetweenOwners means that an update can give the object another owner. Otherwise another owner replaces the
	// object.
	MovesBetweenOwners bool
	// OutsideAccount means that the account does not contain the object, so the object belongs to no
	// store.
	OutsideAccount bool
}

// IdentityAttribute is an attribute of an identity. List says that it is a list of strings.
type IdentityAttribute struct {
	Name, Description string
	List              bool
}

// Object is the model of a resource: a *M that creates, reads, updates and deletes its object.
type Object[M any] interface {
	*M
	// Describe names the object in messages, such as `user "alice"`.
	Describe() string
	// Identity returns the values of the attributes of its identity, each a string or a list of
	// strings.
	Identity() map[string]any
	// AuditSubject selects the audit records about the object.
	AuditSubject(ctx context.Context, op *Operation) AuditSubject

	// Create creates the object, and sets the computed attributes.
	Create(ctx context.Context, op *Operation) error
	// Read sets the model from the answers of the API. If the object does not exist,
	// apierror.IsMissing(err) is true.
	Read(ctx context.Context, op *Operation) error
	// Update changes the object. before is the model of its current state.
	Update(ctx context.Context, op *Operation, before *M) error
	// Remove deletes the object. The caller ignores the error for an object that does not exist.
	Remove(ctx context.Context, op *Operation) error
}

// Operation contains everything that an object needs for one call of Terraform.
type Operation struct {
	*Base
	accountstore.API        // nil for an object outside the account
	Config           Source // only it has the write-only arguments; nil in Read and Delete
	Diags            *diag.Diagnostics
	private          privateState // only in Read
	planRun          string       // the run that planned a destruction; only in Delete
}

// Change is a planned change. [Definition].Plan may modify its fields Plan and Replace.
type Change[M any] struct {
	*Base
	Plan    *M
	State   *M     // nil if the object is to be created
	Config  Source // it has the write-only arguments, and distinguishes a missing argument from its default
	Replace path.Paths
	Diags   *diag.Diagnostics
}

// Source is a plan, a state or a configuration.
type Source interface {
	getter
	attributes
}

// Target is a plan or a state that can be written.
type Target interface {
	setter
	attributes
	Set(ctx context.Context, value any) diag.Diagnostics
}

// Resource is the resource that a definition describes.
type Resource[M any, O Object[M]] struct {
	ResourceBase
	d Definition[M]
}

// importableResource is a resource that has an identity and can be imported.
type importableResource[M any, O Object[M]] struct{ Resource[M, O] }

// resourceInterfaces and importableInterfaces list the interfaces of a resource that the framework
// finds by type assertion.
type (
	resourceInterfaces interface {
		resource.ResourceWithConfigure
		resource.ResourceWithModifyPlan
		resource.ResourceWithValidateConfig
	}
	importableInterfaces interface {
		resourceInterfaces
		resource.ResourceWithImportState
		resource.ResourceWithIdentity
		resource.ResourceWithMoveState
	}
)

// New returns the resource that a definition describes.
func New[M any, O Object[M]](d Definition[M]) resource.Resource {
	r := Resource[M, O]{d: d}
	if d.Identity == nil {
		var plain resourceInterfaces = &r
		return plain
	}
	var importable importableInterfaces = &importableResource[M, O]{r}
	return importable
}

// Metadata returns the type name.
func (r *Resource[M, O]) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.d.TypeName
	_, hasOwner := r.ownerAttribute() // which can be renamed
	resp.ResourceBehavior.MutableIdentity = r.d.MutableIdentity || hasOwner
}

// Schema returns the schema of the definition.
func (r *Resource[M, O]) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.d.Schema()
	if !r.d.IsAction {
		resp.Schema.MarkdownDescription += r.changeTable(ctx, resp.Schema)
	}
}

// IdentitySchema returns the attributes that name an object.
func (r *importableResource[M, O]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest,
	resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: identitySchema(r.d.Identity)}
}

// MoveState returns the state movers for `moved` blocks that move a resource from the AWS provider. It
// returns nil if the resource has no counterpart there.
func (r *importableResource[M, O]) MoveState(context.Context) []resource.StateMover {
	if r.d.MovedFrom == "" {
		return nil
	}
	return movedFromAWS(r.d.MovedFrom)
}

// ImportState sets the attributes that name the imported object. Terraform then reads it.
func (r *importableResource[M, O]) ImportState(ctx context.Context, req resource.ImportStateRequest,
	resp *resource.ImportStateResponse) {
	if r.d.ImportState != nil {
		r.d.ImportState(ctx, &r.Base, req, resp)
		return
	}
	r.importBy(ctx, req, resp, r.d.SplitID, r.d.Identity)
}

// ValidateConfig checks the rules that the schema cannot express.
func (r *Resource[M, O]) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest,
	resp *resource.ValidateConfigResponse) {
	if r.d.Validate == nil {
		return
	}
	if config, ok := r.read(ctx, req.Config, &resp.Diagnostics); ok {
		r.d.Validate(ctx, config, &resp.Diagnostics)
	}
}

// read reads the model. ok is false after an error.
func (r *Resource[M, O]) read(ctx context.Context, from Source, diags *diag.Diagnostics) (model *M, ok bool) {
	model = new(M)
	var found diag.Diagnostics
	if r.d.Load != nil {
		r.d.Load(ctx, from, model, &found)
	} else {
		found.Append(from.Get(ctx, model)...)
	}
	diags.Append(found...)
	return model, !found.HasError()
}

func (r *Resource[M, O]) write(ctx context.Context, to Target, model *M, diags *diag.Diagnostics) {
	if r.d.Save != nil {
		r.d.Save(ctx, to, model, diags)
		return
	}
	diags.Append(to.Set(ctx, model)...)
}

// open opens the store of an object for an operation.
func (r *Resource[M, O]) open(ctx context.Context, o O, config Source, private privateState,
	diags *diag.Diagnostics) (*Operation, bool) {
	op := &Operation{Base: &r.Base, Config: config, Diags: diags}
	if r.d.OutsideAccount {
		return op, true
	}
	e, ok := r.openExpectedStore(ctx, o.Describe(), private, diags)
	if !ok {
		return nil, false
	}
	op.API = e
	return op, true
}

// ModifyPlan completes a planned change, and adds its edits to the planned account.
func (r *Resource[M, O]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse) {
	if r.Session == nil { // Terraform only validates
		return
	}
	diags := &resp.Diagnostics
	c := &Change[M]{Base: &r.Base, Config: req.Config, Diags: diags, Replace: resp.RequiresReplace}
	ok := true
	state := req.State
	if !req.State.Raw.IsNull() {
		r.followRename(ctx, &state, r.ownerName(ctx, req.Plan, diags), req.Private, diags)
		c.State, ok = r.read(ctx, state, diags)
	}
	destroys := req.Plan.Raw.IsNull()
	if !destroys && ok {
		c.Plan, ok = r.read(ctx, req.Plan, diags)
	}
	if !ok {
		return
	}
	if c.State != nil && !(r.d.IsAction && destroys) {
		if _, ok := r.open(ctx, c.State, nil, req.Private, diags); !ok {
			return
		}
		r.confirm(ctx, state.Raw, req.Private, diags)
	}
	switch {
	case destroys && r.d.PlanDestroy != nil:
		r.d.PlanDestroy(ctx, &r.Base, c.State, diags)
	case !destroys:
		lost := r.planOwner(ctx, &state, &req.Plan, &c.Replace, diags)
		if r.d.Plan != nil {
			r.d.Plan(ctx, c)
			r.write(ctx, &resp.Plan, c.Plan, diags)
		}
		if lost {
			Put(ctx, &resp.Plan, idAttribute, types.StringUnknown(), diags)
		}
		resp.RequiresReplace = c.Replace
	}
	if !diags.HasError() {
		if state.Raw.IsNull() || !state.Raw.Equal(resp.Plan.Raw) {
			r.savePlanRun(ctx, resp.Private, diags)
		}
		r.planEdits(ctx, r.d.TypeName, state.Raw, resp.Plan.Raw, req.Config.Raw,
			len(resp.RequiresReplace) > 0, diags)
	}
}

// Create creates the object.
func (r *Resource[M, O]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.Planned.EnterApply()
	diags := &resp.Diagnostics
	plan, ok := r.read(ctx, req.Plan, diags)
	if !ok {
		return
	}
	op := &Operation{Base: &r.Base, Config: req.Config, Diags: diags}
	if !r.d.OutsideAccount {
		e, err := r.Store.OpenOrCreate(ctx)
		if err != nil {
			r.Store.AddError(diags, err)
			return
		}
		op.API = e
	}
	r.willMake(req.Plan.Raw)
	o, run, err := r.createOrTakeOver(ctx, op, plan, req)
	if err != nil {
		apierror.Add(diags, "creating "+o.Describe(), err)
	}
	r.finish(ctx, o, &resp.State, resp.Identity, resp.Private, run, diags)
}

// finish writes the state, the identity and the private state of an object that was created or
// changed. run is the id of the run that created it.
func (r *Resource[M, O]) finish(ctx context.Context, o O, state Target, identity identityTarget,
	private privateState, run string, diags *diag.Diagnostics) {
	if diags.HasError() {
		return
	}
	r.write(ctx, state, o, diags)
	r.SetIdentity(ctx, identity, o.Identity(), diags)
	diags.Append(private.SetKey(ctx, planRunKey, nil)...)
	if !r.d.OutsideAccount {
		if !r.recovers() {
			run = ""
		}
		r.saveProvenance(ctx, private, run, diags)
		r.saveOwner(ctx, state, private, diags)
	}
}

// Read refreshes the state, and reports changes made outside Terraform.
func (r *Resource[M, O]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.Planned.EnterRefresh()
	if r.d.IsAction {
		return
	}
	diags := &resp.Diagnostics
	present := req.State
	r.followRename(ctx, &present, types.StringNull(), req.Private, diags)
	state, ok := r.read(ctx, present, diags)
	if !ok {
		return
	}
	o, before := O(state), *state
	op, ok := r.open(ctx, o, nil, req.Private, diags)
	if !ok {
		return
	}
	op.private = req.Private
	r.SetIdentity(ctx, resp.Identity, o.Identity(), diags) // Terraform requires an identity even for a missing object
	var subject AuditSubject
	if !r.d.DriftIfDifferent {
		subject = o.AuditSubject(ctx, op) // before the read forgets the old values
	}
	err := o.Read(ctx, op)
	if !r.d.OutsideAccount {
		r.readDrift(ctx, op, before, o, err, subject, req.Private, resp.Private)
	}
	switch {
	case apierror.IsMissing(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		apierror.Add(diags, "reading "+o.Describe(), err)
		return
	}
	r.write(ctx, &resp.State, state, diags)
	r.SetIdentity(ctx, resp.Identity, o.Identity(), diags)
	r.saveOwner(ctx, &resp.State, resp.Private, diags)
	r.confirmRead(ctx, resp.State.Raw, req.Private, resp.Private, diags)
}

// readDrift reports, after a read, the changes made outside Terraform.
func (r *Resource[M, O]) readDrift(ctx context.Context, op *Operation, before M, o O, err error,
	subject AuditSubject, from, to privateState) {
	switch {
	case !r.d.DriftIfDifferent:
		if err == nil && subject.ID == "" { // an import knows the subject only after the read
			subject = o.AuditSubject(ctx, op)
		}
	case apierror.IsMissing(err), err == nil && !reflect.DeepEqual(before, *o):
		subject = O(&before).AuditSubject(ctx, op)
	}
	if subject.ID != "" {
		r.reportDrift(ctx, subject, from, to, op.Diags)
		return
	}
	if _, known := readProvenance(ctx, from, op.Diags); !known && err == nil {
		r.saveProvenance(ctx, to, "", op.Diags)
	}
}

// Update changes the object.
func (r *Resource[M, O]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.Planned.EnterApply()
	diags := &resp.Diagnostics
	plan, planOK := r.read(ctx, req.Plan, diags)
	present := req.State
	r.followRename(ctx, &present, r.ownerName(ctx, req.Plan, diags), req.Private, diags)
	state, stateOK := r.read(ctx, present, diags)
	if !planOK || !stateOK {
		return
	}
	o := O(plan)
	op, ok := r.open(ctx, state, req.Config, req.Private, diags)
	if !ok {
		return
	}
	// This update overwrites changes that somebody made after the plan. The next plan could not report
	// them.
	if !r.d.OutsideAccount {
		if subject := O(state).AuditSubject(ctx, op); subject.ID != "" {
			r.reportDrift(ctx, subject, req.Private, resp.Private, diags)
		}
	}
	r.willMake(req.Plan.Raw)
	if err := o.Update(ctx, op, state); err != nil {
		apierror.Add(diags, "changing "+O(state).Describe(), err)
	}
	run := r.runAfterUpdate(ctx, req.State, req.Plan, req.Private, diags)
	r.finish(ctx, o, &resp.State, resp.Identity, resp.Private, run, diags)
}

// Delete deletes the object.
func (r *Resource[M, O]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.Planned.EnterApply()
	if r.d.IsAction {
		return
	}
	diags := &resp.Diagnostics
	state, ok := r.read(ctx, req.State, diags)
	if !ok {
		return
	}
	o := O(state)
	op, ok := r.open(ctx, o, nil, req.Private, diags)
	if !ok {
		return
	}
	op.planRun = planRun(ctx, req.Private, diags)
	if r.staysAfterDestroy(ctx, op, req.State.Raw) {
		return
	}
	if err := apierror.UnlessMissing(o.Remove(ctx, op)); err != nil {
		apierror.Add(diags, "deleting "+o.Describe(), err)
	}
}
