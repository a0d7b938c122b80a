package engine

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func TestStatementSpan(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       [][4]int // line and column of the beginning and of the end, of each statement
	}{
		{
			"in one line as AWS answers", `{"Version": "2012-10-17", "Statement": [{"Effect":"Deny","Action":"*","Resource":"*"}]}`,
			[][4]int{{1, 41, 1, 86}},
		},
		{
			"set out as AWS's AdministratorAccess", "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}",
			[][4]int{{3, 17, 8, 6}},
		},
		{
			"several, braces and quotes in strings", `{"Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::}\"{"}, {"Effect":"Deny","Action":"*","Resource":"*"}]}`,
			[][4]int{{1, 15, 1, 90}, {1, 91, 1, 137}},
		},
		{
			"one object, wide characters before it", `{"Id":"éé","Statement": {"Effect":"Deny","Action":"*","Resource":"*"}}`,
			[][4]int{{1, 24, 1, 70}},
		},
	} {
		doc, err := policy.Parse([]byte(test.text))
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		for i, statement := range doc.Statements {
			start, end := statementSpan(test.text, statement.Pos.Offset)
			got := [4]int{int(start.Line), int(start.Column), int(end.Line), int(end.Column)}
			if got != test.want[i] {
				t.Errorf("%s: statement %d is at %v, not %v", test.name, i, got, test.want[i])
			}
		}
	}
}

func FuzzStatementSpan(f *testing.F) {
	f.Add(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"\\\"}"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			return
		}
		for _, statement := range doc.Statements {
			at := statement.Pos.Offset
			statementSpan(text, at)
			if one := text[at:objectEnd(text, at)]; !strings.HasSuffix(one, "}") {
				t.Errorf("the statement at %d of %q ends as %q", at, text, one)
			} else if _, err := policy.ParseJSON([]byte(one)); err != nil {
				t.Errorf("the statement at %d of %q is cut to %q: %v", at, text, one, err)
			}
		}
	})
}
