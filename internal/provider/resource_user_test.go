package provider

import (
	"context"
	"regexp"
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

func TestUser(t *testing.T) {
	l := newLab(t)
	const boundary = `
resource "iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
`
	var id string
	l.run(
		resource.TestStep{
			Config: boundary + `
resource "iam_user" "u" {
  name                 = "alice"
  path                 = "/team/"
  permissions_boundary = iam_policy.boundary.arn
  tags                 = { team = "a", drop = "me" }
}
output "arn" { value = iam_user.u.arn }
`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownOutputValue("arn", knownvalue.StringExact("arn:aws:iam::000000000000:user/team/alice")),
				plancheck.ExpectUnknownValue("iam_user.u", tfjsonpath.New("unique_id")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("unique_id"), knownvalue.StringFunc(func(v string) error { id = v; return nil })),
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("id"), knownvalue.StringExact("alice")),
			},
		},
		resource.TestStep{ImportState: true, ResourceName: "iam_user.u", ImportStateId: "alice", ImportStateVerify: true},
		// Renamed, moved, tagged and without a boundary, it is still the same user.
		resource.TestStep{
			Config: boundary + `
resource "iam_user" "u" {
  name = "anna"
  tags = { team = "b", new = "tag" }
}
`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("iam_user.u", plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("arn"), knownvalue.StringExact("arn:aws:iam::000000000000:user/anna")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("unique_id"), knownvalue.StringFunc(func(v string) error {
					if v != id {
						t.Errorf("the user is another: %s, %s", v, id)
					}
					return nil
				})),
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("permissions_boundary"), knownvalue.Null()),
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("tags_all"), knownvalue.MapExact(map[string]knownvalue.Check{
					"team": knownvalue.StringExact("b"), "new": knownvalue.StringExact("tag"),
				})),
			},
		},
		// What is changed outside is changed back, also the name.
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				must(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("anna"), NewUserName: aws.String("mallory"), NewPath: aws.String("/x/")}))
			}),
			Config: `
resource "iam_user" "u" {
  name = "anna"
  tags = { team = "b", new = "tag" }
}
`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("iam_user.u", plancheck.ResourceActionUpdate)}},
		},
		// One that is gone is made anew.
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				must(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("anna")}))
			}),
			Config:           `resource "iam_user" "u" { name = "anna" }`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("iam_user.u", plancheck.ResourceActionCreate)}},
		},
	)
	if users := must(l.client().ListUsers(t.Context(), nil)).Users; len(users) != 0 {
		t.Errorf("after the destroy there are %v", users)
	}
}

func TestUserIsRefusedAtPlan(t *testing.T) {
	newLab(t).run(
		planRefused(`resource "iam_user" "u" { name = "no spaces" }`, `name must consist of letters, digits and _\+=,\.@- alone, got: no spaces`),
		planRefused(`resource "iam_user" "u" { name = "`+long(65)+`" }`, `length must be between 1 and 64, got: 65`),
		planRefused(`resource "iam_user" "u" {
  name = "u"
  path = "team"
}`, `path must begin and end with a slash`),
		planRefused(`resource "iam_user" "u" {
  name                 = "u"
  permissions_boundary = "arn:aws:s3:::bucket"
}`, `must be the ARN of a managed policy`),
	)
}

func TestUserWithThingsOnIt(t *testing.T) {
	l := newLab(t)
	const user = `
resource "iam_user" "u" {
  name          = "alice"
  force_destroy = %s
}`
	l.run(
		apply(`resource "iam_user" "u" { name = "alice" }`),
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				alice := aws.String("alice")
				must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: alice}))
				must(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: alice, PolicyName: aws.String("p"), PolicyDocument: aws.String(someDocument)}))
				must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g")}))
				must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: alice, GroupName: aws.String("g")}))
				must(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: alice, Password: aws.String("Long enough 2 be!")}))
			}),
			Config: `# nothing`, ExpectError: regexp.MustCompile(`Deleting user "alice" failed(.|\n)*DeleteConflict`),
		},
		apply(regexp.MustCompile(`%s`).ReplaceAllString(user, "true")),
	)
	if users := must(l.client().ListUsers(t.Context(), nil)).Users; len(users) != 0 {
		t.Errorf("after the destroy there are %v", users)
	}
}

func TestDefaultTags(t *testing.T) {
	l := newLab(t)
	provider := l.block(`default_tags { tags = { owner = "team", stage = "dev" } }`)
	const user = `
resource "iam_user" "u" {
  name = "alice"
  tags = { Stage = "prod", own = "x" }
}
resource "iam_user" "plain" { name = "bob" }
resource "iam_user" "same" {
  name = "carol"
  tags = { owner = "team" }
}
`
	all := func(of string, tags map[string]knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("iam_user."+of, tfjsonpath.New("tags_all"), knownvalue.MapExact(tags))
	}
	owner, dev := knownvalue.StringExact("team"), knownvalue.StringExact("dev")
	l.run(
		resource.TestStep{Config: provider + user, ConfigStateChecks: []statecheck.StateCheck{
			all("u", map[string]knownvalue.Check{"owner": owner, "Stage": knownvalue.StringExact("prod"), "own": knownvalue.StringExact("x")}),
			all("plain", map[string]knownvalue.Check{"owner": owner, "stage": dev}),
			all("same", map[string]knownvalue.Check{"owner": owner, "stage": dev}),
			statecheck.ExpectKnownValue("iam_user.plain", tfjsonpath.New("tags"), knownvalue.Null()),
		}},
		unchanged(provider+user),
		resource.TestStep{Config: provider + user, ImportState: true, ResourceName: "iam_user.u", ImportStateId: "alice", ImportStateVerify: true},
		resource.TestStep{Config: user, ConfigStateChecks: []statecheck.StateCheck{
			all("same", map[string]knownvalue.Check{"owner": owner}),
			all("plain", map[string]knownvalue.Check{}),
		}},
	)
}

func TestAStoreIsNotTakenForAnother(t *testing.T) {
	l, other := newLab(t), newLab(t)
	other.outside(func(ctx context.Context, c *engine.Client) {
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice")}))
	})()
	const user = `resource "iam_user" "u" { name = "alice" }`
	l.run(
		apply(user),
		resource.TestStep{Config: other.block("") + user, PlanOnly: true, ExpectError: spaced(`Another store.* user "alice" lives in store`)},
		resource.TestStep{Config: newLab(t).block("") + user, PlanOnly: true, ExpectError: spaced(`The store is missing.* user "alice" lives in store`)},
		unchanged(user),
	)
}
