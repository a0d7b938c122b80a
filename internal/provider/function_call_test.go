package provider

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

// The helpers in this file call functions without Terraform, for tests that make many calls.

// callable is a function with its arguments as the framework passes them: the variadic ones as a tuple.
type callable struct {
	function  function.Function
	arguments []attr.Value
}

var emptyTuple = types.TupleValueMust(nil, nil)

func variadic(values ...attr.Value) attr.Value {
	of := make([]attr.Type, len(values))
	for i := range of {
		of[i] = types.DynamicType
	}
	return types.TupleValueMust(of, values)
}

func (c callable) run(t *testing.T) (attr.Value, *function.FuncError) {
	t.Helper()
	var definition function.DefinitionResponse
	c.function.Definition(t.Context(), function.DefinitionRequest{}, &definition)
	result, err := definition.Definition.Return.NewResultData(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	resp := function.RunResponse{Result: result}
	c.function.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData(c.arguments)}, &resp)
	return resp.Result.Value(), resp.Error
}

// call calls a function with values that stand for HCL expressions. Values beyond its parameters are variadic.
func call(t *testing.T, f function.Function, values ...any) (attr.Value, *function.FuncError) {
	t.Helper()
	var definition function.DefinitionResponse
	f.Definition(t.Context(), function.DefinitionRequest{}, &definition)
	var arguments, rest []attr.Value
	for i, v := range values {
		value := dynamictest.Value(v)
		if i >= len(definition.Definition.Parameters) {
			rest = append(rest, dynamictest.Dynamic(value))
			continue
		}
		if _, ok := definition.Definition.Parameters[i].(function.DynamicParameter); ok {
			value = dynamictest.Dynamic(value)
		}
		arguments = append(arguments, value)
	}
	if definition.Definition.VariadicParameter != nil {
		arguments = append(arguments, variadic(rest...))
	}
	return callable{f, arguments}.run(t)
}

const readAll = `{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}`

// hclTuple and hclObject are the Go forms of HCL's tuples and objects.
type (
	hclTuple  = []any
	hclObject = map[string]any
)

// argumentError is a call that must fail.
type argumentError struct {
	arguments hclTuple
	index     int64    // of the argument that the error points at
	text      []string // each must be in the message
}

// testArgumentErrors calls a function with invalid arguments and expects an error at one of them.
func testArgumentErrors(t *testing.T, f func() function.Function, cases map[string]argumentError) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			value, err := call(t, f(), tc.arguments...)
			if err == nil {
				t.Fatalf("no error; the result is %s", value)
			}
			if err.FunctionArgument == nil || *err.FunctionArgument != tc.index {
				t.Errorf("the error points at %v, want argument %d: %s", err.FunctionArgument, tc.index, err.Text)
			}
			if strings.HasSuffix(err.Text, ".") {
				t.Errorf("Terraform adds a full stop to a message that has one: %s", err.Text)
			}
			for _, text := range tc.text {
				if !strings.Contains(err.Text, text) {
					t.Errorf("the error says\n%s\nwithout %q", err.Text, text)
				}
			}
		})
	}
}

// unknownElement is a call with several actions or resources, one of them unknown.
type unknownElement struct {
	action, resource any
	want             types.Bool
}

// testUnknownElements asks about several actions or resources of which one is unknown: the policies may
// turn out to allow it or not.
func testUnknownElements(t *testing.T, f func() function.Function, cases map[string]unknownElement) {
	t.Helper()
	const policies = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := call(t, f(), policies, tc.action, tc.resource)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(tc.want) {
				t.Errorf("the answer is %s, want %s", got, tc.want)
			}
		})
	}
}

// knownAndUnknown checks outputs that are known at plan, and outputs that are known only after apply.
func knownAndUnknown(t *testing.T, config string, known, unknown map[string]knownvalue.Check) {
	t.Helper()
	var planned []plancheck.PlanCheck
	var applied []statecheck.StateCheck
	for name, check := range known {
		planned = append(planned, plancheck.ExpectKnownOutputValue(name, check))
		applied = append(applied, statecheck.ExpectKnownOutputValue(name, check))
	}
	for name, check := range unknown {
		planned = append(planned, plancheck.ExpectUnknownOutputValue(name))
		applied = append(applied, statecheck.ExpectKnownOutputValue(name, check))
	}
	terraformPath(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: planned, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: applied,
		}},
	})
}

// testPlanErrors plans configurations without an account and expects errors.
func testPlanErrors(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	terraformPath(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps:                    steps,
	})
}

// policiesConfig holds policies that the configurations of the tests share.
const policiesConfig = `
locals {
  reader = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Read"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]
    }]
  }
  with_mfa = {
    Version = "2012-10-17"
    Statement = {
      Sid       = "WithMFA"
      Effect    = "Allow"
      Action    = "iam:DeleteUser"
      Resource  = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = true } }
    }
  }
  deny_all = {
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }]
  }
}
`

// FuzzFunctions calls the functions with values made of arbitrary JSON. No function may panic on any of them.
func FuzzFunctions(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	f.Add(`{"action":"s3:GetObject","identity":{"a":{"Statement":{}}},"context":{"aws:x":[1,true,null]}}`)
	f.Add(`[{"sid":"a","actions":["x"],"principals":{"type":"*","identifiers":[{}]},"condition":[[]]}]`)
	f.Add(`{"statements":[null],"version":1e99}`)
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			t.Skip()
		}
		value := dynamictest.Dynamic(v)
		if _, err := dynamic.Decode(t.Context(), value); err != nil {
			t.Skip()
		}
		for _, fn := range []callable{
			{newSimulate(), []attr.Value{value}},
			{newPolicyDocument(), []attr.Value{value}},
			{newNormalizePolicy(), []attr.Value{value}},
			{newValidatePolicy(), []attr.Value{value, types.StringValue("resource")}},
			{newAllows(), []attr.Value{value, dynamictest.Dynamic("s3:GetObject"), dynamictest.Dynamic("*"), emptyTuple}},
			{newCouldAllow(), []attr.Value{dynamictest.Dynamic([]any{}), value, value, variadic(value)}},
		} {
			_, _ = fn.run(t) // an answer or a refusal
		}
	})
}

// lateConfig holds values that are known only after apply, for the tests of functions with unknown arguments.
const lateConfig = policiesConfig + `resource "terraform_data" "late" { input = "late" }
resource "terraform_data" "late_policy" { input = jsonencode(local.with_mfa) }
locals {
  late        = terraform_data.late.output
  late_policy = terraform_data.late_policy.output
  object      = "arn:aws:s3:::reports/2026.csv"
  request     = { action = "s3:GetObject", resource = local.object, identity = local.reader }
  mixed       = { Version = "2012-10-17", Statement = [
    local.reader.Statement[0],
    { Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::${local.late}/*" },
  ] }
}
`

// shuffledConfig is the reader policy of policiesConfig in another notation.
const shuffledConfig = policiesConfig + `
locals {
  shuffled = <<-EOT
    {"Statement": {"Resource": ["arn:aws:s3:::reports/*", "arn:aws:s3:::reports"], "Action": ["s3:ListBucket", "s3:GetObject"], "Effect": "Allow", "Sid": "Read"}, "Version": "2012-10-17"}
  EOT
}
`
