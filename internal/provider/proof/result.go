package proof

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// The types of the result of a check.
var (
	reasonType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"policy": types.StringType,
		"sid":    types.StringType,
		"index":  types.Int64Type,
		"line":   types.Int64Type,
		"column": types.Int64Type,
	}}
	witnessType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"principal":        types.StringType,
		"principal_id":     types.StringType,
		"action":           types.StringType,
		"resource":         types.StringType,
		"resource_account": types.StringType,
		// A key has one value or a list of values, as in the request of the function simulate.
		"context": types.DynamicType,
	}}
	// Attributes are the attributes of the result of a check.
	Attributes = map[string]attr.Type{
		"result":    types.StringType,
		"message":   types.StringType,
		"condition": types.StringType,
		"reasons":   types.ListType{ElemType: reasonType},
		"witness":   witnessType,
		"undecided": types.ListType{ElemType: types.StringType},
	}
)

// Answer is the answer to a check.
type Answer struct {
	analysis.Answer
	// Uncertain reports that Terraform does not know a part of the policies.
	Uncertain bool
	// Warnings are sentences that the message ends with.
	Warnings []string
}

// Result returns the result of a check. While Terraform does not know a part of the policies, only a verdict that no
// value of this part can change is known: the explanation may change.
func (a Answer) Result() types.Object {
	switch {
	case !a.Uncertain:
		return a.explained()
	case a.Verdict == analysis.Unknown:
		return Unknown()
	}
	return uncertain(types.StringValue(a.Verdict.String()))
}

// Unknown returns the result of a check that is not known before apply.
func Unknown() types.Object { return uncertain(types.StringUnknown()) }

// explained returns the result with its explanation.
func (a Answer) explained() types.Object {
	message, condition := a.Message, ""
	for _, warning := range a.Warnings {
		message += " " + warning
	}
	reasons := make([]attr.Value, 0, len(a.Reasons))
	for _, s := range a.Reasons {
		reasons = append(reasons, reason(s))
	}
	witness := types.ObjectNull(witnessType.AttrTypes)
	if a.Witness != nil {
		witness, condition = request(a.Witness), a.Witness.Condition
	}
	undecided := make([]attr.Value, 0, len(a.Open))
	for _, o := range a.Open {
		undecided = append(undecided, types.StringValue(openReason(o)))
	}
	return types.ObjectValueMust(Attributes, map[string]attr.Value{
		"result":    types.StringValue(a.Verdict.String()),
		"message":   types.StringValue(message),
		"condition": textOrNull(condition),
		"reasons":   types.ListValueMust(reasonType, reasons),
		"witness":   witness,
		"undecided": types.ListValueMust(types.StringType, undecided),
	})
}

// uncertain returns a result without explanation.
func uncertain(result types.String) types.Object {
	return types.ObjectValueMust(Attributes, map[string]attr.Value{
		"result":    result,
		"message":   types.StringUnknown(),
		"condition": types.StringUnknown(),
		"reasons":   types.ListUnknown(reasonType),
		"witness":   types.ObjectUnknown(witnessType.AttrTypes),
		"undecided": types.ListUnknown(types.StringType),
	})
}

// textOrNull returns a text, or null for "".
func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

func reason(s authz.StatementRef) types.Object {
	line, column := types.Int64Null(), types.Int64Null()
	if s.Pos.Known() {
		line, column = types.Int64Value(int64(s.Pos.Line)), types.Int64Value(int64(s.Pos.Column))
	}
	return types.ObjectValueMust(reasonType.AttrTypes, map[string]attr.Value{
		"policy": types.StringValue(s.Policy),
		"sid":    textOrNull(s.Sid),
		"index":  types.Int64Value(int64(s.Index)),
		"line":   line,
		"column": column,
	})
}

// request returns a witness in the form of the request of the function simulate.
func request(w *analysis.Witness) types.Object {
	principal := types.StringNull()
	if w.Request.Principal.Kind != authz.Unnamed {
		principal = types.StringValue(w.Request.Principal.String())
	}
	keyTypes, keys := map[string]attr.Type{}, map[string]attr.Value{}
	for _, k := range w.Keys {
		var value attr.Value = types.StringValue(k.Values[0])
		if k.Multivalued {
			elements := make([]attr.Value, 0, len(k.Values))
			for _, v := range k.Values {
				elements = append(elements, types.StringValue(v))
			}
			value = types.ListValueMust(types.StringType, elements)
		}
		keyTypes[k.Name], keys[k.Name] = types.StringType, value
		if k.Multivalued {
			keyTypes[k.Name] = types.ListType{ElemType: types.StringType}
		}
	}
	return types.ObjectValueMust(witnessType.AttrTypes, map[string]attr.Value{
		"principal":        principal,
		"principal_id":     textOrNull(w.Request.Principal.ID),
		"action":           types.StringValue(w.Request.Action.String()),
		"resource":         types.StringValue(w.Request.Resource),
		"resource_account": textOrNull(w.Request.ResourceAccount),
		"context":          types.DynamicValue(types.ObjectValueMust(keyTypes, keys)),
	})
}

// Undecided returns the reasons why a question was not decided, each one sentence with its place.
func Undecided(a analysis.Answer) string {
	if len(a.Open) == 0 {
		return a.Message
	}
	reasons := make([]string, len(a.Open))
	for i, o := range a.Open {
		reasons[i] = openReason(o)
	}
	return strings.Join(reasons, " ")
}

// openReason returns a reason why a question was not decided, with its place.
func openReason(o analysis.Open) string {
	if o.Statement == (authz.StatementRef{}) {
		return o.Reason
	}
	at := o.Statement
	if o.Pos.Known() {
		at.Pos = o.Pos
	}
	return fmt.Sprintf("%s: %s", at, o.Reason)
}

// AttributesWith returns the attributes of a result that has one more attribute.
func AttributesWith(name string, attrType attr.Type) map[string]attr.Type {
	out := maps.Clone(Attributes)
	out[name] = attrType
	return out
}

// With returns a result with one more attribute.
func With(ctx context.Context, result types.Object, name string, value attr.Value) types.Object {
	values := result.Attributes()
	values[name] = value
	return types.ObjectValueMust(AttributesWith(name, value.Type(ctx)), values)
}
