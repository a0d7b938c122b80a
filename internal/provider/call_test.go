package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

// These tests call the functions without Terraform, for what takes many calls.

// callable is a function with its arguments as the framework hands them over: variadic ones as a tuple.
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

// call calls a function with values that stand for HCL expressions. What is beyond its parameters is variadic.
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

func TestArgumentErrors(t *testing.T) {
	type arguments = []any
	type m = map[string]any
	badOperator := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
 "Condition":{"StringEqual":{"a":"b"}}}]}`
	statement := func(extra m) m {
		out := m{"actions": "*", "resources": "*"}
		for k, v := range extra {
			out[k] = v
		}
		return out
	}
	for name, tc := range map[string]struct {
		function  function.Function
		arguments arguments
		index     int64
		text      []string // each must be in the message
	}{
		"policies number":            {newAllows(), arguments{7, "s3:GetObject", "*"}, 0, []string{"a number"}},
		"policy among others":        {newAllows(), arguments{[]any{readAll, badOperator}, "s3:GetObject", "*"}, 0, []string{"policies[1]", "StringEqual", "line 2, column 15", `"StringEquals" was meant`}},
		"policy by name":             {newAllows(), arguments{m{"dev": m{"Version": "2012-10-17", "Statement": m{"Effect": "Allow", "Actoin": "*", "Resource": "*"}}}, "s3:GetObject", "*"}, 0, []string{`policies["dev"]`, "$.Statement.Actoin", `"Action" was meant`}},
		"broken JSON":                {newCouldAllow(), arguments{"{", "s3:GetObject", "*"}, 0, []string{"JSON cannot be read", "line 1, column 2"}},
		"null in list":               {newAllows(), arguments{[]any{nil}, "s3:GetObject", "*"}, 0, []string{"policies[0]", "null"}},
		"condition null":             {newAllows(), arguments{m{"Version": "2012-10-17", "Statement": m{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": m{"Bool": m{"aws:SecureTransport": nil}}}}, "s3:GetObject", "*"}, 0, []string{"null"}},
		"action null":                {newAllows(), arguments{readAll, nil, "*"}, 1, []string{"found null"}},
		"action with wildcard":       {newAllows(), arguments{readAll, "s3:Get*", "*"}, 1, []string{"s3:Get*", "wildcard"}},
		"no action":                  {newCouldAllow(), arguments{readAll, []any{}, "*"}, 1, []string{"action is an empty list"}},
		"action object":              {newAllows(), arguments{readAll, m{}, "*"}, 1, []string{"an object"}},
		"action number in list":      {newAllows(), arguments{readAll, []any{"s3:GetObject", 5}, "*"}, 1, []string{"element 1 is a number"}},
		"second action":              {newAllows(), arguments{readAll, []any{"s3:GetObject", "GetObject"}, "*"}, 1, []string{"GetObject", "service:Name"}},
		"resource null":              {newAllows(), arguments{readAll, "s3:GetObject", nil}, 2, []string{"found null"}},
		"resource pattern":           {newAllows(), arguments{readAll, "s3:GetObject", "arn:aws:s3:::b/*"}, 2, []string{"arn:aws:s3:::b/*", "one concrete resource", "arn:aws:s3:::b/example"}},
		"second resource pattern":    {newCouldAllow(), arguments{readAll, "s3:GetObject", []any{"*", "a?"}}, 2, []string{"a?"}},
		"no ARN for a resource":      {newCouldAllow(), arguments{readAll, "s3:GetObject", []any{"*", "reports/2026.csv"}}, 2, []string{"reports/2026.csv", "no ARN"}},
		"no ARN in request":          {newSimulate(), arguments{m{"action": "s3:GetObject", "resource": "reports"}}, 0, []string{"reports", "no ARN"}},
		"empty resource":             {newAllows(), arguments{readAll, "s3:GetObject", []any{"*", ""}}, 2, []string{"empty"}},
		"context list":               {newAllows(), arguments{readAll, "s3:GetObject", "*", []any{}}, 3, []string{"object of key → value"}},
		"context key null":           {newAllows(), arguments{readAll, "s3:GetObject", "*", m{"team": nil}}, 3, []string{`context["team"]`, "null"}},
		"context key object":         {newCouldAllow(), arguments{readAll, "s3:GetObject", "*", m{"aws:x": m{}}}, 3, []string{`context["aws:x"]`}},
		"context key twice":          {newAllows(), arguments{readAll, "s3:GetObject", "*", m{"aws:x": "1", "AWS:X": "2"}}, 3, []string{"given twice"}},
		"two contexts":               {newAllows(), arguments{readAll, "s3:GetObject", "*", m{}, m{}}, 4, []string{"more than one context"}},
		"request null":               {newSimulate(), arguments{nil}, 0, []string{"found null"}},
		"request string":             {newSimulate(), arguments{"x"}, 0, []string{"must be an object"}},
		"unknown field":              {newSimulate(), arguments{m{"action": "s3:GetObject", "boundari": readAll}}, 0, []string{"boundari", `"boundary" was meant`}},
		"field of a test":            {newSimulate(), arguments{m{"action": "s3:GetObject", "expect": "Allowed"}}, 0, []string{"expect", "access test"}},
		"no action in request":       {newSimulate(), arguments{m{"identity": readAll}}, 0, []string{"no action"}},
		"resource policy, no caller": {newSimulate(), arguments{m{"action": "s3:GetObject", "resource_policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`}}, 0, []string{"resource_policy", "principal"}},
		"pattern in request":         {newSimulate(), arguments{m{"action": "s3:GetObject", "resource": "arn:aws:s3:::*"}}, 0, []string{"concrete"}},
		"scp with principal":         {newSimulate(), arguments{m{"action": "s3:GetObject", "scps": []any{[]any{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`}}}}, 0, []string{"scps[0][0]"}},
		"kind":                       {newValidatePolicy(), arguments{readAll, "role"}, 1, []string{`"role"`, "identity"}},
		"normalize broken":           {newNormalizePolicy(), arguments{`{"Version":1}`}, 0, []string{"1:12", "Version must be a string"}},
		"equal second":               {newPoliciesEqual(), arguments{readAll, nil}, 1, []string{"found null"}},
		"equal second broken":        {newPoliciesEqual(), arguments{dynamictest.Unknown, "{"}, 1, []string{"1:2"}},
		"no ARN":                     {newARNParse(), arguments{"arn:aws:iam"}, 0, []string{"3 of the six fields"}},
		"colon in ARN":               {newARNBuild(), arguments{"aws", "iam", "a:b", "", "x"}, 2, []string{"a:b"}},
		"statements null":            {newPolicyDocument(), arguments{nil}, 0, []string{"null"}},
		"no statements":              {newPolicyDocument(), arguments{[]any{}}, 0, []string{"at least one"}},
		"statement string":           {newPolicyDocument(), arguments{[]any{"x"}}, 0, []string{"statement 0", "an object"}},
		"unknown argument":           {newPolicyDocument(), arguments{statement(m{"action": "*"})}, 0, []string{`"action"`, "actions"}},
		"unknown document argument":  {newPolicyDocument(), arguments{m{"statements": statement(nil), "Version": "x"}}, 0, []string{"Version"}},
		"wrong version":              {newPolicyDocument(), arguments{m{"statements": statement(nil), "version": "2012"}}, 0, []string{"version", "2012-10-17"}},
		"variable in old version":    {newPolicyDocument(), arguments{m{"statements": statement(m{"resources": "arn:aws:s3:::&{aws:username}"}), "version": "2008-10-17"}}, 0, []string{"2012-10-17", "resources"}},
		"effect":                     {newPolicyDocument(), arguments{[]any{statement(nil), statement(m{"effect": "allow"})}}, 0, []string{"statement 1, effect"}},
		"actions and not_actions":    {newPolicyDocument(), arguments{statement(m{"not_actions": "*"})}, 0, []string{"statement 0", "both Action and NotAction"}},
		"sid twice":                  {newPolicyDocument(), arguments{[]any{statement(m{"sid": "A"}), statement(m{"sid": "A"})}}, 0, []string{"statement 1, sid", "unique"}},
		"condition part missing":     {newPolicyDocument(), arguments{statement(m{"condition": m{"test": "Bool", "variable": "aws:x"}})}, 0, []string{"values is missing"}},
		"condition part unknown":     {newPolicyDocument(), arguments{statement(m{"conditions": []any{m{"test": "Bol", "variable": "aws:x", "values": dynamictest.Unknown}, m{"test": "Strin", "variable": "aws:x", "values": "x"}}})}, 0, []string{"Strin"}},
		"both conditions":            {newPolicyDocument(), arguments{statement(m{"condition": []any{}, "conditions": []any{}})}, 0, []string{"same argument"}},
		"principal part":             {newPolicyDocument(), arguments{statement(m{"principals": m{"type": "AWS", "identifers": "*"}})}, 0, []string{"identifiers is missing", "identifers"}},
		"principal type":             {newPolicyDocument(), arguments{statement(m{"principals": m{"type": "Aws", "identifiers": "*"}})}, 0, []string{"statement 0, principals", `"AWS" was meant`}},
		"list of numbers":            {newPolicyDocument(), arguments{statement(m{"actions": []any{5}})}, 0, []string{"statement 0, actions", "a number"}},
		"fault beside unknown":       {newPolicyDocument(), arguments{[]any{dynamictest.Unknown, statement(m{"effect": "no"})}}, 0, []string{"statement 1, effect"}},
		"statement after unknown":    {newPolicyDocument(), arguments{m{"version": dynamictest.Unknown, "statements": statement(m{"resources": "bucket"})}}, 0, []string{"resources", "arn:"}},
	} {
		t.Run(name, func(t *testing.T) {
			value, err := call(t, tc.function, tc.arguments...)
			if err == nil {
				t.Fatalf("no error; the result is %s", value)
			}
			if err.FunctionArgument == nil || *err.FunctionArgument != tc.index {
				t.Errorf("the error points at %v, want argument %d: %s", err.FunctionArgument, tc.index, err.Text)
			}
			if strings.HasSuffix(err.Text, ".") {
				t.Errorf("Terraform ends the sentence, and this one ends already: %s", err.Text)
			}
			for _, text := range tc.text {
				if !strings.Contains(err.Text, text) {
					t.Errorf("the error says\n%s\nwithout %q", err.Text, text)
				}
			}
		})
	}
}

// questionsAboutUnknowns are requests of which any part may turn unknown.
var questionsAboutUnknowns = []string{
	`{"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","context":{"aws:username":"ana","aws:x":"1"},
	  "identity":{"Version":"2012-10-17","Statement":[
	    {"Effect":"Allow","Action":["s3:GetObject","s3:Put*"],"Resource":["arn:aws:s3:::b/*"],"Condition":{"StringLike":{"aws:x":"*"},"Null":{"aws:username":"false"}}},
	    {"Effect":"Deny","NotAction":"s3:*","NotResource":"arn:aws:s3:::${aws:username}/*"}]}}`,
	`{"action":"iam:DeleteUser","principal":"arn:aws:iam::123456789012:user/ana","context":{"aws:TagKeys":["a","b"]},
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}],
	  "boundary":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},
	    {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"aws:TagKeys":"true"}}}]},
	  "scps":[[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}}}]]}`,
	`{"action":"sts:AssumeRole","resource":"arn:aws:iam::123456789012:role/r","principal":"arn:aws:iam::123456789012:user/ana",
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}],
	  "resource_policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"},
	    {"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::123456789012:user/ana","123456789012"]},"Action":"sts:AssumeRole"}]}}`,
	`{"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resource_account":"111122223333","management_account":"123456789012","principal":"arn:aws:iam::123456789012:root",
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}],
	  "resource_policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"s3:*","Resource":"*"}},
	  "rcps":[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:SecureTransport":"false"}}}}]}`,
	`{"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resource_account":"111122223333","management_account":"123456789012",
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}],
	  "scps":[[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}]],
	  "rcps":[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}]}`,
	`{"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","principal":"arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/r","principal_id":"AROAAAAAAAAAAAAAAAAAA:s","service_linked_role":true,
	  "identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}],
	  "resource_policy":{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"AROAAAAAAAAAAAAAAAAAA"},"Action":"s3:Put*","Resource":"*"}]},
	  "scps":[[{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}]],
	  "vpce":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}}`,
}

// replacements are what an unknown value may turn out to be, beside what it was.
var replacements = []string{`null`, `"x"`, `""`, `"*"`, `[]`, `["a"]`, `["a","b"]`, `{}`, `"s3:PutObject"`, `"Deny"`, `"Allow"`, `"arn:aws:iam::123456789012:root"`,
	`"arn:aws:iam::123456789012:user/ana"`, `"ec2.amazonaws.com"`, `"anonymous"`, `true`, `"123456789012"`, `"arn:aws:s3:::b/k"`, `{"aws:x":[]}`,
	`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`,
	`[[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}]]`}

// TestKnownStaysKnown is the promise of every function that answers while something is unknown: what it
// then says for certain, it says of each value that the unknown may turn out to be, or it refuses that value.
func TestKnownStaysKnown(t *testing.T) {
	random := rand.New(rand.NewSource(1)) // a fixed seed, so that a failure can be repeated
	known := 0
	rounds := 1500
	if testing.Short() {
		rounds = 300
	}
	for range rounds {
		text := questionsAboutUnknowns[random.Intn(len(questionsAboutUnknowns))]
		request := dynamictest.JSON(t, text)
		places := placesOf(request, nil)
		place := places[random.Intn(len(places))]
		partly := replaced(request, place, dynamictest.Unknown)

		planned, refusal := call(t, newSimulate(), partly)
		if refusal != nil {
			continue // some parts cannot stand without others
		}
		decision := planned.(types.Object).Attributes()["decision"]
		allowed := planned.(types.Object).Attributes()["allowed"]
		if decision.IsUnknown() && allowed.IsUnknown() {
			continue
		}
		known++
		for _, candidate := range append(replacements, "") {
			full := request
			if candidate != "" {
				full = replaced(request, place, dynamictest.JSON(t, candidate))
			}
			applied, refusal := call(t, newSimulate(), full)
			if refusal != nil {
				continue
			}
			final := applied.(types.Object).Attributes()
			if !decision.IsUnknown() && !decision.Equal(final["decision"]) || !allowed.IsUnknown() && !allowed.Equal(final["allowed"]) {
				t.Errorf("with %v dynamictest.Unknown, decision %s, allowed %s; with %s there, decision %s, allowed %s: %s\n%s",
					place, decision, allowed, candidate, final["decision"], final["allowed"], final["reason"], text)
				break
			}
		}
	}
	if known < rounds/20 {
		t.Errorf("only %d of %d answers were certain; the test says little", known, rounds)
	}
}

// placesOf lists the paths to all values below v, but not to v itself.
func placesOf(v any, path []string) (places [][]string) {
	below := func(step string, child any) {
		at := slices.Concat(path, []string{step})
		places = append(append(places, at), placesOf(child, at)...)
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			below(fmt.Sprint(i), v[i])
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			below(name, v[name])
		}
	}
	return places
}

// replaced is a copy of v with another value at the path.
func replaced(v any, path []string, with any) any {
	if len(path) == 0 {
		return with
	}
	switch v := v.(type) {
	case []any:
		out := append([]any(nil), v...)
		for i := range out {
			if fmt.Sprint(i) == path[0] {
				out[i] = replaced(out[i], path[1:], with)
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			out[name] = value
		}
		out[path[0]] = replaced(out[path[0]], path[1:], with)
		return out
	}
	return v
}

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
