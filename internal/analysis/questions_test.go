package analysis_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// parse returns a policy of a JSON text.
func parse(t testing.TB, name string, text []byte) []authz.Policy {
	t.Helper()
	doc, err := policy.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return []authz.Policy{{Name: name, Document: doc}}
}

// statements returns a policy with some statements.
func statements(t testing.TB, texts ...string) []authz.Policy {
	t.Helper()
	return parse(t, "policy", []byte(`{"Version":"2012-10-17","Statement":[`+strings.Join(texts, ",")+`]}`))
}

func TestNotGranted_Cases(t *testing.T) {
	const (
		readAll     = `{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`
		readOne     = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}`
		conditional = `{"Effect":"Allow","Action":"s3:*","Resource":"*",` +
			`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`
		denyOne  = `{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::a/*"}`
		denyRead = `{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`
	)
	object := []string{"arn:aws:s3:::a/b"}
	for _, tc := range []struct {
		name     string
		policy   []string
		accesses []analysis.Access
		want     analysis.Verdict
	}{
		{"an action", []string{readAll}, []analysis.Access{{Actions: []string{"S3:GetObject"}}}, analysis.Fail},
		{"another action", []string{readAll}, []analysis.Access{{Actions: []string{"s3:PutObject"}}}, analysis.Pass},
		{"an action by a pattern", []string{readOne}, []analysis.Access{{Actions: []string{"s3:*"}}}, analysis.Fail},
		{"a resource", []string{readOne}, []analysis.Access{{Resources: object}}, analysis.Fail},
		{"another resource", []string{readOne}, []analysis.Access{{Resources: []string{"arn:aws:s3:::b/*"}}}, analysis.Pass},
		{"both", []string{readOne}, []analysis.Access{{[]string{"s3:GetObject"}, object}}, analysis.Fail},
		{"the resource of another action", []string{readOne}, []analysis.Access{{[]string{"s3:PutObject"}, object}},
			analysis.Pass},
		{"several accesses", []string{readOne}, []analysis.Access{{Actions: []string{"s3:PutObject"}},
			{Actions: []string{"s3:GetObject"}}},
			analysis.Fail},
		{"a conditional grant", []string{conditional}, []analysis.Access{{Actions: []string{"s3:PutObject"}}}, analysis.Fail},
		{"a denied resource", []string{readAll, denyOne}, []analysis.Access{{[]string{"s3:GetObject"}, object}},
			analysis.Pass},
		{"a denied action", []string{readAll, denyRead}, []analysis.Access{{Actions: []string{"s3:GetObject"}}},
			analysis.Pass},
		{"everything", []string{readOne}, []analysis.Access{{}}, analysis.Fail},
		{"nothing", []string{denyRead}, []analysis.Access{{}}, analysis.Pass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := statements(t, tc.policy...)
			answer, err := analysis.NotGranted(policy.Identity, p, tc.accesses, analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if answer.Verdict != tc.want {
				t.Errorf("got %v, want %v: %s %v", answer.Verdict, tc.want, answer.Message, answer.Open)
			}
			if answer.Verdict == analysis.Fail && layers(t, p).Decide(&answer.Witness.Request) != authz.Allowed {
				t.Errorf("the witness is not allowed: %s", answer.Message)
			}
		})
	}
}

func TestNotGranted_RefusesMalformedAccess(t *testing.T) {
	p := statements(t, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)
	for _, access := range []analysis.Access{
		{Actions: []string{"GetObject"}}, {Actions: []string{"s3:"}}, {Resources: []string{"bucket"}},
		{Resources: []string{"arn:aws:s3"}},
	} {
		if _, err := analysis.NotGranted(policy.Identity, p, []analysis.Access{access}, analysis.Options{}); err == nil {
			t.Errorf("%v: no error", access)
		}
	}
}

func TestWitness_DescribesCondition(t *testing.T) {
	p := statements(t, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*","Condition":{
		"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"},"Null":{"aws:MultiFactorAuthPresent":"false"},
		"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.1"]},"ForAnyValue:StringLike":{"aws:TagKeys":"a*"}}}`)
	answer, err := analysis.NotGranted(policy.Identity, p, []analysis.Access{{}}, analysis.Options{})
	if err != nil || answer.Verdict != analysis.Fail {
		t.Fatal(answer, err)
	}
	const want = `aws:MultiFactorAuthPresent is "true", and aws:MultiFactorAuthPresent is present, and ` +
		`aws:SourceIp is in any of 10.0.0.0/8, 192.0.2.1, and some value of aws:TagKeys matches "a*"`
	if got := answer.Witness.Condition; got != want {
		t.Errorf("condition\n%s\nwant\n%s", got, want)
	}
	if got, want := answer.Witness.Request.Resource, "arn:aws:s3:::a/a"; got != want {
		t.Errorf("resource %q, want %q", got, want)
	}
	var keys []string
	for _, k := range answer.Witness.Keys {
		keys = append(keys, k.Name)
	}
	if want := []string{"aws:MultiFactorAuthPresent", "aws:SourceIp", "aws:TagKeys"}; !reflect.DeepEqual(keys, want) {
		t.Errorf("keys %v, want %v", keys, want)
	}
}

func TestEquivalent_Cases(t *testing.T) {
	for _, tc := range []struct {
		name, a, b string
		want       analysis.Verdict
		message    string
	}{
		{"two patterns", `{"Effect":"Allow","Action":["x:a*","x:ab*"],"Resource":"*"}`,
			`{"Effect":"Allow","Action":"x:a*","Resource":"*"}`,
			analysis.Pass, "same requests"},
		{"a deny", `{"Effect":"Allow","NotAction":"x:a","Resource":"*"}`,
			`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"x:a","Resource":"*"}`, analysis.Pass,
			"same requests"},
		{"less", `{"Effect":"Allow","Action":"x:*","Resource":"*"}`, `{"Effect":"Allow","Action":"x:a","Resource":"*"}`,
			analysis.Fail,
			"The first policies allow"},
		{"more", `{"Effect":"Allow","Action":"x:a","Resource":"*"}`, `{"Effect":"Allow","Action":"x:*","Resource":"*"}`,
			analysis.Fail,
			"The second policies allow"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answer, err := analysis.Equivalent(policy.Identity, statements(t, tc.a), statements(t, tc.b), analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if answer.Verdict != tc.want || !strings.Contains(answer.Message, tc.message) {
				t.Errorf("got %v, %s; want %v, %s", answer.Verdict, answer.Message, tc.want, tc.message)
			}
		})
	}
}

func TestIneffectiveStatements_Cases(t *testing.T) {
	const (
		all     = `{"Effect":"Allow","Action":"x:*","Resource":"*"}`
		one     = `{"Effect":"Allow","Action":"x:a","Resource":"*"}`
		deny    = `{"Effect":"Deny","Action":"x:*","Resource":"*"}`
		denyOne = `{"Effect":"Deny","Action":"x:a","Resource":"*"}`
		never   = `{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"arn:aws:s3:::a"}`
		less    = `{"Effect":"Allow","Action":"x:a","Resource":"*","Condition":{"NumericLessThan":{"k":"5"}}}`
		more    = `{"Effect":"Allow","Action":"x:a","Resource":"*","Condition":{"NumericGreaterThan":{"k":"4"}}}`
		middle  = `{"Effect":"Allow","Action":"x:a","Resource":"*","Condition":{"NumericEquals":{"k":["1","9"]}}}`
	)
	for _, tc := range []struct {
		name   string
		policy []string
		want   string // index, effect and reasons of each
	}{
		{"different statements", []string{one, `{"Effect":"Allow","Action":"x:b","Resource":"*"}`}, ""},
		{"one inside another", []string{all, one}, "1 redundant because of 0;"},
		{"equal statements", []string{one, one}, "0 redundant because of 1; 1 redundant because of 0;"},
		{"denied", []string{one, deny}, "0 shadowed because of 1;"},
		{"denied twice", []string{deny, denyOne}, "1 redundant because of 0;"},
		{"no request", []string{never}, "0 never applies;"},
		{"two together", []string{less, more, middle}, "2 redundant because of 0 1;"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found, open, err := analysis.IneffectiveStatements(policy.Identity, statements(t, tc.policy...), analysis.Options{})
			if err != nil || len(open) > 0 {
				t.Fatal(err, open)
			}
			var got []string
			for _, f := range found {
				text := fmt.Sprintf("%d %s", f.Statement.Index,
					[...]string{analysis.NeverApplies: "never applies", analysis.Redundant: "redundant",
						analysis.Shadowed: "shadowed"}[f.Effect])
				for i, ref := range f.Because {
					if i == 0 {
						text += " because of"
					}
					text += fmt.Sprintf(" %d", ref.Index)
				}
				got = append(got, text+";")
			}
			if got := strings.Join(got, " "); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// hide replaces a text of a policy by a value that is not known yet.
func hide(t *testing.T, text, value string) []authz.Policy {
	t.Helper()
	node, err := policy.ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	hidden := 0
	var visit func(n *tree.Node)
	visit = func(n *tree.Node) {
		if n.Kind == tree.String && n.Text == value {
			*n = tree.Node{Kind: tree.Unknown}
			hidden++
		}
		for i := range n.Elements {
			visit(&n.Elements[i])
		}
		for i := range n.Members {
			visit(&n.Members[i].Value)
		}
	}
	visit(&node)
	doc, err := policy.Decode(node)
	if err != nil || hidden == 0 {
		t.Fatal(err, hidden)
	}
	return []authz.Policy{{Name: "policy", Document: doc}}
}

func TestNoNewAccess_UnknownParts(t *testing.T) {
	policyOf := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	const known = `{"Effect":"Allow","Action":"x:a","Resource":"*"}`
	for _, tc := range []struct {
		name, existing, updated string
		want                    analysis.Verdict
	}{
		{"an unknown action of the updated policy", known, `{"Effect":"Allow","Action":"HIDDEN","Resource":"*"}`,
			analysis.Unknown},
		{"an unknown resource of a known action", known, `{"Effect":"Allow","Action":"x:a","Resource":"HIDDEN"}`,
			analysis.Pass},
		{"an unknown resource of another action", known, `{"Effect":"Allow","Action":"x:b","Resource":"HIDDEN"}`,
			analysis.Unknown},
		{"an unknown value of a condition", known,
			`{"Effect":"Allow","Action":"x:a","Resource":"*","Condition":{"StringEquals":{"k":"HIDDEN"}}}`, analysis.Pass},
		{"an unknown value beside a new action", known, `{"Effect":"Allow","Action":["x:b","HIDDEN"],"Resource":"*"}`,
			analysis.Fail},
		{"an unknown part of the existing policy", `{"Effect":"Allow","Action":["x:a","HIDDEN"],"Resource":"*"}`, known,
			analysis.Pass},
		{"an unknown action of the existing policy", `{"Effect":"Allow","Action":"HIDDEN","Resource":"*"}`, known,
			analysis.Unknown},
		{"an unknown deny", known, known + `,{"Effect":"Deny","Action":"HIDDEN","Resource":"*"}`, analysis.Pass},
		{"an unknown deny of the existing policy", known + `,{"Effect":"Deny","Action":"HIDDEN","Resource":"*"}`, known,
			analysis.Unknown},
		{"an unknown effect", known, `{"Effect":"HIDDEN","Action":"x:a","Resource":"*"}`, analysis.Pass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			side := func(text string) []authz.Policy {
				if strings.Contains(text, "HIDDEN") {
					return hide(t, policyOf(text), "HIDDEN")
				}
				return statements(t, text)
			}
			answer, err := analysis.NoNewAccess(policy.Identity, side(tc.existing), side(tc.updated), analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if answer.Verdict != tc.want {
				t.Errorf("got %v, want %v: %s %v", answer.Verdict, tc.want, answer.Message, answer.Open)
			}
			if (answer.Verdict == analysis.Unknown) != (len(answer.Open) > 0) {
				t.Errorf("%v with the reasons %v", answer.Verdict, answer.Open)
			}
		})
	}
}

func TestNoNewAccess_StepsRunOut(t *testing.T) {
	p := statements(t, `{"Effect":"Allow","Action":"x:*","Resource":["arn:aws:x:::a*","arn:aws:x:::*b"]}`)
	answer, err := analysis.NoNewAccess(policy.Identity, p, p, analysis.Options{Steps: 3})
	if err != nil || answer.Verdict != analysis.Unknown || !strings.Contains(answer.Open[0].Reason, "steps") ||
		answer.Open[0].Statement.Policy != "policy" {
		t.Errorf("%v, %v", answer, err)
	}
}

// TestNoNewAccess_Laws checks relations that hold for all policies.
func TestNoNewAccess_Laws(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 100 {
		a, b := document(t, r, "a", false), document(t, r, "b", false)
		if a == nil || b == nil {
			continue
		}
		var denies, allows []policy.Statement
		for _, s := range a[0].Document.Statements {
			if s.Effect.Value == string(policy.Deny) {
				denies = append(denies, s)
			} else {
				allows = append(allows, s)
			}
		}
		with := func(statements ...policy.Statement) []authz.Policy {
			doc := *b[0].Document
			doc.Statements = append(doc.Statements[:len(doc.Statements):len(doc.Statements)], statements...)
			return []authz.Policy{{Name: "b", Document: &doc}}
		}
		check := func(law string, existing, updated []authz.Policy) {
			answer, err := analysis.NoNewAccess(policy.Identity, existing, updated, analysis.Options{})
			if err == nil && answer.Verdict == analysis.Fail {
				text, _ := updated[0].Document.MarshalJSON()
				t.Errorf("%d: %s: %s\n%s", i, law, answer.Message, text)
			}
		}
		check("a policy includes itself", b, b)
		check("a deny takes access", b, with(denies...))
		check("an allow gives access", with(allows...), b)
		check("both policies include one of them without denies", append(with(allows...), a...), with(denies...))
	}
}

func FuzzNoNewAccess(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"Effect":"Allow","Action":"*","Resource":"*"}`,
			`{"Effect":"Deny","NotAction":"s3:Get?","NotResource":"arn:aws:s3:::${aws:username}*"}`},
		{`{"Effect":"Allow","Action":"s3:*b","Resource":"arn:*:s3:*:*:b"}`,
			`{"Effect":"Allow","Action":"s3:a*","Resource":"*",` +
				`"Condition":{"ForAllValues:StringLike":{"k":["a*","${j}"]},"Null":{"k":"false"}}}`},
		{`{"Effect":"Allow","Action":"x:a","Resource":"*","Condition":{"NumericLessThan":{"k":"1"},"Bool":{"j":"true"}}}`,
			`{"Effect":"Allow","Action":"x:a","Resource":"*",` +
				`"Condition":{"IpAddress":{"k":"10.0.0.0/8"},"DateEquals":{"j":"2020"}}}`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, existing, updated string) {
		side := func(statement string) []authz.Policy {
			doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[` + statement + `]}`))
			if err != nil || len(statement) > 600 {
				t.Skip()
			}
			return []authz.Policy{{Name: "policy", Document: doc}}
		}
		a, b := side(existing), side(updated)
		answer, err := analysis.NoNewAccess(policy.Identity, a, b, analysis.Options{Steps: 200_000})
		if err != nil {
			t.Skip()
		}
		if answer.Verdict == analysis.Unknown && strings.Contains(answer.Open[0].Reason, "did not confirm") {
			t.Error(answer.Open)
		}
		if answer.Verdict == analysis.Fail {
			w := &answer.Witness.Request
			if layers(t, b).Decide(w) != authz.Allowed || !layers(t, a).Decide(w).IsDenied() {
				t.Errorf("wrong witness: %s", answer.Message)
			}
		}
	})
}
