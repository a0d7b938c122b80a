package analysis_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

func TestRequests_Cases(t *testing.T) {
	ann := authz.MustPrincipal("arn:aws:iam::123456789012:user/ann")
	policies := func(identity string) authz.Policies {
		return authz.Policies{Identity: layerOf(t, authz.Identity, identity)}
	}
	allow := func(rest string) string { return `{"Effect":"Allow","Action":"x:*",` + rest + `}` }
	requests := func(action, resource string, keys ...string) analysis.Requests {
		ctx := authz.NewContext()
		for i := 0; i < len(keys); i += 2 {
			if err := ctx.Set(keys[i], keys[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		arn := pattern.CutARN(pattern.Glob("arn:aws:x:::" + resource))
		return analysis.Requests{Actions: []pattern.Pattern{pattern.Glob(action)},
			Resources: []pattern.Pattern{arn.Fieldwise()}, Context: ctx}
	}
	home := `"Resource":"arn:aws:x:::home/${x:k}"`
	for _, tt := range []struct {
		name      string
		policies  string
		of        analysis.Requests
		none, all analysis.Verdict
		// witnesses are parts of the witnesses of each answer.
		allowed, denied string
	}{
		{"all allowed", allow(`"Resource":"*"`), requests("x:a", "*"), analysis.Fail, analysis.Pass, `x:a on "arn:aws:x:::`,
			""},
		{"nothing allowed", allow(`"Resource":"arn:aws:x:::b"`), requests("x:a", "a*"), analysis.Pass, analysis.Fail, "",
			`x:a on "arn:aws:x:::a`},
		{"a part allowed", allow(`"Resource":"arn:aws:x:::ab*"`), requests("x:*", "a*"), analysis.Fail, analysis.Fail,
			`on "arn:aws:x:::ab`, `on "arn:aws:x:::a`},
		{"other key absent", allow(`"Resource":"*","Condition":{"Null":{"x:k":"true"}}`), requests("x:a", "*"),
			analysis.Fail, analysis.Pass, "", ""},
		{"other key needed", allow(`"Resource":"*","Condition":{"StringLike":{"x:k":"a*"}}`), requests("x:a", "*"),
			analysis.Fail, analysis.Fail, `if x:k is "a`, ""},
		{"key given", allow(`"Resource":"*","Condition":{"StringLike":{"x:k":"a*"}}`), requests("x:a", "*", "x:k", "ab"),
			analysis.Fail, analysis.Pass, "", ""},
		{"key given with another value", allow(`"Resource":"*","Condition":{"StringLike":{"x:k":"a*"}}`),
			requests("x:a", "*", "x:k", "b"), analysis.Pass, analysis.Fail, "", ""},
		{"variable with a given value", allow(home), requests("x:a", "home/ann", "x:k", "ann"), analysis.Fail,
			analysis.Pass, "", ""},
		{"variable with another value", allow(home), requests("x:a", "home/a*", "x:k", "bob"), analysis.Pass,
			analysis.Fail, "", ""},
		{"variable with a free value", allow(home), requests("x:a", "home/ann"), analysis.Fail, analysis.Fail,
			`if x:k is "ann"`, ""},
		{"variable that a condition pins", allow(home + `,"Condition":{"StringEquals":{"x:k":"bob"}}`),
			requests("x:a", "home/a*"), analysis.Pass, analysis.Fail, "", ""},
		{"variable that a condition compares with a given key", allow(home +
			`,"Condition":{"StringEquals":{"x:j":"${x:k}"}}`), requests("x:a", "home/*", "x:j", "ann"), analysis.Fail,
			analysis.Fail, `"arn:aws:x:::home/ann" if x:k is "ann"`, ""},
		{"another account", allow(`"Resource":"*"`), func() analysis.Requests {
			r := requests("x:a", "*")
			r.Resources, r.Foreign = []pattern.Pattern{pattern.Glob("arn:aws:x::210987654321:*")}, true
			return r
		}(), analysis.Pass, analysis.Fail, "", ""},
		{"without some", allow(`"Resource":"arn:aws:x:::ab"`), func() analysis.Requests {
			r := requests("x:*", "a*")
			r.Without = []analysis.Pair{{Actions: r.Actions, Resources: []pattern.Pattern{pattern.Literal("arn:aws:x:::ab")}}}
			return r
		}(), analysis.Pass, analysis.Fail, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := analysis.Subject{Principal: ann, Policies: policies(tt.policies)}
			for _, ask := range []struct {
				name    string
				answer  analysis.Answer
				want    analysis.Verdict
				witness string
				outcome bool
			}{
				{"none allowed", analysis.NoneAllowed(u, tt.of, analysis.Options{}), tt.none, tt.allowed, true},
				{"all allowed", analysis.AllAllowed(u, tt.of, analysis.Options{}), tt.all, tt.denied, false},
			} {
				if ask.answer.Verdict != ask.want {
					t.Errorf("%s: got %v, want %v: %s %v", ask.name, ask.answer.Verdict, ask.want, ask.answer.Message,
						ask.answer.Open)
					continue
				}
				w := ask.answer.Witness
				if w == nil {
					continue
				}
				if !strings.Contains(w.String(), ask.witness) || w.Request.Principal != ann {
					t.Errorf("%s: got the witness %s, want one with %q", ask.name, w, ask.witness)
				}
				if (u.Policies.Decide(&w.Request) == authz.Allowed) != ask.outcome {
					t.Errorf("%s: the witness is not one: %s", ask.name, w)
				}
			}
		})
	}
}
