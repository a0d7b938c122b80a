package provider

import (
	"context"
	"fmt"
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

// generatedName matches a generated name with a prefix.
func generatedName(prefix string) knownvalue.Check {
	return knownvalue.StringRegexp(regexp.MustCompile(`^` + regexp.QuoteMeta(prefix) + `\d{18}[0-9a-f]{8}$`))
}

// prefixedTypes has, for each type with a name prefix, the arguments that a resource with the label x needs, the
// longest prefix and the resources that it refers to.
var prefixedTypes = map[string]struct {
	arguments string
	maxPrefix int
	others    string
}{
	"iam_role":   {`assume_role_policy = ` + fmt.Sprintf("%q", serviceTrustPolicy), 38, ``},
	"iam_policy": {`policy = jsonencode(` + exampleDocument + `)`, 102, ``},
	"iam_user_policy": {`user = iam_user.o.name
  policy = jsonencode(` + exampleDocument + `)`, 102, `resource "iam_user" "o" { name = "o" }`},
	"iam_group_policy": {`group = iam_group.o.name
  policy = jsonencode(` + exampleDocument + `)`, 102, `resource "iam_group" "o" { name = "o" }`},
	"iam_role_policy": {`role = iam_role.o.name
  policy = jsonencode(` + exampleDocument + `)`, 102, `resource "iam_role" "o" {
  name               = "o"
  assume_role_policy = ` + fmt.Sprintf("%q", serviceTrustPolicy) + `
}`},
}

func TestNamePrefix_GeneratesName(t *testing.T) {
	for typeName, tt := range prefixedTypes {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			a := newTestAccount(t)
			config := func(name string) string {
				return fmt.Sprintf("%s\nresource %q \"x\" {\n  %s\n  %s\n}\n", tt.others, typeName, name, tt.arguments)
			}
			address, generated := typeName+".x", tfjsonpath.New("name")
			kept := statecheck.CompareValue(sameValue{})
			expect := func(prefix string) []statecheck.StateCheck {
				return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, generated, generatedName(prefix)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("name_prefix"), knownvalue.StringExact(prefix))}
			}
			a.run(
				resource.TestStep{
					Config: config(``), ConfigStateChecks: expect("terraform-"),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectUnknownValue(address, generated)}},
				},
				resource.TestStep{
					Config:            config(`name_prefix = "ci-"`),
					ConfigPlanChecks:  expectAction(address, plancheck.ResourceActionReplace),
					ConfigStateChecks: append(expect("ci-"), kept.AddStateValue(address, generated)),
				},
				resource.TestStep{
					Config: config(``), ConfigStateChecks: []statecheck.StateCheck{kept.AddStateValue(address, generated)},
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				},
				resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true,
					// An import cannot know whether the configuration leaves an empty description out.
					ImportStateVerifyIgnore: []string{"description"}},
				resource.TestStep{
					Config:           config(`name = "fixed"`),
					ConfigPlanChecks: expectAction(address, plancheck.ResourceActionReplace),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(address, generated, knownvalue.StringExact("fixed")),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("name_prefix"), knownvalue.Null())},
				},
				unchanged(config(``)),
				planFails(config(`name_prefix = "`+strings.Repeat("x", tt.maxPrefix+1)+`"`),
					fmt.Sprintf(`string length must be between 1 and %d`, tt.maxPrefix)),
				planFails(config(`name_prefix = "a b"`), `must have only letters`),
				planFails(config("name_prefix = \"a\"\n  name = \"ab\""), `Conflicting arguments`),
				apply(config(`name_prefix = "`+strings.Repeat("x", tt.maxPrefix)+`"`)),
			)
		})
	}
}

// sameValue compares the values of several steps.
type sameValue struct{}

func (sameValue) CompareValues(values ...any) error {
	for _, value := range values {
		if value != values[0] {
			return fmt.Errorf("the values differ: %v", values)
		}
	}
	return nil
}

// Another change that replaces the object generates a new name, so create_before_destroy works.
func TestNamePrefix_NewNameForReplacement(t *testing.T) {
	a := newTestAccount(t)
	config := func(path string) string {
		return fmt.Sprintf(`
resource "iam_role" "r" {
  name_prefix        = "r-"
  path               = %[1]q
  assume_role_policy = %[2]q
  lifecycle { create_before_destroy = true }
}
resource "iam_policy" "p" {
  name_prefix = "p-"
  description = %[1]q
  policy      = jsonencode(%[3]s)
  lifecycle { create_before_destroy = true }
}
resource "iam_role_policy_attachment" "a" {
  role       = iam_role.r.name
  policy_arn = iam_policy.p.arn
}
resource "iam_role_policy" "i" {
  role   = iam_role.r.name
  policy = jsonencode(%[3]s)
}`, path, serviceTrustPolicy, exampleDocument)
	}
	differ := statecheck.CompareValue(differentValue{})
	a.run(
		resource.TestStep{Config: config("/a/"), ConfigStateChecks: []statecheck.StateCheck{
			differ.AddStateValue("iam_role.r", tfjsonpath.New("name"))}},
		resource.TestStep{Config: config("/b/"), ConfigStateChecks: []statecheck.StateCheck{
			differ.AddStateValue("iam_role.r", tfjsonpath.New("name"))}},
		unchanged(config("/b/")),
	)
}

// differentValue requires that the values of several steps differ.
type differentValue struct{}

func (differentValue) CompareValues(values ...any) error {
	if len(values) > 1 && values[0] == values[1] {
		return fmt.Errorf("the values are equal: %v", values)
	}
	return nil
}

// Two objects with unknown names both count in the planned account, whichever Terraform plans first.
func TestNamePrefix_UnknownNamesBothCount(t *testing.T) {
	for range repetitions(1) {
		a := newTestAccount(t)
		config := func(assertion string) string {
			return fmt.Sprintf(`
resource "iam_user" "u" { name = "u" }
resource "iam_policy" "one" {
  name_prefix = "p-"
  policy      = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
resource "iam_policy" "two" {
  name_prefix = "p-"
  policy      = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}
resource "iam_user_policy" "one" {
  user   = iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })
}
resource "iam_user_policy" "two" {
  user   = iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "sns:*", Resource = "*" }] })
}
%s`, assertion)
		}
		assertion := func(action string) string {
			return fmt.Sprintf(`resource "iam_access_assertion" "a" {
  name      = "a"
  principal = "u"
  deny { actions = [%q] }
}`, action)
		}
		a.run(
			planFails(config(assertion("s3:PutObject")), `Access assertion "a" would be violated: s3:PutObject`),
			planFails(config(assertion("sns:Publish")), `Access assertion "a" would be violated: sns:Publish`),
			apply(config(assertion("sqs:SendMessage"))),
		)
	}
}

// A name that ends like a generated one is no reason for a change.
func TestNamePrefix_NameFromOutside(t *testing.T) {
	a := newTestAccount(t)
	const name = "ci-20261128050000000000000001"
	a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
		require(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String(name),
			AssumeRolePolicyDocument: aws.String(serviceTrustPolicy)}))
	})()
	config := func(arguments string) string {
		return fmt.Sprintf(`
import {
  to = iam_role.r
  id = %q
}
resource "iam_role" "r" {
  assume_role_policy = %q
  %s
}`, name, serviceTrustPolicy, arguments)
	}
	a.run(apply(config(`name_prefix = "ci-"`)), unchanged(config(fmt.Sprintf("name = %q", name))),
		unchanged(config(fmt.Sprintf("name = %q\n  name_prefix = \"ci-\"", name))))
}
