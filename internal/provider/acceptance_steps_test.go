package provider

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// apply returns a step that applies a configuration. The next plan must be empty.
func apply(config string) resource.TestStep { return resource.TestStep{Config: config} }

// unchanged returns a step that plans a configuration and expects an empty plan.
func unchanged(config string) resource.TestStep {
	return resource.TestStep{
		Config:           config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	}
}

// planFails returns a step that plans a configuration and expects an error. The pattern also matches if
// Terraform breaks the lines of the error.
func planFails(config, pattern string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true, ExpectError: wrappedPattern(pattern)}
}

// wrappedPattern compiles a pattern whose spaces also match line breaks and the bars that Terraform draws at the left.
func wrappedPattern(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)` + regexp.MustCompile(` +`).ReplaceAllString(pattern, `[\s│]+`))
}

// testOutputs checks that outputs have the wanted values in the plan and after apply.
func testOutputs(t *testing.T, config string, want map[string]knownvalue.Check) {
	t.Helper()
	var planned []plancheck.PlanCheck
	var applied []statecheck.StateCheck
	for name, check := range want {
		planned = append(planned, plancheck.ExpectKnownOutputValue(name, check))
		applied = append(applied, statecheck.ExpectKnownOutputValue(name, check))
	}
	terraformPath(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   requireFunctions,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{{
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: planned},
			ConfigStateChecks: applied,
		}},
	})
}

// tuple returns a check for a tuple or list of strings, booleans and numbers.
func tuple(values ...any) knownvalue.Check {
	checks := make([]knownvalue.Check, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case string:
			checks[i] = knownvalue.StringExact(v)
		case bool:
			checks[i] = knownvalue.Bool(v)
		case int:
			checks[i] = knownvalue.Int64Exact(int64(v))
		case knownvalue.Check:
			checks[i] = v
		}
	}
	return knownvalue.ListExact(checks)
}

// capture returns a check that copies a value of the state into a variable.
func capture(address, attribute string, variable *string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute),
		knownvalue.StringFunc(func(v string) error { *variable = v; return nil }))
}

// expectNull returns checks that attributes are null.
func expectNull(address string, attributes ...string) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for _, attribute := range attributes {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.Null()))
	}
	return checks
}

// importID returns a function that returns the id to import. The id may be set by an earlier step.
func importID(id *string) resource.ImportStateIdFunc {
	return func(*terraform.State) (string, error) { return *id, nil }
}

// require returns the value of a call, and panics if the call returned an error.
func require[T any](value T, err error) T {
	requireNoError(err)
	return value
}

// requireNoError panics if a call returned an error.
func requireNoError(err error) {
	if err != nil {
		panic(err)
	}
}

// longText returns a text of n characters.
func longText(n int) string { return strings.Repeat("x", n) }

const exampleDocument = `{"Version":"2012-10-17",` +
	`"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`

const serviceTrustPolicy = `{"Version":"2012-10-17",` +
	`"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

const accountARN = "arn:aws:iam::000000000000:"

// decryptAge decrypts a text that was encrypted for an age recipient.
func decryptAge(t *testing.T, identity *age.X25519Identity, encrypted string) string {
	t.Helper()
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(encrypted)), identity)
	if err != nil {
		t.Fatal(err)
	}
	return string(require(io.ReadAll(r)))
}

// stringTuple returns a check for a tuple or list of strings.
func stringTuple(values ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(values))
	for i, v := range values {
		checks[i] = knownvalue.StringExact(v)
	}
	return knownvalue.ListExact(checks)
}

// expectOutput returns a step that applies a configuration and checks the value of an expression, as the output "out".
// If before is given, it runs before the step.
func expectOutput(config, expression string, want knownvalue.Check, before ...func()) resource.TestStep {
	step := resource.TestStep{
		Config:            config + "\noutput \"out\" { value = " + expression + " }\n",
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("out", want)},
	}
	if len(before) > 0 {
		step.PreConfig = before[0]
	}
	return step
}

// usersAndGroupsConfig has three users and three groups, for the tests of memberships.
const usersAndGroupsConfig = `
resource "iam_user" "alice" { name = "alice" }
resource "iam_user" "bob" { name = "bob" }
resource "iam_user" "carol" { name = "carol" }
resource "iam_group" "admins" { name = "admins" }
resource "iam_group" "readers" { name = "readers" }
resource "iam_group" "writers" { name = "writers" }
`

// members returns the names of the users in a group.
func (a *testAccount) members(group string) string {
	a.t.Helper()
	var names []string
	for _, user := range require(a.client().GetGroup(a.t.Context(), &iam.GetGroupInput{GroupName: &group})).Users {
		names = append(names, *user.UserName)
	}
	return strings.Join(names, " ")
}

// expectMembers checks the names of the users in a group.
func (a *testAccount) expectMembers(group, want string) {
	a.t.Helper()
	if got := a.members(group); got != want {
		a.t.Errorf("group %q has the members %q, want %q", group, got, want)
	}
}

// expectAction returns a check for the action that a plan takes on a resource.
func expectAction(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}
