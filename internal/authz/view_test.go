package authz

import (
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// viewedPolicy is the policy whose statements the test views.
const viewedPolicy = `{"Version":"2012-10-17","Statement":[
 {"Sid":"A","Effect":"Allow","Action":["s3:Get*","S3:PutObject"],"Resource":["arn:aws:s3:::b/${aws:UserName}/*","*"],
  "Condition":{"StringLike":{"aws:PrincipalTag/Team":["a*","b"]},"NumericLessThan":{"s3:Max-Keys":"10"}}},
 {"Effect":"Deny","NotAction":"iam:*","NotResource":"arn:aws:iam:*:1:role/x"}]}`

func TestCompiledStatements_Fields(t *testing.T) {
	c, err := CompileText(Identity, "p", viewedPolicy)
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Collect(c.Statements())
	if len(all) != 2 {
		t.Fatalf("%d statements", len(all))
	}
	first, second := all[0], all[1]
	if got, want := first.Ref.String(), `policy "policy", statement 0 (A) at 2:2`; got != want {
		t.Errorf("reference %s, want %s", got, want)
	}
	if first.Ref.Effect != "Allow" || second.Ref.Effect != "Deny" || first.Ref.Layer != Identity {
		t.Errorf("effects %s and %s, layer %s", first.Ref.Effect, second.Ref.Effect, first.Ref.Layer)
	}
	if got := texts(first.Action.Patterns); got != "s3:get* s3:putobject" ||
		strings.Join(first.Action.Texts, " ") != "s3:Get* S3:PutObject" {
		t.Errorf("actions %s, written %v", got, first.Action.Texts)
	}
	if got := texts(first.Resource.Patterns); got != "arn:aws:s3:::b/${aws:username}/* *" {
		t.Errorf("resources %s", got)
	}
	if first.Action.Not || !second.Action.Not || !second.Resource.Not || first.Principal != nil {
		t.Errorf("elements: %+v, %+v", first, second)
	}
	if len(first.Conditions) != 2 || len(second.Conditions) != 0 {
		t.Fatalf("conditions: %+v", first.Conditions)
	}
	like, less := first.Conditions[0], first.Conditions[1]
	if like.Key != "aws:principaltag/team" || like.Written != "aws:PrincipalTag/Team" ||
		like.OperatorText != "StringLike" ||
		len(like.Values) != 2 || !like.Values[0].Text.Match("abc") || !like.Pos.Known() {
		t.Errorf("condition %+v", like)
	}
	if len(less.Values) != 1 || less.Values[0].Number.Whole != "10" || !less.Values[0].Valid {
		t.Errorf("condition %+v", less)
	}
}

func texts(patterns []pattern.Pattern) string {
	var out []string
	for i := range patterns {
		out = append(out, patterns[i].String())
	}
	return strings.Join(out, " ")
}

func TestCompiledStatements_TrustPolicy(t *testing.T) {
	c, err := CompileText(ResourcePolicy, "trust", `{"Version":"2012-10-17",`+
		`"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}`)
	if err != nil {
		t.Fatal(err)
	}
	for s := range c.Statements() {
		if !s.Resource.Absent || s.Principal == nil || len(s.Principal.Names) != 1 ||
			s.Principal.Names[0].Account != "123456789012" {
			t.Errorf("%+v, principals %+v", s, s.Principal)
		}
	}
}

// TestPoliciesStatements_AgreeWithDecide computes answers from the views alone and compares them with
// those of Decide.
func TestPoliciesStatements_AgreeWithDecide(t *testing.T) {
	p := Policies{
		Identity: layerOf(t, Identity, statements(
			`{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::a*"}`,
			`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`,
			`{"Effect":"Deny","Action":"*","NotResource":["arn:aws:s3:::*","arn:aws:sqs:*:*:q"]}`)),
		Boundary: layerOf(t, Boundary, statements(`{"Effect":"Allow","Action":["s3:*","sqs:*"],"Resource":"*"}`)),
	}
	in := func(e ElementView, text string) bool {
		return e.Not != slices.ContainsFunc(e.Patterns, func(p pattern.Pattern) bool { return p.Match(text) })
	}
	outcomes := map[Outcome]int{}
	for _, action := range []string{"s3:GetObject", "s3:PutObject", "sqs:SendMessage", "iam:GetUser"} {
		for _, resource := range []string{"arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:sqs:eu:1:q", "arn:aws:iam::1:user/u"} {
			allowed, denied := map[LayerKind]bool{}, false
			for s := range p.Statements() {
				if in(s.Action, strings.ToLower(action)) && in(s.Resource, resource) {
					allowed[s.Ref.Layer] = allowed[s.Ref.Layer] || s.Ref.Effect == "Allow"
					denied = denied || s.Ref.Effect == "Deny"
				}
			}
			want := ImplicitlyDenied
			switch {
			case denied:
				want = ExplicitlyDenied
			case allowed[Identity] && allowed[Boundary]:
				want = Allowed
			}
			got := p.Decide(&Request{Action: MustAction(action), Resource: resource})
			if got != want {
				t.Errorf("%s on %s: %v by the views, %v by Decide", action, resource, want, got)
			}
			outcomes[got]++
		}
	}
	if len(outcomes) != 3 {
		t.Errorf("outcomes %v", outcomes)
	}
}

func TestCompiledStatements_UnknownParts(t *testing.T) {
	later := unknownLayer(t, Identity,
		statements(`{"Effect":"Allow","Action":["s3:Get*","UNKNOWN"],"Resource":"*"}`, `"UNKNOWN"`))
	all := slices.Collect(later.Statements())
	if len(all) != 2 || !all[0].Action.Unknown || len(all[0].Action.Patterns) != 1 || !all[1].Unknown {
		t.Errorf("%+v", all)
	}
}
