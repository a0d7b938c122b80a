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

// policyOwner is a kind of identity that has policies: a user, a group or a role. The closures act on the
// owner named "holder", as another program does.
type policyOwner struct {
	config       string // a resource of this kind with the address h
	attach       func(ctx context.Context, c *engine.Client, arn string)
	detach       func(ctx context.Context, c *engine.Client, arn string)
	attached     func(ctx context.Context, c *engine.Client) []iamtypes.AttachedPolicy
	putInline    func(ctx context.Context, c *engine.Client, name string)
	inlineNames  func(ctx context.Context, c *engine.Client) []string
	inlinePolicy func(ctx context.Context, c *engine.Client, name string) *string
}

var ownerName = aws.String("holder")

var policyOwners = map[string]policyOwner{
	"user": {
		config: `resource "iam_user" "h" { name = "holder" }`,
		attach: func(ctx context.Context, c *engine.Client, arn string) {
			must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: ownerName, PolicyArn: &arn}))
		},
		detach: func(ctx context.Context, c *engine.Client, arn string) {
			must(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: ownerName, PolicyArn: &arn}))
		},
		attached: func(ctx context.Context, c *engine.Client) []iamtypes.AttachedPolicy {
			return must(c.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: ownerName})).AttachedPolicies
		},
		putInline: func(ctx context.Context, c *engine.Client, name string) {
			must(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
				UserName: ownerName, PolicyName: &name, PolicyDocument: aws.String(someDocument),
			}))
		},
		inlineNames: func(ctx context.Context, c *engine.Client) []string {
			return must(c.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: ownerName})).PolicyNames
		},
		inlinePolicy: func(ctx context.Context, c *engine.Client, name string) *string {
			return must(c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: ownerName, PolicyName: &name})).PolicyDocument
		},
	},
	"group": {
		config: `resource "iam_group" "h" { name = "holder" }`,
		attach: func(ctx context.Context, c *engine.Client, arn string) {
			must(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: ownerName, PolicyArn: &arn}))
		},
		detach: func(ctx context.Context, c *engine.Client, arn string) {
			must(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: ownerName, PolicyArn: &arn}))
		},
		attached: func(ctx context.Context, c *engine.Client) []iamtypes.AttachedPolicy {
			return must(c.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: ownerName})).AttachedPolicies
		},
		putInline: func(ctx context.Context, c *engine.Client, name string) {
			must(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
				GroupName: ownerName, PolicyName: &name, PolicyDocument: aws.String(someDocument),
			}))
		},
		inlineNames: func(ctx context.Context, c *engine.Client) []string {
			return must(c.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: ownerName})).PolicyNames
		},
		inlinePolicy: func(ctx context.Context, c *engine.Client, name string) *string {
			return must(c.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: ownerName, PolicyName: &name})).PolicyDocument
		},
	},
	"role": {
		config: `resource "iam_role" "h" {
  name               = "holder"
  assume_role_policy = jsonencode(` + trustService + `)
}`,
		attach: func(ctx context.Context, c *engine.Client, arn string) {
			must(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: ownerName, PolicyArn: &arn}))
		},
		detach: func(ctx context.Context, c *engine.Client, arn string) {
			must(c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: ownerName, PolicyArn: &arn}))
		},
		attached: func(ctx context.Context, c *engine.Client) []iamtypes.AttachedPolicy {
			return must(c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: ownerName})).AttachedPolicies
		},
		putInline: func(ctx context.Context, c *engine.Client, name string) {
			must(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
				RoleName: ownerName, PolicyName: &name, PolicyDocument: aws.String(someDocument),
			}))
		},
		inlineNames: func(ctx context.Context, c *engine.Client) []string {
			return must(c.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: ownerName})).PolicyNames
		},
		inlinePolicy: func(ctx context.Context, c *engine.Client, name string) *string {
			return must(c.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: ownerName, PolicyName: &name})).PolicyDocument
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
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
`

func arnOfPolicy(n int) string { return fmt.Sprintf("arn:aws:iam::000000000000:policy/p%d", n) }

// testPolicyAttachment tests iam_<kind>_policy_attachment.
func testPolicyAttachment(t *testing.T, kind string) {
	t.Helper()
	a, owner := newTestAccount(t), policyOwners[kind]
	config := owner.config + twoPolicies
	address := "iam_" + kind + "_policy_attachment.a"
	attached := config + fmt.Sprintf(`
resource "iam_%[1]s_policy_attachment" "a" {
  %[1]s      = iam_%[1]s.h.name
  policy_arn = iam_policy.p[0].arn
}`, kind)
	a.run(
		resource.TestStep{Config: attached, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("holder/"+arnOfPolicy(0))),
		}}},
		resource.TestStep{
			ResourceName:      address,
			ImportState:       true,
			ImportStateId:     "holder/" + arnOfPolicy(0),
			ImportStateVerify: true,
		},
		// Another attachment stays, and a detached policy is attached again.
		resource.TestStep{
			PreConfig: a.outside(func(ctx context.Context, c *engine.Client) {
				owner.attach(ctx, c, arnOfPolicy(1))
				owner.detach(ctx, c, arnOfPolicy(0))
			}),
			Config:           attached,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}},
		},
		resource.TestStep{
			PreConfig: func() {
				if got := owner.attachedARNs(t.Context(), a.client()); len(got) != 2 {
					t.Errorf("the attached policies are %v", got)
				}
			},
			Config: strings.Replace(attached, "iam_policy.p[0]", "iam_policy.p[1]", 1),
			// The other attachment is taken over: attaching it again changes nothing.
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)}},
		},
		resource.TestStep{
			ResourceName:  address,
			ImportState:   true,
			ImportStateId: "holder",
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
	with := func(policy string) string {
		return config + fmt.Sprintf(`
resource "iam_%[1]s_policy" "i" {
  %[1]s  = iam_%[1]s.h.name
  name   = "own"
  policy = %[2]s
}`, kind, policy)
	}
	const written = `"{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": [\"s3:GetObject\"], \"Resource\": \"*\"}}"`
	document := func() string {
		return must(url.PathUnescape(*owner.inlinePolicy(t.Context(), a.client(), "own")))
	}
	a.run(
		apply(with(written)),
		// An equivalent document is no change, and the author's text stays.
		resource.TestStep{
			Config:           with(`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = ["*"] }] })`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("policy"), knownvalue.StringFunc(func(v string) error {
				if !strings.Contains(v, `"Version": "2012`) {
					return fmt.Errorf("the text is now %s", v)
				}
				return nil
			}))},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "holder:own", ImportStateVerify: true},
		resource.TestStep{
			Config:           with(`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{
			PreConfig: a.outside(func(ctx context.Context, c *engine.Client) {
				if text := document(); !strings.Contains(text, "s3:PutObject") {
					t.Errorf("the policy is %s", text)
				}
				owner.putInline(ctx, c, "own")
			}),
			Config:           with(`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
		},
		planFails(with(`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "allow", Action = "s3:PutObject", Resource = "*" }] })`), `Not a valid identity policy.*Effect is "allow"`),
		planFails(with(`"nonsense"`), `Not a valid identity policy`),
		planFails(with(`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::`+long(11000)+`" }] })`),
			`Policy refused by the account.*The document has \d+ characters without white space, and the account allows \d+`),
	)
}

// testExclusiveAttachments tests iam_<kind>_policy_attachments_exclusive.
func testExclusiveAttachments(t *testing.T, kind string) {
	t.Helper()
	a, owner := newTestAccount(t), policyOwners[kind]
	config := owner.config + twoPolicies
	address := "iam_" + kind + "_policy_attachments_exclusive.x"
	with := func(arns, more string) string {
		return config + fmt.Sprintf(`
resource "iam_%[1]s_policy_attachments_exclusive" "x" {
  %[1]s_name  = iam_%[1]s.h.name
  policy_arns = %[2]s
  %[3]s
}`, kind, arns, more)
	}
	is := func(want ...string) func() {
		return func() {
			if got := owner.attachedARNs(t.Context(), a.client()); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("the attached policies are %v, want %v", got, want)
			}
		}
	}
	a.run(
		apply(with(`[iam_policy.p[0].arn]`, "")),
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "holder", ImportStateVerify: true,
			ImportStateVerifyIdentifierAttribute: kind + "_name",
		},
		resource.TestStep{
			PreConfig: a.outside(func(ctx context.Context, c *engine.Client) {
				is(arnOfPolicy(0))()
				owner.attach(ctx, c, arnOfPolicy(1))
			}),
			Config:           with(`[iam_policy.p[0].arn]`, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{PreConfig: is(arnOfPolicy(0)), Config: with(`[]`, "")},
		resource.TestStep{PreConfig: is(), Config: with(`iam_policy.p[*].arn`, "")},
		resource.TestStep{PreConfig: is(arnOfPolicy(0), arnOfPolicy(1)), Config: config},
		// The default of on_destroy is "leave".
		resource.TestStep{
			PreConfig: is(arnOfPolicy(0), arnOfPolicy(1)),
			Config:    with(`iam_policy.p[*].arn`, `on_destroy = "remove"`),
		},
		apply(config),
		resource.TestStep{PreConfig: is(), Config: config},
		planFails(with(`[for i in range(11) : "arn:aws:iam::000000000000:policy/many${i}"]`, ""),
			`policy_arns.*The configuration has 11, and the account allows 10`),
	)
}

// testExclusiveAttachmentsAtLimit replaces members while as many policies are attached as the account allows.
func testExclusiveAttachmentsAtLimit(t *testing.T, kind string) {
	t.Helper()
	from := func(first int) string {
		return policyOwners[kind].config + fmt.Sprintf(`
resource "iam_policy" "p" {
  count  = 20
  name   = "p${count.index}"
  policy = jsonencode(%[2]s)
}
resource "iam_%[1]s_policy_attachments_exclusive" "x" {
  %[1]s_name  = iam_%[1]s.h.name
  policy_arns = slice(iam_policy.p[*].arn, %[3]d, %[3]d + 10)
  on_destroy  = "remove"
}`, kind, someDocument, first)
	}
	newTestAccount(t).run(apply(from(0)), apply(from(1)), apply(from(10)))
}

// testExclusiveInlinePolicies tests iam_<kind>_policies_exclusive.
func testExclusiveInlinePolicies(t *testing.T, kind string) {
	t.Helper()
	a, owner := newTestAccount(t), policyOwners[kind]
	config := owner.config + twoPolicies
	config += fmt.Sprintf(`
resource "iam_%[1]s_policy" "own" {
  %[1]s  = iam_%[1]s.h.name
  name   = "Own"
  policy = jsonencode(%[2]s)
}
resource "iam_%[1]s_policies_exclusive" "x" {
  %[1]s_name   = iam_%[1]s.h.name
  policy_names = [iam_%[1]s_policy.own.name]
}`, kind, someDocument)
	address := "iam_" + kind + "_policies_exclusive.x"
	a.run(
		apply(config),
		resource.TestStep{
			PreConfig: a.outside(func(ctx context.Context, c *engine.Client) {
				owner.putInline(ctx, c, "other")
			}),
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{
			PreConfig: func() {
				if got := owner.inlineNames(t.Context(), a.client()); strings.Join(got, " ") != "Own" {
					t.Errorf("the inline policies are %v", got)
				}
			},
			Config:      strings.Replace(config, "[iam_"+kind+"_policy.own.name]", `["Own", "none"]`, 1),
			ExpectError: wrapped(`the set has no member none`),
		},
	)
}

// invalidMember plans an exclusive set with one invalid member and expects an error.
func invalidMember(typeName, owner, members, value, expect string) resource.TestStep {
	return planFails(fmt.Sprintf(`
resource "iam_%s" "x" {
  %s = "holder"
  %s = [%s]
}`, typeName, owner, members, value), expect)
}

func testInvalidAttachments(t *testing.T, kind string) {
	t.Helper()
	typeName, owner := kind+"_policy_attachments_exclusive", kind+"_name"
	newTestAccount(t).run(
		invalidMember(typeName, owner, "policy_arns", `"nonsense"`,
			`policy_arns.*must be the ARN of a managed policy.*got: nonsense`),
		invalidMember(typeName, owner, "policy_arns", `null`, `Null Set Value`),
	)
}

func testInvalidInlinePolicyNames(t *testing.T, kind string) {
	t.Helper()
	typeName, owner := kind+"_policies_exclusive", kind+"_name"
	newTestAccount(t).run(
		invalidMember(typeName, owner, "policy_names", `"not a name"`,
			`policy_names.*must have only letters.*got: not a name`),
		invalidMember(typeName, owner, "policy_names", `"`+long(129)+`"`, `policy_names.*between 1 and 128`),
	)
}
