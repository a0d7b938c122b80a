package contract

import (
	"encoding/csv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// reportColumns are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html.
const reportColumns = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
	"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
	"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
	"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"

func credentialReport(e *env) {
	refused(e, IAM.GetCredentialReport, nil, "ReportNotPresent")

	e.user("anna")
	key := e.key("anna")
	inactive := e.key("anna")
	ok(e, IAM.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: new("anna"), AccessKeyId: &inactive.AccessKeyID, Status: iamtypes.StatusTypeInactive})
	ok(e.with(key), STS.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	ok(e, IAM.EnableMFADevice, e.device("phone").enable(e, "anna"))
	e.user("bert")

	same(e, "state", ok(e, IAM.GenerateCredentialReport, nil).State, iamtypes.ReportStateTypeStarted)
	same(e, "state", ok(e, IAM.GenerateCredentialReport, nil).State, iamtypes.ReportStateTypeComplete)
	report := ok(e, IAM.GetCredentialReport, nil)
	same(e, "format", report.ReportFormat, iamtypes.ReportFormatTypeTextCsv)
	rows, err := csv.NewReader(strings.NewReader(string(report.Content))).ReadAll()
	if err != nil {
		e.Fatal(err)
	}
	same(e, "columns", strings.Join(rows[0], ","), reportColumns)
	found := map[string]map[string]string{}
	for _, row := range rows[1:] {
		found[row[0]] = map[string]string{}
		for i, column := range rows[0] {
			found[row[0]][column] = row[i]
		}
	}
	same(e, "rows", len(found), 3)
	for user, columns := range map[string]map[string]string{
		"<root_account>": {"arn": e.arn("root"), "password_enabled": "not_supported"},
		"anna": {
			"arn": e.arn("user/anna"), "password_enabled": "false", "password_last_used": "N/A", "mfa_active": "true",
			"cert_1_active": "false",
		},
		"bert": {"mfa_active": "false", "access_key_1_active": "false", "access_key_1_last_rotated": "N/A"},
	} {
		for column, want := range columns {
			same(e, column+" of "+user, found[user][column], want)
		}
		if _, err := time.Parse(time.RFC3339, found[user]["user_creation_time"]); err != nil {
			e.Errorf("when %s was made: %v", user, err)
		}
	}
	// Which of two keys of the same second is the first, nobody can say.
	same(e, "keys of anna", found["anna"]["access_key_1_active"] != found["anna"]["access_key_2_active"], true)

	e.user("carl") // comes too late for this report
	ok(e, IAM.GenerateCredentialReport, nil)
	holds(e, !strings.Contains(string(ok(e, IAM.GetCredentialReport, nil).Content), "carl"), "another report was made within four hours")
	e.advance(4*time.Hour + time.Second)
	refused(e, IAM.GetCredentialReport, nil, "ReportExpired")
	ok(e, IAM.GenerateCredentialReport, nil)
	holds(e, strings.Contains(string(ok(e, IAM.GetCredentialReport, nil).Content), "\ncarl,"), "the new report lacks carl")
}

func authorizationDetails(e *env) {
	inline, managed, bound := allow("iam:GetUser", "*"), e.policy("managed", allow("iam:List*", "*")), e.policy("bound", allow("*", "*"))
	ok(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("u"), Path: new("/p/"), PermissionsBoundary: &bound, Tags: []iamtypes.Tag{tag("k", "v")}})
	e.group("g")
	e.role("r")
	ok(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("u"), GroupName: new("g")})
	e.permit("u", inline)
	ok(e, IAM.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: new("g"), PolicyName: new("gp"), PolicyDocument: &inline})
	ok(e, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("rp"), PolicyDocument: &inline})
	ok(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("u"), PolicyArn: &managed})
	ok(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: &managed})
	ok(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: &managed})
	ok(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &managed, PolicyDocument: new(allow("s3:*", "*"))})

	attached := []iamtypes.AttachedPolicy{{PolicyArn: &managed, PolicyName: new("managed")}}
	inlineOf := func(e *env, details []iamtypes.PolicyDetail) string {
		return strings.Join(each(details, func(d iamtypes.PolicyDetail) string { return *d.PolicyName + decoded(e, d.PolicyDocument) }), " ")
	}

	e.part("how all hangs together", func(e *env) {
		out := ok(e, IAM.GetAccountAuthorizationDetails, &iam.GetAccountAuthorizationDetailsInput{})
		if len(out.UserDetailList) != 1 || len(out.GroupDetailList) != 1 || len(out.RoleDetailList) != 1 || len(out.Policies) != 2 {
			e.Fatalf("found %d users, %d groups, %d roles, %d policies", len(out.UserDetailList), len(out.GroupDetailList), len(out.RoleDetailList), len(out.Policies))
		}
		user, group, role := out.UserDetailList[0], out.GroupDetailList[0], out.RoleDetailList[0]
		same(e, "user", *user.Arn, e.arn("user/p/u"))
		same(e, "the user's groups", user.GroupList, []string{"g"})
		same(e, "the user's managed policies", user.AttachedManagedPolicies, attached)
		same(e, "the user's inline policies", inlineOf(e, user.UserPolicyList), "permissions"+inline)
		same(e, "the user's tags", user.Tags, []iamtypes.Tag{tag("k", "v")})
		same(e, "the user's boundary", *user.PermissionsBoundary.PermissionsBoundaryArn, bound)
		same(e, "group", *group.Arn, e.arn("group/g"))
		same(e, "the group's managed policies", group.AttachedManagedPolicies, attached)
		same(e, "the group's inline policies", inlineOf(e, group.GroupPolicyList), "gp"+inline)
		same(e, "role", *role.Arn, e.arn("role/r"))
		same(e, "the role's trust policy", decoded(e, role.AssumeRolePolicyDocument), trusting(e.arn("root")))
		same(e, "the role's managed policies", role.AttachedManagedPolicies, attached)
		same(e, "the role's inline policies", inlineOf(e, role.RolePolicyList), "rp"+inline)
		same(e, "the role's instance profiles", role.InstanceProfileList, []iamtypes.InstanceProfile{})
		for _, p := range out.Policies {
			want := map[string]struct{ attachments, boundaries, versions int }{"managed": {3, 0, 2}, "bound": {0, 1, 1}}[*p.PolicyName]
			same(e, "attachments of "+*p.PolicyName, int(*p.AttachmentCount), want.attachments)
			same(e, "boundaries by "+*p.PolicyName, int(*p.PermissionsBoundaryUsageCount), want.boundaries)
			same(e, "versions of "+*p.PolicyName, len(p.PolicyVersionList), want.versions)
			for _, v := range p.PolicyVersionList {
				holds(e, v.Document != nil, "version %s of %s has no document", *v.VersionId, *p.PolicyName)
			}
		}
	})

	e.part("a part of it", func(e *env) {
		for filter, want := range map[iamtypes.EntityType][4]int{
			iamtypes.EntityTypeUser: {1, 0, 0, 0}, iamtypes.EntityTypeGroup: {0, 1, 0, 0}, iamtypes.EntityTypeRole: {0, 0, 1, 0},
			iamtypes.EntityTypeLocalManagedPolicy: {0, 0, 0, 2}, iamtypes.EntityTypeAWSManagedPolicy: {},
		} {
			out := ok(e, IAM.GetAccountAuthorizationDetails, &iam.GetAccountAuthorizationDetailsInput{Filter: []iamtypes.EntityType{filter}})
			same(e, string(filter), [4]int{len(out.UserDetailList), len(out.GroupDetailList), len(out.RoleDetailList), len(out.Policies)}, want)
		}
	})
}
