package planned_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestSettleHoles_ReplacesMisplacedHoles(t *testing.T) {
	hole := planned.Hole("aws_s3_bucket.b.id")
	statement := func(elements string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + strings.ReplaceAll(elements, "HOLE", hole) + `}]}`
	}
	for _, tc := range []struct {
		name, text string
		want       string // the paths of unknown nodes
	}{
		{"no hole", statement(`"Action":"*","Resource":"*"`), ""},
		{"resource", statement(`"Action":"*","Resource":"arn:aws:s3:::HOLE/*"`), ""},
		{"resource with two", statement(`"Action":"*","NotResource":["arn:aws:s3:::HOLE/HOLE"]`), ""},
		{"account of a resource", statement(`"Action":"*","Resource":["arn:aws:sqs:us-east-1:HOLE:q","*"]`),
			".Statement[0].Resource[0]"},
		{"whole resource", statement(`"Action":"*","Resource":"HOLE"`), ".Statement[0].Resource"},
		{"resource in a default", statement(`"Action":"*","Resource":"arn:aws:s3:::${aws:username, 'HOLE'}"`),
			".Statement[0].Resource"},
		{"resource with another variable", statement(`"Action":"*","Resource":"arn:aws:s3:::${aws:username}/HOLE"`), ""},
		{"resource with a broken variable", statement(`"Action":"*","Resource":"arn:aws:s3:::${HOLE"`),
			".Statement[0].Resource"},
		{"action", statement(`"Action":["s3:HOLE","s3:*"],"Resource":"*"`), ".Statement[0].Action[0]"},
		{"principal", statement(`"Action":"*","Principal":{"AWS":["HOLE"]}`), ".Statement[0].Principal.AWS[0]"},
		{"type of principal", statement(`"Action":"*","Principal":{"HOLE":["*"]}`), ".Statement[0].Principal"},
		{"sid", statement(`"Sid":"HOLE","Action":"*","Resource":"*"`), ".Statement[0].Sid"},
		{"name of an element", statement(`"HOLE":"*"`), ".Statement[0]"},
		{"condition", statement(`"Condition":{"StringLike":{"aws:x":["HOLE/*"]}}`), ""},
		{"condition with a default", statement(`"Condition":{"StringLike":{"aws:x":"${aws:username, 'HOLE'}"}}`),
			".Statement[0].Condition.StringLike.aws:x"},
		{"condition on an ARN", statement(`"Condition":{"ArnLike":{"aws:x":"arn:aws:s3:::HOLE"}}`), ""},
		{"condition on a number", statement(`"Condition":{"NumericEquals":{"aws:x":"HOLE"}}`),
			".Statement[0].Condition.NumericEquals.aws:x"},
		{"condition key", statement(`"Condition":{"StringLike":{"HOLE:sub":"x"}}`), ".Statement[0].Condition.StringLike"},
		{"condition operator", statement(`"Condition":{"HOLE":{"aws:x":"x"}}`), ".Statement[0].Condition"},
		{"unknown condition operator", statement(`"Condition":{"X":{"aws:x":"HOLE"}}`), ".Statement[0].Condition.X.aws:x"},
		{"name of the document", `{"` + hole + `":1}`, "."},
		{"version", `{"Version":"` + hole + `","Statement":[{"Resource":"arn:aws:s3:::` + hole + `"}]}`,
			".Version .Statement[0].Resource"},
		{"old version", `{"Version":"2008-10-17","Statement":[{"Resource":"arn:aws:s3:::` + hole + `"}]}`,
			".Statement[0].Resource"},
		{"no version", `{"Statement":{"Resource":"arn:aws:s3:::` + hole + `"}}`, ".Statement.Resource"},
		{"list", `["` + hole + `"]`, "[0]"},
		{"whole document", `"` + hole + `"`, "."},
	} {
		got, err := planned.SettleHoles(tree.Node{Kind: tree.String, Text: tc.text})
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if paths := strings.Join(unknownPaths(got, ""), " "); paths != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, paths, tc.want)
		}
		if text := planned.DocumentText(got); tc.want == "" && text != tc.text {
			t.Errorf("%s: got the text %s", tc.name, text)
		}
	}
}

// unknownPaths returns the paths of the unknown nodes.
func unknownPaths(n tree.Node, path string) (out []string) {
	if n.Kind == tree.Unknown {
		if path == "" {
			path = "."
		}
		return []string{path}
	}
	for i := range n.Elements {
		out = append(out, unknownPaths(n.Elements[i], path+"["+string(rune('0'+i))+"]")...)
	}
	for i := range n.Members {
		out = append(out, unknownPaths(n.Members[i].Value, path+"."+n.Members[i].Name)...)
	}
	return out
}

func TestLiteralText_HasNoHole(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"a", "a"},
		{"${aws:username}", "${aws:username}"},
		{"${terraform:a}${Terraform:b}", "${text-terraform:a}${text-terraform:b}"},
		{"${${terraform:a}", "${${text-terraform:a}"},
		{"${terraform", "${terraform"},
		{`{"a":"$\u007bterraform:a}"}`, `{"a":"${text-terraform:a}"}`},
		{`{"$\u007bterraform:a}":[{"b":"\u0024{terraform:a}","c":1.50,"d":null,"e":"<"}]}`,
			`{"${text-terraform:a}":[{"b":"${text-terraform:a}","c":1.50,"d":null,"e":"<"}]}`},
		{`{"a": "\u0041"}`, `{"a": "\u0041"}`},
	} {
		got := planned.LiteralText(tc.text)
		if got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.text, got, tc.want)
		}
		if again := planned.LiteralText(got); again != got {
			t.Errorf("%s: a second call returns %s", tc.text, again)
		}
	}
}

func FuzzLiteralText(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Resource":"arn:aws:s3:::${terraform:a}","Action":"${terraform:a}"}]}`)
	f.Add(`{"a":"$\u007bterraform:a}"}`)
	f.Fuzz(func(t *testing.T, text string) {
		literal := planned.LiteralText(text)
		if node, err := policy.ParseJSON([]byte(literal)); err == nil && hasHole(node) {
			t.Errorf("LiteralText(%q) = %q has a hole", text, literal)
		}
		if planned.HasHole(literal) {
			t.Errorf("LiteralText(%q) = %q has a hole", text, literal)
		}
	})
}

func hasHole(n tree.Node) bool {
	found := n.Kind == tree.String && planned.HasHole(n.Text)
	for _, element := range n.Elements {
		found = found || hasHole(element)
	}
	for _, m := range n.Members {
		found = found || planned.HasHole(m.Name) || hasHole(m.Value)
	}
	return found
}
