package lifecycle

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/rewrite"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
)

// sameAccessSteps limits the comparison of two texts of a policy, and so the time that a plan takes for it.
const sameAccessSteps = 300_000

// NoteSameAccess adds a warning, at plan, if a policy gets another text that allows and denies the same requests.
// Terraform has no diagnostic that is less than a warning. what names the policy, such as `policy "deploy"`. The
// warning does not appear if the texts cannot be compared within a limit.
func (s *Session) NoteSameAccess(at path.Path, what string, old, updated policytext.Text, diags *diag.Diagnostics) {
	if !s.Planned.Planning() || old.IsNull() || updated.IsNull() || updated.IsUnknown() || old.Equal(updated) ||
		!sameAccess(old, updated) {
		return
	}
	diags.AddAttributeWarning(at, fmt.Sprintf("Access does not change: the new text of %s allows and denies the same "+
		"requests as the old one", what), "This is proved for all requests, whatever other policies apply to them.")
}

// sameAccess reports whether there is a proof that two texts of a policy have the same meaning.
func sameAccess(old, updated policytext.Text) bool {
	before, err := old.Document()
	if err != nil {
		return false
	}
	after, err := updated.Document()
	if err != nil {
		return false
	}
	limit := analysis.Options{Steps: sameAccessSteps}
	if updated.Kind == policy.Trust {
		return rewrite.SameTrust(before, after, limit)
	}
	answer, err := rewrite.SameMeaning(updated.Kind, []authz.Policy{{Name: "old", Document: before}},
		[]authz.Policy{{Name: "new", Document: after}}, limit)
	return err == nil && answer.Verdict == analysis.Pass
}
