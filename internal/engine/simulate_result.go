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

// evaluate evaluates one action on every resource. The result has the most restrictive decision,
// and the decision for each resource.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
func (s *simulatorRequest) evaluate(ctx context.Context, question *simulation.Case, action string) (iamtypes.EvaluationResult, error) {
	about := "*" // for several resources, where AWS tells the form of the action's ARNs
	if len(s.resources) == 1 {
		about = s.resources[0]
	}
	result := iamtypes.EvaluationResult{
		EvalActionName:       aws.String(action),
		EvalResourceName:     aws.String(about),
		MissingContextValues: slices.Clone(s.missing),
		MatchedStatements:    []iamtypes.Statement{},
	}
	var matched []authz.StatementRef
	for i, resource := range s.resources {
		if err := ctx.Err(); err != nil {
			return result, err
		}
		asked, err := question.About(textNode(action), textNode(resource))
		if err != nil {
			return result, invalidInput("%s", err)
		}
		if arn, err := policy.ParseARN(resource); err == nil && arn.Account != "" {
			asked.Request.ResourceAccount = "" // the ARN names its owner
		}
		decision := asked.Explain()
		one := s.resourceResult(asked, decision)

		switch worse := restriction(one.EvalResourceDecision) - restriction(result.EvalDecision); {
		case i == 0 || worse > 0:
			result.EvalDecision, matched = one.EvalResourceDecision, decision.Deciding
		case worse == 0:
			matched = slices.Concat(matched, decision.Deciding)
		}
		result.PermissionsBoundaryDecisionDetail = combineBoundary(result.PermissionsBoundaryDecisionDetail, one.PermissionsBoundaryDecisionDetail)
		if resource != "*" {
			result.EvalDecisionDetails = mostRestrictive(result.EvalDecisionDetails, one.EvalDecisionDetails)
		}
		if !slices.Equal(s.resources, []string{"*"}) {
			result.ResourceSpecificResults = append(result.ResourceSpecificResults, one)
		}
	}
	result.MatchedStatements = s.statements(matched)
	return result, nil
}

// resourceResult returns the decision for one resource.
func (s *simulatorRequest) resourceResult(asked *simulation.Case, d *authz.Decision) iamtypes.ResourceSpecificResult {
	result := iamtypes.ResourceSpecificResult{
		EvalResourceName:     aws.String(asked.Request.Resource),
		EvalResourceDecision: apiDecision(d.Outcome),
		MatchedStatements:    s.statements(d.Deciding),
		MissingContextValues: slices.Clone(s.missing),
	}
	for _, layer := range d.Layers {
		if layer.Layer == authz.Boundary {
			result.PermissionsBoundaryDecisionDetail = &iamtypes.PermissionsBoundaryDecisionDetail{
				AllowedByPermissionsBoundary: layer.Outcome == authz.Allowed,
			}
		}
	}
	if s.crossesAccounts(asked) {
		result.EvalDecisionDetails = layerDetails(d)
	}
	return result
}

// crossesAccounts reports whether the caller and the resource belong to different accounts.
func (s *simulatorRequest) crossesAccounts(asked *simulation.Case) bool {
	caller, owner := asked.Request.Principal.Account, s.ownerAccount
	if arn, err := policy.ParseARN(asked.Request.Resource); err == nil && arn.Account != "" {
		owner = arn.Account
	}
	return caller != "" && owner != "" && owner != awsOwner && caller != owner
}

// layerDetails returns the decision of each kind of policy by itself.
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
		said := apiDecision(layer.Outcome)
		// The policies of a user and those of its groups are one kind: either may allow.
		if earlier, ok := details[kind]; ok && (said == iamtypes.PolicyEvaluationDecisionTypeImplicitDeny ||
			earlier == iamtypes.PolicyEvaluationDecisionTypeExplicitDeny) {
			said = earlier
		}
		details[kind] = said
	}
	return details
}

func mostRestrictive(sofar, more map[string]iamtypes.PolicyEvaluationDecisionType) map[string]iamtypes.PolicyEvaluationDecisionType {
	if sofar == nil {
		sofar = map[string]iamtypes.PolicyEvaluationDecisionType{}
	}
	for kind, said := range more {
		if earlier, ok := sofar[kind]; !ok || restriction(said) > restriction(earlier) {
			sofar[kind] = said
		}
	}
	return sofar
}

func combineBoundary(sofar, more *iamtypes.PermissionsBoundaryDecisionDetail) *iamtypes.PermissionsBoundaryDecisionDetail {
	if sofar == nil || more == nil || !more.AllowedByPermissionsBoundary {
		return more
	}
	return sofar
}

// statements lists statements, each once.
func (s *simulatorRequest) statements(refs []authz.StatementRef) []iamtypes.Statement {
	out := []iamtypes.Statement{}
	seen := map[authz.StatementRef]bool{}
	for _, ref := range refs {
		source := s.texts[ref.Policy]
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

// restriction orders decisions by how much they deny.
func restriction(d iamtypes.PolicyEvaluationDecisionType) int {
	return slices.Index([]iamtypes.PolicyEvaluationDecisionType{
		"", iamtypes.PolicyEvaluationDecisionTypeAllowed,
		iamtypes.PolicyEvaluationDecisionTypeImplicitDeny, iamtypes.PolicyEvaluationDecisionTypeExplicitDeny,
	}, d)
}
