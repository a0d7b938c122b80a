package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// definition describes one type of resource. crudResource does the rest: it tracks whether Terraform
// plans or applies, opens the store that the resource was created in, lays the planned edits over the
// planned account, reports changes made outside Terraform, and keeps identity and private state.
type definition[M any] struct {
	typeName string
	schema   func() schema.Schema

	// identity lists the attributes that name the object in its account, each with its description, in
	// the order in which splitID finds them. A resource without identity cannot be imported.
	identity []identityAttribute
	// mutableIdentity says that an update may change the identity.
	mutableIdentity bool
	// splitID splits the id of an import. By default the id is the one attribute of the identity.
	splitID func(id string) ([]string, error)
	// importState imports a resource whose identity is not just texts.
	importState func(context.Context, *base, resource.ImportStateRequest, *resource.ImportStateResponse)
	// movedFrom is the type of the AWS provider whose objects a moved block takes over.
	movedFrom string

	// load and save read and write a model whose attributes do not all have fixed names. By default the
	// model is a struct with tfsdk tags.
	load func(ctx context.Context, from source, into *M, diags *diag.Diagnostics)
	save func(ctx context.Context, to target, from *M, diags *diag.Diagnostics)

	// validate checks what the schema cannot.
	validate func(ctx context.Context, config *M, diags *diag.Diagnostics)
	// plan fills in what follows from the arguments, and checks what the account would refuse.
	plan func(ctx context.Context, c *change[M])
	// planDestroy is called when Terraform plans to destroy the object.
	planDestroy func(b *base, state *M)

	// driftIfDifferent says that the audit trail is read only if a read finds a difference.
	driftIfDifferent bool
	// leavesNothing says that creating the object is all: there is nothing to read, change or delete.
	leavesNothing bool
	// outsideAccount says that the object is not in the account, so that it belongs to no store.
	outsideAccount bool
}

// identityAttribute is an attribute of an identity. list says that it is a list of strings.
type identityAttribute struct {
	name, description string
	list              bool
}

// crudObject is the model of a resource: a *M that creates, reads, updates and deletes its object.
type crudObject[M any] interface {
	*M
	// describe names the object in messages, such as `user "alice"`.
	describe() string
	// identity returns the values of the attributes of its identity, each a string or a list of strings.
	identity() map[string]any
	// auditSubject says which records of the audit trail are about the object.
	auditSubject(ctx context.Context, op *operation) auditSubject

	create(ctx context.Context, op *operation) error
	// read sets the model to what the API answers. If the object does not exist, isMissing(err) is true.
	read(ctx context.Context, op *operation) error
	update(ctx context.Context, op *operation, before *M) error
	// remove deletes the object. The error for an object that does not exist is ignored.
	remove(ctx context.Context, op *operation) error
}

// operation is one call of Terraform about an object, with all that the object needs for it.
type operation struct {
	*base
	api           // nil for an object outside the account
	config source // the configuration, which alone has write-only arguments; nil in Read and Delete
	diags  *diag.Diagnostics
}

// change is a planned change. The plan function may change plan and replace.
type change[M any] struct {
	*base
	plan    *M
	state   *M // nil if the object is to be created
	replace path.Paths
	diags   *diag.Diagnostics
}

// source is a plan, a state or a configuration.
type source interface {
	getter
	attributes
}

// target is a plan or a state to be written.
type target interface {
	setter
	Set(ctx context.Context, value any) diag.Diagnostics
}

// crudResource is a resource of one definition.
type crudResource[M any, O crudObject[M]] struct {
	resourceBase
	definition[M]
}

// importableResource is a resource that has an identity and can be imported.
type importableResource[M any, O crudObject[M]] struct{ crudResource[M, O] }

// resourceInterfaces and importableInterfaces list what the framework asks of a resource by type assertion.
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

// newResource returns the resource that a definition describes.
func newResource[M any, O crudObject[M]](d definition[M]) resource.Resource {
	r := crudResource[M, O]{definition: d}
	if d.identity == nil {
		var plain resourceInterfaces = &r
		return plain
	}
	var importable importableInterfaces = &importableResource[M, O]{r}
	return importable
}

func (r *crudResource[M, O]) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName
	resp.ResourceBehavior.MutableIdentity = r.mutableIdentity
}

func (r *crudResource[M, O]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema()
}

func (r *importableResource[M, O]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: identitySchema(r.definition.identity)}
}

func (r *importableResource[M, O]) MoveState(context.Context) []resource.StateMover {
	if r.movedFrom == "" {
		return nil
	}
	return movedFromAWS(r.movedFrom)
}

func (r *importableResource[M, O]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if r.importState != nil {
		r.importState(ctx, &r.base, req, resp)
		return
	}
	r.importBy(ctx, req, resp, r.splitID, r.definition.identity)
}

func (r *crudResource[M, O]) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	if r.validate == nil {
		return
	}
	if config, ok := r.read(ctx, req.Config, &resp.Diagnostics); ok {
		r.validate(ctx, config, &resp.Diagnostics)
	}
}

// read reads the model. ok is false after an error.
func (r *crudResource[M, O]) read(ctx context.Context, from source, diags *diag.Diagnostics) (model *M, ok bool) {
	model = new(M)
	var found diag.Diagnostics
	if r.load != nil {
		r.load(ctx, from, model, &found)
	} else {
		found.Append(from.Get(ctx, model)...)
	}
	diags.Append(found...)
	return model, !found.HasError()
}

func (r *crudResource[M, O]) write(ctx context.Context, to target, model *M, diags *diag.Diagnostics) {
	if r.save != nil {
		r.save(ctx, to, model, diags)
		return
	}
	diags.Append(to.Set(ctx, model)...)
}

// open opens the store that the object is in, for an operation on it.
func (r *crudResource[M, O]) open(ctx context.Context, o O, config source, private privateState, diags *diag.Diagnostics) (*operation, bool) {
	op := &operation{base: &r.base, config: config, diags: diags}
	if r.outsideAccount {
		return op, true
	}
	e, ok := r.openExpectedStore(ctx, o.describe(), private, diags)
	if !ok {
		return nil, false
	}
	op.api = e
	return op, true
}

func (r *crudResource[M, O]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil { // Terraform only validates
		return
	}
	diags := &resp.Diagnostics
	c := &change[M]{base: &r.base, diags: diags, replace: resp.RequiresReplace}
	ok := true
	if !req.State.Raw.IsNull() {
		c.state, ok = r.read(ctx, req.State, diags)
	}
	destroys := req.Plan.Raw.IsNull()
	if !destroys && ok {
		c.plan, ok = r.read(ctx, req.Plan, diags)
	}
	if !ok {
		return
	}
	if c.state != nil && !(r.leavesNothing && destroys) {
		if _, ok := r.open(ctx, c.state, nil, req.Private, diags); !ok {
			return
		}
	}
	switch {
	case destroys && r.planDestroy != nil:
		r.planDestroy(&r.base, c.state)
	case !destroys && r.definition.plan != nil:
		r.definition.plan(ctx, c)
		resp.RequiresReplace = c.replace
		r.write(ctx, &resp.Plan, c.plan, diags)
	}
	if !diags.HasError() {
		r.planEdits(r.typeName, req.State.Raw, resp.Plan.Raw, len(resp.RequiresReplace) > 0, diags)
	}
}

func (r *crudResource[M, O]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.enterApply()
	diags := &resp.Diagnostics
	plan, ok := r.read(ctx, req.Plan, diags)
	if !ok {
		return
	}
	op, o := &operation{base: &r.base, config: req.Config, diags: diags}, O(plan)
	if !r.outsideAccount {
		e, err := r.store.toCreate(ctx)
		if err != nil {
			r.store.addError(diags, err)
			return
		}
		op.api = e
	}
	if err := o.create(ctx, op); err != nil {
		addFailure(diags, "creating "+o.describe(), err)
	}
	r.finish(ctx, o, &resp.State, resp.Identity, resp.Private, diags)
}

// finish writes what Terraform keeps of an object that was created or changed.
func (r *crudResource[M, O]) finish(ctx context.Context, o O, state target, identity identityTarget, private privateState, diags *diag.Diagnostics) {
	if diags.HasError() {
		return
	}
	r.write(ctx, state, o, diags)
	r.setIdentity(ctx, identity, o.identity(), diags)
	if !r.outsideAccount {
		r.saveProvenance(ctx, private, diags)
	}
}

func (r *crudResource[M, O]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.planned.enterRefresh()
	if r.leavesNothing {
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
	r.setIdentity(ctx, resp.Identity, o.identity(), diags) // Terraform wants it also if the object is gone
	var subject auditSubject
	if !r.driftIfDifferent {
		subject = o.auditSubject(ctx, op) // before the read forgets the old values
	}
	err := o.read(ctx, op)
	if !r.outsideAccount {
		r.readDrift(ctx, op, before, o, err, subject, req.Private, resp.Private)
	}
	switch {
	case isMissing(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		addFailure(diags, "reading "+o.describe(), err)
		return
	}
	r.write(ctx, &resp.State, state, diags)
	r.setIdentity(ctx, resp.Identity, o.identity(), diags)
}

// readDrift reports, after a read, what was changed outside Terraform.
func (r *crudResource[M, O]) readDrift(ctx context.Context, op *operation, before M, o O, err error, subject auditSubject, from, to privateState) {
	switch {
	case !r.driftIfDifferent:
		if err == nil && subject.id == "" { // an import knows the subject only after the read
			subject = o.auditSubject(ctx, op)
		}
	case isMissing(err), err == nil && !reflect.DeepEqual(before, *o):
		subject = O(&before).auditSubject(ctx, op)
	}
	if subject.id != "" {
		r.reportDrift(ctx, subject, from, to, op.diags)
		return
	}
	if _, known := readProvenance(ctx, from, op.diags); !known && err == nil {
		r.saveProvenance(ctx, to, op.diags)
	}
}

func (r *crudResource[M, O]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.planned.enterApply()
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
	// This update hides what somebody changed after the plan, so that the next plan cannot report it.
	if !r.outsideAccount {
		if subject := O(state).auditSubject(ctx, op); subject.id != "" {
			r.reportDrift(ctx, subject, req.Private, resp.Private, diags)
		}
	}
	if err := o.update(ctx, op, state); err != nil {
		addFailure(diags, "changing "+O(state).describe(), err)
	}
	r.finish(ctx, o, &resp.State, resp.Identity, resp.Private, diags)
}

func (r *crudResource[M, O]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.planned.enterApply()
	if r.leavesNothing {
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
	if err := unlessMissing(o.remove(ctx, op)); err != nil {
		addFailure(diags, "deleting "+o.describe(), err)
	}
}
