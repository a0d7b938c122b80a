package policy

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// seeds adds the policies of all table cases to the corpus.
func seeds(f *testing.F) {
	f.Helper()
	for _, c := range errorCases {
		f.Add([]byte(c.text))
	}
	for _, cases := range [][]checkCase{elementCases, trustCases, patternCases, conditionCases} {
		for _, c := range cases {
			f.Add([]byte(c.document()))
		}
	}
}

// FuzzParse checks every accepted document and writes it as JSON. Parsing the JSON must return an equal
// document.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		start := time.Now()
		doc, err := Parse(text)
		if err != nil {
			if len(err.(Findings)) == 0 { //nolint:errorlint,forcetypeassert // Parse returns nothing else
				t.Fatal("Parse refuses the document without a finding")
			}
			return
		}
		for kind := range kindNames {
			if findings := Check(doc, Kind(kind)); len(findings) > maxFindings {
				t.Fatalf("%d findings", len(findings))
			}
		}
		out, err := doc.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		if !Equal(doc, again) {
			t.Fatalf("the document differs after it is written as %s", out)
		}
		canonical, err := doc.Canonical().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err = Parse(canonical)
		if err != nil || !Equal(doc, again) {
			t.Fatalf("the document differs from its canonical form %s: %v", canonical, err)
		}
		if spent := time.Since(start); spent > 5*time.Second {
			t.Fatalf("%d bytes took %v", len(text), spent)
		}
	})
}

// FuzzParseJSON compares ParseJSON with encoding/json, which accepts more texts.
func FuzzParseJSON(f *testing.F) {
	seeds(f)
	for _, text := range []string{`[1e9,-0.5E-3,true,false,null,"\u00e9\ud83d\ude00\/"]`, "\t[\r\n]", `"`, `-`,
		`{"a":{"b":[{}]}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		node, err := ParseJSON(text)
		if err != nil {
			return
		}
		var want any
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil {
			t.Fatalf("ParseJSON accepts the text, but encoding/json returns %v", err)
		}
		checkSameJSON(t, node, want)
	})
}

// checkSameJSON checks that a tree has the value that encoding/json decoded.
func checkSameJSON(t *testing.T, node tree.Node, want any) {
	t.Helper()
	ok := false
	switch want := want.(type) {
	case nil:
		ok = node.Kind == tree.Null
	case bool:
		ok = node.Kind == tree.Bool && (node.Text == "true") == want
	case json.Number:
		ok = node.Kind == tree.Number && node.Text == want.String()
	case string:
		ok = node.Kind == tree.String && node.Text == want
	case []any:
		if ok = node.Kind == tree.Array && len(node.Elements) == len(want); ok {
			for i := range want {
				checkSameJSON(t, node.Elements[i], want[i])
			}
		}
	case map[string]any:
		if ok = node.Kind == tree.Object && len(node.Members) == len(want); ok {
			for _, m := range node.Members {
				checkSameJSON(t, m.Value, want[m.Name])
			}
		}
	}
	if !ok {
		t.Fatalf("%+v; want %v", node, want)
	}
}

// FuzzParseResource checks that every accepted resource begins like an ARN, and that only fields that
// accept variables contain them.
func FuzzParseResource(f *testing.F) {
	for _, text := range []string{
		"", "*", "arn:aws:s3:::a*b?c", "arn:aws:s3:::${aws:username}", "arn:aws:s3::${aws:PrincipalAccount}:${a, 'b'}y",
		"arn:${*}${?}${$}", "arn:${${a}}",
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, variables bool) {
		arn, err := ParseResource(text, variables)
		if err != nil || arn.Everything {
			return
		}
		if !arn.HasPrefix() {
			t.Fatalf("%q begins with %+v", text, arn.Fields[0])
		}
		for i := range pattern.ResourceField {
			if arn.Fields[i].HasVariables() && (!variables || i != pattern.AccountField) {
				t.Fatalf("%q has a variable in field %d", text, i)
			}
		}
	})
}

// FuzzParseARN checks that String returns the text that ParseARN parsed.
func FuzzParseARN(f *testing.F) {
	for _, text := range []string{"arn:aws:s3:::b/k:x", "arn:aws:iam::123456789012:role/p/r", "arn:", "arn:::::", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		arn, err := ParseARN(text)
		if err == nil && arn.String() != text || err == nil && strings.Count(text, ":") < 5 {
			t.Fatalf("%q becomes %q", text, arn)
		}
		if name, finding := ParsePrincipal("AWS", text); finding == nil && name.Text != text {
			t.Fatalf("%q becomes %+v", text, name)
		}
	})
}
