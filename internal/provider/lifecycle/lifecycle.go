// Package lifecycle runs the resources of the provider.
//
// A resource is a [Definition], with its schema and what is special about it, and an [Object], the
// model that creates, reads, updates and deletes. [New] makes a resource of the plugin framework of
// them, which does in the right order what every resource needs: it tells the planned account
// whether Terraform plans or applies, opens the store that the object was created in and refuses
// any other, lays planned edits over the planned account, reports changes made outside Terraform
// from the audit trail, and keeps identity and private state. A new resource cannot forget one of
// these steps.
//
// [Session] is what a configured provider hands to its resources, data sources and ephemeral
// resources.
package lifecycle

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
)

// Definition describes one type of resource. Resource does the rest: it tracks whether Terraform
// plans or applies, opens the store that the resource was created in, lays the planned edits over
// the planned account, reports changes made outside Terraform, and keeps identity and private
// state.
type Definition[M any] struct {
	TypeName string
	Schema   func() schema.Schema

	// Identity lists the attributes that name the object in its account, each with its description,
	// in the order in which SplitID returns them. A resource without identity cannot be imported.
	Identity []IdentityAttribute
	// MutableIdentity says that an update may change the identity.
	MutableIdentity bool
	// SplitID splits the id of an import. By default the id is the one attribute of the identity.
	SplitID func(id string) ([]string, error)
	// ImportState imports a resource whose identity is not just texts.
	ImportState func(context.Context, *Base, resource.ImportStateRequest, *resource.ImportStateResponse)
	// MovedFrom is the type of the AWS provider whose objects a moved block takes over.
	MovedFrom string

	// Load and save read and write a model whose attributes do not all have fixed names. By default
	// the model is a struct with tfsdk tags.
	Load func(ctx context.Context, from Source, into *M, diags *diag.Diagnostics)
	Save func(ctx context.Context, to Target, from *M, diags *diag.Diagnostics)

	// Validate checks what the schema cannot.
	Validate func(ctx context.Context, config *M, diags *diag.Diagnostics)
	// Plan fills in what follows from the arguments, and checks what the account would refuse.
	Plan func(ctx context.Context, c *Change[M])
	// PlanDestroy is called when Terraform plans to destroy the object.
	PlanDestroy func(b *Base, state *M)

	// DriftIfDifferent says that the audit trail is read only if a read finds a difference.
	DriftIfDifferent bool
	// LeavesNothing says that creating the object is all: there is nothing to read, change or
	// delete.
	LeavesNothing bool
	// OutsideAccount says that the object is not in the account, so that it belongs to no store.
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
	// AuditSubject says which records of the audit trail are about the object.
	AuditSubject(ctx context.Context, op *Operation) AuditSubject

	// Create creates the object, and sets the attributes that are computed.
	Create(ctx context.Context, op *Operation) error
	// Read sets the model to what the API answers. If the object does not exist,
	// apierror.IsMissing(err) is true.
	Read(ctx context.Context, op *Operation) error
	// Update changes the object from its model before.
	Update(ctx context.Context, op *Operation, before *M) error
	// Remove deletes the object. The error for an object that does not exist is ignored.
	Remove(ctx context.Context, op *Operation) error
}

// Operation is one call of Terraform about an object, with all that the object needs for it.
type Operation struct {
	*Base
	accountstore.API        // nil for an object outside the account
	Config           Source // the configuration, which alone has write-only arguments; nil in Read and Delete
	Diags            *diag.Diagnostics
}

// Change is a planned change. The function Plan of a definition may change Plan and Replace.
type Change[M any] struct {
	*Base
	Plan    *M
	State   *M // nil if the object is to be created
	Replace path.Paths
	Diags   *diag.Diagnostics
}

// Source is a plan, a state or a configuration.
type Source interface {
	getter
	attributes
}

// Target is a plan or a state to be written.
type Target interface {
	setter
	Set(ctx context.Context, value any) diag.Diagnostics
}

// Resource is a resource of one definition.
type Resource[M any, O Object[M]] struct {
	ResourceBase
	d Definition[M]
}

// importableResource is a resource that has an identity and can be imported.
type importableResource[M any, O Object[M]] struct{ Resource[M, O] }

// resourceInterfaces and importableInterfaces list what the framework asks of a resource by type
// assertion.
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
	resp.ResourceBehavior.MutableIdentity = r.d.MutableIdentity
}

// Schema returns the schema of the definition.
func (r *Resource[M, O]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.d.Schema()
}

// IdentitySchema returns the attributes that name an object.
func (r *importableResource[M, O]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest,
	resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: identitySchema(r.d.Identity)}
}

// MoveState takes over objects of the AWS provider.
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

// ValidateConfig checks what the schema cannot.
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

// open opens the store that the object is in, for an operation on it.
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

// ModifyPlan completes a planned change, and lays its edits over the planned account.
func (r *Resource[M, O]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse) {
	if r.Session == nil { // Terraform only validates
		return
	}
	diags := &resp.Diagnostics
	c := &Change[M]{Base: &r.Base, Diags: diags, Replace: resp.RequiresReplace}
	ok := true
	if !req.State.Raw.IsNull() {
		c.State, ok = r.read(ctx, req.State, diags)
	}
	destroys := req.Plan.Raw.IsNull()
	if !destroys && ok {
		c.Plan, ok = r.read(ctx, req.Plan, diags)
	}
	if !ok {
		return
	}
	if c.State != nil && !(r.d.LeavesNothing && destroys) {
		if _, ok := r.open(ctx, c.State, nil, req.Private, diags); !ok {
			return
		}
	}
	switch {
	case destroys && r.d.PlanDestroy != nil:
		r.d.PlanDestroy(&r.Base, c.State)
	case !destroys && r.d.Plan != nil:
		r.d.Plan(ctx, c)
		resp.RequiresReplace = c.Replace
		r.write(ctx, &resp.Plan, c.Plan, diags)
	}
	if !diags.HasError() {
		r.planEdits(r.d.TypeName, req.State.Raw, resp.Plan.Raw, len(resp.RequiresReplace) > 0, diags)
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
	op, o := &Operation{Base: &r.Base, Config: req.Config, Diags: diags}, O(plan)
	if !r.d.OutsideAccount {
		e, err := r.Store.ToCreate(ctx)
		if err != nil {
			r.Store.AddError(diags, err)
			return
		}
		op.API = e
	}
	if err := o.Create(ctx, op); err != nil {
		apierror.Add(diags, "creating "+o.Describe(), err)
	}
	r.finish(ctx, o, &resp.State, resp.Identity, resp.Private, diags)
}

// finish writes what Terraform keeps of an object that was created or changed.
func (r *Resource[M, O]) finish(ctx context.Context, o O, state Target, identity identityTarget,
	private privateState, diags *diag.Diagnostics) {
	if diags.HasError() {
		return
	}
	r.write(ctx, state, o, diags)
	r.SetIdentity(ctx, identity, o.Identity(), diags)
	if !r.d.OutsideAccount {
		r.saveProvenance(ctx, private, diags)
	}
}

// Read refreshes the state, and reports changes made outside Terraform.
func (r *Resource[M, O]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.Planned.EnterRefresh()
	if r.d.LeavesNothing {
		return
	}
	diags := &resp.Diagnostics
	state, ok := r.read(ctx, req.State, diags)
	if !ok {
		return
	}
	o, before := O(state), *state
	op, ok := r.open(ctx, o, nil, req.Private, diags)
	if !ok {
		return
	}
	r.SetIdentity(ctx, resp.Identity, o.Identity(), diags) // Terraform wants it also if the object is gone
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
}

// readDrift reports, after a read, what was changed outside Terraform.
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
		r.saveProvenance(ctx, to, op.Diags)
	}
}

// Update changes the object.
func (r *Resource[M, O]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.Planned.EnterApply()
	diags := &resp.Diagnostics
	plan, ok1 := r.read(ctx, req.Plan, diags)
	state, ok2 := r.read(ctx, req.State, diags)
	if !ok1 || !ok2 {
		return
	}
	o := O(plan)
	op, ok := r.open(ctx, state, req.Config, req.Private, diags)
	if !ok {
		return
	}
	// This update hides what somebody changed after the plan, so that the next plan cannot report
	// it.
	if !r.d.OutsideAccount {
		if subject := O(state).AuditSubject(ctx, op); subject.ID != "" {
			r.reportDrift(ctx, subject, req.Private, resp.Private, diags)
		}
	}
	if err := o.Update(ctx, op, state); err != nil {
		apierror.Add(diags, "changing "+O(state).Describe(), err)
	}
	r.finish(ctx, o, &resp.State, resp.Identity, resp.Private, diags)
}

// Delete deletes the object.
func (r *Resource[M, O]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.Planned.EnterApply()
	if r.d.LeavesNothing {
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
	if err := apierror.UnlessMissing(o.Remove(ctx, op)); err != nil {
		apierror.Add(diags, "deleting "+o.Describe(), err)
	}
}
