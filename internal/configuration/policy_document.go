package configuration

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// policyDocument is the data source that writes a policy.
const policyDocument = "aws_iam_policy_document"

// policyDocument returns the JSON text that data "aws_iam_policy_document" will have. It does not matter that the
// provider writes the members in another order.
func (e *evaluator) policyDocument(b *body, s *scope) cty.Value {
	at := func(name string) (cty.Value, bool) {
		expr := b.attributes[name]
		if expr == nil {
			return cty.NilVal, false
		}
		v := e.eval(expr, s)
		return v, !v.IsKnown() || !v.IsNull()
	}
	for _, name := range []string{"source_json", "override_json", "source_policy_documents", "override_policy_documents"} {
		if _, used := at(name); used {
			return e.unsupported("%s of %s is not supported", name, policyDocument)
		}
	}
	document := map[string]cty.Value{"Version": cty.StringVal("2012-10-17")}
	if v, ok := at("version"); ok {
		document["Version"] = v
	}
	if v, ok := at("policy_id"); ok {
		document["Id"] = v
	}
	blocks, _ := e.nested(b, "statement", s)
	var statements []cty.Value
	for _, block := range blocks.AsValueSlice() {
		statements = append(statements, e.transform(e.policyStatement(e.lists(block)), func(part cty.Value) cty.Value {
			if isText(part) { // the provider's form of a policy variable
				return cty.StringVal(strings.ReplaceAll(part.AsString(), "&{", "${"))
			}
			return part
		}))
	}
	document["Statement"] = cty.TupleVal(statements)
	return e.encode(e.checked(cty.ObjectVal(document)))
}

// policyStatement returns a statement block in the form of a policy.
func (e *evaluator) policyStatement(block cty.Value) cty.Value {
	if !block.IsKnown() || !block.Type().IsObjectType() {
		return cty.DynamicVal
	}
	out := map[string]cty.Value{"Effect": cty.StringVal("Allow")}
	names := map[string]string{"sid": "Sid", "effect": "Effect", "actions": "Action", "not_actions": "NotAction",
		"resources": "Resource", "not_resources": "NotResource", "principals": "Principal",
		"not_principals": "NotPrincipal", "condition": "Condition"}
	for name := range block.Type().AttributeTypes() {
		v := block.GetAttr(name)
		element, ok := names[name]
		switch {
		case !ok:
			return cty.DynamicVal
		case v.IsKnown() && v.IsNull():
			continue
		case name == "sid" && isText(v) && v.AsString() == "":
			continue
		case name == "principals" || name == "not_principals":
			v = e.policyPrincipals(v)
		case name == "condition":
			v = e.policyConditions(v)
		case !v.IsKnown():
		case name != "sid" && name != "effect" && v.CanIterateElements() && v.LengthInt() == 0:
			continue
		}
		out[element] = v
	}
	return e.checked(cty.ObjectVal(out))
}

// policyPrincipals returns principals blocks in the form of a policy.
func (e *evaluator) policyPrincipals(blocks cty.Value) cty.Value {
	if !blocks.IsKnown() || !blocks.CanIterateElements() {
		return cty.DynamicVal
	}
	out := map[string][]cty.Value{}
	for _, block := range blocks.AsValueSlice() {
		kind, values, ok := e.pair(block, "type", "identifiers")
		if !ok {
			return cty.DynamicVal
		}
		out[kind] = append(out[kind], values...)
	}
	if all := out["*"]; len(out) == 1 && len(all) == 1 && isText(all[0]) && all[0].AsString() == "*" {
		return cty.StringVal("*")
	}
	members := map[string]cty.Value{}
	for kind, values := range out {
		members[kind] = cty.TupleVal(values)
	}
	return cty.ObjectVal(members)
}

// policyConditions returns condition blocks in the form of a policy.
func (e *evaluator) policyConditions(blocks cty.Value) cty.Value {
	if !blocks.IsKnown() || !blocks.CanIterateElements() {
		return cty.DynamicVal
	}
	out := map[string]map[string][]cty.Value{}
	for _, block := range blocks.AsValueSlice() {
		test, values, ok := e.pair(block, "test", "values")
		if !ok || !block.Type().HasAttribute("variable") {
			return cty.DynamicVal
		}
		variable := block.GetAttr("variable")
		if !isText(variable) || e.tokens.in(variable.AsString()) {
			return cty.DynamicVal
		}
		if out[test] == nil {
			out[test] = map[string][]cty.Value{}
		}
		out[test][variable.AsString()] = append(out[test][variable.AsString()], values...)
	}
	operators := map[string]cty.Value{}
	for test, variables := range out {
		keys := map[string]cty.Value{}
		for variable, values := range variables {
			keys[variable] = cty.TupleVal(values)
		}
		operators[test] = cty.ObjectVal(keys)
	}
	return cty.ObjectVal(operators)
}

// pair returns a text without tokens and a list of values from a block.
func (e *evaluator) pair(block cty.Value, name, list string) (text string, values []cty.Value, ok bool) {
	if !block.IsKnown() || !block.Type().IsObjectType() || !block.Type().HasAttribute(name) ||
		!block.Type().HasAttribute(list) {
		return "", nil, false
	}
	key, all := block.GetAttr(name), block.GetAttr(list)
	if !isText(key) || e.tokens.in(key.AsString()) || !all.IsKnown() || all.IsNull() || !all.CanIterateElements() {
		return "", nil, false
	}
	return key.AsString(), slices.Clone(all.AsValueSlice()), true
}
