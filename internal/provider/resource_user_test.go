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

func TestUserResource_RenameKeepsUniqueID(t *testing.T) {
	a := newTestAccount(t)
	const boundary = `
resource "iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
`
	var id string
	a.run(
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
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("unique_id"),
					knownvalue.StringFunc(func(v string) error { id = v; return nil })),
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("id"), knownvalue.StringExact("alice")),
			},
		},
		resource.TestStep{ImportState: true, ResourceName: "iam_user.u", ImportStateId: "alice", ImportStateVerify: true},
		// A user that is renamed, moved and tagged keeps its unique id.
		resource.TestStep{
			Config: boundary + `
resource "iam_user" "u" {
  name = "anna"
  tags = { team = "b", new = "tag" }
}
`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("iam_user.u", plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("arn"),
					knownvalue.StringExact("arn:aws:iam::000000000000:user/anna")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("unique_id"), knownvalue.StringFunc(func(v string) error {
					if v != id {
						t.Errorf("the unique id is %s, want %s", v, id)
					}
					return nil
				})),
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("permissions_boundary"), knownvalue.Null()),
				statecheck.ExpectKnownValue("iam_user.u", tfjsonpath.New("tags_all"),
					knownvalue.MapExact(map[string]knownvalue.Check{
						"team": knownvalue.StringExact("b"), "new": knownvalue.StringExact("tag"),
					})),
			},
		},
		// Terraform reverts changes of the name and the path made outside Terraform.
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.UpdateUser(ctx,
					&iam.UpdateUserInput{UserName: aws.String("anna"), NewUserName: aws.String("mallory"),
						NewPath: aws.String("/x/")}))
			}),
			Config: `
resource "iam_user" "u" {
  name = "anna"
  tags = { team = "b", new = "tag" }
}
`,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("iam_user.u", plancheck.ResourceActionUpdate)}},
		},
		// Terraform creates a user again that was deleted outside Terraform.
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("anna")}))
			}),
			Config: `resource "iam_user" "u" { name = "anna" }`,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("iam_user.u", plancheck.ResourceActionCreate)}},
		},
	)
	if users := require(a.client().ListUsers(t.Context(), nil)).Users; len(users) != 0 {
		t.Errorf("users remain after the destroy: %v", users)
	}
}

func TestUserResource_RejectsInvalidArguments(t *testing.T) {
	newTestAccount(t).run(
		planFails(`resource "iam_user" "u" { name = "no spaces" }`,
			`name must have only letters, digits and _\+=,\.@-, got: no spaces`),
		planFails(`resource "iam_user" "u" { name = "`+longText(65)+`" }`, `length must be between 1 and 64, got: 65`),
		planFails(`resource "iam_user" "u" {
  name = "u"
  path = "team"
}`, `path must begin and end with a slash`),
		planFails(`resource "iam_user" "u" {
  name                 = "u"
  permissions_boundary = "arn:aws:s3:::bucket"
}`, `must be the ARN of a managed policy`),
	)
}

func TestUserResource_ForceDestroyDeletesDependents(t *testing.T) {
	a := newTestAccount(t)
	const user = `
resource "iam_user" "u" {
  name          = "alice"
  force_destroy = %s
}`
	a.run(
		apply(`resource "iam_user" "u" { name = "alice" }`),
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				alice := aws.String("alice")
				require(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: alice}))
				require(c.PutUserPolicy(ctx,
					&iam.PutUserPolicyInput{UserName: alice, PolicyName: aws.String("p"),
						PolicyDocument: aws.String(exampleDocument)}))
				require(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g")}))
				require(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: alice, GroupName: aws.String("g")}))
				require(c.CreateLoginProfile(ctx,
					&iam.CreateLoginProfileInput{UserName: alice, Password: aws.String("Long enough 2 be!")}))
			}),
			Config: `# no resources`, ExpectError: regexp.MustCompile(`Deleting user "alice" failed(.|\n)*DeleteConflict`),
		},
		apply(regexp.MustCompile(`%s`).ReplaceAllString(user, "true")),
	)
	if users := require(a.client().ListUsers(t.Context(), nil)).Users; len(users) != 0 {
		t.Errorf("users remain after the destroy: %v", users)
	}
}

func TestUserResource_ImportsByIdentity(t *testing.T) {
	testImportByIdentity(t, "iam_user", "name", "alice", accountARN+"user/team/alice")
}

func TestUserResource_MovesFromAWS(t *testing.T) {
	testMoveFromAWS(t, "iam_user",
		map[string]any{"name": "alice", "arn": "arn:aws:iam::000000000000:user/team/alice", "id": "alice", "path": "/team/",
			"force_destroy": true, "unique_id": "AIDAOLD", "tags": nil, "tags_all": map[string]any{},
			"permissions_boundary": ""})
}
