package policy

import (
	"bytes"
	"encoding/json"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"math/rand/v2"
	"strings"
	"testing"
)

func mustParse(tb testing.TB, text string) *Document {
	tb.Helper()
	doc, err := Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func TestEqual(t *testing.T) {
	st := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	const base = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`
	for _, c := range []struct {
		name, a, b string
		equal      bool
	}{
		{"no Version and Version 2008-10-17", `{"Statement":[` + base + `]}`,
			`{"Version":"2008-10-17","Statement":[` + base + `]}`, true},
		{"other Version", `{"Statement":[` + base + `]}`, st(base), false},
		{"one statement and a list of it", `{"Version":"2012-10-17","Statement":` + base + `}`, st(base), true},
		{"one value and a list of it", st(base), st(`{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"]}`), true},
		{"action in another case", st(base), st(`{"Effect":"Allow","Action":"S3:getobject","Resource":"*"}`), true},
		{"resource in another case", st(`{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::b/a"}`),
			st(`{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::b/A"}`), false},
		{"values in another order and duplicate", st(`{"Effect":"Deny","Action":["a:B","c:D"],"Resource":"*"}`),
			st(`{"Effect":"Deny","Action":["c:d","A:b","c:D"],"Resource":"*"}`), true},
		{"Action and NotAction", st(`{"Effect":"Deny","Action":"a:B","Resource":"*"}`),
			st(`{"Effect":"Deny","NotAction":"a:B","Resource":"*"}`), false},
		{"statements in another order and duplicate", st(base + `,{"Effect":"Deny","Action":"*","Resource":"*"}`),
			st(`{"Effect":"Deny","Action":"*","Resource":"*"},` + base + `,` + base), true},
		{"another Sid", st(`{"Sid":"a",` + base[1:]), st(`{"Sid":"b",` + base[1:]), false},
		{"empty Sid and no Sid", st(`{"Sid":"",` + base[1:]), st(base), true},
		{"another Id", `{"Id":"a","Statement":` + base + `}`, `{"Id":"b","Statement":` + base + `}`, false},
		{"\"*\" and {\"AWS\": \"*\"}", st(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`),
			st(`{"Effect":"Deny","Principal":{"AWS":["*"]},"Action":"*","Resource":"*"}`), true},
		{"an account and its root",
			st(`{"Effect":"Deny","Principal":{"AWS":"123456789012"},"Action":"*","Resource":"*"}`), st(`{"Effect":"Deny",` +
				`"Principal":{"AWS":["arn:aws-cn:iam::123456789012:root","arn:aws:iam::123456789012:root"]},"Action":"*",` +
				`"Resource":"*"}`), true},
		{"an account and its user",
			st(`{"Effect":"Deny","Principal":{"AWS":"123456789012"},"Action":"*","Resource":"*"}`), st(`{"Effect":"Deny",` +
				`"Principal":{"AWS":"arn:aws:iam::123456789012:user/root"},"Action":"*","Resource":"*"}`), false},
		{"service in another case, types in another order",
			st(`{"Effect":"Deny","Principal":{"Service":"EC2.amazonaws.com","AWS":"123456789012"},"Action":"*","Resource":"*"}`),
			st(`{"Effect":"Deny","Principal":{"AWS":"123456789012","Service":"ec2.amazonaws.com"},"Action":"*",` +
				`"Resource":"*"}`), true},
		{"key and operator in another case", st(base[:len(base)-1] + `,"Condition":{"stringequals":{"AWS:username":"a"}}}`),
			st(base[:len(base)-1] + `,"Condition":{"StringEquals":{"aws:UserName":["a"]}}}`), true},
		{"value in another case", st(base[:len(base)-1] + `,"Condition":{"StringEquals":{"aws:username":"A"}}}`),
			st(base[:len(base)-1] + `,"Condition":{"StringEquals":{"aws:username":"a"}}}`), false},
		{"true and \"TRUE\"", st(base[:len(base)-1] + `,"Condition":{"Bool":{"aws:SecureTransport":true}}}`),
			st(base[:len(base)-1] + `,"Condition":{"Bool":{"aws:SecureTransport":"TRUE"}}}`), true},
		{"true and TRUE under StringEquals", st(base[:len(base)-1] + `,"Condition":{"StringEquals":{"aws:x":true}}}`),
			st(base[:len(base)-1] + `,"Condition":{"StringEquals":{"aws:x":"TRUE"}}}`), false},
		{"10 and \"10\"", st(base[:len(base)-1] + `,"Condition":{"NumericEquals":{"s3:max-keys":10}}}`),
			st(base[:len(base)-1] + `,"Condition":{"NumericEquals":{"s3:max-keys":"10"}}}`), true},
		{"operator without keys and no condition", st(base[:len(base)-1] + `,"Condition":{"Bool":{}}}`), st(base), true},
		{"key without values and no condition", st(base[:len(base)-1] + `,"Condition":{"Bool":{"aws:x":[]}}}`),
			st(base), false},
		{"ArnEquals and ArnLike",
			st(base[:len(base)-1] + `,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::b"}}}`),
			st(base[:len(base)-1] + `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b"}}}`), true},
		{"ArnEquals and ArnLike on one key, and one list under ArnLike",
			st(base[:len(base)-1] +
				`,"Condition":{"ArnEquals":{"aws:a":"arn:aws:s3:::b"},"ArnLike":{"aws:a":"arn:aws:s3:::c"}}}`),
			st(base[:len(base)-1] + `,"Condition":{"ArnLike":{"aws:a":["arn:aws:s3:::b","arn:aws:s3:::c"]}}}`), false},
		{"values of ArnEquals and ArnLike exchanged",
			st(base[:len(base)-1] +
				`,"Condition":{"ArnEquals":{"aws:a":"arn:aws:s3:::b"},"ArnLike":{"aws:a":"arn:aws:s3:::c","aws:b":"x"}}}`),
			st(base[:len(base)-1] +
				`,"Condition":{"ArnEquals":{"aws:a":"arn:aws:s3:::c","aws:b":"x"},"ArnLike":{"aws:a":"arn:aws:s3:::b"}}}`), true},
		{"ArnEquals and ArnLike with different keys",
			st(base[:len(base)-1] + `,"Condition":{"ArnEquals":{"aws:a":"x"},"ArnLike":{"aws:b":"y"}}}`),
			st(base[:len(base)-1] + `,"Condition":{"ArnLike":{"aws:b":"y","aws:a":"x"}}}`), true},
		{"BoolIfExists and Bool", st(base[:len(base)-1] + `,"Condition":{"BoolIfExists":{"aws:a":"true"}}}`),
			st(base[:len(base)-1] + `,"Condition":{"Bool":{"aws:a":"true"}}}`), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := mustParse(t, c.a), mustParse(t, c.b)
			if Equal(a, b) != c.equal || Equal(b, a) != c.equal {
				one, _ := a.Canonical().MarshalJSON()
				two, _ := b.Canonical().MarshalJSON()
				t.Errorf("want %t\n%s\n%s", c.equal, one, two)
			}
			for _, doc := range []*Document{a, b} {
				one, _ := doc.Canonical().MarshalJSON()
				two, _ := doc.Canonical().Canonical().MarshalJSON()
				again := mustParse(t, string(one))
				if !bytes.Equal(one, two) || !Equal(doc, again) {
					t.Errorf("the canonical form of the canonical form differs:\n%s\n%s", one, two)
				}
			}
		})
	}
}

// TestEqual_IgnoresSpelling compares the managed policies with other spellings of themselves.
func TestEqual_IgnoresSpelling(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	count := 0
	for name, text := range managedPolicies(t) {
		if count++; count > 300 {
			break
		}
		var tree map[string]any
		if err := json.Unmarshal(text, &tree); err != nil {
			t.Fatal(err)
		}
		other, err := json.Marshal(reword(random, tree, "")) // maps have no order
		if err != nil {
			t.Fatal(err)
		}
		if !Equal(mustParse(t, string(text)), mustParse(t, string(other))) {
			t.Errorf("%s: not equal to\n%s", name, other)
		}
	}
}

// reword returns a policy in another spelling. It shuffles lists, repeats values, unwraps lists of one
// value, and changes the case of names that are not case-sensitive.
func reword(r *rand.Rand, v any, element string) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, value := range v {
			key := k
			if element == "Condition" || element == "operator" {
				key = otherCase(r, k)
			}
			inner := k
			if element == "Condition" {
				inner = "operator"
			}
			if element == "operator" {
				inner = "values"
			}
			out[key] = reword(r, value, inner)
		}
		return out
	case []any:
		out := []any{}
		for _, value := range v {
			out = append(out, reword(r, value, element))
			if r.IntN(4) == 0 {
				out = append(out, out[len(out)-1])
			}
		}
		r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		if len(out) == 1 && r.IntN(2) == 0 {
			return out[0]
		}
		return out
	case string:
		if element == "Action" || element == "NotAction" {
			v = otherCase(r, v)
		}
		return v
	}
	return v
}

func otherCase(r *rand.Rand, s string) string {
	return strings.Map(func(c rune) rune {
		if asciiLetter(c) && r.IntN(3) == 0 {
			return c ^ 0x20
		}
		return c
	}, s)
}

func TestMarshalJSON(t *testing.T) {
	const want = `{"Version":"2012-10-17","Id":"i",` +
		`"Statement":[{"Sid":"s","Effect":"Deny","NotPrincipal":{"AWS":["123456789012"],"Service":"a.b"},` +
		`"NotAction":"a:B","NotResource":["*"],"Condition":{"StringLike":{"a:b":"<&>\"\\\n\t\u0001ü€ "},` +
		`"NumericEquals":{"a:c":["1","true"]}}},{"Effect":"Allow","Principal":"*","Action":["a:B","a:C"],"Resource":"*",` +
		`"Condition":{}}]}`
	const text = `{"Id":"i","Statement":[
		{"NotPrincipal":{"AWS":["123456789012"],"Service":"a.b"},"NotResource":["*"],
		"Condition":{"StringLike":{"a:b":"<&>\"\\\n\t\u0001\u00fc\u20ac\u2028"},"NumericEquals":{"a:c":[1,true]}},
		"NotAction":"a:B","Effect":"Deny","Sid":"s"},
		{"Resource":"*","Condition":{},"Action":["a:B","a:C"],"Principal":"*","Effect":"Allow"}
	],"Version":"2012-10-17"}`
	got, err := mustParse(t, text).MarshalJSON()
	if err != nil || string(got) != strings.Replace(want, "€ ", "€\u2028", 1) {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
	const one = `{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`
	if got, _ := mustParse(t, one).MarshalJSON(); string(got) != one {
		t.Errorf("%s", got)
	}
	if got, err := json.Marshal(mustParse(t, one)); err != nil || string(got) != one {
		t.Errorf("%s, %v", got, err)
	}
	tree := tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "Statement", Value: tree.Node{Kind: tree.Object,
		Members: []tree.Member{
			{Name: "Effect", Value: tree.Node{Kind: tree.String, Text: "Deny"}}, {Name: "Action",
				Value: tree.Node{Kind: tree.String, Text: "*"}},
			{Name: "Resource", Value: tree.Node{Kind: tree.String, Text: "arn:aws:s3:::\xff"}},
		}}}}}
	doc, err := Decode(tree)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := doc.MarshalJSON(); !json.Valid(got) || !strings.Contains(string(got), "\ufffd") {
		t.Errorf("invalid UTF-8 becomes %s", got)
	}
}
