package provider

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
)

func newAccessAssertionResource() resource.Resource {
	return lifecycle.New[accessAssertionModel](lifecycle.Definition[accessAssertionModel]{
		TypeName: "iam_access_assertion", Schema: accessAssertionSchema,
		Validate: validateAccessAssertion, Plan: planAccessAssertion, PlanDestroy: planAccessAssertionRemoval,
		DriftIfDifferent: true,
		Identity:         []lifecycle.IdentityAttribute{{Name: "name", Description: "The name of the access assertion."}},
	})
}

type accessAssertionModel struct {
	Name         types.String `tfsdk:"name"`
	Principal    types.String `tfsdk:"principal"`
	Allow        types.List   `tfsdk:"allow"`
	Deny         types.List   `tfsdk:"deny"`
	ThroughRoles types.Bool   `tfsdk:"through_roles"`
	Protected    types.Bool   `tfsdk:"protected"`
	Undecided    types.String `tfsdk:"undecided"`
	ID           types.String `tfsdk:"id"`
	UniqueID     types.String `tfsdk:"unique_id"`
	Effective    types.Map    `tfsdk:"effective"`
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

// assertionName matches the names of access assertions.
var assertionName = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)

func accessAssertionSchema() schema.Schema {
	block := func(description string) schema.Block {
		return schema.ListNestedBlock{
			MarkdownDescription: description,
			NestedObject: schema.NestedBlockObject{
				Attributes: map[string]schema.Attribute{
					"actions": schema.SetAttribute{
						ElementType: types.StringType, Required: true,
						Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
						MarkdownDescription: "The actions, such as `s3:GetObject`, or patterns of actions. An action that does not " +
							"exist is an error, and an action that is not known is a warning.",
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
		MarkdownDescription: "Requires that a principal can, or cannot, make certain requests. A plan that violates the " +
			"assertion fails on a resource that causes the violation, and the error names the deciding statement. The account " +
			"stores the assertion. It refuses every change that would allow a request of a `deny` block, whoever makes it: " +
			"Terraform, another workspace or `iam api`. Nothing enforces `allow` blocks after the plan, because a sequence " +
			"of changes may pass through a state without the access; after apply, the provider reports a violation.\n\n" +
			"The provider checks the assertion on the *planned account*, which has all planned changes. The assertion needs " +
			"no `depends_on`: before an error, the provider waits until Terraform has planned all other resources.\n\n" +
			"Without a violation, the check is a proof for every request that the patterns match. An " +
			"error about a pattern ends with one request that violates it. The guide \"What the proofs mean, and what they do " +
			"not\" describes the requests that count.\n\n" +
			"If an assertion is removed, or changed so that it forbids less, the plan has a warning that says which " +
			"requests are no longer forbidden.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{Optional: true, Computed: true,
				MarkdownDescription: "The name, which errors and `iam assertion` show. Default: the name of the principal with a " +
					"random suffix. Changing it replaces the assertion.",
				Validators: []validator.String{stringvalidator.RegexMatches(assertionName,
					"must have 1 to 128 letters, digits and characters of _+=,.@-")},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(),
					stringplanmodifier.RequiresReplaceIfConfigured()}},
			"principal": schema.StringAttribute{Required: true, MarkdownDescription: "The user or role: its ARN, " +
				"name or unique id, or the ARN of a role's session. Or a principal outside the account: an account id, the ARN " +
				"of a user or role of another account, a service such as `ec2.amazonaws.com`, the ARN or host of an identity " +
				"provider, `anonymous`, or `*` for everyone outside except AWS services."},
			"through_roles": schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether `deny` also forbids the requests of all roles that the principal may assume, " +
					"through any number of roles. Default `true`."},
			"protected": schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether the assertion cannot be removed or weakened until the account's operator lifts the " +
					"protection: `iam assertion unprotect NAME --reason REASON`. Default `false`."},
			"undecided": schema.StringAttribute{Optional: true,
				MarkdownDescription: "The effect on the plan if the assertion is not decided: it depends on a value that is " +
					"known only after apply, or there is neither a violation nor a proof that there is none. `warn` or `error`. " +
					"Default: the provider's argument `undecided`.",
				Validators: []validator.String{stringvalidator.OneOf(string(planaccount.UndecidedWarn),
					string(planaccount.UndecidedError))}},
			"id":        schema.StringAttribute{Computed: true, MarkdownDescription: "The name."},
			"unique_id": lifecycle.ConstantAttribute("The unique id, such as `ASRT…`."),
			"effective": schema.MapAttribute{ElementType: types.StringType, Computed: true,
				MarkdownDescription: "The answer to each request when Terraform last read the account. A key has the form " +
					"`ACTION on RESOURCE`. The value for a request in `allow` is `Allowed`, `ExplicitlyDenied` or " +
					"`ImplicitlyDenied`; for a request in `deny` it is `Never`, or `Possible` if some context allows it."},
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
	known = !m.Principal.IsUnknown() && !m.Allow.IsUnknown() && !m.Deny.IsUnknown() && !m.ThroughRoles.IsUnknown()
	a.Principal, a.DirectOnly = m.Principal.ValueString(), !m.ThroughRoles.IsNull() && !m.ThroughRoles.ValueBool()
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
	unknownActions, _ := a.UnknownActions()
	for _, p := range append(a.Validate(), unknownActions...) {
		diags.AddAttributeError(m.problemPath(p), "Invalid access assertion", apierror.UpperFirst(p.Message)+".")
	}
}

// problemPath returns the path of the argument that has a problem.
func (m *accessAssertionModel) problemPath(p assertion.Problem) path.Path {
	at := m.blockPath(p.Block)
	if p.Element != "" {
		at = at.AtName(p.Element)
	}
	return at
}

// warnOfUnknownActions adds a warning for each action that may not exist.
func (m *accessAssertionModel) warnOfUnknownActions(a assertion.Assertion, diags *diag.Diagnostics) {
	_, doubtful := a.UnknownActions()
	for _, p := range doubtful {
		diags.AddAttributeWarning(m.problemPath(p), "Access assertion may check nothing: "+p.Message,
			"A requirement on an action that does not exist has no effect. Check the spelling.")
	}
}

func (m *accessAssertionModel) Describe() string {
	if m.Name.ValueString() != "" {
		return fmt.Sprintf("access assertion %q", m.Name.ValueString())
	}
	return fmt.Sprintf("access assertion for %q", m.Principal.ValueString())
}

// planAccessAssertion adds the assertion to the planned account, and warns about requests that it no longer forbids.
func planAccessAssertion(ctx context.Context, c *lifecycle.Change[accessAssertionModel]) {
	c.Plan.ID = c.Plan.Name
	a, known := c.Plan.assertion(ctx, c.Diags)
	if c.Diags.HasError() {
		return
	}
	if c.State != nil {
		if c.Plan.differs(c.State) {
			c.Plan.Effective = types.MapUnknown(types.StringType)
		} else {
			c.Plan.Effective = c.State.Effective
		}
		c.State.checkWeakening(ctx, a, known, c.Plan.Protected.ValueBool(), len(c.Replace) > 0, c.Diags)
	}
	if c.Diags.HasError() {
		return
	}
	if !known {
		if c.State != nil { // the stored requirements are about to change
			c.Diags.Append(c.Planned.RemoveAssertion(ctx, c.State.checkKey())...)
		}
		addUndecided(c)
		return
	}
	if !c.Planned.Applying() {
		c.Plan.warnOfUnknownActions(a, c.Diags)
	}
	check := planaccount.AssertionCheck(c.Plan.checkKey(), c.Plan.Name.ValueString(), a)
	check.Undecided = planaccount.Undecided(c.Plan.Undecided.ValueString())
	c.Diags.Append(c.Planned.AddAssertion(ctx, check)...)
}

// addUndecided reports that the assertion itself is known only after apply.
func addUndecided(c *lifecycle.Change[accessAssertionModel]) {
	add, next := c.Diags.AddWarning, "The account decides it during apply."
	if c.Planned.UndecidedEffect(planaccount.Undecided(c.Plan.Undecided.ValueString())) == planaccount.UndecidedError {
		add, next = c.Diags.AddError, "The assertion has undecided = \"error\", so the plan fails."
	}
	add(apierror.UpperFirst(c.Plan.Describe())+" is not decided at plan",
		"The principal or the requests of the assertion are known only after apply. "+next)
}

// checkKey returns the key of the assertion among the checks of the planned account.
func (m *accessAssertionModel) checkKey() string {
	if id := m.UniqueID.ValueString(); id != "" {
		return planaccount.AssertionKey(id)
	}
	return "new " + m.Principal.String() + m.Allow.String() + m.Deny.String() + m.ThroughRoles.String()
}

// differs reports whether the requirements differ from those of the state.
func (m *accessAssertionModel) differs(state *accessAssertionModel) bool {
	return !m.Principal.Equal(state.Principal) || !m.Allow.Equal(state.Allow) || !m.Deny.Equal(state.Deny) ||
		!m.ThroughRoles.Equal(state.ThroughRoles)
}

// checkWeakening adds a warning about the requests that the assertion no longer forbids after a change to another one,
// or an error if the assertion is protected.
func (m *accessAssertionModel) checkWeakening(ctx context.Context, changed assertion.Assertion, known, protected,
	replaced bool, diags *diag.Diagnostics) {
	current, _ := m.assertion(ctx, diags)
	lost := current.Weakened(changed)
	switch {
	case m.Protected.ValueBool() && (len(lost) > 0 && known || !protected || replaced):
		diags.AddError(apierror.UpperFirst(m.Describe())+" is protected",
			fmt.Sprintf("The plan would remove, replace, weaken or unprotect it. The account's operator must first lift the "+
				"protection: iam assertion unprotect %s --reason REASON. Then run terraform plan again.",
				m.Name.ValueString()))
	case len(lost) > 0:
		next := "is no longer forbidden"
		if !known {
			next = "may no longer be forbidden, because the new requirements are known only after apply"
		}
		diags.AddWarning(fmt.Sprintf("%s forbids less: %s", apierror.UpperFirst(m.Describe()), summarize(lost)),
			fmt.Sprintf("For %s, the following %s:\n- %s", m.Principal.ValueString(), next, strings.Join(lost, "\n- ")))
	}
}

// summarize returns the first of several requests, and the number of the others.
func summarize(requests []string) string {
	if more := len(requests) - 1; more > 0 {
		return fmt.Sprintf("%s and %d more", requests[0], more)
	}
	return requests[0]
}

func planAccessAssertionRemoval(ctx context.Context, b *lifecycle.Base, state *accessAssertionModel,
	diags *diag.Diagnostics) {
	state.checkWeakening(ctx, assertion.Assertion{}, true, false, false, diags)
	diags.Append(b.Planned.RemoveAssertion(ctx, state.checkKey())...)
}

func (m *accessAssertionModel) Identity() map[string]any {
	return map[string]any{"name": m.Name.ValueString()}
}

// assertionCalls are the calls that change an access assertion.
var assertionCalls = []string{
	"CreateAccessAssertion", "UpdateAccessAssertion", "WeakenAccessAssertion", "DeleteAccessAssertion",
	"UnprotectAccessAssertion",
}

func (m *accessAssertionModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{Description: m.Describe(), ID: m.UniqueID.ValueString(), Calls: assertionCalls}
}

func (m *accessAssertionModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	a, _ := m.assertion(ctx, op.Diags)
	out, err := op.CreateAccessAssertion(ctx, &engine.CreateAccessAssertionInput{
		Name: m.Name.ValueString(), Assertion: a, Protected: m.Protected.ValueBool(),
	})
	if err != nil {
		return err
	}
	m.setNames(out.AccessAssertion)
	return m.finishApply(ctx, op, a)
}

func (m *accessAssertionModel) Update(ctx context.Context, op *lifecycle.Operation,
	before *accessAssertionModel) (err error) {
	a, _ := m.assertion(ctx, op.Diags)
	old, _ := before.assertion(ctx, op.Diags)
	m.Name, m.ID, m.UniqueID = before.Name, before.Name, before.UniqueID
	name, protected := m.Name.ValueString(), m.Protected.ValueBool()
	switch {
	case !m.differs(before) && m.Protected.Equal(before.Protected): // only undecided, which the account does not store
	case len(old.Weakened(a)) > 0:
		_, err = op.WeakenAccessAssertion(ctx,
			&engine.WeakenAccessAssertionInput{Name: name, Assertion: a, Protected: protected})
	default:
		_, err = op.UpdateAccessAssertion(ctx,
			&engine.UpdateAccessAssertionInput{Name: name, Assertion: a, Protected: protected})
	}
	if err != nil {
		return err
	}
	return m.finishApply(ctx, op, a)
}

func (m *accessAssertionModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	out, err := op.GetAccessAssertion(ctx, &engine.GetAccessAssertionInput{Name: m.Name.ValueString()})
	if err != nil {
		return err
	}
	m.setNames(out.AccessAssertion)
	m.Protected = types.BoolValue(out.AccessAssertion.Protected)
	m.setRequirements(ctx, out.AccessAssertion.Assertion, op.Diags)
	m.finishRead(ctx, op, out.AccessAssertion.Assertion)
	return nil
}

func (m *accessAssertionModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	_, err := op.DeleteAccessAssertion(ctx, &engine.DeleteAccessAssertionInput{Name: m.Name.ValueString()})
	return err
}

func (m *accessAssertionModel) setNames(stored engine.AccessAssertion) {
	m.Name, m.ID = types.StringValue(stored.Name), types.StringValue(stored.Name)
	m.UniqueID = types.StringValue(stored.ID)
}

// setRequirements sets the arguments from a stored assertion. It keeps arguments that mean the same.
func (m *accessAssertionModel) setRequirements(ctx context.Context, stored assertion.Assertion,
	diags *diag.Diagnostics) {
	if current, _ := m.assertion(ctx, diags); !m.ThroughRoles.IsNull() && current.Equal(stored) {
		return
	}
	m.Principal, m.ThroughRoles = types.StringValue(stored.Principal), types.BoolValue(!stored.DirectOnly)
	m.Allow, m.Deny = blockValues(ctx, stored.Blocks, true, diags), blockValues(ctx, stored.Blocks, false, diags)
}

// blockValues returns the allow or the deny blocks of an assertion.
func blockValues(ctx context.Context, blocks []assertion.Block, allow bool, diags *diag.Diagnostics) types.List {
	set := func(texts []string) types.Set {
		if len(texts) == 0 {
			return types.SetNull(types.StringType)
		}
		value, d := types.SetValueFrom(ctx, types.StringType, texts)
		diags.Append(d...)
		return value
	}
	nested := accessAssertionSchema().Blocks["deny"].(schema.ListNestedBlock).NestedObject
	contextType := nested.Blocks["context"].Type().(types.ListType).ElemType
	models := []accessBlockModel{}
	for _, b := range blocks {
		if b.Allow != allow {
			continue
		}
		keys := []contextKeyModel{}
		for _, key := range b.Context {
			k := contextKeyModel{Key: types.StringValue(key.Name), Values: set(key.Values), List: types.BoolNull()}
			if key.Multivalued {
				k.List = types.BoolValue(true)
			}
			keys = append(keys, k)
		}
		keyList, d := types.ListValueFrom(ctx, contextType, keys)
		diags.Append(d...)
		block := accessBlockModel{Actions: set(b.Actions), Resources: set(b.Resources), Context: keyList,
			Message: types.StringNull()}
		if b.Message != "" {
			block.Message = types.StringValue(b.Message)
		}
		models = append(models, block)
	}
	list, d := types.ListValueFrom(ctx, nested.Type(), models)
	diags.Append(d...)
	return list
}

// finishApply checks the assertion on the account after an apply, and adds a warning for each violation. The engine
// refuses changes that violate a deny block, so these are violations of allow blocks.
func (m *accessAssertionModel) finishApply(ctx context.Context, op *lifecycle.Operation, a assertion.Assertion) error {
	result, ok := m.checkLive(ctx, op, a)
	if !ok {
		return nil
	}
	complete := true
	if len(result.Failures) > 0 { // Terraform may be about to apply the access
		settled, isSettled, err := op.Store.Settled(ctx)
		if err != nil {
			op.Store.AddError(op.Diags, err)
			return nil
		}
		complete = isSettled
		if isSettled {
			if result, err = a.Check(settled); err != nil {
				return err
			}
		}
	}
	if complete && op.Planned.Checks() {
		for _, f := range append(result.Failures, result.Undecided...) {
			op.Diags.AddWarning(fmt.Sprintf("Access assertion %q is violated: %s", m.Name.ValueString(), f.Request),
				"The applied account violates the assertion. The next plan fails on it unless it corrects the "+
					"access.\n"+f.Message)
		}
	}
	m.Effective = types.MapValueMust(types.StringType, effectiveValues(result))
	return nil
}

// finishRead checks the assertion on the live account, and adds a warning about access that somebody changed outside
// this configuration since Terraform last read it.
func (m *accessAssertionModel) finishRead(ctx context.Context, op *lifecycle.Operation, a assertion.Assertion) {
	result, ok := m.checkLive(ctx, op, a)
	if !ok {
		return
	}
	effective := effectiveValues(result)
	if changed := changedAccess(m.Effective, effective); len(changed) > 0 && op.ChangedOutside(ctx) {
		op.Diags.AddWarning(fmt.Sprintf("Access has changed: %s: %s", m.Describe(), strings.Join(changed, "; ")),
			"The decisions about these requests have changed since Terraform last read the account. The audit trail "+
				"shows the changes and their callers: iam audit list.")
	}
	m.Effective = types.MapValueMust(types.StringType, effective)
}

// checkLive checks the assertion on the live account. ok is false if the account cannot be read.
func (m *accessAssertionModel) checkLive(ctx context.Context, op *lifecycle.Operation,
	a assertion.Assertion) (result assertion.Result, ok bool) {
	live, err := op.Store.Live(ctx)
	if err != nil {
		op.Store.AddError(op.Diags, err)
		return result, false
	}
	if result, err = a.Check(live); err != nil {
		op.Diags.AddWarning("Access assertion cannot be evaluated: "+m.Describe(), apierror.UpperFirst(err.Error())+".")
	}
	return result, true
}

// effectiveValues returns the answers of a result by request.
func effectiveValues(result assertion.Result) map[string]attr.Value {
	effective := make(map[string]attr.Value, len(result.Effective))
	for _, e := range result.Effective {
		effective[e.Action+" on "+e.Resource] = types.StringValue(e.Decision)
	}
	return effective
}

// changedAccess describes the requests whose decisions have changed and now violate the assertion.
func changedAccess(before types.Map, after map[string]attr.Value) []string {
	var out []string
	for request, old := range before.Elements() {
		if now, ok := after[request]; ok && !now.Equal(old) {
			was, _ := old.(types.String)
			is, _ := now.(types.String)
			if is.ValueString() == "Allowed" || is.ValueString() == "Never" {
				continue // the assertion holds again, or its access was applied after it
			}
			out = append(out, fmt.Sprintf("%s was %s and is %s", request, was.ValueString(), is.ValueString()))
		}
	}
	slices.Sort(out)
	return out
}
