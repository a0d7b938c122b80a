package review

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
)

// checkPublic adds a finding if a policy gives public access and did not before.
func (r *review) checkPublic(p *protectedResource, out *Resource) {
	if len(p.after) == 0 {
		return
	}
	const open = "Whether the policy gives public access is not known: "
	fixed, wildcards := withoutHoles(p.after)
	after, err := analysis.NotPublicResource(p.resourceType, fixed, analysis.Options{})
	if err != nil {
		out.Open = append(out.Open, open+err.Error())
		return
	}
	if after.Verdict == analysis.Pass {
		if wildcards {
			out.Open = append(out.Open, open+"a condition compares with a value that is known only after apply and may have "+
				"wildcards.")
		}
		return
	}
	if len(p.before) > 0 {
		fixed, _ := withoutHoles(p.before)
		before, err := analysis.NotPublicResource(p.resourceType, fixed, analysis.Options{})
		if err == nil && before.Verdict == analysis.Fail && len(out.Gained) == 0 {
			return // it was public before
		}
	}
	if after.Verdict == analysis.Unknown {
		for _, o := range after.Open {
			out.Open = append(out.Open, open+o.Reason)
		}
		return
	}
	out.Public = true
	name := cmp.Or(out.ARN, out.Source.Address)
	r.addFinding(Finding{ID: checkPublicAccess + "/" + name + "/" + digest(p.documents), Check: checkPublicAccess,
		Summary: fmt.Sprintf("The policy of %s gives public access: %s may call %s on %s.", name,
			granteeOf(p.after, after.Witness.Request.Principal).text, after.Witness.Request.Action,
			planned.ShowHoles(after.Witness.Request.Resource)), Sources: []Source{out.Source}})
}

// withoutHoles returns policies with a fixed text for each hole in a condition, and reports whether a hole is compared
// with wildcards. A value that is known only after apply does not depend on the caller.
func withoutHoles(policies []authz.Policy) (out []authz.Policy, wildcards bool) {
	out = slices.Clone(policies)
	for i := range out {
		doc, compared := accesscheck.WithoutHoles(out[i].Document)
		out[i].Document, wildcards = doc, wildcards || compared
	}
	return out, wildcards
}
