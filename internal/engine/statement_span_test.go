package engine

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func TestStatementSpan_Positions(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       [][4]int // line and column of the start, then of the end, for each statement
	}{
		{
			"one line", `{"Version": "2012-10-17", "Statement": [{"Effect":"Deny","Action":"*","Resource":"*"}]}`,
			[][4]int{{1, 41, 1, 86}},
		},
		{
			"several lines", "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n   " +
				"   \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}",
			[][4]int{{3, 17, 8, 6}},
		},
		{
			"two statements with braces and quotes in strings", `{"Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*",` +
				`"Resource":"arn:aws:s3:::}\"{"}, {"Effect":"Deny","Action":"*","Resource":"*"}]}`,
			[][4]int{{1, 15, 1, 90}, {1, 91, 1, 137}},
		},
		{
			"single object after multi-byte characters",
			`{"Id":"éé","Statement": {"Effect":"Deny","Action":"*","Resource":"*"}}`,
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
				t.Errorf("%s: statement %d has the span %v, want %v", test.name, i, got, test.want[i])
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
			offset := statement.Pos.Offset
			statementSpan(text, offset)
			if object := text[offset:objectEnd(text, offset)]; !strings.HasSuffix(object, "}") {
				t.Errorf("in %q, the object at %d is %q, want a closing brace at its end", text, offset, object)
			} else if _, err := policy.ParseJSON([]byte(object)); err != nil {
				t.Errorf("in %q, the object at %d is %q, which is invalid: %v", text, offset, object, err)
			}
		}
	})
}
