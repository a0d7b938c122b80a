package provider

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// policyOwner is a kind of identity that has policies: a user, a group or a role. The functions change or read the
// policies of the identity with the name "owner", outside Terraform.
type policyOwner struct {
	config       string // a resource of this kind with the address iam_<kind>.owner
	attach       func(ctx context.Context, c *engine.Client, arn string)
	detach       func(ctx context.Context, c *engine.Client, arn string)
	attached     func(ctx context.Context, c *engine.Client) []iamtypes.AttachedPolicy
	putInline    func(ctx context.Context, c *engine.Client, name string)
	inlineNames  func(ctx context.Context, c *engine.Client) []string
	inlinePolicy func(ctx context.Context, c *engine.Client, name string) *string
}

var ownerName = aws.String("owner")

var policyOwners = map[string]policyOwner{
	"user": {
		config: `resource "iam_user" "owner" { name = "owner" }`,
		attach: func(ctx context.Context, c *engine.Client, arn string) {
			require(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: ownerName, PolicyArn: &arn}))
		},
		detach: func(ctx context.Context, c *engine.Client, arn string) {
			require(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: ownerName, PolicyArn: &arn}))
		},
		attached: func(ctx context.Context, c *engine.Client) []iamtypes.AttachedPolicy {
			return require(c.ListAttachedUserPolicies(ctx,
				&iam.ListAttachedUserPoliciesInput{UserName: ownerName})).AttachedPolicies
		},
		putInline: func(ctx context.Context, c *engine.Client, name string) {
			require(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
				UserName: ownerName, PolicyName: &name, PolicyDocument: aws.String(exampleDocument),
			}))
		},
		inlineNames: func(ctx context.Context, c *engine.Client) []string {
			return require(c.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: ownerName})).PolicyNames
		},
		inlinePolicy: func(ctx context.Context, c *engine.Client, name string) *string {
			return require(c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: ownerName, PolicyName: &name})).PolicyDocument
		},
	},
	"group": {
		config: `resource "iam_group" "owner" { name = "owner" }`,
		attach: func(ctx context.Context, c *engine.Client, arn string) {
			require(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: ownerName, PolicyArn: &arn}))
		},
		detach: func(ctx context.Context, c *engine.Client, arn string) {
			require(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: ownerName, PolicyArn: &arn}))
		},
		attached: func(ctx context.Context, c *engine.Client) []iamtypes.AttachedPolicy {
			return require(c.ListAttachedGroupPolicies(ctx,
				&iam.ListAttachedGroupPoliciesInput{GroupName: ownerName})).AttachedPolicies
		},
		putInline: func(ctx context.Context, c *engine.Client, name string) {
			require(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
				GroupName: ownerName, PolicyName: &name, PolicyDocument: aws.String(exampleDocument),
			}))
		},
		inlineNames: func(ctx context.Context, c *engine.Client) []string {
			return require(c.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: ownerName})).PolicyNames
		},
		inlinePolicy: func(ctx context.Context, c *engine.Client, name string) *string {
			return require(c.GetGroupPolicy(ctx,
				&iam.GetGroupPolicyInput{GroupName: ownerName, PolicyName: &name})).PolicyDocument
		},
	},
	"role": {
		config: `resource "iam_role" "owner" {
  name               = "owner"
  assume_role_policy = jsonencode(` + serviceTrustPolicy + `)
}`,
		attach: func(ctx context.Context, c *engine.Client, arn string) {
			require(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: ownerName, PolicyArn: &arn}))
		},
		detach: func(ctx context.Context, c *engine.Client, arn string) {
			require(c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: ownerName, PolicyArn: &arn}))
		},
		attached: func(ctx context.Context, c *engine.Client) []iamtypes.AttachedPolicy {
			return require(c.ListAttachedRolePolicies(ctx,
				&iam.ListAttachedRolePoliciesInput{RoleName: ownerName})).AttachedPolicies
		},
		putInline: func(ctx context.Context, c *engine.Client, name string) {
			require(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
				RoleName: ownerName, PolicyName: &name, PolicyDocument: aws.String(exampleDocument),
			}))
		},
		inlineNames: func(ctx context.Context, c *engine.Client) []string {
			return require(c.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: ownerName})).PolicyNames
		},
		inlinePolicy: func(ctx context.Context, c *engine.Client, name string) *string {
			return require(c.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: ownerName, PolicyName: &name})).PolicyDocument
		},
	},
}

// attachedARNs returns the ARNs of the policies that are attached to the owner.
func (o policyOwner) attachedARNs(ctx context.Context, c *engine.Client) []string {
	var arns []string
	for _, policy := range o.attached(ctx, c) {
		arns = append(arns, *policy.PolicyArn)
	}
	return arns
}

const twoPolicies = `
resource "iam_policy" "p" {
  count  = 2
  name   = "p${count.index}"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
`

func arnOfTestPolicy(n int) string { return fmt.Sprintf("arn:aws:iam::000000000000:policy/p%d", n) }

// testPolicyAttachment tests iam_<kind>_policy_attachment.
func testPolicyAttachment(t *testing.T, kind string) {
	t.Helper()
	a, owner := newTestAccount(t), policyOwners[kind]
	config := owner.config + twoPolicies
	address := "iam_" + kind + "_policy_attachment.a"
	attached := config + fmt.Sprintf(`
resource "iam_%[1]s_policy_attachment" "a" {
  %[1]s      = iam_%[1]s.owner.name
  policy_arn = iam_policy.p[0].arn
}`, kind)
	a.run(
		resource.TestStep{Config: attached, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("owner/"+arnOfTestPolicy(0))),
		}}},
		resource.TestStep{
			ResourceName:      address,
			ImportState:       true,
			ImportStateId:     "owner/" + arnOfTestPolicy(0),
			ImportStateVerify: true,
		},
		// The resource ignores another attachment, and attaches a policy again that was detached outside Terraform.
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				owner.attach(ctx, c, arnOfTestPolicy(1))
				owner.detach(ctx, c, arnOfTestPolicy(0))
			}),
			Config: attached,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address,
				plancheck.ResourceActionCreate)}},
		},
		resource.TestStep{
			PreConfig: func() {
				if got := owner.attachedARNs(t.Context(), a.client()); len(got) != 2 {
					t.Errorf("the attached policies are %v, want two", got)
				}
			},
			Config: strings.Replace(attached, "iam_policy.p[0]", "iam_policy.p[1]", 1),
			// The resource manages the other attachment from now on. Attaching the policy again changes nothing.
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address,
				plancheck.ResourceActionDestroyBeforeCreate)}},
		},
		resource.TestStep{
			ResourceName:  address,
			ImportState:   true,
			ImportStateId: "owner",
			ExpectError:   regexp.MustCompile(`is not of the form`),
		},
	)
}

// testInlinePolicy tests iam_<kind>_policy.
func testInlinePolicy(t *testing.T, kind string) {
	t.Helper()
	a, owner := newTestAccount(t), policyOwners[kind]
	config := owner.config + twoPolicies
	address := "iam_" + kind + "_policy.i"
	configWith := func(policy string) string {
		return config + fmt.Sprintf(`
resource "iam_%[1]s_policy" "i" {
  %[1]s  = iam_%[1]s.owner.name
  name   = "own"
  policy = %[2]s
}`, kind, policy)
	}
	const originalText = `"{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": ` +
		`[\"s3:GetObject\"], \"Resource\": \"*\"}}"`
	document := func() string {
		return require(url.PathUnescape(*owner.inlinePolicy(t.Context(), a.client(), "own")))
	}
	a.run(
		apply(configWith(originalText)),
		// An equivalent document is not a change, so the original text stays in the state.
		resource.TestStep{
			Config: configWith(
				`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = ` +
					`["*"] }] })`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("policy"),
				knownvalue.StringFunc(func(v string) error {
					if !strings.Contains(v, `"Version": "2012`) {
						return fmt.Errorf("the policy in the state is %s", v)
					}
					return nil
				}))},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "owner:own", ImportStateVerify: true},
		resource.TestStep{
			Config: configWith(
				`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = ` +
					`"*" }] })`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address,
				plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				if text := document(); !strings.Contains(text, "s3:PutObject") {
					t.Errorf("the policy is %s, want the action s3:PutObject", text)
				}
				owner.putInline(ctx, c, "own")
			}),
			Config: configWith(
				`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = ` +
					`"*" }] })`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address,
				plancheck.ResourceActionUpdate)}},
		},
		planFails(configWith(
			`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "allow", Action = "s3:PutObject", Resource = `+
				`"*" }] })`), `Not a valid identity policy.*Effect is "allow"`),
		planFails(configWith(`"nonsense"`), `Not a valid identity policy`),
		planFails(configWith(
			`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = `+
				`"arn:aws:s3:::`+longText(11000)+`" }] })`),
			`Policy refused by the account.*The document has \d+ characters without white space, and the account allows \d+`),
	)
}

// testExclusiveAttachments tests iam_<kind>_policy_attachments_exclusive.
func testExclusiveAttachments(t *testing.T, kind string) {
	t.Helper()
	a, owner := newTestAccount(t), policyOwners[kind]
	config := owner.config + twoPolicies
	address := "iam_" + kind + "_policy_attachments_exclusive.x"
	configWith := func(arns, more string) string {
		return config + fmt.Sprintf(`
resource "iam_%[1]s_policy_attachments_exclusive" "x" {
  %[1]s_name  = iam_%[1]s.owner.name
  policy_arns = %[2]s
  %[3]s
}`, kind, arns, more)
	}
	expectAttached := func(want ...string) func() {
		return func() {
			if got := owner.attachedARNs(t.Context(), a.client()); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("the attached policies are %v, want %v", got, want)
			}
		}
	}
	a.run(
		apply(configWith(`[iam_policy.p[0].arn]`, "")),
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "owner", ImportStateVerify: true,
			ImportStateVerifyIdentifierAttribute: kind + "_name",
		},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				expectAttached(arnOfTestPolicy(0))()
				owner.attach(ctx, c, arnOfTestPolicy(1))
			}),
			Config: configWith(`[iam_policy.p[0].arn]`, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address,
				plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{PreConfig: expectAttached(arnOfTestPolicy(0)), Config: configWith(`[]`, "")},
		resource.TestStep{PreConfig: expectAttached(), Config: configWith(`iam_policy.p[*].arn`, "")},
		resource.TestStep{PreConfig: expectAttached(arnOfTestPolicy(0), arnOfTestPolicy(1)), Config: config},
		// The default of on_destroy is "leave".
		resource.TestStep{
			PreConfig: expectAttached(arnOfTestPolicy(0), arnOfTestPolicy(1)),
			Config:    configWith(`iam_policy.p[*].arn`, `on_destroy = "remove"`),
		},
		apply(config),
		resource.TestStep{PreConfig: expectAttached(), Config: config},
		planFails(configWith(`[for i in range(11) : "arn:aws:iam::000000000000:policy/many${i}"]`, ""),
			`policy_arns.*The configuration has 11, and the account allows 10`),
	)
}

// testExclusiveAttachmentsAtLimit replaces members while the number of attached policies is at the limit of the
// account.
func testExclusiveAttachmentsAtLimit(t *testing.T, kind string) {
	t.Helper()
	configFrom := func(first int) string {
		return policyOwners[kind].config + fmt.Sprintf(`
resource "iam_policy" "p" {
  count  = 20
  name   = "p${count.index}"
  policy = jsonencode(%[2]s)
}
resource "iam_%[1]s_policy_attachments_exclusive" "x" {
  %[1]s_name  = iam_%[1]s.owner.name
  policy_arns = slice(iam_policy.p[*].arn, %[3]d, %[3]d + 10)
  on_destroy  = "remove"
}`, kind, exampleDocument, first)
	}
	newTestAccount(t).run(apply(configFrom(0)), apply(configFrom(1)), apply(configFrom(10)))
}

// testExclusiveInlinePolicies tests iam_<kind>_policies_exclusive.
func testExclusiveInlinePolicies(t *testing.T, kind string) {
	t.Helper()
	a, owner := newTestAccount(t), policyOwners[kind]
	config := owner.config + twoPolicies
	config += fmt.Sprintf(`
resource "iam_%[1]s_policy" "own" {
  %[1]s  = iam_%[1]s.owner.name
  name   = "Own"
  policy = jsonencode(%[2]s)
}
resource "iam_%[1]s_policies_exclusive" "x" {
  %[1]s_name   = iam_%[1]s.owner.name
  policy_names = [iam_%[1]s_policy.own.name]
}`, kind, exampleDocument)
	address := "iam_" + kind + "_policies_exclusive.x"
	a.run(
		apply(config),
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				owner.putInline(ctx, c, "other")
			}),
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address,
				plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{
			PreConfig: func() {
				if got := owner.inlineNames(t.Context(), a.client()); strings.Join(got, " ") != "Own" {
					t.Errorf("the inline policies are %v, want Own", got)
				}
			},
			Config:      strings.Replace(config, "[iam_"+kind+"_policy.own.name]", `["Own", "none"]`, 1),
			ExpectError: wrappedPattern(`the set has no member none`),
		},
	)
}

// expectInvalidMember returns a step that plans an exclusive set with one invalid member and expects an error.
func expectInvalidMember(typeName, owner, members, value, pattern string) resource.TestStep {
	return planFails(fmt.Sprintf(`
resource "iam_%s" "x" {
  %s = "owner"
  %s = [%s]
}`, typeName, owner, members, value), pattern)
}

// testInvalidAttachments tests that iam_<kind>_policy_attachments_exclusive rejects invalid members.
func testInvalidAttachments(t *testing.T, kind string) {
	t.Helper()
	typeName, owner := kind+"_policy_attachments_exclusive", kind+"_name"
	newTestAccount(t).run(
		expectInvalidMember(typeName, owner, "policy_arns", `"nonsense"`,
			`policy_arns.*must be the ARN of a managed policy.*got: nonsense`),
		expectInvalidMember(typeName, owner, "policy_arns", `null`, `Null Set Value`),
	)
}

// testInvalidInlinePolicyNames tests that iam_<kind>_policies_exclusive rejects invalid members.
func testInvalidInlinePolicyNames(t *testing.T, kind string) {
	t.Helper()
	typeName, owner := kind+"_policies_exclusive", kind+"_name"
	newTestAccount(t).run(
		expectInvalidMember(typeName, owner, "policy_names", `"not a name"`,
			`policy_names.*must have only letters.*got: not a name`),
		expectInvalidMember(typeName, owner, "policy_names", `"`+longText(129)+`"`, `policy_names.*between 1 and 128`),
	)
}
