package engine

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
)

// evaluate evaluates one action on every resource. The result contains the most restrictive
// decision and the missing context keys of all resources, and below it those of each resource.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
func (s *simulatorRequest) evaluate(ctx context.Context, baseCase *simulation.Case,
	action string) (iamtypes.EvaluationResult, error) {
	resourceName := "*" // for several resources, AWS returns the format of the ARNs that the action supports
	if len(s.resources) == 1 {
		resourceName = s.resources[0]
	}
	result := iamtypes.EvaluationResult{
		EvalActionName:    aws.String(action),
		EvalResourceName:  aws.String(resourceName),
		MatchedStatements: []iamtypes.Statement{},
	}
	missing := contextKeySet{}
	var matched []authz.StatementRef
	for i, resource := range s.resources {
		if err := ctx.Err(); err != nil {
			return result, err
		}
		request, err := baseCase.About(textNode(action), textNode(resource))
		if err != nil {
			return result, invalidInput("%s", err)
		}
		if arn, err := policy.ParseARN(resource); err == nil && arn.Account != "" {
			request.Request.ResourceAccount = "" // the ARN contains the owner
		}
		decision := request.Explain()
		resourceResult := s.resourceResult(request, decision)
		for _, key := range resourceResult.MissingContextValues {
			missing.add(key)
		}

		switch difference := restriction(resourceResult.EvalResourceDecision) - restriction(result.EvalDecision); {
		case i == 0 || difference > 0:
			result.EvalDecision, matched = resourceResult.EvalResourceDecision, decision.Deciding
		case difference == 0:
			matched = slices.Concat(matched, decision.Deciding)
		}
		result.PermissionsBoundaryDecisionDetail = combineBoundary(result.PermissionsBoundaryDecisionDetail,
			resourceResult.PermissionsBoundaryDecisionDetail)
		if resource != "*" {
			result.EvalDecisionDetails = mostRestrictive(result.EvalDecisionDetails, resourceResult.EvalDecisionDetails)
		}
		if !slices.Equal(s.resources, []string{"*"}) {
			result.ResourceSpecificResults = append(result.ResourceSpecificResults, resourceResult)
		}
	}
	result.MatchedStatements, result.MissingContextValues = s.statements(matched), missing.names()
	return result, nil
}

// resourceResult returns the decision for one resource.
func (s *simulatorRequest) resourceResult(request *simulation.Case, d *authz.Decision) iamtypes.ResourceSpecificResult {
	result := iamtypes.ResourceSpecificResult{
		EvalResourceName:     aws.String(request.Request.Resource),
		EvalResourceDecision: apiDecision(d.Outcome),
		MatchedStatements:    s.statements(d.Deciding),
		MissingContextValues: s.missingKeys(d),
	}
	for _, layer := range d.Layers {
		if layer.Layer == authz.Boundary {
			result.PermissionsBoundaryDecisionDetail = &iamtypes.PermissionsBoundaryDecisionDetail{
				AllowedByPermissionsBoundary: layer.Outcome == authz.Allowed,
			}
		}
	}
	if s.crossesAccounts(request) {
		result.EvalDecisionDetails = layerDetails(d)
	}
	return result
}

// crossesAccounts reports whether the caller and the resource belong to different accounts.
func (s *simulatorRequest) crossesAccounts(request *simulation.Case) bool {
	caller, owner := request.Request.Principal.Account, s.ownerAccount
	if arn, err := policy.ParseARN(request.Request.Resource); err == nil && arn.Account != "" {
		owner = arn.Account
	}
	return caller != "" && owner != "" && owner != awsOwner && caller != owner
}

// layerDetails returns the separate decision of each kind of policy.
func layerDetails(d *authz.Decision) map[string]iamtypes.PolicyEvaluationDecisionType {
	kinds := map[authz.LayerKind]string{
		authz.Identity: identityPolicyType, authz.Group: identityPolicyType,
		authz.Boundary: boundaryPolicyType, authz.ResourcePolicy: resourcePolicyType,
	}
	details := map[string]iamtypes.PolicyEvaluationDecisionType{}
	for _, layer := range d.Layers {
		kind, ok := kinds[layer.Layer]
		if !ok || !layer.Applies {
			continue
		}
		decision := apiDecision(layer.Outcome)
		// The policies of a user and of the user's groups are one kind. One allow among them suffices,
		// and one explicit deny decides.
		if earlier, ok := details[kind]; ok && (decision == iamtypes.PolicyEvaluationDecisionTypeImplicitDeny ||
			earlier == iamtypes.PolicyEvaluationDecisionTypeExplicitDeny) {
			decision = earlier
		}
		details[kind] = decision
	}
	return details
}

// mostRestrictive adds the decisions of a further resource, and keeps the more restrictive one for
// each kind of policy.
func mostRestrictive(combined,
	more map[string]iamtypes.PolicyEvaluationDecisionType) map[string]iamtypes.PolicyEvaluationDecisionType {
	if combined == nil {
		combined = map[string]iamtypes.PolicyEvaluationDecisionType{}
	}
	for kind, decision := range more {
		if earlier, ok := combined[kind]; !ok || restriction(decision) > restriction(earlier) {
			combined[kind] = decision
		}
	}
	return combined
}

// combineBoundary returns the detail that reports an allow only if the boundary allows the action
// on both resources.
func combineBoundary(combined,
	more *iamtypes.PermissionsBoundaryDecisionDetail) *iamtypes.PermissionsBoundaryDecisionDetail {
	if combined == nil || more == nil || !more.AllowedByPermissionsBoundary {
		return more
	}
	return combined
}

// statements returns the distinct statements with their policies and positions.
func (s *simulatorRequest) statements(refs []authz.StatementRef) []iamtypes.Statement {
	out := []iamtypes.Statement{}
	seen := map[authz.StatementRef]bool{}
	for _, ref := range refs {
		source := s.policies[ref.Policy]
		if seen[ref] {
			continue
		}
		seen[ref] = true
		start, end := statementSpan(source.text, ref.Pos.Offset)
		out = append(out, iamtypes.Statement{
			SourcePolicyId: aws.String(source.id), SourcePolicyType: iamtypes.PolicySourceType(source.kind),
			StartPosition: start, EndPosition: end,
		})
	}
	return out
}

func apiDecision(outcome authz.Outcome) iamtypes.PolicyEvaluationDecisionType {
	return iamtypes.PolicyEvaluationDecisionType(simulation.AWSDecision(outcome))
}

// restriction returns a number that orders decisions from the least to the most restrictive one.
func restriction(d iamtypes.PolicyEvaluationDecisionType) int {
	return slices.Index([]iamtypes.PolicyEvaluationDecisionType{
		"", iamtypes.PolicyEvaluationDecisionTypeAllowed,
		iamtypes.PolicyEvaluationDecisionTypeImplicitDeny, iamtypes.PolicyEvaluationDecisionTypeExplicitDeny,
	}, d)
}
