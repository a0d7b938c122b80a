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
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
)

func newAccessAssertionResource() resource.Resource {
	return lifecycle.New[accessAssertionModel](lifecycle.Definition[accessAssertionModel]{
		TypeName: "iam_access_assertion", Schema: accessAssertionSchema,
		Validate: validateAccessAssertion, Plan: planAccessAssertion, OutsideAccount: true,
		PlanDestroy: func(b *lifecycle.Base, state *accessAssertionModel) {
			b.Planned.RemoveAssertion(state.ID.ValueString())
		},
	})
}

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

func accessAssertionSchema() schema.Schema {
	block := func(description string) schema.Block {
		return schema.ListNestedBlock{
			MarkdownDescription: description,
			NestedObject: schema.NestedBlockObject{
				Attributes: map[string]schema.Attribute{
					"actions": schema.SetAttribute{
						ElementType: types.StringType, Required: true,
						Validators:          []validator.Set{setvalidator.SizeAtLeast(1)},
						MarkdownDescription: "The actions, such as `s3:GetObject`, or patterns of actions.",
					},
					"resources": schema.SetAttribute{
						ElementType: types.StringType, Optional: true,
						Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
						MarkdownDescription: "The ARNs of resources, or patterns. Default: in `allow`, `*`, for " +
							"actions that have no resource; in `deny`, any resource.",
					},
					"message": schema.StringAttribute{Optional: true,
						MarkdownDescription: "The reason for the requirement. The error shows it."},
				},
				Blocks: map[string]schema.Block{
					"context": schema.ListNestedBlock{
						MarkdownDescription: "A context key of the requests.",
						NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
							"key": schema.StringAttribute{Required: true,
								MarkdownDescription: "The key, such as `aws:MultiFactorAuthPresent`."},
							"values": schema.SetAttribute{ElementType: types.StringType, Required: true,
								MarkdownDescription: "The value of the key; several for a multivalued key."},
							"multivalued": schema.BoolAttribute{Optional: true,
								MarkdownDescription: "Whether the key has a list of values, such as `aws:TagKeys`."},
						}},
					},
				},
			},
		}
	}
	return schema.Schema{
		MarkdownDescription: "Requires that a user or role can, or cannot, make certain requests. The account does " +
			"not store the assertion. While Terraform plans, the provider checks the assertion on the *planned account*, " +
			"which has all planned changes, and again at each later change. A plan that violates the assertion fails on " +
			"the resource that causes the violation, and the error names the deciding statement. After apply, the " +
			"provider checks the assertion on the live account.\n\n" +
			"Refer to the resources that give the principal its access, or name them in `depends_on`: Terraform plans in the " +
			"order of references, and the planned account does not contain changes that are planned later.",
		Attributes: map[string]schema.Attribute{
			"principal": schema.StringAttribute{Required: true, MarkdownDescription: "The user or role: its ARN, " +
				"name or unique id, or the ARN of a role's session."},
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The principal and a digest of the blocks."},
			"effective": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The answers to the requests when Terraform last read the " +
					"account.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"action": schema.StringAttribute{Computed: true, MarkdownDescription: "The action; for a " +
						"pattern, one action that represents it."},
					"resource": schema.StringAttribute{Computed: true, MarkdownDescription: "The resource; for a " +
						"pattern, one resource that represents it."},
					"decision": schema.StringAttribute{Computed: true, MarkdownDescription: "For a request in `allow`: " +
						"`Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`. For a request in `deny`: `Never`, or `Possible` if " +
						"some context allows it."},
				}},
			},
		},
		Blocks: map[string]schema.Block{
			"allow": block("Requests that must be allowed, with exactly this context."),
			"deny": block("Requests that must never be allowed, for any values of the context keys that the block does " +
				"not set. A grant with a condition therefore violates it."),
		},
	}
}

// assertion returns the assertion in the configuration. It leaves out unknown sets, blocks and
// texts; known is then false.
func (m *accessAssertionModel) assertion(ctx context.Context, diags *diag.Diagnostics) (a assertion.Assertion,
	known bool) {
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
			block := assertion.Block{Allow: of.allow, Actions: texts(b.Actions), Resources: texts(b.Resources),
				Message: b.Message.ValueString()}
			var keys []contextKeyModel
			known = known && !b.Context.IsUnknown()
			diags.Append(b.Context.ElementsAs(ctx, &keys, true)...)
			for _, k := range keys {
				known = known && !k.Key.IsUnknown() && !k.List.IsUnknown()
				if values := texts(k.Values); known {
					block.Context = append(block.Context, assertion.Key{Name: k.Key.ValueString(), Values: values,
						Multivalued: k.List.ValueBool()})
				}
			}
			a.Blocks = append(a.Blocks, block)
		}
	}
	return a, known
}

// blockPath returns the path of a block in the configuration, or of the principal for a negative
// number.
func (m *accessAssertionModel) blockPath(block int) path.Path {
	if block < 0 {
		return path.Root("principal")
	}
	if allowed := len(m.Allow.Elements()); block >= allowed {
		return path.Root("deny").AtListIndex(block - allowed)
	}
	return path.Root("allow").AtListIndex(block)
}

func validateAccessAssertion(ctx context.Context, m *accessAssertionModel, diags *diag.Diagnostics) {
	a, known := m.assertion(ctx, diags)
	if known && len(a.Blocks) == 0 {
		diags.AddError("Empty access assertion", "The assertion has no allow and no deny block. Add at least one.")
	}
	for _, p := range a.Validate() {
		at := m.blockPath(p.Block)
		if p.Element != "" {
			at = at.AtName(p.Element)
		}
		diags.AddAttributeError(at, "Invalid access assertion", apierror.UpperFirst(p.Message)+".")
	}
}

func (m *accessAssertionModel) Describe() string {
	return fmt.Sprintf("access assertion %q", m.Principal.ValueString())
}

// id returns an id made of the principal and the blocks of the assertion. It is known at plan if they are known.
func (m *accessAssertionModel) id() types.String {
	if m.Principal.IsUnknown() || m.Allow.IsUnknown() || m.Deny.IsUnknown() {
		return types.StringUnknown()
	}
	sum := sha256.Sum256([]byte(m.Principal.String() + m.Allow.String() + m.Deny.String()))
	return types.StringValue(m.Principal.ValueString() + " " + hex.EncodeToString(sum[:8]))
}

// planAccessAssertion adds the assertion to the planned account.
func planAccessAssertion(ctx context.Context, c *lifecycle.Change[accessAssertionModel]) {
	a, known := c.Plan.assertion(ctx, c.Diags)
	if c.Diags.HasError() {
		return
	}
	if !known {
		c.Diags.AddWarning(apierror.UpperFirst(c.Plan.Describe())+" is not decided at plan",
			"The principal or the requests of the assertion are known only after apply. The provider checks the "+
				"assertion then.")
		return
	}
	c.Plan.ID = c.Plan.id()
	c.Diags.Append(c.Planned.AddAssertion(ctx, planaccount.Check{
		Key: c.Plan.ID.ValueString(), Description: c.Plan.Describe(), Names: append([]string{a.Principal},
			a.Roles()...), Evaluate: a.Check,
		Violation: func(f assertion.Finding) string {
			becomes := "becomes allowed"
			if f.Block >= 0 && a.Blocks[f.Block].Allow {
				becomes = "is not allowed"
			}
			return fmt.Sprintf("Access assertion %q would be violated: %s %s", a.Principal, f.Request, becomes)
		},
	})...)
}

func (m *accessAssertionModel) Identity() map[string]any { return nil }

func (m *accessAssertionModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{}
}

func (m *accessAssertionModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	return m.evaluate(ctx, op, true)
}

func (m *accessAssertionModel) Update(ctx context.Context, op *lifecycle.Operation, _ *accessAssertionModel) error {
	return m.evaluate(ctx, op, true)
}

func (m *accessAssertionModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	return m.evaluate(ctx, op, false)
}

func (m *accessAssertionModel) Remove(context.Context, *lifecycle.Operation) error { return nil }

// evaluate checks the assertion on the live account. After an apply it adds a warning for each
// violation. An error would undo nothing, and the next plan fails on the violation.
func (m *accessAssertionModel) evaluate(ctx context.Context, op *lifecycle.Operation, applied bool) error {
	a, _ := m.assertion(ctx, op.Diags)
	live, err := op.Store.Live(ctx)
	if err != nil {
		op.Store.AddError(op.Diags, err)
		return nil
	}
	result, err := a.Check(live)
	if err != nil {
		op.Diags.AddWarning("Access assertion cannot be evaluated: "+m.Describe(), apierror.UpperFirst(err.Error())+".")
	}
	if applied && op.Planned.Mode != planaccount.Off {
		for _, f := range append(result.Failures, result.Undecided...) {
			op.Diags.AddWarning(fmt.Sprintf("Access assertion %q is violated: %s", a.Principal, f.Request),
				"The applied account violates the assertion. The next plan fails on it unless it corrects the "+
					"access.\n"+f.Message)
		}
	}
	effective := make([]attr.Value, 0, len(result.Effective))
	for _, e := range result.Effective {
		effective = append(effective, types.ObjectValueMust(effectiveType.AttrTypes, map[string]attr.Value{
			"action": types.StringValue(e.Action), "resource": types.StringValue(e.Resource),
			"decision": types.StringValue(e.Decision),
		}))
	}
	changed := changedAccess(m.Effective, types.ListValueMust(effectiveType, effective))
	if len(changed) > 0 && !applied {
		op.Diags.AddWarning(fmt.Sprintf("Access has changed: %s: %s", m.Describe(), strings.Join(changed, "; ")),
			"The decisions about these requests have changed since Terraform last read the account. The audit trail "+
				"shows the changes and their callers: iam audit list.")
	}
	m.Effective, m.ID = types.ListValueMust(effectiveType, effective), m.id()
	return nil
}

// changedAccess describes the requests whose decisions have changed.
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
	previous := texts(before)
	var out []string
	for request, now := range texts(after) {
		if old, ok := previous[request]; ok && old != now {
			out = append(out, fmt.Sprintf("%s was %s and is %s", request, old, now))
		}
	}
	slices.Sort(out)
	return out
}
