package contract

import (
	"encoding/csv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// reportColumns are the columns of https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html.
const reportColumns = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed," +
	"password_next_rotation,mfa_active," +
	"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region," +
	"access_key_1_last_used_service," +
	"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region," +
	"access_key_2_last_used_service," +
	"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"

func credentialReport(e *env) {
	fail(e, IAM.GetCredentialReport, nil, "ReportNotPresent")

	e.user("anna")
	key := e.key("anna")
	inactive := e.key("anna")
	succeed(e, IAM.UpdateAccessKey,
		&iam.UpdateAccessKeyInput{UserName: new("anna"), AccessKeyId: &inactive.AccessKeyID,
			Status: iamtypes.StatusTypeInactive})
	succeed(e.actAs(key), STS.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	succeed(e, IAM.EnableMFADevice, e.device("phone").enable(e, "anna"))
	e.user("bert")

	equal(e, "state", succeed(e, IAM.GenerateCredentialReport, nil).State, iamtypes.ReportStateTypeStarted)
	equal(e, "state", succeed(e, IAM.GenerateCredentialReport, nil).State, iamtypes.ReportStateTypeComplete)
	report := succeed(e, IAM.GetCredentialReport, nil)
	equal(e, "format", report.ReportFormat, iamtypes.ReportFormatTypeTextCsv)
	rows, err := csv.NewReader(strings.NewReader(string(report.Content))).ReadAll()
	if err != nil {
		e.Fatal(err)
	}
	equal(e, "columns", strings.Join(rows[0], ","), reportColumns)
	found := map[string]map[string]string{}
	for _, row := range rows[1:] {
		found[row[0]] = map[string]string{}
		for i, column := range rows[0] {
			found[row[0]][column] = row[i]
		}
	}
	equal(e, "rows", len(found), 3)
	for user, columns := range map[string]map[string]string{
		"<root_account>": {"arn": e.arn("root"), "password_enabled": "not_supported"},
		"anna": {
			"arn": e.arn("user/anna"), "password_enabled": "false", "password_last_used": "N/A", "mfa_active": "true",
			"cert_1_active": "false",
		},
		"bert": {"mfa_active": "false", "access_key_1_active": "false", "access_key_1_last_rotated": "N/A"},
	} {
		for column, want := range columns {
			equal(e, column+" of "+user, found[user][column], want)
		}
		if _, err := time.Parse(time.RFC3339, found[user]["user_creation_time"]); err != nil {
			e.Errorf("creation time of %s: %v", user, err)
		}
	}
	// The order of two keys of the same second is not defined.
	equal(e, "keys of anna", found["anna"]["access_key_1_active"] != found["anna"]["access_key_2_active"], true)

	e.user("carl") // is not in the report that exists already
	succeed(e, IAM.GenerateCredentialReport, nil)
	check(e, !strings.Contains(string(succeed(e, IAM.GetCredentialReport, nil).Content), "carl"),
		"the report was replaced within four hours")
	e.advance(4*time.Hour + time.Second)
	fail(e, IAM.GetCredentialReport, nil, "ReportExpired")
	succeed(e, IAM.GenerateCredentialReport, nil)
	check(e, strings.Contains(string(succeed(e, IAM.GetCredentialReport, nil).Content), "\ncarl,"),
		"the new report lacks carl")
}

func authorizationDetails(e *env) {
	inline, managed, bound := allow("iam:GetUser", "*"), e.policy("managed", allow("iam:List*", "*")),
		e.policy("bound", allow("*", "*"))
	succeed(e, IAM.CreateUser,
		&iam.CreateUserInput{UserName: new("u"), Path: new("/p/"), PermissionsBoundary: &bound,
			Tags: []iamtypes.Tag{tag("k", "v")}})
	e.group("g")
	e.role("r")
	succeed(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("u"), GroupName: new("g")})
	e.permit("u", inline)
	succeed(e, IAM.PutGroupPolicy,
		&iam.PutGroupPolicyInput{GroupName: new("g"), PolicyName: new("gp"), PolicyDocument: &inline})
	succeed(e, IAM.PutRolePolicy,
		&iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("rp"), PolicyDocument: &inline})
	succeed(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("u"), PolicyArn: &managed})
	succeed(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: &managed})
	succeed(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: &managed})
	succeed(e, IAM.CreatePolicyVersion,
		&iam.CreatePolicyVersionInput{PolicyArn: &managed, PolicyDocument: new(allow("s3:*", "*"))})

	attached := []iamtypes.AttachedPolicy{{PolicyArn: &managed, PolicyName: new("managed")}}
	inlineOf := func(e *env, details []iamtypes.PolicyDetail) string {
		return strings.Join(collect(details,
			func(d iamtypes.PolicyDetail) string { return *d.PolicyName + decodeDocument(e, d.PolicyDocument) }), " ")
	}

	e.part("relations", func(e *env) {
		out := succeed(e, IAM.GetAccountAuthorizationDetails, &iam.GetAccountAuthorizationDetailsInput{})
		if len(out.UserDetailList) != 1 || len(out.GroupDetailList) != 1 || len(out.RoleDetailList) != 1 ||
			len(out.Policies) != 2 {
			e.Fatalf("found %d users, %d groups, %d roles, %d policies", len(out.UserDetailList), len(out.GroupDetailList),
				len(out.RoleDetailList), len(out.Policies))
		}
		user, group, role := out.UserDetailList[0], out.GroupDetailList[0], out.RoleDetailList[0]
		equal(e, "user", *user.Arn, e.arn("user/p/u"))
		equal(e, "the user's groups", user.GroupList, []string{"g"})
		equal(e, "the user's managed policies", user.AttachedManagedPolicies, attached)
		equal(e, "the user's inline policies", inlineOf(e, user.UserPolicyList), "permissions"+inline)
		equal(e, "the user's tags", user.Tags, []iamtypes.Tag{tag("k", "v")})
		equal(e, "the user's boundary", *user.PermissionsBoundary.PermissionsBoundaryArn, bound)
		equal(e, "group", *group.Arn, e.arn("group/g"))
		equal(e, "the group's managed policies", group.AttachedManagedPolicies, attached)
		equal(e, "the group's inline policies", inlineOf(e, group.GroupPolicyList), "gp"+inline)
		equal(e, "role", *role.Arn, e.arn("role/r"))
		equal(e, "the role's trust policy", decodeDocument(e, role.AssumeRolePolicyDocument), trustPolicy(e.arn("root")))
		equal(e, "the role's managed policies", role.AttachedManagedPolicies, attached)
		equal(e, "the role's inline policies", inlineOf(e, role.RolePolicyList), "rp"+inline)
		equal(e, "the role's instance profiles", role.InstanceProfileList, []iamtypes.InstanceProfile{})
		for _, p := range out.Policies {
			want := map[string]struct{ attachments, boundaries, versions int }{"managed": {3, 0, 2},
				"bound": {0, 1, 1}}[*p.PolicyName]
			equal(e, "attachments of "+*p.PolicyName, int(*p.AttachmentCount), want.attachments)
			equal(e, "boundaries by "+*p.PolicyName, int(*p.PermissionsBoundaryUsageCount), want.boundaries)
			equal(e, "versions of "+*p.PolicyName, len(p.PolicyVersionList), want.versions)
			for _, v := range p.PolicyVersionList {
				check(e, v.Document != nil, "version %s of %s has no document", *v.VersionId, *p.PolicyName)
			}
		}
	})

	e.part("filter", func(e *env) {
		for filter, want := range map[iamtypes.EntityType][4]int{
			iamtypes.EntityTypeUser: {1, 0, 0, 0}, iamtypes.EntityTypeGroup: {0, 1, 0, 0}, iamtypes.EntityTypeRole: {0, 0, 1, 0},
			iamtypes.EntityTypeLocalManagedPolicy: {0, 0, 0, 2}, iamtypes.EntityTypeAWSManagedPolicy: {},
		} {
			out := succeed(e, IAM.GetAccountAuthorizationDetails,
				&iam.GetAccountAuthorizationDetailsInput{Filter: []iamtypes.EntityType{filter}})
			equal(e, string(filter),
				[4]int{len(out.UserDetailList), len(out.GroupDetailList), len(out.RoleDetailList), len(out.Policies)}, want)
		}
	})
}
