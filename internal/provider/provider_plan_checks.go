package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
)

// planChecksModel is the model of the block plan_checks.
type planChecksModel struct {
	PrivilegeEscalation types.String `tfsdk:"privilege_escalation"`
	AdminGrant          types.String `tfsdk:"admin_grant"`
	PublicTrust         types.String `tfsdk:"public_trust"`
	CrossAccountTrust   types.String `tfsdk:"cross_account_trust"`
	NewAccess           types.String `tfsdk:"new_access"`
	Accept              types.List   `tfsdk:"accept"`
}

// acceptModel is the model of a block accept.
type acceptModel struct {
	ID      types.String `tfsdk:"id"`
	Reason  types.String `tfsdk:"reason"`
	Expires types.String `tfsdk:"expires"`
}

// planChecksBlock returns the schema of the block plan_checks.
func planChecksBlock() schema.Block {
	effect := func(finds string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: finds + " `error` fails the plan, `warn` adds a " +
			"warning, `off` skips the check. Default `off`."}
	}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description}
	}
	return schema.ListNestedBlock{
		MarkdownDescription: "Checks that compare the account as it is with the account after the whole plan. A " +
			"plan reports each finding once, on a resource that causes it. What the account allowed before is no finding. " +
			"Every check is off by default. A question that the plan cannot decide has the effect of `undecided`, but is " +
			"only a warning if the check warns.",
		Validators: []validator.List{listvalidator.SizeAtMost(1)},
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"privilege_escalation": effect("Finds users and roles that become able to rise to administrator, with the " +
					"steps. See [`iam_escalation_paths`](data-sources/escalation_paths.md) for the steps that count."),
				"admin_grant": effect("Finds users and roles that become administrators."),
				"public_trust": effect("Finds roles that become assumable by anybody: by every principal of every account, or " +
					"by every identity of a shared identity provider such as GitHub Actions."),
				"cross_account_trust": effect("Finds roles that become assumable by a principal of another account or by an " +
					"identity provider. AWS services do not count."),
				"new_access": effect("Finds users and roles that gain access, one finding for each service and access level."),
			},
			Blocks: map[string]schema.Block{
				"accept": schema.ListNestedBlock{
					MarkdownDescription: "A finding that has no effect, because it is intended. It covers this finding alone: " +
						"another path, another statement or more access has another id. The plan warns if the block matches no " +
						"finding.",
					NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
						"id":     text("The id of the finding, as the message shows it."),
						"reason": text("Why the finding is accepted."),
						"expires": text("The last day on which the acceptance is valid, in UTC, as `YYYY-MM-DD`. After it, every plan " +
							"fails until the block is removed or renewed."),
					}},
				},
			},
		},
	}
}

// planChecks returns the settings of the plan checks.
func (m *providerModel) planChecks(ctx context.Context, now time.Time,
	diags *diag.Diagnostics) (out planaccount.PlanChecks) {
	var blocks []planChecksModel
	if m.PlanChecks.IsUnknown() {
		return out // configure reports it
	}
	diags.Append(m.PlanChecks.ElementsAs(ctx, &blocks, false)...)
	out.Effects = map[accesscheck.Check]planaccount.Mode{}
	for i := range blocks {
		at := path.Root("plan_checks").AtListIndex(i)
		effects := blocks[i].effects()
		for _, check := range accesscheck.Checks() {
			value := effects[check]
			if value.IsUnknown() {
				addUnknownCheck(at.AtName(string(check)), diags)
				continue
			}
			effect := planaccount.Mode(value.ValueString())
			switch effect {
			case "":
				effect = planaccount.Off
			case planaccount.Error, planaccount.Warn, planaccount.Off:
			default:
				diags.AddAttributeError(at.AtName(string(check)), "Invalid value for "+string(check),
					fmt.Sprintf(`must be "error", "warn" or "off", got %q`, effect))
			}
			out.Effects[check] = effect
		}
		out.Accepted = blocks[i].acceptances(ctx, at.AtName("accept"), now, diags)
	}
	return out
}

func (m *planChecksModel) effects() map[accesscheck.Check]types.String {
	return map[accesscheck.Check]types.String{
		accesscheck.PrivilegeEscalation: m.PrivilegeEscalation, accesscheck.AdminGrant: m.AdminGrant,
		accesscheck.PublicTrust: m.PublicTrust, accesscheck.CrossAccountTrust: m.CrossAccountTrust,
		accesscheck.NewAccess: m.NewAccess,
	}
}

func addUnknownCheck(at path.Path, diags *diag.Diagnostics) {
	diags.AddAttributeError(at, "Unknown provider argument", "The value is known only after apply, but the provider "+
		"needs it to plan. Set it to a variable, a local or a literal.")
}

// acceptances returns the acceptances, and adds an error for each that has expired.
func (m *planChecksModel) acceptances(ctx context.Context, at path.Path, now time.Time,
	diags *diag.Diagnostics) (out []planaccount.Acceptance) {
	var blocks []acceptModel
	if m.Accept.IsUnknown() {
		addUnknownCheck(at, diags)
		return nil
	}
	diags.Append(m.Accept.ElementsAs(ctx, &blocks, false)...)
	for i, b := range blocks {
		at := at.AtListIndex(i)
		if b.ID.IsUnknown() || b.Reason.IsUnknown() || b.Expires.IsUnknown() {
			addUnknownCheck(at, diags)
			continue
		}
		a := planaccount.Acceptance{ID: b.ID.ValueString(), Reason: b.Reason.ValueString(),
			Expires: b.Expires.ValueString()}
		check, _, _ := strings.Cut(a.ID, "/")
		if !slices.Contains(accesscheck.Checks(), accesscheck.Check(check)) {
			diags.AddAttributeError(at.AtName("id"), fmt.Sprintf("%q is not the id of a finding", a.ID),
				"An id begins with the name of a check, such as \"privilege_escalation/\". Copy it from the message of the "+
					"finding.")
		}
		if strings.TrimSpace(a.Reason) == "" {
			diags.AddAttributeError(at.AtName("reason"), fmt.Sprintf("The acceptance of %q has no reason", a.ID),
				"Say why the finding is accepted, for those who review it.")
		}
		last, err := time.Parse(time.DateOnly, a.Expires)
		switch {
		case err != nil:
			diags.AddAttributeError(at.AtName("expires"), fmt.Sprintf("The acceptance of %q has an invalid date", a.ID),
				fmt.Sprintf("expires must be a date such as \"2030-12-31\", got %q.", a.Expires))
		case !now.UTC().Before(last.AddDate(0, 0, 1)):
			diags.AddAttributeError(at.AtName("expires"), fmt.Sprintf("The acceptance of %q expired on %s", a.ID, a.Expires),
				fmt.Sprintf("It was accepted because: %s. If the change has been applied, remove the acceptance. Otherwise, undo "+
					"the change or set a later date.", strings.TrimSuffix(a.Reason, ".")))
		}
		out = append(out, a)
	}
	return out
}
