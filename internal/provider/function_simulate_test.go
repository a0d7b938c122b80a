package provider

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestSimulateFunction_ReturnsDecisions(t *testing.T) {
	testOutputs(t, policiesConfig+`
locals {
  request = {
    principal = "arn:aws:iam::123456789012:user/ana"
    action    = "s3:GetObject"
    resource  = "arn:aws:s3:::reports/2026.csv"
    identity  = { reader = local.reader }
  }
  allowed  = provider::iam::simulate(local.request)
  denied   = provider::iam::simulate(merge(local.request,
    { scps = [[local.reader], { guard = jsonencode(local.deny_all) }] }))
  missed   = provider::iam::simulate(merge(local.request,
    { identity = jsonencode(local.with_mfa), action = "iam:DeleteUser" }))
  declared = provider::iam::simulate(merge(local.request,
    { identity = local.with_mfa, action = "iam:DeleteUser", unknown_context_keys = ["aws:MultiFactorAuthPresent"] }))
}
output "allowed" {
  value = [local.allowed.decision, local.allowed.allowed, local.allowed.nearest_miss == null,
    local.allowed.deciding_statements[0].policy, local.allowed.deciding_statements[0].sid,
    local.allowed.deciding_statements[0].line == null, local.allowed.layers[0].layer]
}
output "denied" {
  value = [local.denied.decision, local.denied.allowed, local.denied.deciding_statements[0].policy,
    local.denied.deciding_statements[0].layer, local.denied.deciding_statements[0].level,
    local.denied.deciding_statements[0].line]
}
output "missed" {
  value = [local.missed.decision, local.missed.nearest_miss.sid, local.missed.nearest_miss.failures[0].element,
    local.missed.nearest_miss.failures[0].key, local.missed.missing_context_keys[0], local.missed.nearest_miss.effect]
}
output "declared" {
  value = [local.declared.decision, local.declared.allowed == null, length(local.declared.depends_on)]
}
output "others" { value = [
  provider::iam::simulate({ principal = "anonymous", action = "s3:GetObject", resource = "arn:aws:s3:::pub/x",
    resource_account = "123456789012",
    resource_policy = { Version = "2012-10-17",
      Statement = { Effect = "Allow", Principal = "*", Action = "s3:GetObject",
        Resource = "arn:aws:s3:::pub/*" } } }).allowed,
  provider::iam::simulate({ principal = null, action = "s3:GetObject", resource = "arn:aws:s3:::reports/x",
    identity = local.reader, boundary = local.with_mfa }).allowed,
  provider::iam::simulate({ action = "s3:GetObject", resource = "arn:aws:s3:::reports/x", identity = [],
    group = [local.reader] }).allowed,
] }
`, map[string]knownvalue.Check{
		"allowed": tuple("Allowed", true, true, "reader", "Read", true, "identity"),
		"denied":  tuple("ExplicitlyDenied", false, "guard", "scps", 1, 1),
		"missed": tuple("ImplicitlyDenied", "WithMFA", "Condition", "aws:MultiFactorAuthPresent",
			"aws:MultiFactorAuthPresent", "Allow"),
		"declared": tuple("Unknown", true, 1),
		"others":   tuple(true, false, true),
	})
}

func TestSimulateFunction_HandlesUnknownArgument(t *testing.T) {
	testUnknownOutputs(t, lateConfig+`
locals {
  certain   = provider::iam::simulate(merge(local.request,
    { boundary = local.deny_all, context = { "aws:UserAgent" = local.late } }))
  undecided = provider::iam::simulate(merge(local.request, { boundary = local.late_policy }))
  either    = provider::iam::simulate({ action = "s3:PutObject", resource = local.object, identity = {
    Version = "2012-10-17", Statement = { Effect = "Deny", Action = "s3:*", Resource = "*",
      Condition = { StringEquals = { "aws:UserAgent" = local.late } } } }, context = { "aws:UserAgent" = "x" } })
}
output "certain" { value = [local.certain.decision, local.certain.allowed] }
output "either_allowed" { value = local.either.allowed }
output "undecided" { value = local.undecided.decision }
output "undecided_layers" { value = length(local.undecided.layers) }
output "certain_reason" { value = local.certain.reason != "" }
output "either_decision" { value = local.either.decision }
output "declared_later" {
  value = provider::iam::simulate(merge(local.request, { unknown_context_keys = [local.late] })).decision
}
`, map[string]knownvalue.Check{
		"certain": tuple("ExplicitlyDenied", false), "either_allowed": knownvalue.Bool(false),
	}, map[string]knownvalue.Check{
		"undecided": knownvalue.StringExact("ImplicitlyDenied"), "undecided_layers": knownvalue.Int64Exact(2),
		"certain_reason": knownvalue.Bool(true), "either_decision": knownvalue.StringExact("ImplicitlyDenied"),
		"declared_later": knownvalue.StringExact("Allowed"),
	})
}

// TestSimulateFunction_UnknownDecisionFailsCondition checks that a decision that depends on an unknown context
// key fails a condition, even if the condition negates it.
func TestSimulateFunction_UnknownDecisionFailsCondition(t *testing.T) {
	testPlanErrors(t, planFails(policiesConfig+`
output "gate" {
  value = ""
  precondition {
    condition     = !provider::iam::simulate({ action = "iam:DeleteUser", identity = local.with_mfa,
      unknown_context_keys = ["aws:MultiFactorAuthPresent"] }).allowed
    error_message = "Not reached."
  }
}`, `[Nn]ull`))
}

func TestSimulateFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newSimulate, map[string]argumentError{
		"resource not an ARN": {
			hclTuple{hclObject{"action": "s3:GetObject", "resource": "reports"}}, 0,
			[]string{"reports", "not an ARN"},
		},
		"null request":      {hclTuple{nil}, 0, []string{"found null"}},
		"string as request": {hclTuple{"x"}, 0, []string{"must be an object"}},
		"unknown field": {
			hclTuple{hclObject{"action": "s3:GetObject", "boundari": readAll}}, 0,
			[]string{"boundari", `"boundary" was meant`},
		},
		"field of an access test": {
			hclTuple{hclObject{"action": "s3:GetObject", "expect": "Allowed"}}, 0,
			[]string{"expect", "access test"},
		},
		"missing action": {hclTuple{hclObject{"identity": readAll}}, 0, []string{"no action"}},
		"resource policy without principal": {
			hclTuple{hclObject{"action": "s3:GetObject", "resource_policy": `{"Version":"2012-10-17",` +
				`"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`}}, 0,
			[]string{"resource_policy", "principal"},
		},
		"wildcard in resource": {
			hclTuple{hclObject{"action": "s3:GetObject", "resource": "arn:aws:s3:::*"}}, 0,
			[]string{"concrete"},
		},
		"principal in scp": {
			hclTuple{hclObject{"action": "s3:GetObject", "scps": hclTuple{hclTuple{`{"Version":"2012-10-17",` +
				`"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`}}}}, 0,
			[]string{"scps[0][0]"},
		},
	})
}

// completeRequests are requests without unknown values. The test replaces any part of them by an unknown value.
var completeRequests = []string{
	`{"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","context":{"aws:username":"ana","aws:x":"1"},
	  "identity":{"Version":"2012-10-17","Statement":[
	    {"Effect":"Allow","Action":["s3:GetObject","s3:Put*"],"Resource":["arn:aws:s3:::b/*"],
	"Condition":{"StringLike":{"aws:x":"*"},"Null":{"aws:username":"false"}}},
	    {"Effect":"Deny","NotAction":"s3:*","NotResource":"arn:aws:s3:::${aws:username}/*"}]}}`,
	`{"action":"iam:DeleteUser","principal":"arn:aws:iam::123456789012:user/ana","context":{"aws:TagKeys":["a","b"]},
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}],
	  "boundary":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},
	    {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"aws:TagKeys":"true"}}}]},
	  "scps":[[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*",
	"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}}}]]}`,
	`{"action":"sts:AssumeRole","resource":"arn:aws:iam::123456789012:role/r",
		"principal":"arn:aws:iam::123456789012:user/ana",
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}],
	  "resource_policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},
	"Action":"sts:AssumeRole"},
	    {"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::123456789012:user/ana","123456789012"]},
	"Action":"sts:AssumeRole"}]}}`,
	`{"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resource_account":"111122223333",
		"management_account":"123456789012","principal":"arn:aws:iam::123456789012:root",
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}],
	  "resource_policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow",
	"Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"s3:*","Resource":"*"}},
	  "rcps":[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
	"Condition":{"StringEqualsIfExists":{"aws:SecureTransport":"false"}}}}]}`,
	`{"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resource_account":"111122223333",
		"management_account":"123456789012",
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}],
	  "scps":[[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}]],
	  "rcps":[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}]}`,
	`{"action":"s3:GetObject","resource":"arn:aws:s3:::b/k",
		"principal":"arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/r",
		"principal_id":"AROAAAAAAAAAAAAAAAAAA:s","service_linked_role":true,
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}],
	  "resource_policy":{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"AROAAAAAAAAAAAAAAAAAA"},
	"Action":"s3:Put*","Resource":"*"}]},
	  "scps":[[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}]],
	  "vpce":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}}`,
}

// laterValues are values that an unknown value may become, besides its value in the complete request.
var laterValues = []string{`null`, `"x"`, `""`, `"*"`, `[]`, `["a"]`, `["a","b"]`, `{}`, `"s3:PutObject"`, `"Deny"`,
	`"Allow"`, `"arn:aws:iam::123456789012:root"`,
	`"arn:aws:iam::123456789012:user/ana"`, `"ec2.amazonaws.com"`, `"anonymous"`, `true`, `"123456789012"`,
	`"arn:aws:s3:::b/k"`, `{"aws:x":[]}`,
	`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
	`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`,
	`[[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}]]`}

// TestSimulateFunction_CertainDecisionStays checks that a decision that is certain while a value is unknown is
// the decision for every later value that the function accepts.
func TestSimulateFunction_CertainDecisionStays(t *testing.T) {
	random := rand.New(rand.NewSource(1)) // a fixed seed makes failures reproducible
	certain := 0
	rounds := 1500
	if testing.Short() {
		rounds = 300
	}
	for range rounds {
		text := completeRequests[random.Intn(len(completeRequests))]
		request := dynamictest.JSON(t, text)
		paths := pathsOf(request, nil)
		path := paths[random.Intn(len(paths))]
		partial := withValue(request, path, dynamictest.Unknown)

		planned, err := call(t, newSimulate(), partial)
		if err != nil {
			continue // some parts of a request require others
		}
		decision := planned.(types.Object).Attributes()["decision"]
		allowed := planned.(types.Object).Attributes()["allowed"]
		if decision.IsUnknown() && allowed.IsUnknown() {
			continue
		}
		certain++
		for _, candidate := range append(laterValues, "") {
			complete := request
			if candidate != "" {
				complete = withValue(request, path, dynamictest.JSON(t, candidate))
			}
			applied, err := call(t, newSimulate(), complete)
			if err != nil {
				continue
			}
			final := applied.(types.Object).Attributes()
			if !decision.IsUnknown() && !decision.Equal(final["decision"]) ||
				!allowed.IsUnknown() && !allowed.Equal(final["allowed"]) {
				t.Errorf("with %v unknown, decision %s, allowed %s; with the value %s, decision %s, allowed %s: %s\n%s",
					path, decision, allowed, candidate, final["decision"], final["allowed"], final["reason"], text)
				break
			}
		}
	}
	if certain < rounds/20 {
		t.Errorf("only %d of %d decisions were certain, want at least %d", certain, rounds, rounds/20)
	}
}

// pathsOf returns the paths of all values below v, without v itself.
func pathsOf(v any, path []string) (paths [][]string) {
	add := func(step string, child any) {
		childPath := slices.Concat(path, []string{step})
		paths = append(append(paths, childPath), pathsOf(child, childPath)...)
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			add(fmt.Sprint(i), v[i])
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			add(name, v[name])
		}
	}
	return paths
}

// withValue returns a copy of v with another value at the path.
func withValue(v any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	switch v := v.(type) {
	case []any:
		elements := append([]any(nil), v...)
		for i := range elements {
			if fmt.Sprint(i) == path[0] {
				elements[i] = withValue(elements[i], path[1:], value)
			}
		}
		return elements
	case map[string]any:
		members := maps.Clone(v)
		members[path[0]] = withValue(members[path[0]], path[1:], value)
		return members
	}
	return v
}
