package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/request"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func newSimulate() function.Function { return simulate{} }

type simulate struct{}

// The types of the result.
var (
	layerType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"layer":    types.StringType,
		"level":    types.Int64Type,
		"decision": types.StringType,
		"applies":  types.BoolType,
		"reason":   types.StringType,
	}}
	statementAttributes = map[string]attr.Type{
		"layer":  types.StringType,
		"level":  types.Int64Type,
		"policy": types.StringType,
		"sid":    types.StringType,
		"index":  types.Int64Type,
		"effect": types.StringType,
		"line":   types.Int64Type,
		"column": types.Int64Type,
	}
	statementType = types.ObjectType{AttrTypes: statementAttributes}
	failureType   = types.ObjectType{AttrTypes: map[string]attr.Type{
		"element":  types.StringType,
		"operator": types.StringType,
		"key":      types.StringType,
		"message":  types.StringType,
	}}
	missType = types.ObjectType{
		AttrTypes: withAttribute(statementAttributes, "failures", types.ListType{ElemType: failureType}),
	}
	stringListType     = types.ListType{ElemType: types.StringType}
	simulateAttributes = map[string]attr.Type{
		"decision":             types.StringType,
		"allowed":              types.BoolType,
		"reason":               types.StringType,
		"layers":               types.ListType{ElemType: layerType},
		"deciding_statements":  types.ListType{ElemType: statementType},
		"nearest_miss":         missType,
		"missing_context_keys": stringListType,
		"depends_on":           stringListType,
		"notes":                stringListType,
	}
)

func withAttribute(attributes map[string]attr.Type, name string, of attr.Type) map[string]attr.Type {
	out := map[string]attr.Type{name: of}
	for k, v := range attributes {
		out[k] = v
	}
	return out
}

func (simulate) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "simulate"
}

func (simulate) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Decides one request and explains the decision",
		MarkdownDescription: "Decides one request with all layers of policies, and explains the decision: the " +
			"decision of each layer, the statements " +
			"that decide, the statement that came nearest to allowing the request and how it failed, and the missing " +
			"context keys.",
		Parameters: []function.Parameter{
			dynamic.Parameter("request", "An object with the caller, the action, the resource, the context and the "+
				"policies of each layer. See below for its attributes."),
		},
		Return: function.ObjectReturn{AttributeTypes: simulateAttributes},
	}
}

// Run distinguishes two kinds of unknown values. A value that Terraform does not know yet makes attributes of
// the result unknown to Terraform: decision and allowed, unless no value can change them, and every
// explanation, because explanations depend on the whole request. The request itself declares other values
// as unknown: unknown_context_keys, unknown_resource_policy, and the keys that the ARN of the principal leaves
// open. All attributes are then known, and the decision may be the text "Unknown". Therefore no attribute that
// is known at plan changes in apply.
func (simulate) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	node, err := dynamic.DecodeRequest(ctx, argument, "$.context")
	if err != nil {
		resp.Error = dynamic.ArgumentError(0, err)
		return
	}
	evaluation, err := decodeRequest(node)
	if err != nil {
		resp.Error = dynamic.ArgumentError(0, err)
		return
	}
	if evaluation.Uncertain {
		resp.Error = resp.Result.Set(ctx, uncertainDecision(evaluation.Outcome()))
		return
	}
	resp.Error = resp.Result.Set(ctx, decisionValue(evaluation.Explain()))
}

// decodeRequest decodes a request. It refuses the fields that only access tests have.
func decodeRequest(node tree.Node) (*simulation.Case, error) {
	for _, m := range node.Members {
		switch m.Name {
		case "id", "note", "expect":
			return nil, errors.New(m.Name + ": only an access test in a file has this field, a request does not; remove it")
		case "resource":
			if err := request.CheckConcrete(m.Value); err != nil {
				return nil, err
			}
		}
	}
	return simulation.Decode(node)
}

// uncertainDecision returns the result while Terraform does not know a part of the request.
func uncertainDecision(outcome authz.Outcome) types.Object {
	values := map[string]attr.Value{
		"decision":             types.StringUnknown(),
		"allowed":              types.BoolUnknown(),
		"reason":               types.StringUnknown(),
		"layers":               types.ListUnknown(layerType),
		"deciding_statements":  types.ListUnknown(statementType),
		"nearest_miss":         types.ObjectUnknown(missType.AttrTypes),
		"missing_context_keys": types.ListUnknown(types.StringType),
		"depends_on":           types.ListUnknown(types.StringType),
		"notes":                types.ListUnknown(types.StringType),
	}
	switch {
	case outcome == authz.Undecided:
	case outcome == authz.Denied: // certainly denied, but explicitly or implicitly
		values["allowed"] = types.BoolValue(false)
	default:
		values["decision"] = types.StringValue(outcome.String())
		values["allowed"] = types.BoolValue(outcome == authz.Allowed)
	}
	return types.ObjectValueMust(simulateAttributes, values)
}

// decisionValue returns the result for a request that Terraform knows completely.
func decisionValue(d *authz.Decision) types.Object {
	// allowed is null if the decision is Unknown. Terraform refuses null as a condition, negated or not, so
	// that nobody mistakes an unknown decision for an answer.
	allowed := types.BoolValue(d.Outcome == authz.Allowed)
	if d.Outcome == authz.Undecided {
		allowed = types.BoolNull()
	}
	layers := make([]attr.Value, 0, len(d.Layers))
	for _, l := range d.Layers {
		layers = append(layers, types.ObjectValueMust(layerType.AttrTypes, map[string]attr.Value{
			"layer":    types.StringValue(l.Layer.String()),
			"level":    types.Int64Value(int64(l.Level)),
			"decision": types.StringValue(l.Outcome.String()),
			"applies":  types.BoolValue(l.Applies),
			"reason":   types.StringValue(l.Reason),
		}))
	}
	deciding := make([]attr.Value, 0, len(d.Deciding))
	for _, s := range d.Deciding {
		deciding = append(deciding, types.ObjectValueMust(statementAttributes, statementValues(s)))
	}
	return types.ObjectValueMust(simulateAttributes, map[string]attr.Value{
		"decision":             types.StringValue(d.Outcome.String()),
		"allowed":              allowed,
		"reason":               types.StringValue(d.Reason),
		"layers":               types.ListValueMust(layerType, layers),
		"deciding_statements":  types.ListValueMust(statementType, deciding),
		"nearest_miss":         missValue(d.NearestMiss),
		"missing_context_keys": computed.StringList(d.MissingKeys),
		"depends_on":           computed.StringList(d.DependsOn),
		"notes":                computed.StringList(d.Notes),
	})
}

func statementValues(s authz.StatementRef) map[string]attr.Value {
	values := map[string]attr.Value{
		"layer":  types.StringValue(s.Layer.String()),
		"level":  types.Int64Value(int64(s.Level)),
		"policy": types.StringValue(s.Policy),
		"sid":    types.StringNull(),
		"index":  types.Int64Value(int64(s.Index)),
		"effect": types.StringValue(string(s.Effect)),
		"line":   types.Int64Null(),
		"column": types.Int64Null(),
	}
	if s.Sid != "" {
		values["sid"] = types.StringValue(s.Sid)
	}
	if s.Pos.Known() {
		values["line"], values["column"] = types.Int64Value(int64(s.Pos.Line)), types.Int64Value(int64(s.Pos.Column))
	}
	return values
}

func missValue(miss *authz.Miss) types.Object {
	if miss == nil {
		return types.ObjectNull(missType.AttrTypes)
	}
	failures := make([]attr.Value, 0, len(miss.Failures))
	for _, f := range miss.Failures {
		failures = append(failures, types.ObjectValueMust(failureType.AttrTypes, map[string]attr.Value{
			"element":  types.StringValue(f.Element),
			"operator": computed.StringOrNull(f.Operator),
			"key":      computed.StringOrNull(f.Key),
			"message":  types.StringValue(f.Message),
		}))
	}
	values := statementValues(miss.StatementRef)
	values["failures"] = types.ListValueMust(failureType, failures)
	return types.ObjectValueMust(missType.AttrTypes, values)
}
