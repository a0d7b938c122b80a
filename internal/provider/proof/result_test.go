package proof

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestAnswer_Result(t *testing.T) {
	texts := func(texts ...string) attr.Value {
		values := make([]attr.Value, len(texts))
		for i, text := range texts {
			values[i] = types.StringValue(text)
		}
		return types.ListValueMust(types.StringType, values)
	}
	open := analysis.Answer{Message: "Not decided.", Open: []analysis.Open{
		{Reason: "There are too many steps."},
		{Reason: "A value is not known.", Statement: authz.StatementRef{Policy: "dev", Index: 1, Sid: "Read"},
			Pos: tree.Pos{Line: 3, Column: 5}},
	}}
	fail := analysis.Answer{Verdict: analysis.Fail, Message: "It is granted."}
	for name, tc := range map[string]struct {
		answer Answer
		want   map[string]attr.Value
	}{
		"unknown": {Answer{Answer: open}, map[string]attr.Value{
			"result": types.StringValue("unknown"), "message": types.StringValue("Not decided."),
			"undecided": texts("There are too many steps.",
				`policy "dev", statement 1 (Read) at 3:5: A value is not known.`),
			"witness": types.ObjectNull(witnessType.AttrTypes),
		}},
		"warnings": {Answer{Answer: fail, Warnings: []string{"An action is misspelt."}}, map[string]attr.Value{
			"result": types.StringValue("fail"), "message": types.StringValue("It is granted. An action is misspelt."),
			"undecided": texts(),
		}},
		"certain beside unknown values": {Answer{Answer: fail, Uncertain: true}, map[string]attr.Value{
			"result": types.StringValue("fail"), "message": types.StringUnknown(),
			"undecided": types.ListUnknown(types.StringType),
		}},
		"unknown beside unknown values": {Answer{Answer: open, Uncertain: true}, map[string]attr.Value{
			"result": types.StringUnknown(), "message": types.StringUnknown(),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := tc.answer.Result().Attributes()
			for name, want := range tc.want {
				if !got[name].Equal(want) {
					t.Errorf("%s is %s, want %s", name, got[name], want)
				}
			}
		})
	}
}

func TestUndecided_NamesEveryReason(t *testing.T) {
	answer := analysis.Answer{Message: "Not decided.", Open: []analysis.Open{{Reason: "One."}, {Reason: "Two."}}}
	if got := Undecided(answer); got != "One. Two." {
		t.Errorf("got %q", got)
	}
	if got := Undecided(analysis.Answer{Message: "Not decided."}); got != "Not decided." {
		t.Errorf("got %q", got)
	}
}
