package review_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/review"
)

const testAccount = "123456789012"

// entry is a resource of a plan, with its expressions in the configuration.
type entry struct {
	address, actions string
	before, after    string // JSON
	unknown          []string
	expressions      map[string]string // references by attribute
	more             string            // further members of the change
	outside          string            // further members of the resource
	provider         string            // the key of its provider; "aws" if it is empty
}

func create(address, after string, unknown ...string) entry {
	return entry{address: address, actions: `"create"`, after: after, unknown: unknown}
}

func remove(address, before string) entry {
	return entry{address: address, actions: `"delete"`, before: before}
}

func modify(address, before, after string, unknown ...string) entry {
	return entry{address: address, actions: `"update"`, before: before, after: after, unknown: unknown}
}

func replace(address, before, after string, unknown ...string) entry {
	return entry{address: address, actions: `"delete","create"`, before: before, after: after, unknown: unknown}
}

func keep(address, value string) entry {
	return entry{address: address, actions: `"no-op"`, before: value, after: value}
}

func forget(address, before string) entry {
	return entry{address: address, actions: `"forget"`, before: before}
}

// refers adds the references of an attribute, such as "policy_arn=aws_iam_policy.p.arn aws_iam_policy.p".
func (e entry) refers(texts ...string) entry {
	e.expressions = map[string]string{}
	for _, text := range texts {
		name, references, _ := strings.Cut(text, "=")
		e.expressions[name] = references
	}
	return e
}

// of sets the key of the provider.
func (e entry) of(provider string) entry {
	e.provider = provider
	return e
}

// addressForm has the module, the type, the name and the index of a resource.
var addressForm = regexp.MustCompile(`^((?:module\.[^.]+\.)*)([a-z_0-9]+)\.([a-z_0-9]+)(\[.*\])?$`)

// planOf returns a plan file.
func planOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	object := func(text string) any {
		if text == "" {
			return nil
		}
		var out map[string]any
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatalf("%s: %s", text, err)
		}
		return out
	}
	changes, resources := []any{}, []any{}
	for _, e := range entries {
		address := addressForm.FindStringSubmatch(e.address)
		if address == nil {
			t.Fatal(e.address)
		}
		change := map[string]any{}
		if e.more != "" {
			change = object(e.more).(map[string]any)
		}
		unknown := map[string]any{}
		for _, name := range e.unknown {
			unknown[name] = true
		}
		change["actions"], change["before"], change["after"] = json.RawMessage("["+e.actions+"]"), object(e.before),
			object(e.after)
		if change["after_unknown"] == nil {
			change["after_unknown"] = unknown
		}
		resource := map[string]any{"address": e.address, "mode": "managed", "type": address[2], "name": address[3],
			"provider_name": "registry.terraform.io/hashicorp/aws", "change": change}
		if address[1] != "" {
			resource["module_address"] = strings.TrimSuffix(address[1], ".")
		}
		if address[4] != "" {
			resource["index"] = json.RawMessage(strings.Trim(address[4], "[]"))
		}
		if e.outside != "" {
			for name, value := range object(e.outside).(map[string]any) {
				resource[name] = value
			}
		}
		changes = append(changes, resource)
		if address[1] != "" {
			continue
		}
		expressions := map[string]any{}
		for name, references := range e.expressions {
			expressions[name] = map[string]any{"references": strings.Fields(references)}
		}
		provider := e.provider
		if provider == "" {
			provider = "aws"
		}
		resources = append(resources, map[string]any{"address": address[2] + "." + address[3], "mode": "managed",
			"type": address[2], "name": address[3], "provider_config_key": provider, "expressions": expressions})
	}
	text, err := json.Marshal(map[string]any{"format_version": "1.2", "terraform_version": "1.11.4",
		"resource_changes": changes, "configuration": map[string]any{
			"provider_config": map[string]any{
				"aws": map[string]any{"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"},
				"aws.other": map[string]any{"name": "aws", "alias": "other", "full_name": "registry.terraform.io/hashicorp/aws",
					"expressions": map[string]any{"assume_role": []any{map[string]any{"role_arn": map[string]any{
						"references": []string{"var.role"}}}}}},
				"aws.west": map[string]any{"name": "aws", "alias": "west", "full_name": "registry.terraform.io/hashicorp/aws",
					"expressions": map[string]any{"region": map[string]any{"constant_value": "us-west-2"}}},
			},
			"root_module": map[string]any{"resources": resources}}})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// reviewed returns the review of a plan as a text.
func reviewed(t *testing.T, of *account.Account, entries ...entry) string {
	t.Helper()
	plan, err := planfile.Read(planOf(t, entries...))
	if err != nil {
		t.Fatal(err)
	}
	var options planfile.Options
	options.Place.Account = testAccount
	if err := plan.Resolve(options); err != nil {
		t.Fatal(err)
	}
	policies := engine.EmptyAccount("").AWSPolicies()
	if of != nil {
		of = of.WithAWSPolicies(policies)
	}
	report, err := review.Review(context.Background(), review.Input{Plan: plan, Account: of, AWSPolicies: policies,
		Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.Write(&out, "text", review.WriteOptions{FailOn: review.Error}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func quote(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

// allow returns a policy document as a JSON string.
func allow(action, resource string) string { return quote(allowText(action, resource)) }

func allowText(action, resource string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":%q}]}`,
		action, resource)
}

func trust(principal, action string) string {
	return quote(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":%q}]}`,
		principal, action))
}

var trustEC2 = trust(`{"Service":"ec2.amazonaws.com"}`, "sts:AssumeRole")

// with adds members to a JSON object.
func with(object, members string) string {
	return strings.TrimSuffix(object, "}") + "," + members + "}"
}

const iamARN = "arn:aws:iam::" + testAccount + ":"

// The attributes of resources of the AWS provider, before they exist and once they do.

func newRole(name, trust string) string {
	return fmt.Sprintf(`{"name":%q,"path":"/","assume_role_policy":%s,"permissions_boundary":null,"tags":null,
		"force_detach_policies":false,"max_session_duration":3600,"description":null}`, name, trust)
}

var newRoleUnknown = []string{"arn", "create_date", "id", "inline_policy", "managed_policy_arns",
	"name_prefix", "tags_all",
	"unique_id"}

func role(name, trust string) string {
	return with(newRole(name, trust), fmt.Sprintf(`"arn":%q,"id":%q,"unique_id":%q,"tags_all":{},"inline_policy":[],
		"managed_policy_arns":[],"name_prefix":""`, iamARN+"role/"+name, name, "AROA"+strings.ToUpper(name)))
}

func newUser(name string) string {
	return fmt.Sprintf(`{"name":%q,"path":"/","permissions_boundary":null,"force_destroy":false,"tags":null}`, name)
}

func user(name string) string {
	return with(newUser(name), fmt.Sprintf(`"arn":%q,"id":%q,"unique_id":%q,"tags_all":{}`, iamARN+"user/"+name, name,
		"AIDA"+strings.ToUpper(name)))
}

func group(name string) string {
	return fmt.Sprintf(`{"name":%q,"path":"/","arn":%q,"id":%q,"unique_id":%q}`, name, iamARN+"group/"+name, name,
		"AGPA"+strings.ToUpper(name))
}

func newPolicy(name, document string) string {
	return fmt.Sprintf(`{"name":%q,"path":"/","policy":%s,"description":null,"tags":null}`, name, document)
}

var newPolicyUnknown = []string{"arn", "id", "name_prefix", "policy_id", "tags_all", "attachment_count"}

func managed(name, document string) string {
	return with(newPolicy(name, document),
		fmt.Sprintf(`"arn":%q,"id":%q,"policy_id":%q,"tags_all":{},"attachment_count":1`,
			iamARN+"policy/"+name, iamARN+"policy/"+name, "ANPA"+strings.ToUpper(name)))
}

func inline(kind, owner, name, document string) string {
	return fmt.Sprintf(`{%q:%q,"name":%q,"policy":%s,"id":%q,"name_prefix":""}`, kind, owner, name, document,
		owner+":"+name)
}

func attached(kind, owner, arn string) string {
	return fmt.Sprintf(`{%q:%q,"policy_arn":%q,"id":%q}`, kind, owner, arn, owner+"-2024")
}

const adminARN = "arn:aws:iam::aws:policy/AdministratorAccess"

const iamDeny = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}`

// denied has a user that is administrator but for a policy "deny", which is attached.
var denied = []entry{
	keep("aws_iam_user.u", user("u")),
	keep("aws_iam_policy.deny", managed("deny", quote(iamDeny))),
	keep("aws_iam_user_policy_attachment.admin", attached("user", "u", adminARN)),
	keep("aws_iam_user_policy_attachment.deny", attached("user", "u", iamARN+"policy/deny")),
}

// bounded returns a user with a permissions boundary.
func bounded(name, boundary string) string {
	return strings.Replace(user(name), `"permissions_boundary":null`, `"permissions_boundary":"`+boundary+`"`, 1)
}

// bucketPolicyOf returns the policy of a bucket with statements.
func bucketPolicyOf(statements string) string {
	return `{"bucket":"b","policy":` + quote(`{"Version":"2012-10-17","Statement":[`+statements+`]}`) + `}`
}

const noChange = "access does not change"

// changeTest is a plan with what its review says.
type changeTest struct {
	name    string
	entries []entry
	want    []string
	not     []string
}

func TestReview_KindsOfChange(t *testing.T) {
	for _, test := range []changeTest{
		{"policy that two resources attach, one of them removed",
			append(slices.Clone(denied), remove("aws_iam_user_policy_attachment.again", attached("user", "u", iamARN+
				"policy/deny"))),
			[]string{`User "u" becomes administrator`}, nil},
		{"exclusive attachments without a policy that another resource attaches",
			append(slices.Clone(denied), create("aws_iam_user_policy_attachments_exclusive.x",
				`{"user_name":"u","policy_arns":["`+adminARN+`"]}`)),
			[]string{`User "u" becomes administrator`}, nil},
		{"exclusive inline policies without the one of another resource",
			[]entry{denied[0], denied[2], keep("aws_iam_user_policy.deny", inline("user", "u", "deny", quote(iamDeny))),
				create("aws_iam_user_policies_exclusive.x", `{"user_name":"u","policy_names":[]}`)},
			[]string{`User "u" becomes administrator`}, nil},
		{"policy removed from the list of a role that another resource attaches",
			[]entry{denied[1], keep("aws_iam_role_policy_attachment.admin", attached("role", "r", adminARN)),
				keep("aws_iam_role_policy_attachment.deny", attached("role", "r", iamARN+"policy/deny")),
				modify("aws_iam_role.r", strings.Replace(role("r", trustEC2), `"managed_policy_arns":[]`,
					`"managed_policy_arns":["`+adminARN+`","`+iamARN+`policy/deny"]`, 1),
					strings.Replace(role("r", trustEC2), `"managed_policy_arns":[]`, `"managed_policy_arns":["`+adminARN+`"]`, 1))},
			[]string{`Role "r" becomes administrator`}, nil},
		{"text of a policy that others have",
			[]entry{modify("aws_iam_policy.p", managed("p", allow("s3:ListBucket", "*")), managed("p", allow("*", "*")))},
			[]string{"The text of the policy changes. AWS has it attached 1 time, and the plan has 0 of them."}, nil},
		{"new policy that nobody has",
			[]entry{create("aws_iam_policy.p", newPolicy("p", allow("*", "*")), newPolicyUnknown...)},
			[]string{noChange}, nil},
		{"policy of a group outside the plan",
			[]entry{create("aws_iam_group_policy.p", `{"group":"devs","name":"p","policy":`+allow("*", "*")+`}`, "id")},
			[]string{`It changes the policies of the group "devs", and the plan may not have all its members.`},
			nil},
		{"policy of a group without members in the plan",
			[]entry{keep("aws_iam_group.g", group("devs")),
				create("aws_iam_group_policy_attachment.p", `{"group":"devs","policy_arn":"`+adminARN+`"}`, "id")},
			[]string{`aws_iam_group_policy_attachment.p: It changes the policies of the group "devs"`}, nil},
		{"text of a policy of a group without members in the plan",
			[]entry{keep("aws_iam_group.g", group("devs")),
				keep("aws_iam_group_policy_attachment.p", attached("group", "devs", iamARN+"policy/p")),
				modify("aws_iam_policy.p", managed("p", allow("s3:ListBucket", "*")), managed("p", allow("*", "*")))},
			[]string{`aws_iam_policy.p: It changes the policies of the group "devs"`}, nil},
		{"user in a group outside the plan",
			[]entry{denied[0], create("aws_iam_user_group_membership.m", `{"user":"u","groups":["admins"]}`, "id")},
			[]string{`aws_iam_user_group_membership.m: The user "u" joins the group "admins"`}, nil},
		{"user who leaves a group outside the plan",
			[]entry{denied[0], remove("aws_iam_user_group_membership.m", `{"user":"u","groups":["denied"],"id":"x"}`)},
			[]string{`aws_iam_user_group_membership.m: The user "u" leaves the group "denied"`}, nil},
		{"user in a group of the plan with a policy",
			[]entry{denied[0], keep("aws_iam_group.g", group("admins")),
				keep("aws_iam_group_policy_attachment.a", attached("group", "admins", adminARN)),
				create("aws_iam_user_group_membership.m", `{"user":"u","groups":["admins"]}`, "id")},
			[]string{`User "u" becomes administrator`}, []string{"not judged"}},
		{"boundary outside the plan removed",
			[]entry{denied[2], modify("aws_iam_user.u", bounded("u", iamARN+"policy/b"), user("u"))},
			[]string{"aws_iam_user.u: It removes the permissions boundary arn:aws:iam::123456789012:policy/b"}, nil},
		{"boundary outside the plan replaced by one in it",
			[]entry{denied[2], keep("aws_iam_policy.c", managed("c", allow("*", "*"))),
				modify("aws_iam_user.u", bounded("u", iamARN+"policy/b"), bounded("u", iamARN+"policy/c"))},
			[]string{"aws_iam_user.u: It removes the permissions boundary arn:aws:iam::123456789012:policy/b"}, nil},
		{"boundary in the plan removed",
			[]entry{denied[2], keep("aws_iam_policy.c", managed("c", allow("s3:*", "*"))),
				modify("aws_iam_user.u", bounded("u", iamARN+"policy/c"), user("u"))},
			[]string{`User "u" becomes administrator`, "the permissions boundary", "policy/c is removed"},
			[]string{"not judged", "AnyAction"}},
		{"policy outside the plan detached",
			[]entry{denied[0], denied[2], remove("aws_iam_user_policy_attachment.d", attached("user", "u", iamARN+"policy/d"))},
			[]string{"aws_iam_user_policy_attachment.d: It detaches the policy arn:aws:iam::123456789012:policy/d"}, nil},
		{"policy outside the plan detached from a user who is removed",
			[]entry{remove("aws_iam_user.u", user("u")),
				remove("aws_iam_user_policy_attachment.d", attached("user", "u", iamARN+"policy/d"))},
			nil, []string{"not judged"}},
		{"trust in principals outside the plan",
			[]entry{modify("aws_iam_role.r", role("r", trustEC2), role("r", trust(`{"AWS":["`+iamARN+`user/x/y/u","`+iamARN+
				`role/q","arn:aws:sts::123456789012:assumed-role/z/s","AIDAXXXXXXXX"]}`, "sts:AssumeRole")))},
			[]string{
				"role arn:aws:iam::123456789012:role/q (not part of the plan or the account) gains Write in sts",
				"role arn:aws:iam::123456789012:role/z (not part of the plan or the account) gains Write in sts",
				"user arn:aws:iam::123456789012:user/x/y/u (not part of the plan or the account) gains Write in sts",
				"The trust policy of the role trusts the principal AIDAXXXXXXXX, which the plan does not have."}, nil},
		{"trust in the own account",
			[]entry{modify("aws_iam_role.r", role("r", trustEC2),
				role("r", trust(`{"AWS":"123456789012"}`, "sts:AssumeRole")))},
			[]string{"aws_iam_role.r: The trust policy lets every principal of the account assume the role whose own policies " +
				"allow it"}, nil},
		{"trust in the own account as before",
			[]entry{modify("aws_iam_role.r", role("r", trust(`{"AWS":"123456789012"}`, "sts:AssumeRole")),
				strings.Replace(role("r", trust(`{"AWS":"123456789012"}`, "sts:AssumeRole")), "3600", "7200", 1))},
			[]string{noChange}, []string{"not judged"}},
		{"role with a generated name and an inline policy",
			[]entry{create("aws_iam_role.r", `{"name_prefix":"x-","path":"/","assume_role_policy":`+trustEC2+`}`,
				"name", "arn", "id",
				"unique_id", "inline_policy", "managed_policy_arns"),
				create("aws_iam_role_policy.p", `{"policy":`+allow("*", "*")+`}`, "role", "name").
					refers("role=aws_iam_role.r.name aws_iam_role.r")},
			[]string{`Role "x-aws_iam_role.r.name_suffix" becomes administrator`,
				"Caused by aws_iam_role.r, aws_iam_role_policy.p"},
			[]string{"not judged", "not part of the plan"}},
		{"resources that give access in other ways",
			[]entry{
				create("aws_ssoadmin_account_assignment.sso", `{"principal_id":"x"}`),
				create("aws_kms_grant.grant", `{"grantee_principal":"arn:aws:iam::999999999999:root"}`),
				create("aws_cloudformation_stack.stack", `{"name":"x"}`),
				create("awscc_iam_role.cc", `{"managed_policy_arns":["`+adminARN+`"]}`),
				create("aws_lambda_function_url.open", `{"authorization_type":"NONE"}`),
				create("aws_lambda_function_url.closed", `{"authorization_type":"AWS_IAM"}`),
				remove("aws_s3_bucket_public_access_block.gone", `{"bucket":"b","block_public_policy":true}`),
				create("aws_s3_bucket_public_access_block.closed", `{"bucket":"c","block_public_acls":true,
					"block_public_policy":true,"ignore_public_acls":true,"restrict_public_buckets":true}`),
				remove("aws_kms_grant.gone", `{"grantee_principal":"arn:aws:iam::999999999999:root"}`),
				keep("aws_kms_grant.kept", `{"grantee_principal":"arn:aws:iam::999999999999:root"}`),
			},
			[]string{"6 parts not judged", "aws_ssoadmin_account_assignment.sso:", "aws_kms_grant.grant:",
				"aws_cloudformation_stack.stack:", "awscc_iam_role.cc:", "aws_lambda_function_url.open:",
				"aws_s3_bucket_public_access_block.gone:"}, nil},
		{"policy of a bucket that gives much to one principal and something to another",
			[]entry{create("aws_s3_bucket_policy.p", bucketPolicyOf(`{"Effect":"Allow","Principal":{"AWS":"`+iamARN+
				`role/known"},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"},{"Effect":"Allow","Principal":{"AWS":"999999999999"},
				"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}`), "id")},
			[]string{"new arn:aws:s3:::b: any principal of the account 999999999999 gains",
				"The policy of arn:aws:s3:::b allows more: any principal of the account 999999999999 may call"}, nil},
		{"policy of a bucket removed that only denied",
			[]entry{remove("aws_s3_bucket_policy.p", bucketPolicyOf(`{"Effect":"Deny","Principal":"*","Action":"s3:*",
				"Resource":"arn:aws:s3:::b/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`))},
			[]string{"removed arn:aws:s3:::b: every principal that another policy allows it gains"}, nil},
		{"policy of a bucket with the same denial",
			[]entry{modify("aws_s3_bucket_policy.p", bucketPolicyOf(`{"Effect":"Deny","Principal":"*","Action":"s3:Put*",
				"Resource":"arn:aws:s3:::b/*"}`), bucketPolicyOf(`{"Effect":"Deny","Principal":"*","Action":["s3:Put*","s3:Get*"],
				"Resource":"arn:aws:s3:::b/*"}`))},
			[]string{noChange}, nil},
		{"resource of an account that is not known",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)),
				keep("aws_iam_role_policy_attachment.a", attached("role", "r", adminARN)),
				create("aws_iam_role_policy_attachment.b", attached("role", "r", adminARN)).of("aws.other")},
			[]string{"aws_iam_role_policy_attachment.b: Its provider configuration may manage another account"}, nil},
		{"resource of another known account with a role of the same name",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)),
				keep("aws_iam_role_policy_attachment.a", attached("role", "r", adminARN)),
				keep("aws_iam_role.s", strings.ReplaceAll(role("r", trustEC2), testAccount, "999999999999")).of("aws.other"),
				create("aws_iam_role_policy_attachment.b", attached("role", "r", adminARN)).of("aws.other")},
			[]string{"aws_iam_role_policy_attachment.b: It belongs to the account 999999999999"}, nil},
		{"unchanged resource of an account that is not known",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)),
				create("aws_iam_role_policy_attachment.a", attached("role", "r", adminARN)),
				keep("aws_iam_role_policy_attachment.b", attached("role", "r", adminARN)).of("aws.other")},
			[]string{`Role "r" becomes administrator`}, nil},
		{"resource of another region",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)),
				create("aws_iam_role_policy_attachment.b", attached("role", "r", adminARN)).of("aws.west")},
			[]string{`Role "r" becomes administrator`}, []string{"not judged"}},
		{"sensitive policy",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)), {address: "aws_iam_role_policy.p", actions: `"create"`,
				after: inline("role", "r", "p", allow("iam:PutRolePolicy", iamARN+"role/secret/*")),
				more:  `{"after_sensitive":{"policy":true}}`}},
			[]string{"role r gains Permissions management in iam on (sensitive value), such as iam:PutRolePolicy"},
			[]string{"role/secret"}},
		{"sensitive policy of a bucket",
			[]entry{{address: "aws_s3_bucket_policy.p", actions: `"create"`, after: bucketPolicyOf(`{"Effect":"Allow",
				"Principal":{"AWS":"999999999999"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`),
				more: `{"after_sensitive":{"policy":true}}`}},
			[]string{"new arn:aws:s3:::b: (sensitive value) gains s3:GetObject"}, []string{"999999999999"}},
		{"inline policy whose name another resource gives up",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)),
				create("aws_iam_role_policy.a", inline("role", "r", "p", allow("*", "*"))),
				remove("aws_iam_role_policy.b", inline("role", "r", "p", allow("s3:ListBucket", "*")))},
			[]string{"statement 0 of inline policy p of role r (aws_iam_role_policy.a)"}, nil},
		{"attachment that is created again before it is destroyed",
			append(slices.Clone(denied[:3]), entry{address: "aws_iam_user_policy_attachment.deny", actions: `"create","delete"`,
				before: attached("user", "u", iamARN+"policy/deny"), after: attached("user", "u", iamARN+"policy/deny")}),
			[]string{`User "u" becomes administrator`}, nil},
		{"attachment that is destroyed before it is created again",
			append(slices.Clone(denied[:3]), replace("aws_iam_user_policy_attachment.deny",
				attached("user", "u", iamARN+"policy/deny"), `{"user":"u","policy_arn":"`+iamARN+`policy/deny"}`)),
			[]string{noChange}, nil},
		{"inline policy of an unknown role without an expression",
			[]entry{create("aws_iam_role_policy.p", `{"name":"p","policy":`+allow("*", "*")+`}`, "role")},
			[]string{"aws_iam_role_policy.p: The attribute role is known only after apply."}, nil},
		{"replaced role with unchanged policies",
			[]entry{replace("aws_iam_role.r", role("r", trustEC2), newRole("r", trustEC2), newRoleUnknown...),
				keep("aws_iam_role_policy_attachment.a", attached("role", "r", adminARN))},
			[]string{"role r loses access in every service"}, []string{"principal gains"}},
		{"forgotten policy",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)),
				forget("aws_iam_role_policy.p", inline("role", "r", "p", allow("*", "*")))},
			[]string{noChange}, nil},
		{"policy forgotten, and created with another name",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)), {address: "aws_iam_role_policy.p", actions: `"forget","create"`,
				before: inline("role", "r", "p", allow("s3:ListBucket", "*")),
				after:  inline("role", "r", "q", allow("s3:DeleteBucket", "*"))}},
			[]string{"role r gains Write in s3"}, []string{"principal loses"}},
		{"imported policy without a change",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)), {address: "aws_iam_role_policy.p", actions: `"no-op"`,
				before: inline("role", "r", "p", allow("*", "*")), after: inline("role", "r", "p", allow("*", "*")),
				more: `{"importing":{"id":"r:p"}}`}},
			[]string{noChange}, nil},
		{"imported policy with a change",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)), {address: "aws_iam_role_policy.p", actions: `"update"`,
				before: inline("role", "r", "p", allow("s3:ListBucket", "*")),
				after:  inline("role", "r", "p", allow("s3:DeleteBucket", "*")), more: `{"importing":{"id":"r:p"}}`}},
			[]string{"role r gains Write in s3", "loses List in s3"}, nil},
		{"deposed attachment",
			[]entry{keep("aws_iam_role.r", role("r", trustEC2)), {address: "aws_iam_role_policy_attachment.a",
				actions: `"delete"`, before: attached("role", "r", adminARN), outside: `{"deposed":"00000001"}`}},
			[]string{"role r loses access in every service"}, []string{"principal gains"}},
		{"role whose list of policies has another one",
			[]entry{modify("aws_iam_role.r", role("r", trustEC2), strings.Replace(role("r", trustEC2),
				`"managed_policy_arns":[]`, `"managed_policy_arns":["`+adminARN+`"]`, 1))},
			[]string{`Role "r" becomes administrator`}, nil},
	} {
		t.Run(test.name, func(t *testing.T) { test.check(t, nil) })
	}
}

func (test *changeTest) check(t *testing.T, of *account.Account) {
	t.Helper()
	got := strings.Join(strings.Fields(reviewed(t, of, test.entries...)), " ")
	for _, want := range test.want {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwithout\n%s", got, want)
		}
	}
	for _, not := range test.not {
		if strings.Contains(got, not) {
			t.Errorf("got\n%s\nwith\n%s", got, not)
		}
	}
}
