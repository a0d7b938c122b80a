package policytext

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
)

// Findings are the findings about a policy of a kind. They become diagnostics in the same way wherever the provider
// checks a policy.
type Findings struct {
	Kind policy.Kind
	All  policy.Findings
	// At returns the path of the argument that contains a finding.
	At func(policy.Finding) path.Path
}

// AddErrors adds an error for each finding of kind Error.
func (f Findings) AddErrors(diags *diag.Diagnostics) {
	for _, finding := range f.All.Errors() {
		diags.AddAttributeError(f.At(finding), fmt.Sprintf("Not a valid %s policy", f.Kind), finding.String())
	}
}

// AddWarnings adds a warning for each security warning and each warning. The summary contains the finding, because
// Terraform merges warnings with the same summary; the detail contains the places of the finding in the policy.
// AddWarnings skips suggestions, which the function validate_policy and `iam validate` list.
func (f Findings) AddWarnings(diags *diag.Diagnostics) {
	type warning struct {
		at      string
		message string
	}
	var warnings []warning
	first := map[warning]policy.Finding{}
	places := map[warning][]string{}
	for _, finding := range f.All {
		if finding.Kind != policy.SecurityWarning && finding.Kind != policy.Warning {
			continue
		}
		w := warning{f.At(finding).String(), finding.Message}
		if _, seen := first[w]; !seen {
			first[w] = finding
			warnings = append(warnings, w)
		}
		place := finding.Path
		if finding.Pos.Known() {
			place += fmt.Sprintf(" (line %d, column %d)", finding.Pos.Line, finding.Pos.Column)
		}
		places[w] = append(places[w], place)
	}
	for _, w := range warnings {
		finding := first[w]
		diags.AddAttributeWarning(f.At(finding), apierror.UpperFirst(f.Kind.String())+" policy: "+w.message,
			fmt.Sprintf("%s at %s.", finding.Code, strings.Join(places[w], ", ")))
	}
}
