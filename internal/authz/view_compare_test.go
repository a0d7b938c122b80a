package authz

import (
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// viewOf returns the only statement of a policy.
func viewOf(t *testing.T, kind LayerKind, statement string) StatementView {
	t.Helper()
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[` + statement + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	l, err := CompileLayer(kind, []Policy{{"policy", doc}})
	if err != nil {
		t.Fatal(err)
	}
	views := slices.Collect(l.Statements())
	if len(views) != 1 {
		t.Fatalf("%d statements", len(views))
	}
	return views[0]
}

func TestConditionView_HoldsAndMatches(t *testing.T) {
	v := viewOf(t, Identity, `{"Effect":"Allow","Action":"*","Resource":"*",
		"Condition":{"ForAllValues:StringNotLike":{"k":["a*","${J}"]}}}`)
	c := &v.Conditions[0]
	ctx := NewContext()
	if err := ctx.Set("j", "b"); err != nil {
		t.Fatal(err)
	}
	if !c.Holds(nil) || !c.Holds(ctx) {
		t.Error("the condition is false for an absent key")
	}
	for text, want := range map[string]bool{"ax": false, "b": false, "c": true} {
		if got := c.Matches(text, ctx); got != want {
			t.Errorf("%q matches: %v, want %v", text, got, want)
		}
	}
	if !c.Matches("b", nil) {
		t.Error("a variable without a value equals a text")
	}
	if got := c.Values[1].Written; got != "${J}" {
		t.Errorf("written as %q", got)
	}
	other := ctx.Clone()
	if err := other.SetMulti("k", []string{"c", "ab"}); err != nil {
		t.Fatal(err)
	}
	if c.Holds(other) || !c.Holds(ctx) {
		t.Error("the clone shares its keys")
	}
}

func TestRepresentativeTexts_CoverAnswers(t *testing.T) {
	v := viewOf(t, Identity, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{
		"NumericLessThan":{"k":"2"},"NumericGreaterThan":{"k":["1"]}}}`)
	steps := 1000
	texts, complete := RepresentativeTexts(v.Conditions, &steps)
	if !complete || steps >= 1000 {
		t.Errorf("complete %v, steps %d", complete, steps)
	}
	seen := map[[2]bool]bool{}
	for _, text := range texts {
		seen[[2]bool{v.Conditions[0].Matches(text, nil), v.Conditions[1].Matches(text, nil)}] = true
	}
	if len(seen) != 4 { // neither for a text that is no number
		t.Errorf("%v have the answers %v", texts, seen)
	}
	none := 0
	if _, complete := RepresentativeTexts(v.Conditions, &none); complete {
		t.Error("complete without steps")
	}
}

func TestStatementView_Names(t *testing.T) {
	v := viewOf(t, ResourcePolicy, `{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"AWS":["111122223333",
		"arn:aws:iam::111122223333:user/bob","arn:aws:iam::111122223333:role/app"]}}`)
	for caller, want := range map[string][3]bool{
		"arn:aws:iam::111122223333:user/bob":               {true, false, true},
		"arn:aws:iam::111122223333:user/eve":               {false, false, true},
		"arn:aws:sts::111122223333:assumed-role/app/s":     {false, true, true},
		"arn:aws:iam::444455556666:user/bob":               {false, false, false},
		"ec2.amazonaws.com":                                {false, false, false},
		"arn:aws:sts::111122223333:federated-user/someone": {false, false, true},
	} {
		direct, wide, account := v.Names(MustPrincipal(caller), false)
		if got := [3]bool{direct, wide, account}; got != want {
			t.Errorf("%s: got %v, want %v", caller, got, want)
		}
	}
	everyone := viewOf(t, Identity, `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	if _, wide, _ := everyone.Names(Principal{}, false); !wide {
		t.Error("a statement without principals does not name everyone")
	}
}
