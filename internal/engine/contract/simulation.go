package contract

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func simulation(e *env) {
	e.user("anna")
	e.group("readers")
	e.role("r")
	ok(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("anna"), GroupName: new("readers")})
	ok(e, IAM.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: new("readers"), PolicyName: new("read"), PolicyDocument: new(document(
		statement{Effect: "Allow", Action: "s3:Get*", Resource: "arn:aws:s3:::b/${aws:username}/*"},
		statement{Effect: "Deny", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/anna/secret", Condition: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}}},
	))})

	decisions := func(results []iamtypes.EvaluationResult) []string {
		return each(results, func(r iamtypes.EvaluationResult) string { return *r.EvalActionName + " " + string(r.EvalDecision) })
	}

	e.part("of policies that are given", func(e *env) {
		out := ok(e, IAM.SimulateCustomPolicy, &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allow("s3:Get*", "*"), deny("s3:GetBucketAcl", "*")},
			ActionNames:     []string{"s3:GetObject", "s3:GetBucketAcl", "s3:PutObject"},
		})
		same(e, "decisions", decisions(out.EvaluationResults), []string{"s3:GetObject allowed", "s3:GetBucketAcl explicitDeny", "s3:PutObject implicitDeny"})
		holds(e, len(out.EvaluationResults[0].MatchedStatements) == 1, "the statement that allows is not named")
		holds(e, len(out.EvaluationResults[2].MatchedStatements) == 0, "a statement matched where none does")
	})

	e.part("of a user with its groups", func(e *env) {
		in := &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: new(e.arn("user/anna")), ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{"arn:aws:s3:::b/anna/secret"},
		}
		result := ok(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0]
		same(e, "decision", result.EvalDecision, iamtypes.PolicyEvaluationDecisionTypeAllowed)
		holds(e, slices.Contains(result.MissingContextValues, "aws:SecureTransport"), "the key that is missing is not named: %v", result.MissingContextValues)
		in.ContextEntries = []iamtypes.ContextEntry{{ContextKeyName: new("aws:SecureTransport"), ContextKeyType: iamtypes.ContextKeyTypeEnumBoolean, ContextKeyValues: []string{"false"}}}
		same(e, "decision", ok(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0].EvalDecision, iamtypes.PolicyEvaluationDecisionTypeExplicitDeny)
		in.ResourceArns = []string{"arn:aws:s3:::b/bert/secret"}
		same(e, "decision", ok(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0].EvalDecision, iamtypes.PolicyEvaluationDecisionTypeImplicitDeny)
		in.PolicyInputList = []string{allow("*", "*")}
		same(e, "decision with a further policy", ok(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0].EvalDecision, iamtypes.PolicyEvaluationDecisionTypeAllowed)
		in.PermissionsBoundaryPolicyInputList = []string{allow("iam:*", "*")}
		same(e, "decision within a boundary", ok(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0].EvalDecision, iamtypes.PolicyEvaluationDecisionTypeImplicitDeny)
	})

	e.part("of a group and a role", func(e *env) {
		for _, source := range []string{"group/readers", "role/r"} {
			out := ok(e, IAM.SimulatePrincipalPolicy, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: new(e.arn(source)), ActionNames: []string{"s3:PutObject"}})
			same(e, source, decisions(out.EvaluationResults), []string{"s3:PutObject implicitDeny"})
		}
	})

	e.part("which context keys policies speak of", func(e *env) {
		out := ok(e, IAM.GetContextKeysForCustomPolicy, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{
			document(statement{Effect: "Allow", Action: "*", Resource: "arn:aws:s3:::b/${aws:userid}", Condition: map[string]map[string]any{"Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
		}})
		slices.Sort(out.ContextKeyNames)
		same(e, "keys", out.ContextKeyNames, []string{"aws:MultiFactorAuthPresent", "aws:userid"})
		keys := ok(e, IAM.GetContextKeysForPrincipalPolicy, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: new(e.arn("user/anna"))}).ContextKeyNames
		slices.Sort(keys)
		same(e, "keys", keys, []string{"aws:SecureTransport", "aws:username"})
		same(e, "none", ok(e, IAM.GetContextKeysForCustomPolicy, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{allow("*", "*")}}).ContextKeyNames, []string{})
	})

	e.part("what is refused", func(e *env) {
		refused(e, IAM.SimulateCustomPolicy, &iam.SimulateCustomPolicyInput{PolicyInputList: []string{"{"}, ActionNames: []string{"s3:GetObject"}}, "InvalidInput")
		refused(e, IAM.SimulateCustomPolicy, &iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("*", "*")}, ActionNames: []string{"GetObject"}}, "InvalidInput")
		refused(e, IAM.GetContextKeysForCustomPolicy, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{"{"}}, "InvalidInput")
		for source, code := range map[string]string{e.arn("user/nobody"): "NoSuchEntity", e.arn("policy/somebody"): "InvalidInput", notAnARN: "InvalidInput"} {
			refused(e, IAM.SimulatePrincipalPolicy, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &source, ActionNames: []string{"s3:GetObject"}}, code)
			refused(e, IAM.GetContextKeysForPrincipalPolicy, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &source}, code)
		}
	})
}
