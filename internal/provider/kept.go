package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// kept is what resources have in common whose state is a model that can be made, read, changed and deleted as a whole: when the
// account is opened, what Terraform is told, and what is kept beside the state.
type kept[M any, O keepable[M]] struct{ asResource }

// keepable is such a model: *M.
type keepable[M any] interface {
	*M
	keptObject
	update(ctx context.Context, k *keeper, before *M) error
}

// keptObject is what can be kept, but for its update, which takes a model of its own type.
type keptObject interface {
	// what names it in messages, such as `user "alice"`.
	what() string
	// identity is the values of the attributes of its identity.
	identity() map[string]string
	// concerns says what of the audit trail concerns it.
	concerns(ctx context.Context, k *keeper) concerning

	create(ctx context.Context, k *keeper) error
	// read takes over what the API says. Where there is nothing any more, the error says so, as isMissing asks.
	read(ctx context.Context, k *keeper) error
	// remove deletes it. That it is gone already is no error.
	remove(ctx context.Context, k *keeper) error
}

// keeper is what an object is kept with.
type keeper struct {
	*managed
	api
	engine *engine.Engine
	config getter // the configuration, for what is write-only; nil in Read and Delete
	diags  *diag.Diagnostics
}

func (r *kept[M, O]) keeper(e *engine.Engine, config getter, diags *diag.Diagnostics) *keeper {
	return &keeper{managed: &r.managed, api: e.As(r.store.caller), engine: e, config: config, diags: diags}
}

func (r *kept[M, O]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	plan, ok := read[M](ctx, req.Plan, diags)
	if !ok {
		return
	}
	e, err := r.store.toCreate(ctx)
	if err != nil {
		storeError(diags, r.store, err)
		return
	}
	k, o := r.keeper(e, req.Config, diags), O(&plan)
	if err := o.create(ctx, k); err != nil {
		failed(diags, "creating "+o.what(), err)
	}
	if diags.HasError() {
		return
	}
	diags.Append(resp.State.Set(ctx, &plan)...)
	r.setIdentity(ctx, resp.Identity, o.identity(), diags)
	r.settled(ctx, o.concerns(ctx, k).subject, resp.Private, diags)
}

func (r *kept[M, O]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.planned.reading()
	diags := &resp.Diagnostics
	state, ok := read[M](ctx, req.State, diags)
	if !ok {
		return
	}
	o := O(&state)
	e, ok := r.home(ctx, o.what(), req.Private, diags)
	if !ok {
		return
	}
	k := r.keeper(e, nil, diags)
	r.setIdentity(ctx, resp.Identity, o.identity(), diags) // also for one that is gone
	concerns := o.concerns(ctx, k)
	err := o.read(ctx, k)
	if err == nil && concerns.subject == "" { // imported
		concerns = o.concerns(ctx, k)
	}
	if concerns.subject != "" {
		r.drift(ctx, concerns, req.Private, resp.Private, diags)
	}
	switch {
	case isMissing(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		failed(diags, "reading "+o.what(), err)
		return
	}
	diags.Append(resp.State.Set(ctx, &state)...)
	r.setIdentity(ctx, resp.Identity, o.identity(), diags)
}

func (r *kept[M, O]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	plan, ok1 := read[M](ctx, req.Plan, diags)
	state, ok2 := read[M](ctx, req.State, diags)
	if !ok1 || !ok2 {
		return
	}
	o := O(&plan)
	e, ok := r.home(ctx, O(&state).what(), req.Private, diags)
	if !ok {
		return
	}
	k := r.keeper(e, req.Config, diags)
	// What somebody changed between the plan and now would else never be told: what is changed now hides it.
	if concerns := O(&state).concerns(ctx, k); concerns.subject != "" {
		r.drift(ctx, concerns, req.Private, resp.Private, diags)
	}
	if err := o.update(ctx, k, &state); err != nil {
		failed(diags, "changing "+O(&state).what(), err)
	}
	if diags.HasError() {
		return
	}
	diags.Append(resp.State.Set(ctx, &plan)...)
	r.setIdentity(ctx, resp.Identity, o.identity(), diags)
	r.settled(ctx, o.concerns(ctx, k).subject, resp.Private, diags)
}

func (r *kept[M, O]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	state, ok := read[M](ctx, req.State, diags)
	if !ok {
		return
	}
	o := O(&state)
	e, ok := r.home(ctx, o.what(), req.Private, diags)
	if !ok {
		return
	}
	if err := unlessMissing(o.remove(ctx, r.keeper(e, nil, diags))); err != nil {
		failed(diags, "deleting "+o.what(), err)
	}
}

// planning reads a change as Terraform plans it, and refuses one of an object that lives in another store. ok is false where
// there is nothing to plan with: while Terraform only validates, or after an error.
func (r *kept[M, O]) planning(ctx context.Context, req resource.ModifyPlanRequest, diags *diag.Diagnostics) (plan, state *M, ok bool) {
	if r.configured == nil {
		return nil, nil, false
	}
	plan, state = planned[M](ctx, req, diags)
	if diags.HasError() {
		return nil, nil, false
	}
	if state != nil {
		if _, ok := r.home(ctx, O(state).what(), req.Private, diags); !ok {
			return nil, nil, false
		}
	}
	return plan, state, true
}
