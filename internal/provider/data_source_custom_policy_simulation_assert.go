package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
)

// neverAllowed is an expectation of assert blocks. It covers all values of the context keys that the request
// does not contain, so it is not the outcome of one request.
const neverAllowed = "NeverAllowed"

var expectations = []string{"Allowed", "Denied", "ExplicitlyDenied", "ImplicitlyDenied", neverAllowed}

// assertions reports the assert blocks that are certainly violated.
func (m *simulationModel) assertions(ctx context.Context, base *simulation.Case, diags *diag.Diagnostics) {
	if m.Assert.IsUnknown() {
		return
	}
	var blocks []struct {
		Expect       types.String `tfsdk:"expect"`
		ActionNames  types.Set    `tfsdk:"action_names"`
		ResourceARNs types.Set    `tfsdk:"resource_arns"`
		Message      types.String `tfsdk:"message"`
	}
	if diags.Append(m.Assert.ElementsAs(ctx, &blocks, true)...); diags.HasError() {
		return
	}
	for i, block := range blocks {
		at := path.Root("assert").AtListIndex(i)
		expect := block.Expect.ValueString()
		if !block.Expect.IsUnknown() && !slices.Contains(expectations, expect) {
			diags.AddAttributeError(at.AtName("expect"), fmt.Sprintf("Invalid expectation %q", expect),
				fmt.Sprintf("The value of expect must be one of %s.", strings.Join(expectations, ", ")))
			continue
		}
		requests := expand(ctx, base, block.ActionNames, block.ResourceARNs, at, diags)
		for j := range requests {
			if block.Expect.IsUnknown() {
				continue
			}
			if why := requests[j].contradicts(expect); why != "" {
				if note := block.Message.ValueString(); note != "" {
					why += "\n\n" + note
				}
				diags.AddAttributeError(at, "Access is not as expected", why)
			}
		}
	}
}

// contradicts returns the reason why an expectation is violated. It returns "" if the expectation holds, or
// may hold once Terraform knows all values.
func (a *simulatedRequest) contradicts(expect string) string {
	request := fmt.Sprintf("%s on %s", a.action, a.resource)
	if expect == neverAllowed {
		possible := a.evaluation.CouldAllow()
		if possible == authz.Never || possible == authz.Unclear && a.evaluation.Uncertain {
			return ""
		}
		d := a.evaluation.Explain()
		if d.Outcome == authz.Allowed {
			return fmt.Sprintf("%s must never be allowed, but is.\n%s", request, d.Explanation())
		}
		return fmt.Sprintf("%s must never be allowed, but could be with other values of the context.\n%s",
			request, d.Explanation())
	}
	outcome := a.evaluation.Outcome()
	if outcome == authz.Undecided && a.evaluation.Uncertain {
		return ""
	}
	got := outcome.String()
	mayHold := outcome == authz.Denied && a.evaluation.Uncertain && expect != "Allowed"
	if got == expect || expect == "Denied" && outcome.IsDenied() || mayHold {
		return ""
	}
	return fmt.Sprintf("%s: expected %s, found %s.\n%s", request, expect, got, a.evaluation.Explain().Explanation())
}
