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

// apply applies a configuration. The plan that follows must be empty.
func apply(config string) resource.TestStep { return resource.TestStep{Config: config} }

// unchanged plans a configuration and expects an empty plan.
func unchanged(config string) resource.TestStep {
	return resource.TestStep{
		Config:           config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	}
}

// planFails plans a configuration and expects an error that matches, wherever Terraform breaks its lines.
func planFails(config, expect string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true, ExpectError: wrapped(expect)}
}

// wrapped returns a pattern whose spaces match line breaks and the bars that Terraform draws at the left.
func wrapped(expect string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)` + regexp.MustCompile(` +`).ReplaceAllString(expect, `[\s│]+`))
}

// outputs checks that outputs have these values at plan and after apply.
func outputs(t *testing.T, config string, want map[string]knownvalue.Check) {
	t.Helper()
	var planned []plancheck.PlanCheck
	var applied []statecheck.StateCheck
	for name, check := range want {
		planned = append(planned, plancheck.ExpectKnownOutputValue(name, check))
		applied = append(applied, statecheck.ExpectKnownOutputValue(name, check))
	}
	terraformPath(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{{
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: planned},
			ConfigStateChecks: applied,
		}},
	})
}

// tuple checks a tuple or list of strings, booleans and numbers.
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

// capture copies a value of the state into a variable.
func capture(address, attribute string, into *string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute),
		knownvalue.StringFunc(func(v string) error { *into = v; return nil }))
}

// expectNull checks that attributes are null.
func expectNull(address string, attributes ...string) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for _, attribute := range attributes {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.Null()))
	}
	return checks
}

// idOf returns the id to import; the test knows it only after an earlier step.
func idOf(id *string) resource.ImportStateIdFunc {
	return func(*terraform.State) (string, error) { return *id, nil }
}

// must returns the value of a call that cannot fail in a test.
func must[T any](out T, err error) T {
	if err != nil {
		panic(err)
	}
	return out
}

// long returns a text of n characters.
func long(n int) string { return strings.Repeat("x", n) }

const someDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`

const trustService = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

const accountARN = "arn:aws:iam::000000000000:"

// openAge decrypts a text that was encrypted to an age recipient.
func openAge(t *testing.T, identity *age.X25519Identity, sealed string) string {
	t.Helper()
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(sealed)), identity)
	if err != nil {
		t.Fatal(err)
	}
	return string(must(io.ReadAll(r)))
}

// texts checks a tuple or list of strings.
func texts(values ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(values))
	for i, v := range values {
		checks[i] = knownvalue.StringExact(v)
	}
	return knownvalue.ListExact(checks)
}

// outputIs applies a configuration and checks its output "out", whose expression is given. before runs first, if given.
func outputIs(config, expression string, want knownvalue.Check, before ...func()) resource.TestStep {
	step := resource.TestStep{
		Config:            config + "\noutput \"out\" { value = " + expression + " }\n",
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("out", want)},
	}
	if len(before) > 0 {
		step.PreConfig = before[0]
	}
	return step
}

// peopleConfig has three users and three groups, for the tests of memberships.
const peopleConfig = `
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
	for _, user := range must(a.client().GetGroup(a.t.Context(), &iam.GetGroupInput{GroupName: &group})).Users {
		names = append(names, *user.UserName)
	}
	return strings.Join(names, " ")
}

// expectMembers checks who is in a group.
func (a *testAccount) expectMembers(group, want string) {
	a.t.Helper()
	if got := a.members(group); got != want {
		a.t.Errorf("group %q has the members %q, want %q", group, got, want)
	}
}

// action checks what a plan does with a resource.
func action(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}
