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
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

const trustService = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// holders are the kinds of what policies hang on, each with one of its kind as a configuration.
var holders = map[string]struct {
	holder
	config string
}{
	"user":  {users, `resource "iam_user" "h" { name = "holder" }`},
	"group": {groups, `resource "iam_group" "h" { name = "holder" }`},
	"role": {roles, `resource "iam_role" "h" {
  name               = "holder"
  assume_role_policy = jsonencode(` + trustService + `)
}`},
}

const twoPolicies = `
resource "iam_policy" "p" {
  count  = 2
  name   = "p${count.index}"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
`

func eachHolder(t *testing.T, test func(t *testing.T, l *lab, h holder, config string)) {
	for name, h := range holders {
		t.Run(name, func(t *testing.T) { test(t, newLab(t), h.holder, h.config+twoPolicies) })
	}
}

func arnOfPolicy(n int) string { return fmt.Sprintf("arn:aws:iam::000000000000:policy/p%d", n) }

func TestPolicyAttachment(t *testing.T) {
	eachHolder(t, func(t *testing.T, l *lab, h holder, config string) {
		address := "iam_" + h.name + "_policy_attachment.a"
		attached := config + fmt.Sprintf(`
resource "iam_%[1]s_policy_attachment" "a" {
  %[1]s      = iam_%[1]s.h.name
  policy_arn = iam_policy.p[0].arn
}`, h.name)
		l.run(
			resource.TestStep{Config: attached, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("holder/"+arnOfPolicy(0))),
			}}},
			resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "holder/" + arnOfPolicy(0), ImportStateVerify: true},
			// Someone else's attachment stays, and one that was taken away comes back.
			resource.TestStep{
				PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
					must(0, h.attach(ctx, c, aws.String("holder"), aws.String(arnOfPolicy(1))))
					must(0, h.detach(ctx, c, aws.String("holder"), aws.String(arnOfPolicy(0))))
				}),
				Config:           attached,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}},
			},
			resource.TestStep{
				PreConfig: func() {
					if got := must(h.attached(t.Context(), l.client(), aws.String("holder"))); len(got) != 2 {
						t.Errorf("attached are %v", got)
					}
				},
				Config: strings.Replace(attached, "iam_policy.p[0]", "iam_policy.p[1]", 1),
				// The other attachment is taken over: attaching it again changes nothing.
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)}},
			},
			resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "holder", ExpectError: regexp.MustCompile(`is not of the form`)},
		)
	})
}

func TestInlinePolicy(t *testing.T) {
	eachHolder(t, func(t *testing.T, l *lab, h holder, config string) {
		address := "iam_" + h.name + "_policy.i"
		with := func(policy string) string {
			return config + fmt.Sprintf(`
resource "iam_%[1]s_policy" "i" {
  %[1]s  = iam_%[1]s.h.name
  name   = "own"
  policy = %[2]s
}`, h.name, policy)
		}
		const written = `"{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": [\"s3:GetObject\"], \"Resource\": \"*\"}}"`
		document := func() string {
			return must(url.PathUnescape(*must(h.inline(t.Context(), l.client(), aws.String("holder"), aws.String("own")))))
		}
		l.run(
			apply(with(written)),
			// What means the same is no change, and the author's text stays.
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
				PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
					if text := document(); !strings.Contains(text, "s3:PutObject") {
						t.Errorf("the policy is %s", text)
					}
					must(0, h.putInline(ctx, c, aws.String("holder"), aws.String("own"), aws.String(someDocument)))
				}),
				Config:           with(`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
			},
			planRefused(with(`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "allow", Action = "s3:PutObject", Resource = "*" }] })`), `Not a valid identity policy.*Effect is "allow"`),
			planRefused(with(`"nonsense"`), `Not a valid identity policy`),
			planRefused(with(`jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::`+long(11000)+`" }] })`),
				`The account does not take this policy.*The document has \d+ characters without white space, and the account allows \d+`),
		)
	})
}

func TestExclusiveAttachments(t *testing.T) {
	eachHolder(t, func(t *testing.T, l *lab, h holder, config string) {
		address := "iam_" + h.name + "_policy_attachments_exclusive.x"
		with := func(arns, more string) string {
			return config + fmt.Sprintf(`
resource "iam_%[1]s_policy_attachments_exclusive" "x" {
  %[1]s_name  = iam_%[1]s.h.name
  policy_arns = %[2]s
  %[3]s
}`, h.name, arns, more)
		}
		is := func(want ...string) func() {
			return func() {
				if got := must(h.attached(t.Context(), l.client(), aws.String("holder"))); strings.Join(got, " ") != strings.Join(want, " ") {
					t.Errorf("attached are %v, want %v", got, want)
				}
			}
		}
		l.run(
			apply(with(`[iam_policy.p[0].arn]`, "")),
			resource.TestStep{
				ResourceName: address, ImportState: true, ImportStateId: "holder", ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: h.name + "_name",
			},
			resource.TestStep{
				PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
					is(arnOfPolicy(0))()
					must(0, h.attach(ctx, c, aws.String("holder"), aws.String(arnOfPolicy(1))))
				}),
				Config:           with(`[iam_policy.p[0].arn]`, ""),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
			},
			resource.TestStep{PreConfig: is(arnOfPolicy(0)), Config: with(`[]`, "")},
			resource.TestStep{PreConfig: is(), Config: with(`iam_policy.p[*].arn`, "")},
			resource.TestStep{PreConfig: is(arnOfPolicy(0), arnOfPolicy(1)), Config: config},
			// It left them, as said.
			resource.TestStep{PreConfig: is(arnOfPolicy(0), arnOfPolicy(1)), Config: with(`iam_policy.p[*].arn`, `on_destroy = "remove"`)},
			apply(config),
			resource.TestStep{PreConfig: is(), Config: config},
			planRefused(with(`[for i in range(11) : "arn:aws:iam::000000000000:policy/many${i}"]`, ""), `policy_arns.*These are 11, and the account allows 10`),
		)
	})
}

func TestExclusiveAttachmentsMakeRoomWhenTheAccountAllowsNoMore(t *testing.T) {
	for name, of := range holders {
		t.Run(name, func(t *testing.T) {
			from := func(first int) string {
				return of.config + fmt.Sprintf(`
resource "iam_policy" "p" {
  count  = 20
  name   = "p${count.index}"
  policy = jsonencode(%[2]s)
}
resource "iam_%[1]s_policy_attachments_exclusive" "x" {
  %[1]s_name  = iam_%[1]s.h.name
  policy_arns = slice(iam_policy.p[*].arn, %[3]d, %[3]d + 10)
  on_destroy  = "remove"
}`, name, someDocument, first)
			}
			newLab(t).run(apply(from(0)), apply(from(1)), apply(from(10)))
		})
	}
}

func TestExclusiveInlinePolicies(t *testing.T) {
	eachHolder(t, func(t *testing.T, l *lab, h holder, config string) {
		config += fmt.Sprintf(`
resource "iam_%[1]s_policy" "own" {
  %[1]s  = iam_%[1]s.h.name
  name   = "Own"
  policy = jsonencode(%[2]s)
}
resource "iam_%[1]s_policies_exclusive" "x" {
  %[1]s_name   = iam_%[1]s.h.name
  policy_names = [iam_%[1]s_policy.own.name]
}`, h.name, someDocument)
		address := "iam_" + h.name + "_policies_exclusive.x"
		l.run(
			apply(config),
			resource.TestStep{
				PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
					must(0, h.putInline(ctx, c, aws.String("holder"), aws.String("other"), aws.String(someDocument)))
				}),
				Config:           config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
			},
			resource.TestStep{
				PreConfig: func() {
					if got := must(h.inlineNames(t.Context(), l.client(), aws.String("holder"))); strings.Join(got, " ") != "Own" {
						t.Errorf("it has %v", got)
					}
				},
				Config: strings.Replace(config, "[iam_"+h.name+"_policy.own.name]", `["Own", "none"]`, 1), ExpectError: spaced(`it has no none, and more than the name is needed`),
			},
		)
	})
}

func TestWhatCannotBeInAnExclusiveSetIsRefusedAtPlan(t *testing.T) {
	refusal := func(typeName, owner, members, value, expect string) resource.TestStep {
		return planRefused(fmt.Sprintf(`
resource "iam_%s" "x" {
  %s = "holder"
  %s = [%s]
}`, typeName, owner, members, value), expect)
	}
	var steps []resource.TestStep
	for name := range holders {
		steps = append(steps,
			refusal(name+"_policy_attachments_exclusive", name+"_name", "policy_arns", `"nonsense"`, `policy_arns.*must be the ARN of a managed policy.*got: nonsense`),
			refusal(name+"_policy_attachments_exclusive", name+"_name", "policy_arns", `null`, `Null Set Value`),
			refusal(name+"_policies_exclusive", name+"_name", "policy_names", `"not a name"`, `policy_names.*must consist of letters.*got: not a name`),
			refusal(name+"_policies_exclusive", name+"_name", "policy_names", `"`+long(129)+`"`, `policy_names.*between 1 and 128`),
		)
	}
	steps = append(steps, refusal("group_memberships_exclusive", "group_name", "users", `"not a name"`, `users.*must consist of letters.*got: not a name`))
	newLab(t).run(steps...)
}

func TestGroupMemberships(t *testing.T) {
	l := newLab(t)
	const people = `
resource "iam_user" "alice" { name = "alice" }
resource "iam_user" "bob" { name = "bob" }
resource "iam_user" "carol" { name = "carol" }
resource "iam_group" "admins" { name = "admins" }
resource "iam_group" "readers" { name = "readers" }
resource "iam_group" "writers" { name = "writers" }
`
	config := people + `
resource "iam_user_group_membership" "a" {
  user   = iam_user.alice.name
  groups = [iam_group.readers.name, iam_group.writers.name]
}
resource "iam_group_memberships_exclusive" "admins" {
  group_name = iam_group.admins.name
  users      = [iam_user.bob.name]
}
`
	is := func(group string, want ...string) {
		t.Helper()
		if got := must(membersOf(t.Context(), l.client(), &group)); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("in %s are %v, want %v", group, got, want)
		}
	}
	l.run(
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectKnownValue("iam_user_group_membership.a", tfjsonpath.New("id"), knownvalue.StringExact("alice/readers/writers")),
		}}},
		resource.TestStep{ResourceName: "iam_user_group_membership.a", ImportState: true, ImportStateId: "alice/readers/writers", ImportStateVerify: true},
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				is("readers", "alice")
				add := func(user, group string) {
					must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: &user, GroupName: &group}))
				}
				add("carol", "readers")
				add("carol", "admins")
				must(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: aws.String("alice"), GroupName: aws.String("writers")}))
			}),
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("iam_user_group_membership.a", plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction("iam_group_memberships_exclusive.admins", plancheck.ResourceActionUpdate),
			}},
		},
		resource.TestStep{
			PreConfig: func() {
				is("readers", "alice", "carol") // somebody else's is left alone
				is("writers", "alice")
				is("admins", "bob")
				l.outside(func(ctx context.Context, c *engine.Client) {
					must(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: aws.String("carol"), GroupName: aws.String("readers")}))
				})()
			},
			Config: strings.Replace(config, `[iam_group.readers.name, iam_group.writers.name]`, `[iam_group.writers.name]`, 1),
		},
		resource.TestStep{PreConfig: func() { is("readers") }, Config: people + `
resource "iam_group_memberships_exclusive" "admins" {
  group_name = iam_group.admins.name
  users      = []
  on_destroy = "remove"
}`},
		planRefused(people+`
resource "iam_user_group_membership" "a" {
  user   = iam_user.alice.name
  groups = [for i in range(11) : "g${i}"]
}`, `groups.*These are 11, and the account allows 10`),
	)
}

func TestGroupAndRole(t *testing.T) {
	l := newLab(t)
	role := func(arguments string) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "deployer" }
resource "iam_policy" "b" {
  name   = "b"
  policy = jsonencode(%s)
}
resource "iam_role" "r" {
  name = "deploy"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = iam_user.u.arn }, Action = "sts:AssumeRole" }] })
  %s
}`, someDocument, arguments)
	}
	action := func(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
	}
	l.run(
		apply(`resource "iam_group" "g" { name = "devs" }`),
		resource.TestStep{ResourceName: "iam_group.g", ImportState: true, ImportStateId: "devs", ImportStateVerify: true},
		resource.TestStep{
			Config: `resource "iam_group" "g" {
  name          = "developers"
  path          = "/x/"
  force_destroy = true
}`,
			ConfigPlanChecks: action("iam_group.g", plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x")}))
				must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: aws.String("x"), GroupName: aws.String("developers")}))
			}),
			Config: role(`description = "deploys"
  max_session_duration = 7200
  permissions_boundary = iam_policy.b.arn
  tags                 = { a = "b" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue("iam_role.r", tfjsonpath.New("arn"), knownvalue.StringExact("arn:aws:iam::000000000000:role/deploy")),
			}},
		},
		resource.TestStep{ResourceName: "iam_role.r", ImportState: true, ImportStateId: "deploy", ImportStateVerify: true},
		resource.TestStep{Config: role(`force_detach_policies = true`), ConfigPlanChecks: action("iam_role.r", plancheck.ResourceActionUpdate)},
		// The role trusts one user, and not whoever has the name later.
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				must(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("deployer")}))
				must(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("deploy"), PolicyName: aws.String("x"), PolicyDocument: aws.String(someDocument)}))
			}),
			Config:           role(`force_detach_policies = true`),
			ConfigPlanChecks: action("iam_role.r", plancheck.ResourceActionUpdate),
		},
		planRefused(role(`max_session_duration = 100`), `max_session_duration value must be between 3600 and 43200, got: 100`),
	)
	if all := must(l.client().ListRoles(t.Context(), nil)).Roles; len(all) != 0 {
		t.Errorf("after the destroy there are %v", all)
	}
	if all := must(l.client().ListGroups(t.Context(), nil)).Groups; len(all) != 0 {
		t.Errorf("after the destroy there are %v", all)
	}
}
