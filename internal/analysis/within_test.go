package analysis_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// layerOf compiles policies for a layer. The text has the statements of the policy.
func layerOf(t testing.TB, kind authz.LayerKind, statements string) *authz.Layer {
	t.Helper()
	l, err := authz.CompileLayer(kind, parse(t, kind.String(),
		[]byte(`{"Version":"2012-10-17","Statement":[`+statements+`]}`)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWithin_Cases(t *testing.T) {
	user := func(name string) authz.Principal {
		p := authz.MustPrincipal("arn:aws:iam::123456789012:user/" + name)
		p.ID = "AIDA" + strings.ToUpper(name)
		return p
	}
	allow := func(rest string) string { return `{"Effect":"Allow","Resource":"*",` + rest + `}` }
	identity := func(text string) authz.Policies { return authz.Policies{Identity: layerOf(t, authz.Identity, text)} }
	bounded := func(p authz.Policies, text string) authz.Policies {
		p.Boundary = layerOf(t, authz.Boundary, text)
		return p
	}
	for _, tc := range []struct {
		name string
		a, b authz.Policies
		want analysis.Verdict
	}{
		{"nothing", identity(allow(`"Action":"x:a"`)), authz.Policies{}, analysis.Fail},
		{"less", identity(allow(`"Action":"x:a"`)), identity(allow(`"Action":"x:*"`)), analysis.Pass},
		{"more", identity(allow(`"Action":"x:*"`)), identity(allow(`"Action":"x:a"`)), analysis.Fail},
		{"limited by a boundary", bounded(identity(allow(`"Action":"x:*"`)), allow(`"Action":"x:a"`)),
			identity(allow(`"Action":"x:a"`)),
			analysis.Pass},
		{"a boundary of the other", identity(allow(`"Action":"x:a"`)), bounded(identity(allow(`"Action":"*"`)),
			allow(`"Action":"x:b"`)),
			analysis.Fail},
		{"own name as a variable",
			identity(`{"Effect":"Allow","Action":"x:a","Resource":"arn:aws:x:::home/${aws:username}"}`),
			identity(`{"Effect":"Allow","Action":"x:a","Resource":"arn:aws:x:::home/ann"}`), analysis.Pass},
		{"the name of the other", identity(`{"Effect":"Allow","Action":"x:a","Resource":"arn:aws:x:::home/${aws:username}"}`),
			identity(`{"Effect":"Allow","Action":"x:a","Resource":"arn:aws:x:::home/${aws:username}"}`), analysis.Fail},
		{"a condition on the own ARN",
			identity(allow(`"Action":"x:a","Condition":{"ArnLike":{"aws:PrincipalArn":"*:user/bob"}}`)),
			authz.Policies{}, analysis.Pass},
		{"a condition that only a satisfies", identity(allow(`"Action":"x:a"`)),
			identity(allow(`"Action":"x:a","Condition":{"StringEquals":{"aws:username":"ann"}}`)), analysis.Fail},
		{"a condition that b satisfies", identity(allow(`"Action":"x:a"`)),
			identity(allow(`"Action":"x:a","Condition":{"StringEquals":{"aws:username":"bob"}}`)), analysis.Pass},
		{"another account's resource", identity(`{"Effect":"Allow","Action":"x:a","Resource":"arn:aws:x::210987654321:a"}`),
			authz.Policies{}, analysis.Pass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, b := analysis.Subject{Principal: user("ann"), Policies: tc.a}, analysis.Subject{Principal: user("bob"),
				Policies: tc.b}
			answer, err := analysis.Within(a, b, analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if answer.Verdict != tc.want {
				t.Errorf("got %v, want %v: %s %v", answer.Verdict, tc.want, answer.Message, answer.Open)
			}
			if answer.Verdict == analysis.Fail && tc.a.Decide(&answer.Witness.Request) != authz.Allowed {
				t.Errorf("the witness is not allowed: %s", answer.Message)
			}
		})
	}
}

// TestWithin_AgreesWithSampledRequests compares proofs about several layers with requests that are decided one by one.
func TestWithin_AgreesWithSampledRequests(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var counts [3]int
	ann := authz.MustPrincipal("arn:aws:iam::123456789012:user/ann")
	ann.ID = "AIDAANN"
	bob := authz.MustPrincipal("arn:aws:iam::123456789012:user/bob")
	bob.ID = "AIDABOB"
	for i := range 400 {
		layer := func(kind authz.LayerKind) *authz.Layer {
			for {
				var statements []generated
				for range 1 + r.IntN(2) {
					s := statement(r, false)
					if kind == authz.ResourcePolicy {
						s["Principal"] = pick(r, any("*"), any(map[string]any{"AWS": pick(r, "123456789012",
							"arn:aws:iam::123456789012:user/ann",
							"arn:aws:iam::123456789012:user/bob")}))
					}
					if r.IntN(4) == 0 {
						s["Condition"] = map[string]any{pick(r, "StringEquals", "StringNotLike"): map[string]any{"aws:username": pick(r,
							"ann", "b*")}}
					}
					statements = append(statements, s)
				}
				text, _ := json.Marshal(generated{"Version": "2012-10-17", "Statement": statements})
				doc, err := policy.Parse(text)
				if err != nil {
					continue
				}
				if l, err := authz.CompileLayer(kind, []authz.Policy{{Name: string(text), Document: doc}}); err == nil {
					return l
				}
			}
		}
		subject := func(p authz.Principal) analysis.Subject {
			u := analysis.Subject{Principal: p, Policies: authz.Policies{Identity: layer(authz.Identity)}}
			if r.IntN(3) == 0 {
				u.Policies.Group = layer(authz.Group)
			}
			if r.IntN(3) == 0 {
				u.Policies.Boundary = layer(authz.Boundary)
			}
			if r.IntN(4) == 0 {
				u.Policies.Session = layer(authz.Session)
			}
			if r.IntN(4) == 0 {
				u.Policies.ServiceControl = []*authz.Layer{layer(authz.ServiceControl)}
			}
			return u
		}
		a, b := subject(ann), subject(bob)
		if r.IntN(4) == 0 {
			l := layer(authz.ResourcePolicy)
			a.Policies.ResourcePolicy, b.Policies.ResourcePolicy = l, l
		}
		if r.IntN(3) == 0 {
			b.Policies.Identity, b.Policies.Boundary = a.Policies.Identity, nil
		}
		answer, err := analysis.Within(a, b, analysis.Options{Steps: 2_000_000})
		if err != nil {
			t.Fatal(err)
		}
		counts[answer.Verdict]++
		describe := func() string {
			var out strings.Builder
			for _, u := range [...]analysis.Subject{a, b} {
				fmt.Fprintln(&out, u.Principal)
				for s := range u.Policies.Statements() {
					fmt.Fprintf(&out, "  %v %s\n", s.Ref.Layer, s.Ref.Policy)
				}
			}
			return out.String()
		}
		if answer.Verdict == analysis.Unknown && strings.Contains(answer.Open[0].Reason, "did not confirm") {
			t.Errorf("%d: %v\n%s", i, answer.Open, describe())
		}
		if answer.Verdict != analysis.Pass {
			continue
		}
		for range 300 {
			request := randomRequest(r)
			if a.Policies.ResourcePolicy != nil {
				request.ResourceAccount = pick(r, "123456789012", "999999999999")
			}
			first, second := *request, *request
			first.Principal, second.Principal = ann, bob
			first.Context, second.Context = request.Context.Clone(), request.Context.Clone()
			first.Context.SetPrincipal(ann)
			second.Context.SetPrincipal(bob)
			if a.Policies.Decide(&first) == authz.Allowed && b.Policies.Decide(&second).IsDenied() {
				t.Fatalf("%d: proved, but only a may call %v on %v with %+v\n%s", i, request.Action, request.Resource,
					request.Context, describe())
			}
		}
	}
	if counts[0]*20 > 400 || counts[1] < 80 || counts[2] < 80 {
		t.Errorf("unknown %d, pass %d, fail %d", counts[0], counts[1], counts[2])
	}
}
