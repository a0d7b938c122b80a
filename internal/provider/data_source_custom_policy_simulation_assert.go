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

// neverAllowed is an expectation that only an assert block has: it is about all values of the context
// keys that are not given, so it is no outcome of one request.
const neverAllowed = "NeverAllowed"

var expectations = []string{"Allowed", "Denied", "ExplicitlyDenied", "ImplicitlyDenied", neverAllowed}

// assertions fails what is certain not to hold.
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
			diags.AddAttributeError(at.AtName("expect"), "Unknown expectation", fmt.Sprintf("%q cannot be expected; what can is %s.", expect, strings.Join(expectations, ", ")))
			continue
		}
		asked := expand(ctx, base, block.ActionNames, block.ResourceARNs, at, diags)
		for j := range asked {
			if block.Expect.IsUnknown() {
				continue
			}
			if why := asked[j].contradicts(expect); why != "" {
				if note := block.Message.ValueString(); note != "" {
					why += "\n\n" + note
				}
				diags.AddAttributeError(at, "Access is not as expected", why)
			}
		}
	}
}

// contradicts says why an expectation does not hold; empty where it holds, or may yet hold once what is
// unknown to Terraform is known.
func (a *askedQuestion) contradicts(expect string) string {
	request := fmt.Sprintf("%s on %s", a.action, a.resource)
	if expect == neverAllowed {
		possible := a.question.CouldAllow()
		if possible == authz.Never || possible == authz.Unclear && a.question.Uncertain {
			return ""
		}
		d := a.question.Explain()
		if d.Outcome == authz.Allowed {
			return fmt.Sprintf("%s must never be allowed, and is.\n%s", request, d.Explanation())
		}
		return fmt.Sprintf("%s must never be allowed, but could be with other values of the context.\n%s", request, d.Explanation())
	}
	outcome := a.question.Outcome()
	if outcome == authz.Undecided && a.question.Uncertain {
		return ""
	}
	got := outcome.String()
	if got == expect || expect == "Denied" && outcome.IsDenied() || outcome == authz.Denied && a.question.Uncertain && expect != "Allowed" {
		return ""
	}
	return fmt.Sprintf("%s: expected %s, found %s.\n%s", request, expect, got, a.question.Explain().Explanation())
}
