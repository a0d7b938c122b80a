package analysis_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// some returns one to three of the texts.
func some(r *rand.Rand, from ...string) []string {
	var out []string
	for range 1 + r.IntN(3)*r.IntN(2) {
		out = append(out, pick(r, from...))
	}
	return out
}

// family is a type of condition operators with texts that they compare and the values that requests have.
type family struct {
	operators, values []string
	variables         bool
}

var families = []family{
	{[]string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase",
		"StringNotEqualsIgnoreCase"}, []string{"a", "b", "A", "a*", "*b", "?", "ab", "", "*"}, true},
	{[]string{"ArnLike", "ArnNotLike"}, []string{"arn:aws:x:::a", "arn:aws:x:::a*", "arn:aws:*:::b", "a",
		"arn:aws:x::*:*"}, true},
	{[]string{"NumericEquals", "NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"},
		[]string{"1", "2", "1.5", "a", "1.0"}, false},
	{[]string{"DateEquals", "DateLessThan", "DateGreaterThan", "DateNotEquals"},
		[]string{"2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z", "a"}, false},
	{[]string{"Bool"}, []string{"true", "false", "a"}, false},
	{[]string{"IpAddress", "NotIpAddress"}, []string{"10.0.0.0/8", "10.1.0.0/16", "::/0", "a", "10.0.0.1"}, false},
	{[]string{"BinaryEquals"}, []string{"YQ==", "Yg==", "!"}, false},
}

type generated map[string]any

func statement(r *rand.Rand, variables bool) generated {
	s := generated{"Effect": pick(r, "Allow", "Allow", "Deny")}
	actions := some(r, "*", "x:*", "x:a", "x:b", "x:a*", "x:*b", "x:?", "*:a", "y:a", "x:ab", "x:a?")
	s[pick(r, "Action", "Action", "Action", "NotAction")] = actions
	resources := []string{"*", "*", "arn:aws:x:::a", "arn:aws:x:::a*", "arn:aws:x:::b/*", "arn:aws:x:::*b",
		"arn:aws:x::*:a",
		"arn:aws:x:::?", "arn:aws:*:::a"}
	if variables {
		resources = append(resources, "arn:aws:x:::${k:1}", "arn:aws:x:::a${k:2}", "arn:aws:x:::${k:1}/*")
	}
	s[pick(r, "Resource", "Resource", "Resource", "NotResource")] = some(r, resources...)
	conditions := map[string]map[string][]string{}
	for range r.IntN(3) {
		f := pick(r, families[0], families[0], families[1+r.IntN(len(families)-1)])
		operator := pick(r, f.operators...)
		values := f.values
		if f.variables && variables {
			values = append(values[:len(values):len(values)], "${k:1}", "${k:2}", "a${k:2}", "${k:1, 'a'}")
		}
		qualifier, suffix := pick(r, "", "", "ForAllValues:", "ForAnyValue:"), pick(r, "", "", "IfExists")
		if r.IntN(6) == 0 {
			operator, values, suffix, qualifier = "Null", []string{"true", "false"}, "", ""
		}
		name := qualifier + operator + suffix
		if conditions[name] == nil {
			conditions[name] = map[string][]string{}
		}
		conditions[name][pick(r, "k:1", "k:2")] = some(r, values...)
	}
	if len(conditions) > 0 {
		s["Condition"] = conditions
	}
	return s
}

func document(t *testing.T, r *rand.Rand, name string, variables bool) []authz.Policy {
	var statements []generated
	for range 1 + r.IntN(3) {
		statements = append(statements, statement(r, variables))
	}
	text, err := json.Marshal(generated{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := policy.Parse(text)
	if err != nil {
		return nil // the language refuses it
	}
	return []authz.Policy{{Name: name, Document: doc}}
}

var keyTexts = []string{"a", "b", "A", "B", "ab", "aab", "", "x", "arn:aws:x:::a", "arn:aws:x:::ab", "arn:aws:y:::b",
	"arn:aws:x::1:c",
	"1", "2", "1.5", "0", "3", "2020-01-01T00:00:00Z", "2020-06-01T00:00:00Z", "2021-01-01T00:00:00Z",
	"2019-01-01T00:00:00Z",
	"2022-01-01T00:00:00Z", "true", "false", "10.0.0.1", "10.1.0.1", "11.0.0.0", "::1", "YQ==", "Yg==", "Yw==", "${k:1}"}

func randomRequest(r *rand.Rand) *authz.Request {
	out := &authz.Request{
		Action: authz.MustAction(pick(r, "x:a", "x:b", "x:ab", "x:q", "y:a", "y:q", "x:aq", "x:qb", "x:qq")),
		Resource: pick(r, "*", "arn:aws:x:::a", "arn:aws:x:::ab", "arn:aws:x:::b", "arn:aws:x:::b/", "arn:aws:x:::b/b",
			"arn:aws:x::1:a", "arn:aws:y:::a", "arn:aws:x:::", "arn:aws:x:::q", "arn:aws:x:::aq", "arn:aws:x:::a/q",
			"arn:aws:x:::b/a", "arn:aws:x:::b/q", "arn:aws:x:::a:a", "arn:aws:x:::aa"),
		Context: authz.NewContext(),
	}
	for _, key := range []string{"k:1", "k:2"} {
		switch r.IntN(4) {
		case 0:
		case 1, 2:
			_ = out.Context.Set(key, pick(r, keyTexts...))
		case 3:
			var values []string
			for range r.IntN(3) {
				values = append(values, pick(r, keyTexts...))
			}
			_ = out.Context.SetMulti(key, values)
		}
	}
	return out
}

// TestNoNewAccess_AgreesWithSampledRequests compares proofs with requests that are decided one by one.
func TestNoNewAccess_AgreesWithSampledRequests(t *testing.T) {
	for _, variables := range []bool{false, true} {
		t.Run(fmt.Sprintf("variables=%v", variables), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			var counts [3]int
			for i := range 800 {
				existing, updated := document(t, r, "existing", variables), document(t, r, "updated", variables)
				if existing == nil || updated == nil {
					continue
				}
				if r.IntN(3) == 0 { // related policies give more proofs
					updated[0].Document = withStatements(existing[0].Document, updated[0].Document, r)
				}
				answer, err := analysis.NoNewAccess(policy.Identity, existing, updated, analysis.Options{Steps: 500_000})
				if err != nil {
					continue // package authz refuses a policy
				}
				counts[answer.Verdict]++
				describe := func() string {
					a, _ := existing[0].Document.MarshalJSON()
					b, _ := updated[0].Document.MarshalJSON()
					return fmt.Sprintf("%d: existing %s\nupdated %s", i, a, b)
				}
				if answer.Verdict == analysis.Unknown && len(answer.Open) > 0 {
					if reason := answer.Open[0].Reason; reason == "Package authz did not confirm the request that the search found." {
						t.Errorf("%s\n%v", describe(), answer.Open)
					}
				}
				if answer.Verdict != analysis.Pass {
					continue
				}
				before, after := layers(t, existing), layers(t, updated)
				for range 200 {
					request := randomRequest(r)
					if after.Decide(request) == authz.Allowed && before.Decide(request).IsDenied() {
						t.Fatalf("%s\nproved, but %v on %v with %+v is new", describe(), request.Action, request.Resource,
							request.Context)
					}
				}
			}
			if total := counts[0] + counts[1] + counts[2]; total < 600 || counts[0]*20 > total || counts[1] < 200 {
				t.Errorf("unknown %d, pass %d, fail %d", counts[0], counts[1], counts[2])
			}
		})
	}
}

// withStatements returns a document with some of the statements of two.
func withStatements(a, b *policy.Document, r *rand.Rand) *policy.Document {
	out := *a
	out.Statements = nil
	for _, s := range a.Statements {
		if r.IntN(4) > 0 {
			out.Statements = append(out.Statements, s)
		}
	}
	for _, s := range b.Statements {
		if s.Effect.Value == "Deny" || len(out.Statements) == 0 {
			out.Statements = append(out.Statements, s)
		}
	}
	return &out
}

func layers(t *testing.T, policies []authz.Policy) *authz.Policies {
	t.Helper()
	layer, err := authz.CompileLayer(authz.Identity, policies)
	if err != nil {
		t.Fatal(err)
	}
	return &authz.Policies{Identity: layer}
}
