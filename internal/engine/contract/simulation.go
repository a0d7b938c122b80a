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
	succeed(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("anna"), GroupName: new("readers")})
	succeed(e, IAM.PutGroupPolicy,
		&iam.PutGroupPolicyInput{GroupName: new("readers"), PolicyName: new("read"), PolicyDocument: new(document(
			statement{Effect: "Allow", Action: "s3:Get*", Resource: "arn:aws:s3:::b/${aws:username}/*"},
			statement{Effect: "Deny", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/anna/secret",
				Condition: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}}},
		))})

	decisions := func(results []iamtypes.EvaluationResult) []string {
		return collect(results,
			func(r iamtypes.EvaluationResult) string { return *r.EvalActionName + " " + string(r.EvalDecision) })
	}

	e.part("custom policies", func(e *env) {
		out := succeed(e, IAM.SimulateCustomPolicy, &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allow("s3:Get*", "*"), deny("s3:GetBucketAcl", "*")},
			ActionNames:     []string{"s3:GetObject", "s3:GetBucketAcl", "s3:PutObject"},
		})
		equal(e, "decisions", decisions(out.EvaluationResults),
			[]string{"s3:GetObject allowed", "s3:GetBucketAcl explicitDeny", "s3:PutObject implicitDeny"})
		check(e, len(out.EvaluationResults[0].MatchedStatements) == 1,
			"the result does not name the statement that allows the action")
		check(e, len(out.EvaluationResults[2].MatchedStatements) == 0, "the result names a statement, but none matches")
	})

	e.part("user with groups", func(e *env) {
		in := &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: new(e.arn("user/anna")), ActionNames: []string{"s3:GetObject"},
			ResourceArns: []string{"arn:aws:s3:::b/anna/secret"},
		}
		result := succeed(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0]
		equal(e, "decision", result.EvalDecision, iamtypes.PolicyEvaluationDecisionTypeAllowed)
		check(e, slices.Contains(result.MissingContextValues, "aws:SecureTransport"),
			"MissingContextValues does not contain aws:SecureTransport: %v", result.MissingContextValues)
		in.ContextEntries = []iamtypes.ContextEntry{{ContextKeyName: new("aws:SecureTransport"),
			ContextKeyType: iamtypes.ContextKeyTypeEnumBoolean, ContextKeyValues: []string{"false"}}}
		equal(e, "decision", succeed(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0].EvalDecision,
			iamtypes.PolicyEvaluationDecisionTypeExplicitDeny)
		in.ResourceArns = []string{"arn:aws:s3:::b/bert/secret"}
		equal(e, "decision", succeed(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0].EvalDecision,
			iamtypes.PolicyEvaluationDecisionTypeImplicitDeny)
		in.PolicyInputList = []string{allow("*", "*")}
		equal(e, "decision with a further policy",
			succeed(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0].EvalDecision,
			iamtypes.PolicyEvaluationDecisionTypeAllowed)
		in.PermissionsBoundaryPolicyInputList = []string{allow("iam:*", "*")}
		equal(e, "decision within a boundary", succeed(e, IAM.SimulatePrincipalPolicy, in).EvaluationResults[0].EvalDecision,
			iamtypes.PolicyEvaluationDecisionTypeImplicitDeny)
	})

	e.part("group and role", func(e *env) {
		for _, source := range []string{"group/readers", "role/r"} {
			out := succeed(e, IAM.SimulatePrincipalPolicy,
				&iam.SimulatePrincipalPolicyInput{PolicySourceArn: new(e.arn(source)), ActionNames: []string{"s3:PutObject"}})
			equal(e, source, decisions(out.EvaluationResults), []string{"s3:PutObject implicitDeny"})
		}
	})

	e.part("context keys of policies", func(e *env) {
		out := succeed(e, IAM.GetContextKeysForCustomPolicy,
			&iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{
				document(statement{Effect: "Allow", Action: "*", Resource: "arn:aws:s3:::b/${aws:userid}",
					Condition: map[string]map[string]any{"Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
			}})
		slices.Sort(out.ContextKeyNames)
		equal(e, "keys", out.ContextKeyNames, []string{"aws:MultiFactorAuthPresent", "aws:userid"})
		keys := succeed(e, IAM.GetContextKeysForPrincipalPolicy,
			&iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: new(e.arn("user/anna"))}).ContextKeyNames
		slices.Sort(keys)
		equal(e, "keys", keys, []string{"aws:SecureTransport", "aws:username"})
		equal(e, "none",
			succeed(e, IAM.GetContextKeysForCustomPolicy,
				&iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{allow("*", "*")}}).ContextKeyNames, []string{})
	})

	e.part("refused inputs", func(e *env) {
		fail(e, IAM.SimulateCustomPolicy,
			&iam.SimulateCustomPolicyInput{PolicyInputList: []string{"{"}, ActionNames: []string{"s3:GetObject"}},
			"InvalidInput")
		fail(e, IAM.SimulateCustomPolicy,
			&iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("*", "*")}, ActionNames: []string{"GetObject"}},
			"InvalidInput")
		fail(e, IAM.GetContextKeysForCustomPolicy, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{"{"}},
			"InvalidInput")
		for source, code := range map[string]string{e.arn("user/nobody"): "NoSuchEntity",
			e.arn("policy/somebody"): "InvalidInput", notAnARN: "InvalidInput"} {
			fail(e, IAM.SimulatePrincipalPolicy,
				&iam.SimulatePrincipalPolicyInput{PolicySourceArn: &source, ActionNames: []string{"s3:GetObject"}}, code)
			fail(e, IAM.GetContextKeysForPrincipalPolicy,
				&iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &source}, code)
		}
	})
}
