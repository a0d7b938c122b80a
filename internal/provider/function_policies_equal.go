package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/rewrite"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/proof"
)

func newPoliciesEqual() function.Function { return policiesEqual{} }

type policiesEqual struct{}

func (policiesEqual) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "policies_equal"
}

func (policiesEqual) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Decides whether two policies have the same meaning",
		MarkdownDescription: "Returns whether two policies allow the same requests and deny the same requests. Notation, " +
			"order and the division into statements do not count: `s3:*` equals `s3:*` with `s3:GetObject`. To compare only " +
			"the notation, compare the results of `normalize_policy`.\n\n" +
			"A policy whose statements name principals is the policy of a resource or, without resources, the trust policy " +
			"of a role. Every other policy is an identity policy. If the analysis cannot decide whether the policies are " +
			"equal, the function fails with the reason. While a part of either policy is unknown, the result is known only " +
			"if no value of that part can change it.\n\n" +
			"The guide [What the proofs mean](../guides/proofs.md) describes the requests that count.",
		Parameters: []function.Parameter{
			dynamic.Parameter("a", "The first policy, as JSON text or as an object of the same form."),
			dynamic.Parameter("b", "The second policy, as JSON text or as an object of the same form."),
		},
		Return: function.BoolReturn{},
	}
}

func (policiesEqual) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var a, b types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &a, &b); resp.Error != nil {
		return
	}
	one, oneKnown, refusal := dynamic.Policy(ctx, 0, a)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	other, otherKnown, refusal := dynamic.Policy(ctx, 1, b)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	known := oneKnown && otherKnown
	equal, err := equalPolicies(one, other)
	switch {
	case err != nil && known:
		resp.Error = function.NewFuncError(strings.TrimSuffix(err.Error(), "."))
	case err != nil:
		resp.Error = resp.Result.Set(ctx, types.BoolUnknown())
	default:
		resp.Error = resp.Result.Set(ctx, equal)
	}
}

// equalPolicies reports whether two policies have the same meaning, whatever the values of their unknown parts are. The
// error says why this was not decided.
func equalPolicies(a, b *policy.Document) (bool, error) {
	if policy.Equal(a, b) {
		return true, nil
	}
	if hasUnknownStatement(a) || hasUnknownStatement(b) {
		return false, errors.New("a statement is not known yet")
	}
	kind, ok := commonKind(a.Statements, b.Statements)
	if !ok {
		return false, nil
	}
	answer, err := rewrite.SameMeaning(kind, []authz.Policy{{Name: "a", Document: a}},
		[]authz.Policy{{Name: "b", Document: b}}, analysis.Options{})
	switch {
	case err != nil:
		return false, fmt.Errorf("the policies cannot be compared: %w", err)
	case answer.Verdict == analysis.Unknown:
		return false, fmt.Errorf("it was not decided whether the policies, of the kind %s, have the same meaning: %s To "+
			"compare only their notation, compare the results of normalize_policy", kind, proof.Undecided(answer))
	}
	return answer.Verdict == analysis.Pass, nil
}

// hasUnknownStatement reports whether nothing is known of a statement.
func hasUnknownStatement(doc *policy.Document) bool {
	return doc.Unknown || slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool { return s.Unknown })
}

// commonKind returns the kind of policy that has the elements of the statements of two policies. ok is false if only
// one of the policies names principals, so that no kind has both.
func commonKind(a, b []policy.Statement) (kind policy.Kind, ok bool) {
	ok = len(a) == 0 || len(b) == 0 || kindOf(a).HasPrincipal() == kindOf(b).HasPrincipal()
	return kindOf(slices.Concat(a, b)), ok
}

// kindOf returns the kind of policy that has such statements.
func kindOf(statements []policy.Statement) policy.Kind {
	switch {
	case !slices.ContainsFunc(statements, namesPrincipals):
		return policy.Identity
	case slices.ContainsFunc(statements, namesResources):
		return policy.Resource
	}
	return policy.Trust
}

func namesPrincipals(s policy.Statement) bool { return s.Principal != nil || s.NotPrincipal != nil }

func namesResources(s policy.Statement) bool { return s.Resource != nil || s.NotResource != nil }
