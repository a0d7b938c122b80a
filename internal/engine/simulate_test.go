package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// summary returns a result as one line of text: the decision with the policies of its statements,
// and the same for each resource.
func summary(r iamtypes.EvaluationResult) string {
	describe := func(decision iamtypes.PolicyEvaluationDecisionType, matched []iamtypes.Statement) string {
		out := string(decision)
		for _, s := range matched {
			out += " " + *s.SourcePolicyId
		}
		return out
	}
	parts := []string{describe(r.EvalDecision, r.MatchedStatements)}
	for _, resource := range r.ResourceSpecificResults {
		parts = append(parts,
			*resource.EvalResourceName+" "+describe(resource.EvalResourceDecision, resource.MatchedStatements))
	}
	if b := r.PermissionsBoundaryDecisionDetail; b != nil {
		parts = append(parts, fmt.Sprintf("boundary %t", b.AllowedByPermissionsBoundary))
	}
	return strings.Join(parts, "; ")
}

func TestSimulateCustomPolicy_Decisions(t *testing.T) {
	const object, other = "arn:aws:s3:::b/o", "arn:aws:s3:::c/o"
	allowsObject := statement("Allow", "s3:*", "arn:aws:s3:::b/*", "")
	client := operator(newTestEngine(t))
	for _, test := range []struct {
		name string
		in   iam.SimulateCustomPolicyInput
		want string
	}{
		{"allowed", iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll}}, "allowed PolicyInputList.1"},
		{"no matching statement", iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowsObject}}, "implicitDeny"},
		{
			"explicit deny and allow",
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll, statement("Deny", "s3:*", "*", "")}},
			"explicitDeny PolicyInputList.2",
		},
		{
			"several resources",
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowsObject}, ResourceArns: []string{object, other}},
			"implicitDeny; " + object + " allowed PolicyInputList.1; " + other + " implicitDeny",
		},
		{
			"boundary without allow",
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll},
				PermissionsBoundaryPolicyInputList: []string{statement("Allow", "ec2:*", "*", "")}},
			"implicitDeny; boundary false",
		},
		{
			"boundary with allow",
			iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll},
				PermissionsBoundaryPolicyInputList: []string{allowAll}},
			"allowed PolicyInputList.1 PermissionsBoundaryPolicyInputList.1; boundary true",
		},
		{
			"only the resource policy allows",
			iam.SimulateCustomPolicyInput{
				PolicyInputList: []string{statement("Allow", "ec2:*", "*", "")}, ResourceArns: []string{object},
				CallerArn: aws.String("arn:aws:iam::111122223333:user/ann"),
				ResourcePolicy: aws.String(statement("Allow", "s3:GetObject", object,
					`,"Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"}`)),
			},
			"allowed ResourcePolicy; " + object + " allowed ResourcePolicy",
		},
		{
			"condition that matches",
			iam.SimulateCustomPolicyInput{
				PolicyInputList: []string{statement("Allow", "s3:*", "*",
					`,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`)},
				ContextEntries: []iamtypes.ContextEntry{{ContextKeyName: aws.String("AWS:sourceip"), ContextKeyType: "ip",
					ContextKeyValues: []string{"10.1.2.3"}}},
			},
			"allowed PolicyInputList.1",
		},
		{
			"deny that exempts the caller",
			iam.SimulateCustomPolicyInput{
				PolicyInputList: []string{allowAll, statement("Deny", "*", "*",
					`,"Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/break-glass"}}`)},
				CallerArn: aws.String("arn:aws:iam::111122223333:role/break-glass"),
			},
			"allowed PolicyInputList.1",
		},
		{
			"type of the caller",
			iam.SimulateCustomPolicyInput{
				PolicyInputList: []string{statement("Allow", "*", "*",
					`,"Condition":{"StringEquals":{"aws:PrincipalType":"User","aws:PrincipalAccount":"111122223333"}}`)},
				CallerArn: aws.String("arn:aws:iam::111122223333:user/ann"),
			},
			"allowed PolicyInputList.1",
		},
		{
			"context keys of the caller",
			iam.SimulateCustomPolicyInput{
				PolicyInputList: []string{statement("Allow", "s3:*", "arn:aws:s3:::b/${aws:username}", "")},
				CallerArn:       aws.String("arn:aws:iam::111122223333:user/team/o"), ResourceArns: []string{object},
			},
			"allowed PolicyInputList.1; " + object + " allowed PolicyInputList.1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.in.ActionNames = []string{"s3:GetObject"}
			out, err := client.SimulateCustomPolicy(t.Context(), &test.in)
			if err != nil {
				t.Fatal(err)
			}
			if len(out.EvaluationResults) != 1 || out.IsTruncated || out.Marker != nil {
				t.Fatalf("got %+v", out)
			}
			if got := summary(out.EvaluationResults[0]); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestSimulateCustomPolicy_InvalidInput(t *testing.T) {
	client := operator(newTestEngine(t))
	caller := aws.String("arn:aws:iam::111122223333:user/ann")
	for _, test := range []struct {
		name, want string
		change     func(*iam.SimulateCustomPolicyInput)
	}{
		{"wildcard action",
			`InvalidInput: ActionNames: "s3:*" has a wildcard; a request is for one action, as in s3:GetObject`,
			func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"s3:*"} }},
		{"action without service", "InvalidInput: ActionNames: …",
			func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"GetObject"} }},
		{"resource that is not an ARN", "InvalidInput: ResourceNames are not in a valid ARN format: bucket.",
			func(in *iam.SimulateCustomPolicyInput) { in.ResourceArns = []string{"bucket"} }},
		{"invalid policy", `InvalidInput: identity["PolicyInputList.1"]: …`,
			func(in *iam.SimulateCustomPolicyInput) { in.PolicyInputList = []string{"{"} }},
		{"policy with a principal", `InvalidInput: identity["PolicyInputList.1"]: …`,
			func(in *iam.SimulateCustomPolicyInput) {
				in.PolicyInputList = []string{statement("Allow", "*", "*", `,"Principal":"*"`)}
			}},
		{"two boundaries", "InvalidInput: PermissionsBoundaryPolicyInputList contains 2 policies; expected at most one",
			func(in *iam.SimulateCustomPolicyInput) {
				in.PermissionsBoundaryPolicyInputList = []string{allowAll, allowAll}
			}},
		{"resource policy without a caller", "InvalidInput: Invalid caller - Caller cannot be null or empty.",
			func(in *iam.SimulateCustomPolicyInput) {
				in.ResourcePolicy, in.ResourceArns = aws.String(allowAll), []string{"arn:aws:s3:::b"}
			}},
		{"resource policy without a resource",
			"InvalidInput: Invalid Entity Arn: * does not clearly define entity type and name.",
			func(in *iam.SimulateCustomPolicyInput) {
				in.ResourcePolicy, in.CallerArn = aws.String(allowAll), caller
			}},
		{"session as caller", "InvalidInput: Invalid caller - Caller must be an IAM user, role or group in this context.",
			func(in *iam.SimulateCustomPolicyInput) {
				in.CallerArn = aws.String("arn:aws:sts::111122223333:assumed-role/r/s")
			}},
		{"group as caller with a resource policy", "InvalidInput: Invalid caller - a resource policy cannot name the group…",
			func(in *iam.SimulateCustomPolicyInput) {
				in.CallerArn, in.ResourcePolicy, in.ResourceArns = aws.String("arn:aws:iam::111122223333:group/g"),
					aws.String(allowAll), []string{"arn:aws:s3:::b"}
			}},
		{"context value of another type",
			`InvalidInput: Invalid context entry for aws:SourceIp: value "here" is not of type ip`,
			func(in *iam.SimulateCustomPolicyInput) {
				in.ContextEntries = []iamtypes.ContextEntry{{ContextKeyName: aws.String("aws:SourceIp"), ContextKeyType: "ip",
					ContextKeyValues: []string{"here"}}}
			}},
		{"context entry without a type", "InvalidInput: ContextEntries.1 lacks its ContextKeyName or its ContextKeyType",
			func(in *iam.SimulateCustomPolicyInput) {
				in.ContextEntries = []iamtypes.ContextEntry{{ContextKeyName: aws.String("aws:SourceIp")}}
			}},
		{"resource owner that is not an account", "InvalidInput: 'me' is not a valid as a Resource Owner.",
			func(in *iam.SimulateCustomPolicyInput) { in.ResourceOwner = aws.String("me") }},
		{"resource handling option", `InvalidInput: ResourceHandlingOption "EC2-VPC-EBS" is not supported…`,
			func(in *iam.SimulateCustomPolicyInput) { in.ResourceHandlingOption = aws.String("EC2-VPC-EBS") }},
		{"marker of another request", "ValidationError: Invalid Marker…",
			func(in *iam.SimulateCustomPolicyInput) { in.Marker = aws.String("OTk") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := &iam.SimulateCustomPolicyInput{ActionNames: []string{"s3:GetObject"}, PolicyInputList: []string{allowAll}}
			test.change(in)
			_, err := client.SimulateCustomPolicy(t.Context(), in)
			wantOutcome(t, err, test.want)
		})
	}
}

func TestSimulateCustomPolicy_AcrossAccounts(t *testing.T) {
	const object = "arn:aws:s3:::b/o"
	caller := "arn:aws:iam::111122223333:user/ann"
	client := operator(newTestEngine(t))
	grant := statement("Allow", "s3:GetObject", object, `,"Principal":{"AWS":"111122223333"}`)
	for _, test := range []struct {
		name, owner, identity, resource string
		decision                        iamtypes.PolicyEvaluationDecisionType
		details                         string
	}{
		{"both allow", "arn:aws:iam::444455556666:root", allowAll, grant, "allowed",
			"map[IAM Policy:allowed Resource Policy:allowed]"},
		{"account id as owner", "444455556666", allowAll, grant, "allowed",
			"map[IAM Policy:allowed Resource Policy:allowed]"},
		{"identity policy without allow", "444455556666", statement("Allow", "ec2:*", "*", ""), grant, "implicitDeny",
			"map[IAM Policy:implicitDeny Resource Policy:allowed]"},
		{"deny in the resource policy", "444455556666", allowAll, strings.Replace(grant, "Allow", "Deny", 1), "explicitDeny",
			"map[IAM Policy:allowed Resource Policy:explicitDeny]"},
		{"same account", "111122223333", allowAll, grant, "allowed", "map[]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := client.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
				ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{object}, CallerArn: &caller,
				PolicyInputList: []string{test.identity}, ResourcePolicy: &test.resource, ResourceOwner: &test.owner,
			})
			if err != nil {
				t.Fatal(err)
			}
			result := out.EvaluationResults[0]
			if result.EvalDecision != test.decision || fmt.Sprint(result.EvalDecisionDetails) != test.details ||
				result.EvalDecisionDetails == nil {
				t.Errorf("got %s %v", result.EvalDecision, result.EvalDecisionDetails)
			}
			resource := result.ResourceSpecificResults[0]
			if fmt.Sprint(resource.EvalDecisionDetails) != test.details ||
				test.details == "map[]" && resource.EvalDecisionDetails != nil {
				t.Errorf("the result of the resource has details %v, want %s", resource.EvalDecisionDetails, test.details)
			}
			if *result.EvalResourceName != object || *resource.EvalResourceName != object {
				t.Errorf("got resource names %s and %s, want %s", *result.EvalResourceName, *resource.EvalResourceName, object)
			}
		})
	}
}

func TestSimulateCustomPolicy_PositionsAndMissingKeys(t *testing.T) {
	client := operator(newTestEngine(t))
	out, err := client.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
		ActionNames: []string{"s3:GetObject"},
		PolicyInputList: []string{
			allowAll,
			statement("Deny", "s3:*", "*",
				`,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"${s3:Owner}","aws:SourceVpc":"v"}}`),
			statement("Deny", "ec2:*", "*", `,"Condition":{"StringEquals":{"ec2:Region":"r"}}`),
			statement("Allow", "s3:*", "arn:aws:s3:::home/${aws:username}", ""),
		},
		ContextEntries: []iamtypes.ContextEntry{{ContextKeyName: aws.String("aws:sourcevpc"), ContextKeyType: "string",
			ContextKeyValues: []string{"v"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	result := out.EvaluationResults[0]
	if want := []string{"aws:PrincipalTag/team", "s3:Owner"}; !slices.Equal(result.MissingContextValues, want) {
		t.Errorf("got missing context values %q, want %q", result.MissingContextValues, want)
	}
	got := result.MatchedStatements[0]
	if *got.SourcePolicyId != "PolicyInputList.1" || got.SourcePolicyType != "IAM Policy" ||
		*got.StartPosition != (iamtypes.Position{Line: 1, Column: 37}) ||
		*got.EndPosition != (iamtypes.Position{Line: 1, Column: 83}) {
		t.Errorf("got statement %s %s from %+v to %+v", *got.SourcePolicyId, got.SourcePolicyType, *got.StartPosition,
			*got.EndPosition)
	}
	if result.ResourceSpecificResults != nil || result.EvalDecisionDetails != nil || *result.EvalResourceName != "*" {
		t.Errorf("without resources, got %+v", result)
	}
}

func TestSimulateCustomPolicy_MissingKeysOfResources(t *testing.T) {
	client := operator(newTestEngine(t))
	const home, other = "arn:aws:s3:::home/x", "arn:aws:s3:::other/x"
	out, err := client.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
		ActionNames: []string{"s3:GetObject", "s3:PutObject"}, ResourceArns: []string{home, other},
		CallerArn: aws.String("arn:aws:iam::111122223333:role/app"),
		PolicyInputList: []string{
			statement("Allow", "s3:GetObject", "arn:aws:s3:::home/${aws:username}", ""),
			statement("Allow", "s3:GetObject", "arn:aws:s3:::other/*",
				`,"Condition":{"StringLike":{"aws:userid":"AROAX:*"},"StringEquals":{"aws:PrincipalType":"AssumedRole"}}`),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	get, put := out.EvaluationResults[0], out.EvaluationResults[1]
	for _, test := range []struct {
		name string
		got  []string
		want []string
	}{
		{"GetObject", get.MissingContextValues, []string{"aws:userid", "aws:username"}},
		{"GetObject in home", get.ResourceSpecificResults[0].MissingContextValues, []string{"aws:username"}},
		{"GetObject in other", get.ResourceSpecificResults[1].MissingContextValues, []string{"aws:userid"}},
		{"PutObject", put.MissingContextValues, []string{}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: got missing context values %q, want %q", test.name, test.got, test.want)
		}
	}
	if get.EvalDecision != "implicitDeny" {
		t.Errorf("got decision %s", get.EvalDecision)
	}
}

func TestSimulateCustomPolicy_Pages(t *testing.T) {
	client := operator(newTestEngine(t))
	in := &iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll}, MaxItems: aws.Int32(2)}
	for i := range 5 {
		in.ActionNames = append(in.ActionNames, fmt.Sprintf("s3:Action%d", i))
	}
	var got []string
	pages := iam.NewSimulateCustomPolicyPaginator(client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(page.EvaluationResults) > 2 {
			t.Errorf("got a page of %d results, want at most 2", len(page.EvaluationResults))
		}
		for _, result := range page.EvaluationResults {
			got = append(got, *result.EvalActionName)
		}
	}
	if !slices.Equal(got, in.ActionNames) {
		t.Errorf("got actions %q, want %q", got, in.ActionNames)
	}
}

func TestSimulatePrincipalPolicy_Decisions(t *testing.T) {
	e := newPopulatedEngine(t)
	const red, blue = "arn:aws:s3:::red/o", "arn:aws:s3:::blue/o"
	user, group, role := e.iamARN("user/team/ann"), e.iamARN("group/g"), e.iamARN("role/r")
	tls := []iamtypes.ContextEntry{{ContextKeyName: aws.String("aws:SecureTransport"), ContextKeyType: "boolean",
		ContextKeyValues: []string{"true"}}}
	for _, test := range []struct {
		name string
		in   iam.SimulatePrincipalPolicyInput
		want string
	}{
		{"inline policy with a tag variable",
			iam.SimulatePrincipalPolicyInput{PolicySourceArn: &user, ActionNames: []string{"s3:GetObject"},
				ResourceArns: []string{red, blue}}, "implicitDeny; " + red + " allowed user_ann_own; " + blue + " implicitDeny"},
		{"deny in a group's policy",
			iam.SimulatePrincipalPolicyInput{PolicySourceArn: &user, ActionNames: []string{"s3:DeleteObject"},
				ResourceArns: []string{red}, ContextEntries: tls},
			"explicitDeny group_g_no-delete; " + red + " explicitDeny group_g_no-delete"},
		{"policy attached to user and group",
			iam.SimulatePrincipalPolicyInput{PolicySourceArn: &user, ActionNames: []string{"ec2:RunInstances"}},
			"allowed Shared Shared"},
		{"additional policy",
			iam.SimulatePrincipalPolicyInput{PolicySourceArn: &user, ActionNames: []string{"iam:GetUser"},
				PolicyInputList: []string{allowAll}}, "allowed PolicyInputList.1"},
		{"group", iam.SimulatePrincipalPolicyInput{PolicySourceArn: &group, ActionNames: []string{"ec2:RunInstances"}},
			"allowed Shared"},
		{"role within its boundary",
			iam.SimulatePrincipalPolicyInput{PolicySourceArn: &role, ActionNames: []string{"ec2:RunInstances"}},
			"allowed AdministratorAccess Shared; boundary true"},
		{"role outside its boundary",
			iam.SimulatePrincipalPolicyInput{PolicySourceArn: &role, ActionNames: []string{"s3:GetObject"}},
			"implicitDeny; boundary false"},
		{"role with another boundary",
			iam.SimulatePrincipalPolicyInput{PolicySourceArn: &role, ActionNames: []string{"s3:GetObject"},
				PermissionsBoundaryPolicyInputList: []string{allowAll}},
			"allowed AdministratorAccess PermissionsBoundaryPolicyInputList.1; boundary true"},
		{"another caller",
			iam.SimulatePrincipalPolicyInput{PolicySourceArn: &user, CallerArn: aws.String(e.iamARN("user/bob")),
				ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{red}}, "implicitDeny; " + red + " implicitDeny"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := operator(e).SimulatePrincipalPolicy(t.Context(), &test.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := summary(out.EvaluationResults[0]); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	for arn, want := range map[string]string{
		e.rootARN(): "InvalidInput: Invalid Entity Arn: " + e.rootARN() +
			" does not clearly define entity type and name.",
		e.iamARN("user/ann"):                   "NoSuchEntity: The user with name ann cannot be found.", // the path differs
		e.iamARN("user/bob"):                   "NoSuchEntity: The user with name bob cannot be found.",
		"arn:aws:iam::999999999999:role/r":     "NoSuchEntity: The role with name r cannot be found.",
		"arn:aws:iam::000000000000:policy/s/t": "InvalidInput: Invalid Entity Arn: …",
	} {
		_, err := operator(e).SimulatePrincipalPolicy(t.Context(),
			&iam.SimulatePrincipalPolicyInput{PolicySourceArn: &arn, ActionNames: []string{"s3:GetObject"}})
		wantOutcome(t, err, want)
	}
}
