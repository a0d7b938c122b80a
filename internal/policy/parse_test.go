package policy

import (
	"errors"
	"strings"
	"testing"
)

// errorCase is a document that Parse refuses, with the one expected finding.
type errorCase struct {
	name, text string
	code       Code
	path, pos  string
}

const version = `{"Version":"2012-10-17","Statement":`

var errorCases = []errorCase{
	{"1 string as Statement", version + `"x"}`, CodeDataTypeMismatch, "$.Statement", "1:37"},
	{"1 number as Action", version + `[{"Effect":"Allow","Action":1,"Resource":"*"}]}`, CodeDataTypeMismatch,
		"$.Statement[0].Action", ""},
	{"1 list in a list of actions", version + `{"Effect":"Allow","Action":["a:B",["c:D"]],"Resource":"*"}}`,
		CodeDataTypeMismatch, "$.Statement.Action[1]", ""},
	{"1 object as Resource", version + `{"Effect":"Allow","Action":"a:B","Resource":{}}}`, CodeDataTypeMismatch,
		"$.Statement.Resource", ""},
	{"1 number as a principal",
		version + `{"Effect":"Allow","Principal":{"AWS":123456789012},"Action":"a:B","Resource":"*"}}`, CodeDataTypeMismatch,
		"$.Statement.Principal.AWS", ""},
	{"2 null as a condition value",
		version + `{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":null}}}}`,
		CodeDataTypeMismatch, "$.Statement.Condition.Bool['aws:SecureTransport']", ""},
	{"3 duplicate name", `{"Version":"2012-10-17",` + "\n" + ` "Version":"2008-10-17","Statement":[]}`,
		CodeJSONSyntax, "$.Version", "2:2"},
	{"3 duplicate name in another case",
		version + `[{"Effect":"Allow","effect":"Deny","Action":"a:B","Resource":"*"}]}`, CodeDuplicateKeys,
		"$.Statement[0].effect", "1:56"},
	{"3 duplicate condition key in another case",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"StringEquals":{"aws:a":"1",` +
			`"AWS:A":"2"}}}]}`, CodeDuplicateKeys, "$.Statement[0].Condition.StringEquals['AWS:A']", ""},
	{"3 duplicate name written with an escape",
		version + `[{"Effect":"Allow","\u0045ffect":"Deny","Action":"a:B","Resource":"*"}]}`, CodeJSONSyntax,
		"$.Statement[0].Effect", ""},
	{"4 element and the same element in lower case",
		version + `[{"Effect":"Allow","action":"a:B","Action":"a:B","Resource":"*"}]}`, CodeDuplicateKeys,
		"$.Statement[0].Action", ""},
	{"4 unknown element of a document",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"},` +
			`"statements":1}`, CodeInvalidElement, "$.statements", ""},
	{"4 Id in lower case",
		`{"Version":"2012-10-17","id":"x",` +
			`"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}`, CodeInvalidElement, "$.id", ""},
	{"4 effect in lower case", version + `[{"Effect":"allow","Action":"a:B","Resource":"*"}]}`,
		CodeInvalidEffect, "$.Statement[0].Effect", "1:48"},
	{"4 unknown element of a statement", version + `[{"Effect":"Allow","Action":"a:B","Resource":"*","Comment":"x"}]}`,
		CodeInvalidElement, "$.Statement[0].Comment", ""},
	{"4 missing Effect", version + `[{"Action":"a:B","Resource":"*"}]}`, CodeMissingEffect,
		"$.Statement[0]", ""},
	{"5 unknown Version",
		`{"Version":"2012-10-18","Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*"}]}`, CodeInvalidVersion,
		"$.Version", "1:12"},
	{"6 account id as Principal",
		version + `{"Effect":"Allow","Principal":"123456789012","Action":"a:B","Resource":"*"}}`, CodeInvalidPrincipal,
		"$.Statement.Principal", ""},
	{"6 unknown type of principal",
		version + `{"Effect":"Allow","Principal":{"Aws":"*"},"Action":"a:B","Resource":"*"}}`, CodeInvalidPrincipalKey,
		"$.Statement.Principal.Aws", ""},
	{"6 partial wildcard in a principal",
		version + `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/*"},"Action":"a:B","Resource":"*"}}`,
		CodeWildcardInPrincipal, "$.Statement.Principal.AWS", ""},
	{"6 service principal without a domain",
		version + `{"Effect":"Allow","Principal":{"Service":"ec2"},"Action":"a:B","Resource":"*"}}`, CodeInvalidService,
		"$.Statement.Principal.Service", ""},
	{"7 missing Action", version + `[{"Effect":"Allow","Resource":"*"}]}`, CodeMissingAction,
		"$.Statement[0]", ""},
	{"7 both Action and NotAction", version + `[{"Effect":"Allow","Action":"a:B","NotAction":"a:C","Resource":"*"}]}`,
		CodeUnsupportedCombination, "$.Statement[0]", ""},
	{"7 both Resource and NotResource",
		version + `[{"Effect":"Allow","Action":"a:B","NotResource":"*","Resource":"*"}]}`, CodeUnsupportedCombination,
		"$.Statement[0]", ""},
	{"7 both Principal and NotPrincipal",
		version + `[{"Effect":"Deny","Principal":"*","NotPrincipal":{"AWS":"123456789012"},"Action":"a:B","Resource":"*"}]}`,
		CodeUnsupportedCombination, "$.Statement[0]", ""},
	{"9 empty Statement", version + `[]}`, CodeMissingStatement, "$.Statement", ""},
	{"9 missing Statement", `{"Version":"2012-10-17"}`, CodeMissingStatement, "$", "1:1"},
	{"11 duplicate operator",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"StringLike":{"a:b":"1"},` +
			`"StringLike":{"a:b":"2"}}}]}`, CodeJSONSyntax, "$.Statement[0].Condition.StringLike", ""},
	{"12 NullIfExists",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"NullIfExists":{"a:b":"true"}}}]}`,
		CodeNullIfExists, "$.Statement[0].Condition.NullIfExists", ""},
	{"12 variable under Numeric",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"*",` +
			`"Condition":{"NumericEquals":{"a:b":"${aws:username}"}}}]}`, CodeVariableForOperator,
		"$.Statement[0].Condition.NumericEquals['a:b']", ""},
	{"12 variable under Null",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Null":{"a:b":"${aws:username}"}}}]}`,
		CodeVariableForOperator, "$.Statement[0].Condition.Null['a:b']", ""},
	{"12 variable under Date",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"*",` +
			`"Condition":{"DateLessThan":{"a:b":"${aws:CurrentTime}"}}}]}`, CodeVariableForOperator,
		"$.Statement[0].Condition.DateLessThan['a:b']", ""},
	{"12 variable under Binary",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"*",` +
			`"Condition":{"BinaryEquals":{"a:b":"${aws:username}"}}}]}`, CodeVariableForOperator,
		"$.Statement[0].Condition.BinaryEquals['a:b']", ""},
	{"12 variable under IpAddress",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"*",` +
			`"Condition":{"NotIpAddress":{"a:b":"${aws:SourceIp}"}}}]}`, CodeVariableForOperator,
		"$.Statement[0].Condition.NotIpAddress['a:b']", ""},
	{"12 variable without a closing brace",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:s3:::b/${aws:username"}]}`, CodeMissingBrace,
		"$.Statement[0].Resource", ""},
	{"12 default without quotes",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:s3:::b/${aws:username, x}"}]}`, CodeMissingQuote,
		"$.Statement[0].Resource", ""},
	{"12 space in a variable",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:s3:::b/${ aws:username}"}]}`, CodeSpaceInVariable,
		"$.Statement[0].Resource", ""},
	{"12 empty variable", version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:s3:::b/${}"}]}`,
		CodeEmptyVariable, "$.Statement[0].Resource", ""},
	{"12 variable before the last field of an ARN",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:sqs:${aws:RequestedRegion}:1:q"}]}`,
		CodeVariableInElement, "$.Statement[0].Resource", ""},
	{"25 text after the variable in the account field",
		version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:sqs:*:${aws:PrincipalAccount}1:q"}]}`,
		CodeVariableInElement, "$.Statement[0].Resource", ""},
	{"13 unknown operator",
		version + `[{"Effect":"Deny","Action":"a:B","Resource":"*","Condition":{"StringMatches":{"a:b":"c"}}}]}`,
		CodeInvalidOperator, "$.Statement[0].Condition.StringMatches", ""},
	{"13 misspelled set operator",
		version + `[{"Effect":"Deny","Action":"a:B","Resource":"*","Condition":{"ForAllValue:StringEquals":{"a:b":"c"}}}]}`,
		CodeInvalidOperator, "$.Statement[0].Condition['ForAllValue:StringEquals']", ""},
	{"14 resource that is not an ARN", version + `[{"Effect":"Allow","Action":"a:B","Resource":"bucket/*"}]}`,
		CodeInvalidARNPrefix, "$.Statement[0].Resource", ""},
	{"14 ARN without a service", version + `[{"Effect":"Allow","Action":"a:B","Resource":["arn:aws:s3:::b","arn:aws"]}]}`,
		CodeMissingARNField, "$.Statement[0].Resource[1]", ""},
	{"14 nothing but the prefix of an ARN", version + `[{"Effect":"Allow","Action":"a:B","NotResource":"arn"}]}`,
		CodeMissingARNField, "$.Statement[0].NotResource", ""},
	{"14 ARN with an empty service", version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws::::x"}]}`,
		CodeMissingARNField, "$.Statement[0].Resource", ""},
	{"14 short ARN with an empty service", version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws::x"}]}`,
		CodeMissingARNField, "$.Statement[0].Resource", ""},
	{"15 space in the service of an action", version + `[{"Effect":"Allow","Action":"a a:B","Resource":"*"}]}`,
		CodeInvalidAction, "$.Statement[0].Action", ""},
	{"15 action without a service", version + `[{"Effect":"Allow","Action":["a:B","GetObject"],"Resource":"*"}]}`,
		CodeInvalidAction, "$.Statement[0].Action[1]", ""},
	{"JSON trailing comma", `{"a":1,}`, CodeJSONSyntax, "$", "1:8"},
	{"JSON text after the end", `{} {}`, CodeJSONSyntax, "$", "1:4"},
	{"JSON byte order mark", "\ufeff{}", CodeJSONSyntax, "$", "1:1"},
	{"JSON half a surrogate pair", `{"a":"\ud800"}`, CodeJSONSyntax, "$.a", "1:7"},
	{"JSON invalid UTF-8", "{\"a\":\"\xff\"}", CodeJSONSyntax, "$.a", "1:7"},
	{"JSON leading zero", `{"a":012}`, CodeJSONSyntax, "$.a", "1:7"},
}

func TestParse_Refuses(t *testing.T) {
	for _, c := range errorCases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.text))
			var findings Findings
			if !errors.As(err, &findings) || len(findings) != 1 {
				t.Fatalf("got the error %v, want one finding", err)
			}
			f := findings[0]
			if f.Kind != Error || f.Code != c.code || f.Path != c.path || c.pos != "" && f.Pos.String() != c.pos {
				t.Errorf("%s %s at %s, %s; want %s at %s, %s\n%s", f.Kind, f.Code, f.Path, f.Pos, c.code, c.path, c.pos, f.Message)
			}
			if !f.Pos.Known() || !strings.HasSuffix(f.Message, ".") {
				t.Errorf("position %v, message %q", f.Pos, f.Message)
			}
		})
	}
}

func TestParse_Accepts(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"1 Statement as an object, values as strings",
			version + `{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"a:B","Resource":"*",` +
				`"Condition":{"StringEquals":{"a:b":"c"}}}}`},
		{"1 Statement as an array, values as lists",
			version + `[{"Effect":"Allow","Principal":{"AWS":["123456789012"]},"Action":["a:B"],"Resource":["*"],` +
				`"Condition":{"StringEquals":{"a:b":["c"]}}}]}`},
		{"2 booleans and numbers as condition values",
			version + `[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{"a:b":true},` +
				`"NumericEquals":{"a:c":[10,1.5e3]}}}]}`},
		{"3 same names in different objects",
			version + `[{"Effect":"Allow","Action":"a:B","Resource":"*"},{"Effect":"Deny","Action":"a:B","Resource":"*"}]}`},
		{"5 Version 2008-10-17", `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*"}]}`},
		{"5 no Version", `{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*"}]}`},
		{"9 empty lists and objects, which Check reports",
			version + `[{"Effect":"Allow","Action":[],"Resource":[],"Condition":{"Bool":{}}},{"Effect":"Allow",` +
				`"Action":"a:B","Resource":"*","Condition":{}}]}`},
		{"11 the same key under two operators",
			version + `[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"StringLike":{"a:b":"1*"},` +
				`"StringNotEquals":{"a:b":"12"}}}]}`},
		{"12 variable under string and ARN operators",
			version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:s3:::b/${aws:username, 'x'}",` +
				`"Condition":{"StringLike":{"a:b":"${aws:username}"},"ArnLike":{"a:b":"arn:aws:s3:::${aws:username}"},` +
				`"Bool":{"a:c":"${aws:x}"}}}]}`},
		{"12 malformed variable under Version 2008-10-17",
			`{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:s3:::b/${aws:username",` +
				`"Condition":{"Null":{"a:b":"${"}}}]}`},
		{"13 operators in another case",
			version + `[{"Effect":"Allow","Action":"a:B","Resource":"*",` +
				`"Condition":{"forallvalues:stringlikeifexists":{"a:b":"1"}}}]}`},
		{"13 names that are no operators, without keys",
			version + `[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"x":{},"y":{}}}]}`},
		{"14 short ARN, which Check reports", version + `[{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:s3"}]}`},
		{"54 a CloudFront origin access identity",
			version + `[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ` +
				`E1"},"Action":"a:B","Resource":"*"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Parse([]byte(c.text)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestParse_ReportsAllMistakesInOrder(t *testing.T) {
	_, err := Parse([]byte(`{"Statement":[{"Effect":"allow","Resource":"x"}],"Version":"1"}`))
	var findings Findings
	if !errors.As(err, &findings) {
		t.Fatal(err)
	}
	var got []string
	for _, f := range findings {
		got = append(got, string(f.Code))
	}
	if s := strings.Join(got, " "); s != "MISSING_ACTION INVALID_EFFECT INVALID_ARN_PREFIX INVALID_VERSION" {
		t.Error(s)
	}
}

func TestParse_Positions(t *testing.T) {
	for _, c := range []struct{ name, text, path, pos string }{
		{"multi-byte characters before the position",
			`{"Version":"2012-10-17","Id":"äöü€😀",` +
				`"Statement":[{"Effect":"x","Action":"a:B","Resource":"*"}]}`, "$.Statement[0].Effect", "1:61"},
		{"lines that end with CRLF", "{\r\n\"Statement\":[\r\n  {\"Effect\": \"x\",\r\n\"Action\":\"a:B\"}]}",
			"$.Statement[0].Effect", "3:14"},
		{"tab before the position", "{\n\t\"Statement\":[{\"Effect\":\t\"x\",\"Action\":\"a:B\"}]}",
			"$.Statement[0].Effect", "2:26"},
		{"previous line with multi-byte characters",
			"{\"Id\":\"€€€€\",\n\"Statement\":[{\"Effect\":\"x\",\"Action\":\"a:B\"}]}",
			"$.Statement[0].Effect", "2:24"},
		{"a name with a quote in the path", `{"it's":1,"Statement":[{"Effect":"Allow","Action":"a:B"}]}`, `$['it\'s']`,
			"1:2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.text))
			var findings Findings
			if !errors.As(err, &findings) {
				t.Fatal(err)
			}
			if f := findings[0]; f.Path != c.path || f.Pos.String() != c.pos {
				t.Errorf("%s at %s; want %s at %s", f.Path, f.Pos, c.path, c.pos)
			}
		})
	}
}

func TestParse_Size(t *testing.T) {
	doc, err := Parse([]byte("{ \"Id\" : \"ä \\\" b\",\r\n\t\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\"}] }"))
	if err != nil {
		t.Fatal(err)
	}
	// Seven characters of white space stand between tokens.
	if doc.Size != 67 || doc.Compact != 60 {
		t.Errorf("%d and %d characters; want 67 and 60", doc.Size, doc.Compact)
	}
}

func TestParseKind(t *testing.T) {
	for _, name := range Kinds() {
		if kind, err := ParseKind(name); err != nil || kind.String() != name {
			t.Errorf("%s: %v, %v", name, kind, err)
		}
	}
	if kind, err := ParseKind("rcp"); err != nil || kind != ResourceControl {
		t.Errorf("rcp: %v, %v", kind, err)
	}
	if _, err := ParseKind("bucket"); err == nil {
		t.Error("ParseKind accepts bucket")
	}
}

func TestParseOperator(t *testing.T) {
	for _, name := range operatorNames {
		for _, full := range []string{name, "ForAllValues:" + name, "ForAnyValue:" + name + "IfExists"} {
			op, ok := ParseOperator(strings.ToUpper(full))
			if !ok {
				if !strings.HasSuffix(full, "NullIfExists") {
					t.Errorf("ParseOperator refuses %s", full)
				}
				continue
			}
			want := full
			if strings.Contains(name, "Arn") {
				want = strings.Replace(full, "Equals", "Like", 1)
				if equals := strings.Replace(full, "Like", "Equals", 1); op.arnEquals() != equals {
					t.Errorf("%s; want %s", op.arnEquals(), equals)
				}
			}
			if op.String() != want {
				t.Errorf("%s; want %s", op, want)
			}
		}
	}
}
