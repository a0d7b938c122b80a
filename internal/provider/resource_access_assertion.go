package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
)

func newAccessAssertionResource() resource.Resource { return &accessAssertionResource{} }

// accessAssertionResource is nothing in the account: it is what must hold of it.
type accessAssertionResource struct{ asResource }

var (
	_ resource.ResourceWithConfigure      = (*accessAssertionResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*accessAssertionResource)(nil)
	_ resource.ResourceWithValidateConfig = (*accessAssertionResource)(nil)
)

type accessAssertionModel struct {
	Principal types.String `tfsdk:"principal"`
	Allow     types.List   `tfsdk:"allow"`
	Deny      types.List   `tfsdk:"deny"`
	ID        types.String `tfsdk:"id"`
	Effective types.List   `tfsdk:"effective"`
}

type accessBlockModel struct {
	Actions   types.Set    `tfsdk:"actions"`
	Resources types.Set    `tfsdk:"resources"`
	Context   types.List   `tfsdk:"context"`
	Message   types.String `tfsdk:"message"`
}

type contextKeyModel struct {
	Key    types.String `tfsdk:"key"`
	Values types.Set    `tfsdk:"values"`
	List   types.Bool   `tfsdk:"multivalued"`
}

var effectiveType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"action": types.StringType, "resource": types.StringType, "decision": types.StringType,
}}

func (r *accessAssertionResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "iam_access_assertion"
}

func (r *accessAssertionResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	block := func(description string) schema.Block {
		return schema.ListNestedBlock{
			MarkdownDescription: description,
			NestedObject: schema.NestedBlockObject{
				Attributes: map[string]schema.Attribute{
					"actions": schema.SetAttribute{
						ElementType: types.StringType, Required: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
						MarkdownDescription: "The actions, such as `s3:GetObject`, or patterns of actions.",
					},
					"resources": schema.SetAttribute{
						ElementType: types.StringType, Optional: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
						MarkdownDescription: "The ARNs of resources, or patterns. Default: in `allow`, `*`, for actions that know no resources; in `deny`, any resource.",
					},
					"message": schema.StringAttribute{Optional: true, MarkdownDescription: "Why, for whoever reads the error."},
				},
				Blocks: map[string]schema.Block{
					"context": schema.ListNestedBlock{
						MarkdownDescription: "A context key of the requests.",
						NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
							"key":         schema.StringAttribute{Required: true, MarkdownDescription: "The key, such as `aws:MultiFactorAuthPresent`."},
							"values":      schema.SetAttribute{ElementType: types.StringType, Required: true, MarkdownDescription: "Its value; several for a multivalued key."},
							"multivalued": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether the key has a list of values, such as `aws:TagKeys`."},
						}},
					},
				},
			},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What a user or role must and must not be able to do. It is nothing in the account. While Terraform plans, it is checked on the account *as it will be*, with all " +
			"planned changes, and again at each change that is planned later: a plan that breaks it fails, on the resource that causes it, and says which statement is to blame. " +
			"After apply it is checked on the account as it is.\n\n" +
			"Refer to what the principal gets, or name it in `depends_on`: Terraform plans in the order of references, and what is planned later counts as not there yet.",
		Attributes: map[string]schema.Attribute{
			"principal": schema.StringAttribute{Required: true, MarkdownDescription: "The user or role: its ARN, name or unique id, or the ARN of a role's session."},
			"id":        schema.StringAttribute{Computed: true, MarkdownDescription: "The principal with a digest of what is asserted."},
			"effective": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "What the requests came to when the account was last looked at.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"action":   schema.StringAttribute{Computed: true, MarkdownDescription: "The action; for a pattern, one that stands for it."},
					"resource": schema.StringAttribute{Computed: true, MarkdownDescription: "The resource; for a pattern, one that stands for it."},
					"decision": schema.StringAttribute{Computed: true, MarkdownDescription: "Of `allow`: `Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`. Of `deny`: `Never`, or `Possible` where it is allowed under some circumstances."},
				}},
			},
		},
		Blocks: map[string]schema.Block{
			"allow": block("Requests that must be allowed, with exactly this context."),
			"deny": block("Requests that must never be allowed, whatever the context keys are that are not given: a grant with a condition is a grant. " +
				"Keys that are given have these values."),
		},
	}
}

// assertion is what the configuration asserts. Sets, blocks and texts that are not known yet are left out; known is false then.
func (m *accessAssertionModel) assertion(ctx context.Context, diags *diag.Diagnostics) (a assertion.Assertion, known bool) {
	known = !m.Principal.IsUnknown() && !m.Allow.IsUnknown() && !m.Deny.IsUnknown()
	a.Principal = m.Principal.ValueString()
	texts := func(from types.Set) (out []string) {
		known = known && !from.IsUnknown()
		for _, element := range from.Elements() {
			text, ok := element.(types.String)
			known = known && ok && !text.IsUnknown()
			out = append(out, text.ValueString())
		}
		return out
	}
	for _, of := range []struct {
		blocks types.List
		allow  bool
	}{{m.Allow, true}, {m.Deny, false}} {
		var blocks []accessBlockModel
		diags.Append(of.blocks.ElementsAs(ctx, &blocks, true)...)
		for _, b := range blocks {
			block := assertion.Block{Allow: of.allow, Actions: texts(b.Actions), Resources: texts(b.Resources), Message: b.Message.ValueString()}
			var keys []contextKeyModel
			known = known && !b.Context.IsUnknown()
			diags.Append(b.Context.ElementsAs(ctx, &keys, true)...)
			for _, k := range keys {
				known = known && !k.Key.IsUnknown() && !k.List.IsUnknown()
				if values := texts(k.Values); known {
					block.Context = append(block.Context, assertion.Key{Name: k.Key.ValueString(), Values: values, Multivalued: k.List.ValueBool()})
				}
			}
			a.Blocks = append(a.Blocks, block)
		}
	}
	return a, known
}

// at is where a block of an assertion stands in the configuration.
func (m *accessAssertionModel) at(block int) path.Path {
	if block < 0 {
		return path.Root("principal")
	}
	if allowed := len(m.Allow.Elements()); block >= allowed {
		return path.Root("deny").AtListIndex(block - allowed)
	}
	return path.Root("allow").AtListIndex(block)
}

func (r *accessAssertionResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	m, ok := read[accessAssertionModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	a, known := m.assertion(ctx, &resp.Diagnostics)
	if known && len(a.Blocks) == 0 {
		resp.Diagnostics.AddError("Nothing is asserted", "Give an allow or a deny block.")
	}
	for _, p := range a.Validate() {
		at := m.at(p.Block)
		if p.Element != "" {
			at = at.AtName(p.Element)
		}
		resp.Diagnostics.AddAttributeError(at, "It cannot be asked about", upperFirst(p.Message)+".")
	}
}

func (m *accessAssertionModel) what() string {
	return fmt.Sprintf("the assertion about %s", m.Principal.ValueString())
}

// id tells assertions about one principal apart, also before they are made.
func (m *accessAssertionModel) id() types.String {
	if m.Principal.IsUnknown() || m.Allow.IsUnknown() || m.Deny.IsUnknown() {
		return types.StringUnknown()
	}
	sum := sha256.Sum256([]byte(m.Principal.String() + m.Allow.String() + m.Deny.String()))
	return types.StringValue(m.Principal.ValueString() + " " + hex.EncodeToString(sum[:8]))
}

func (r *accessAssertionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil {
		return
	}
	plan, state := planned[accessAssertionModel](ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan == nil {
		r.planned.mayGo(state.ID.ValueString())
		return
	}
	a, known := plan.assertion(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if known {
		plan.ID = plan.id()
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		resp.Diagnostics.Append(r.planned.must(ctx, check{
			key: plan.ID.ValueString(), what: plan.what(), names: append([]string{a.Principal}, a.Roles()...), ask: a.Check,
		})...)
		return
	}
	resp.Diagnostics.AddWarning("Access cannot be decided about at plan: "+plan.what(), "What it asserts, or of whom, is known only after apply, and is checked then.")
}

// look checks the account as it is. A plan that follows fails on what does not hold; an apply only warns, since failing it
// would undo nothing.
func (r *accessAssertionResource) look(ctx context.Context, m *accessAssertionModel, to *tfsdk.State, warn bool, diags *diag.Diagnostics) {
	a, _ := m.assertion(ctx, diags)
	live, err := r.store.live(ctx)
	if err != nil {
		storeError(diags, r.store, err)
		return
	}
	result, err := a.Check(live)
	if err != nil {
		diags.AddWarning("Access cannot be checked: "+m.what(), upperFirst(err.Error())+".")
	}
	if warn && r.planned.mode != checkOff {
		for _, f := range append(result.Failures, result.Undecided...) {
			diags.AddWarning("Access is not as it must be: "+f.Request, fmt.Sprintf("After apply, %s does not hold. The next plan fails on it, or is to mend it.\n%s", m.what(), f.Message))
		}
	}
	effective := make([]attr.Value, 0, len(result.Effective))
	for _, e := range result.Effective {
		effective = append(effective, types.ObjectValueMust(effectiveType.AttrTypes, map[string]attr.Value{
			"action": types.StringValue(e.Action), "resource": types.StringValue(e.Resource), "decision": types.StringValue(e.Decision),
		}))
	}
	changed := changedAccess(m.Effective, types.ListValueMust(effectiveType, effective))
	if len(changed) > 0 && !warn {
		diags.AddWarning(fmt.Sprintf("Access has changed: %s: %s", m.what(), strings.Join(changed, "; ")),
			"Since it was last looked at, the account says something else about these requests. Who changed it, the audit trail knows: iam audit list.")
	}
	m.Effective, m.ID = types.ListValueMust(effectiveType, effective), m.id()
	diags.Append(to.Set(ctx, m)...)
}

// changedAccess are the requests that have another answer than before.
func changedAccess(before, after types.List) []string {
	texts := func(l types.List) map[string]string {
		out := map[string]string{}
		for _, element := range l.Elements() {
			if object, ok := element.(types.Object); ok {
				a := object.Attributes()
				text := func(name string) string { s, _ := a[name].(types.String); return s.ValueString() }
				out[text("action")+" on "+text("resource")] = text("decision")
			}
		}
		return out
	}
	was := texts(before)
	var out []string
	for request, now := range texts(after) {
		if then, ok := was[request]; ok && then != now {
			out = append(out, fmt.Sprintf("%s was %s and is %s", request, then, now))
		}
	}
	slices.Sort(out)
	return out
}

func (r *accessAssertionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.applying()
	if m, ok := read[accessAssertionModel](ctx, req.Plan, &resp.Diagnostics); ok {
		r.look(ctx, &m, &resp.State, true, &resp.Diagnostics)
	}
}

func (r *accessAssertionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.planned.applying()
	if m, ok := read[accessAssertionModel](ctx, req.Plan, &resp.Diagnostics); ok {
		r.look(ctx, &m, &resp.State, true, &resp.Diagnostics)
	}
}

func (r *accessAssertionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.planned.reading()
	if m, ok := read[accessAssertionModel](ctx, req.State, &resp.Diagnostics); ok {
		r.look(ctx, &m, &resp.State, false, &resp.Diagnostics)
	}
}

func (r *accessAssertionResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
	r.planned.applying()
}
