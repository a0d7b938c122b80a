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

// callable is a function with arguments in the form that the framework passes. Variadic arguments are one tuple.
type callable struct {
	function  function.Function
	arguments []attr.Value
}

var emptyTuple = types.TupleValueMust(nil, nil)

// variadic returns the tuple of variadic arguments.
func variadic(values ...attr.Value) attr.Value {
	elementTypes := make([]attr.Type, len(values))
	for i := range elementTypes {
		elementTypes[i] = types.DynamicType
	}
	return types.TupleValueMust(elementTypes, values)
}

// run runs the function and returns its result or its error.
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

// call calls a function with Go values in place of HCL values. Values beyond its parameters are variadic arguments.
func call(t *testing.T, f function.Function, values ...any) (attr.Value, *function.FuncError) {
	t.Helper()
	var definition function.DefinitionResponse
	f.Definition(t.Context(), function.DefinitionRequest{}, &definition)
	var arguments, variadicArguments []attr.Value
	for i, v := range values {
		value := dynamictest.Value(v)
		if i >= len(definition.Definition.Parameters) {
			variadicArguments = append(variadicArguments, dynamictest.Dynamic(value))
			continue
		}
		if _, ok := definition.Definition.Parameters[i].(function.DynamicParameter); ok {
			value = dynamictest.Dynamic(value)
		}
		arguments = append(arguments, value)
	}
	if definition.Definition.VariadicParameter != nil {
		arguments = append(arguments, variadic(variadicArguments...))
	}
	return callable{f, arguments}.run(t)
}

const readAll = `{"Version":"2012-10-17",` +
	`"Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}`

// hclTuple and hclObject are the Go types of HCL's tuples and objects.
type (
	hclTuple  = []any
	hclObject = map[string]any
)

// argumentError is a call that must fail.
type argumentError struct {
	arguments hclTuple
	index     int64    // the index of the argument that the error points at
	text      []string // the texts that the message must contain
}

// testArgumentErrors calls a function with invalid arguments and expects an error at one of them.
func testArgumentErrors(t *testing.T, f func() function.Function, cases map[string]argumentError) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			value, err := call(t, f(), tc.arguments...)
			if err == nil {
				t.Fatalf("the function returns %s, want an error", value)
			}
			if err.FunctionArgument == nil || *err.FunctionArgument != tc.index {
				t.Errorf("the error points at %v, want argument %d: %s", err.FunctionArgument, tc.index, err.Text)
			}
			if strings.HasSuffix(err.Text, ".") {
				t.Errorf("the message ends with a full stop, and Terraform adds another: %s", err.Text)
			}
			for _, text := range tc.text {
				if !strings.Contains(err.Text, text) {
					t.Errorf("the error is\n%s\nwithout %q", err.Text, text)
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

// testUnknownElements calls a function with several actions or resources, one of them unknown. The policies may
// or may not allow the unknown one.
func testUnknownElements(t *testing.T, f func() function.Function, cases map[string]unknownElement) {
	t.Helper()
	const policies = `{"Version":"2012-10-17",` +
		`"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := call(t, f(), policies, tc.action, tc.resource)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(tc.want) {
				t.Errorf("the function returns %s, want %s", got, tc.want)
			}
		})
	}
}

// testUnknownOutputs checks outputs that are known in the plan, and outputs that are known only after apply.
func testUnknownOutputs(t *testing.T, config string, known, unknown map[string]knownvalue.Check) {
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
		TerraformVersionChecks:   requireFunctions,
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
		TerraformVersionChecks:   requireFunctions,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps:                    steps,
	})
}

// policiesConfig has the policies that several tests use.
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

// FuzzFunctions calls the functions with arbitrary JSON values. No function may panic.
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
			{newCheckNoNewAccess(), []attr.Value{value, value, types.StringValue("identity")}},
			{newCheckAccessNotGranted(), []attr.Value{value, value, types.StringValue("resource")}},
			{newCheckNoPublicAccess(), []attr.Value{value, types.StringValue("AWS::S3::Bucket")}},
			{newPoliciesEqual(), []attr.Value{value, value}},
			{newExpandActions(), []attr.Value{value}},
			{newMinimizePolicy(), []attr.Value{value, value}},
			{newSplitPolicy(), []attr.Value{value, types.StringValue("identity")}},
		} {
			_, _ = fn.run(t) // a result and an error are both allowed
		}
	})
}

// lateConfig has values that are known only after apply, for the tests of functions with unknown arguments.
const lateConfig = policiesConfig + lateValues

const lateValues = `resource "terraform_data" "late" { input = "late" }
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
    {"Statement": {"Resource": ["arn:aws:s3:::reports/*", "arn:aws:s3:::reports"],
    "Action": ["s3:ListBucket", "s3:GetObject"], "Effect": "Allow", "Sid": "Read"}, "Version": "2012-10-17"}
  EOT
}
`
