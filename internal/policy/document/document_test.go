package document

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// parse reads JSON as a tree.
func parse(t *testing.T, text string) tree.Node {
	t.Helper()
	node, err := policy.ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return node
}

func TestBuild(t *testing.T) {
	for name, tc := range map[string]struct{ statement, want string }{
		"defaults": {
			`{"actions":["s3:GetObject","s3:PutObject"],"resources":"*"}`,
			`{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"*"}`,
		},
		"duplicate actions": {
			`{"actions":["s3:GetObject","s3:GetObject"],"resources":["*"]}`,
			`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`,
		},
		"everyone": {
			`{"actions":"sts:AssumeRole","principals":{"type":"*","identifiers":"*"}}`,
			`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}`,
		},
		"policy variable": {
			`{"actions":"s3:*","resources":"arn:aws:s3:::b/&{aws:username}"}`,
			`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}`,
		},
		"boolean condition": {
			`{"actions":"s3:*","resources":"*","condition":{"test":"Bool","variable":"aws:SecureTransport","values":true}}`,
			`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			doc, faults := Build(Arguments{Statements: []tree.Node{parse(t, tc.statement)}})
			if len(faults) > 0 {
				t.Fatal(faults[0])
			}
			want := `{"Version":"2012-10-17","Statement":[` + tc.want + `]}`
			if _, compact := JSON(&doc); compact != want {
				t.Errorf("the document is %s, want %s", compact, want)
			}
		})
	}
}

func TestBuild_Fault(t *testing.T) {
	valid := `{"actions":"s3:*","resources":"*"}`
	for name, tc := range map[string]struct {
		statement string
		place     Fault
		message   string
	}{
		"unknown argument": {
			`{"action":"s3:*"}`,
			Fault{Statement: 1}, `"action" is not an argument of a statement`,
		},
		"effect": {
			`{"effect":"allow","actions":"s3:*","resources":"*"}`,
			Fault{Statement: 1, Argument: "effect"}, "allow",
		},
		"number": {
			`{"actions":[5],"resources":"*"}`,
			Fault{Statement: 1, Argument: "actions"}, "found a number",
		},
		"incomplete principal": {
			`{"actions":"s3:*","principals":{"type":"AWS"}}`,
			Fault{Statement: 1, Argument: "principals"}, "identifiers is missing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := Build(Arguments{Statements: []tree.Node{parse(t, valid), parse(t, tc.statement)}})
			if len(faults) == 0 {
				t.Fatal("no fault")
			}
			got := faults[0]
			if got.Statement != tc.place.Statement || got.Argument != tc.place.Argument ||
				!strings.Contains(got.Message, tc.message) {
				t.Errorf("the fault is %v, want statement %d, argument %q, %q", got, tc.place.Statement, tc.place.Argument,
					tc.message)
			}
		})
	}
}

func TestBuild_DuplicateSid(t *testing.T) {
	statement := parse(t, `{"sid":"A","actions":"s3:*","resources":"*"}`)
	_, faults := Build(Arguments{Statements: []tree.Node{statement, statement}})
	const want = `statement 1, sid: statement 0 already has the sid "A"; sids must be unique.`
	if len(faults) != 1 || faults[0].Error() != want {
		t.Errorf("the faults are %v", faults)
	}
}

// An unknown statement may be valid, so it hides no fault of the others and causes none.
func TestBuild_UnknownStatement(t *testing.T) {
	valid := parse(t, `{"actions":"s3:*","resources":"*"}`)
	if _, faults := Build(Arguments{Statements: []tree.Node{unknown, valid}}); len(faults) > 0 {
		t.Errorf("the faults are %v", faults)
	}
	invalid := parse(t, `{"effect":"no","actions":"s3:*","resources":"*"}`)
	_, faults := Build(Arguments{Statements: []tree.Node{unknown, invalid}})
	if len(faults) != 1 || faults[0].Statement != 1 {
		t.Errorf("the faults are %v", faults)
	}
}

func TestMerge(t *testing.T) {
	document := func(version, id, statements string) string {
		if id != "" {
			id = `"Id":"` + id + `",`
		}
		return `{"Version":"` + version + `",` + id + `"Statement":[` + statements + `]}`
	}
	statement := func(sid, action string) string {
		if sid != "" {
			sid = `"Sid":"` + sid + `",`
		}
		return `{` + sid + `"Effect":"Allow","Action":"` + action + `","Resource":"*"}`
	}
	const v2012, v2008 = policy.Version2012, policy.Version2008
	for name, tc := range map[string]struct{ base, over, want string }{
		"same sid": {
			document(v2012, "", statement("A", "a:x")+","+statement("", "b:x")),
			document(v2012, "", statement("A", "c:x")),
			document(v2012, "", statement("A", "c:x")+","+statement("", "b:x")),
		},
		"no sid": {
			document(v2012, "", statement("", "a:x")), document(v2012, "", statement("", "a:x")),
			document(v2012, "", statement("", "a:x")+","+statement("", "a:x")),
		},
		"later version and id": {
			document(v2008, "one", statement("", "a:x")), document(v2012, "two", statement("", "b:x")),
			document(v2012, "two", statement("", "a:x")+","+statement("", "b:x")),
		},
		"earlier version": {
			document(v2012, "one", statement("", "a:x")), document(v2008, "", statement("", "b:x")),
			document(v2012, "one", statement("", "a:x")+","+statement("", "b:x")),
		},
	} {
		t.Run(name, func(t *testing.T) {
			base := parse(t, tc.base)
			Merge(&base, parse(t, tc.over))
			if _, compact := JSON(&base); compact != tc.want {
				t.Errorf("the document is %s, want %s", compact, tc.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	const written = `{"Statement":{"Resource":"*",` +
		`"Principal":{"Service":"x.amazonaws.com","AWS":["111122223333","444455556666"]},` +
		`"Effect":"Allow","Action":["b:x","a:x"],"Condition":{"Bool":{"aws:SecureTransport":[true]}}}}`
	doc, err := Parse(written)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"Statement":[{"Effect":"Allow","Action":["b:x","a:x"],"Resource":"*",` +
		`"Principal":{"AWS":["444455556666","111122223333"],"Service":"x.amazonaws.com"},` +
		`"Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}`
	if _, compact := JSON(&doc); compact != want {
		t.Errorf("the document is %s, want %s", compact, want)
	}
}

func TestParse_Invalid(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":          `{`,
		"not an object":     `[]`,
		"unknown element":   `{"Statement":[],"Statements":[]}`,
		"missing action":    `{"Statement":[{"Effect":"Allow"}]}`,
		"unknown principal": `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Aws":"*"}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if doc, err := Parse(text); err == nil {
				t.Errorf("no error; the document is %v", doc)
			}
		})
	}
}

func TestArgumentOf(t *testing.T) {
	for path, want := range map[string]Fault{
		"$.Version":                       {Statement: -1, Argument: "version"},
		"$.Statement[2].NotAction[1]":     {Statement: 2, Argument: "not_actions"},
		"$.Statement[0].Condition.Bool":   {Statement: 0, Argument: "condition"},
		"$.Statement[1]":                  {Statement: 1},
		"$.Statement[1].Principal.AWS[0]": {Statement: 1, Argument: "principals"},
	} {
		if statement, argument := ArgumentOf(path); statement != want.Statement || argument != want.Argument {
			t.Errorf("%s comes from statement %d, argument %q, want %d, %q", path, statement, argument, want.Statement,
				want.Argument)
		}
	}
}
