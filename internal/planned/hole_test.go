package planned_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestHole_NamesStayApart(t *testing.T) {
	names := []string{
		"aws_s3_bucket.b.id", "aws_s3_bucket.B.id", `aws_s3_bucket.b["a b"].id`, `aws_s3_bucket.b["a_b"].id`,
		`aws_s3_bucket.b["a%20b"].id`, `aws_s3_bucket.b["$"].id`, `aws_s3_bucket.b["{"].id`, `aws_s3_bucket.b["}"].id`,
		`aws_s3_bucket.b[","].id`, `aws_s3_bucket.b["*"].id`, `aws_s3_bucket.b["ä"].id`, `aws_s3_bucket.b["\n"].id`, "",
	}
	holes := map[string]string{}
	for _, name := range names {
		hole := planned.Hole(name)
		if other, ok := holes[ascii.Fold(hole)]; ok {
			t.Errorf("%q and %q have the hole %s", name, other, hole)
		}
		holes[ascii.Fold(hole)] = name
		if got := planned.ShowHoles("x-" + hole); got != "x-${"+name+"}" {
			t.Errorf("%s is shown as %s", hole, got)
		}
		if _, err := policy.ParseResource("arn:aws:s3:::"+hole, true); err != nil {
			t.Errorf("%s cannot stand in a resource: %v", hole, err)
		}
	}
}

func TestProvisionalName(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain",
		"a-" + planned.Hole("aws_iam_role.r.name") + "-b": "a-aws_iam_role.r.name-b",
		planned.Hole(`aws_iam_role.r["x"].name`):          "known-after-apply-38501fb85b90412d70a2ba24",
		planned.Hole(strings.Repeat("a", 49)):             "known-after-apply-8f9bec6a62dd28ebd36d1227",
		"${terraform:open":                                "${terraform:open",
	} {
		if got := planned.ProvisionalName(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestSettleHoles(t *testing.T) {
	hole := planned.Hole("a.b")
	statement := func(version, elements string) string {
		return `{"Version":` + quote(version) + `,"Statement":[{"Effect":"Allow",` + elements + `}]}`
	}
	for name, tt := range map[string]struct{ document, want string }{
		"resource": {statement("2012-10-17", `"Action":"a:b","Resource":["arn:aws:s3:::HOLE/*","*"]`), "same"},
		"field of an ARN": {statement("2012-10-17", `"Action":"a:b","Resource":["arn:aws:s3:HOLE::x","*"]`),
			statement("2012-10-17", `"Action":"a:b","Resource":[`+unknown+`,"*"]`)},
		"whole resource": {statement("2012-10-17", `"Action":"a:b","NotResource":"HOLE"`),
			statement("2012-10-17", `"Action":"a:b","NotResource":`+unknown)},
		"version without variables": {statement("2008-10-17", `"Action":"a:b","Resource":"arn:aws:s3:::HOLE"`),
			statement("2008-10-17", `"Action":"a:b","Resource":`+unknown)},
		"no version": {`{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::HOLE"}}`,
			`{"Statement":{"Effect":"Allow","Action":"a:b","Resource":` + unknown + `}}`},
		"action": {statement("2012-10-17", `"Action":["HOLE","a:b"]`), statement("2012-10-17", `"Action":[`+unknown+
			`,"a:b"]`)},
		"principal": {statement("2012-10-17", `"Principal":{"AWS":"HOLE"}`), statement("2012-10-17", `"Principal":{"AWS":`+
			unknown+`}`)},
		"condition": {statement("2012-10-17", `"Condition":{"ForAnyValue:StringLike":{"aws:x":["HOLE","y"]},`+
			`"ArnLike":{"a:b":"HOLE"}}`), "same"},
		"operator without variables": {statement("2012-10-17", `"Condition":{"IpAddress":{"aws:SourceIp":"HOLE"}}`),
			statement("2012-10-17", `"Condition":{"IpAddress":{"aws:SourceIp":`+unknown+`}}`)},
		"condition key": {statement("2012-10-17", `"Condition":{"StringEquals":{"HOLE:sub":"x"},"Bool":{"a:b":"true"}}`),
			statement("2012-10-17", `"Condition":{"StringEquals":`+unknown+`,"Bool":{"a:b":"true"}}`)},
		"operator": {statement("2012-10-17", `"Condition":{"HOLE":{"a:b":"x"}}`), statement("2012-10-17", `"Condition":`+
			unknown)},
		"element": {statement("2012-10-17", `"HOLE":"x"`), `{"Version":"2012-10-17","Statement":[` + unknown + `]}`},
		"version": {statement("HOLE", `"Resource":"arn:aws:s3:::HOLE"`), `{"Version":` + unknown +
			`,"Statement":[{"Effect":"Allow","Resource":` + unknown + `}]}`},
		"statements": {`{"Version":"2012-10-17","Statement":"HOLE"}`, `{"Version":"2012-10-17","Statement":` + unknown + `}`},
		"list":       {`["HOLE","x"]`, `[` + unknown + `,"x"]`},
	} {
		t.Run(name, func(t *testing.T) {
			document := strings.ReplaceAll(tt.document, "HOLE", hole)
			want := tt.want
			if want == "same" {
				want = document
			}
			for kind, input := range map[string]tree.Node{"text": {Kind: tree.String, Text: document}, "tree": value(t,
				document)} {
				got, err := planned.SettleHoles(input)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := show(got), show(value(t, want)); got != want {
					t.Errorf("%s: got %s, want %s", kind, got, want)
				}
			}
		})
	}
}

// A document with a hole in any place is one that the account can have.
func TestEdits_DocumentsWithHoles(t *testing.T) {
	hole := planned.Hole("a.b")
	document := `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":["s3:HOLE","s3:GetObject"],"Resource":["arn:aws:s3:::HOLE/*","arn:aws:sqs:HOLE:1:q"],` +
		`"Condition":{"StringEquals":{"aws:x":"HOLE"},"DateLessThan":{"aws:CurrentTime":"HOLE"},` +
		`"StringLike":{"HOLE:sub":"x"}}},` +
		`{"Effect":"HOLE","Action":"*","Resource":"HOLE"}]}`
	document = strings.ReplaceAll(document, "HOLE", hole)
	for name, node := range map[string]tree.Node{"text": {Kind: tree.String, Text: document}, "tree": value(t, document)} {
		_, edits, err := planned.Edits(planned.Change{Type: "aws_iam_policy", After: tree.Node{Kind: tree.Object,
			Members: []tree.Member{{Name: "arn", Value: tree.Node{Kind: tree.String, Text: policyARN("p")}}, {Name: "policy",
				Value: node}}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := account.NewPlan(account.New(accountID)).Check(edits...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// show returns a tree as a text.
func show(n tree.Node) string {
	switch n.Kind {
	case tree.Unknown:
		return "?"
	case tree.Array:
		var parts []string
		for _, e := range n.Elements {
			parts = append(parts, show(e))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case tree.Object:
		var parts []string
		for _, m := range n.Members {
			parts = append(parts, m.Name+":"+show(m.Value))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return quote(n.Text)
}

// SettleHoles leaves no hole that the policy language refuses, and changes nothing without holes.
func FuzzSettleHoles(f *testing.F) {
	for _, seed := range []string{"{}", allow("s3:GetObject"),
		`{"Version":"2012-10-17","Statement":{"Resource":"arn:aws:s3:::` +
			planned.Hole("x") + `","Condition":{"StringLike":{"a:b":"` + planned.Hole("y") + `"}}}}`, `{"${terraform:":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		settled, err := planned.SettleHoles(tree.Node{Kind: tree.String, Text: text})
		if err != nil || settled.Kind == tree.String { // a text in JSON would be read again
			return
		}
		again, err := planned.SettleHoles(settled)
		if err != nil || show(again) != show(settled) {
			t.Errorf("%s became %s and then %s, error %v", text, show(settled), show(again), err)
		}
		if parsed, err := policy.ParseJSON([]byte(text)); err == nil && !strings.Contains(text, "terraform:") &&
			!strings.Contains(text, `\u`) && show(parsed) != show(settled) {
			t.Errorf("%s became %s", show(parsed), show(settled))
		}
	})
}
