package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// TestProvider_HasValidSchemas requests the same schemas as Terraform when it loads a provider. The framework
// checks all schemas and function definitions.
func TestProvider_HasValidSchemas(t *testing.T) {
	server, err := protoV6ProviderFactories["iam"]()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	if resp.Provider == nil || resp.Provider.Block.Description == "" {
		t.Error("the provider has no description")
	}
}

func TestProvider_AddsDefaultTags(t *testing.T) {
	a := newTestAccount(t)
	providerBlock := a.providerBlock(`default_tags { tags = { owner = "team", stage = "dev" } }`)
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
	expectTags := func(user string, tags map[string]knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("iam_user."+user, tfjsonpath.New("tags_all"), knownvalue.MapExact(tags))
	}
	owner, dev := knownvalue.StringExact("team"), knownvalue.StringExact("dev")
	a.run(
		resource.TestStep{Config: providerBlock + user, ConfigStateChecks: []statecheck.StateCheck{
			expectTags("u",
				map[string]knownvalue.Check{"owner": owner, "Stage": knownvalue.StringExact("prod"),
					"own": knownvalue.StringExact("x")}),
			expectTags("plain", map[string]knownvalue.Check{"owner": owner, "stage": dev}),
			expectTags("same", map[string]knownvalue.Check{"owner": owner, "stage": dev}),
			statecheck.ExpectKnownValue("iam_user.plain", tfjsonpath.New("tags"), knownvalue.Null()),
		}},
		unchanged(providerBlock+user),
		resource.TestStep{
			Config:            providerBlock + user,
			ImportState:       true,
			ResourceName:      "iam_user.u",
			ImportStateId:     "alice",
			ImportStateVerify: true,
		},
		resource.TestStep{Config: user, ConfigStateChecks: []statecheck.StateCheck{
			expectTags("same", map[string]knownvalue.Check{"owner": owner}),
			expectTags("plain", map[string]knownvalue.Check{}),
		}},
	)
}

func TestProvider_RejectsOtherStore(t *testing.T) {
	a, other := newTestAccount(t), newTestAccount(t)
	other.outsideTerraform(func(ctx context.Context, c *engine.Client) {
		require(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice")}))
	})()
	const user = `resource "iam_user" "u" { name = "alice" }`
	a.run(
		apply(user),
		resource.TestStep{
			Config:      other.providerBlock("") + user,
			PlanOnly:    true,
			ExpectError: wrappedPattern(`Wrong store.* user "alice" is in store`),
		},
		resource.TestStep{
			Config:      newTestAccount(t).providerBlock("") + user,
			PlanOnly:    true,
			ExpectError: wrappedPattern(`Store not found.* user "alice" failed: it is in store`),
		},
		unchanged(user),
	)
}

// TestProvider_SupportsAliases uses one alias with another account, and one with the same account.
func TestProvider_SupportsAliases(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
provider "iam" {
  alias      = "prod"
  store      = "prod/iam.db"
  account_id = "111122223333"
}
provider "iam" {
  alias = "same"
}
resource "iam_user" "here" { name = "alice" }
resource "iam_user" "prod" {
  provider = iam.prod
  name     = "alice"
}
resource "iam_group" "same" {
  provider = iam.same
  count    = 20
  name     = "group-${count.index}"
}
resource "iam_user" "many" {
  count = 20
  name  = "user-${count.index}"
}
resource "iam_user_group_membership" "m" {
  provider = iam.same
  count    = 20
  user     = iam_user.many[count.index].name
  groups   = [iam_group.same[count.index].name]
}
output "arns" { value = [iam_user.here.arn, iam_user.prod.arn] }
`)
	plan := w.terraform("plan")
	for _, want := range []string{"arn:aws:iam::000000000000:user/alice", "arn:aws:iam::111122223333:user/alice"} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan does not contain %s", want)
		}
	}
	w.applyCleanly(t)
	if got := w.iam("--store", "prod/iam.db", "api", "ListUsers"); strings.Count(got, `"Arn"`) != 1 ||
		!strings.Contains(got, "111122223333") {
		t.Errorf("the users of the other account are %s", got)
	}
	w.terraform("destroy", "-auto-approve")
	if got := w.iam("audit", "verify"); !strings.Contains(got, "OK") && !strings.Contains(strings.ToLower(got), "verif") {
		t.Errorf("the output of iam audit verify is %s", got)
	}
}
