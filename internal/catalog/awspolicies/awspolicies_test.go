package awspolicies

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// The numbers and dates are also in README.md and in the guide about AWS's managed policies.
func TestBuiltIn_Contents(t *testing.T) {
	all, err := BuiltIn().All()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1568 {
		t.Errorf("the set has %d policies, want 1568", len(all))
	}
	if date, err := BuiltIn().Date(); err != nil || date.Format(time.DateOnly) != "2026-08-26" {
		t.Errorf("the date is %s (%v), want 2026-08-26", date, err)
	}
	described := 0
	for i, p := range all {
		if i > 0 && ascii.Fold(all[i-1].Name) >= ascii.Fold(p.Name) {
			t.Errorf("%s follows %s", p.Name, all[i-1].Name)
		}
		if !pathAndNamePattern.MatchString(p.Path+p.Name) || !policyIDPattern.MatchString(p.ID) || p.Version < 1 ||
			p.Created.IsZero() || p.Updated.Before(p.Created) {
			t.Errorf("wrong fields: %+v", p)
		}
		text, err := BuiltIn().Document(p)
		if err != nil || !json.Valid([]byte(text)) {
			t.Errorf("%s: its document is not JSON (%v)", p.Name, err)
		}
		if p.Description != "" {
			described++
		}
	}
	if described < 1500 {
		t.Errorf("only %d policies have a description", described)
	}
}

func TestSet_Find(t *testing.T) {
	for _, tt := range []struct{ name, arn string }{
		{"AdministratorAccess", "arn:aws:iam::aws:policy/AdministratorAccess"},
		{"readonlyaccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		{"Billing", "arn:aws:iam::aws:policy/job-function/Billing"},
		{"AWSLambdaBasicExecutionRole", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"},
		{"AWSSupportServiceRolePolicy", "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"},
		{"Absent", ""},
	} {
		p, ok, err := BuiltIn().Find(tt.name)
		if err != nil || ok != (tt.arn != "") || ok && p.ARN() != tt.arn {
			t.Errorf("Find(%s) = %s, %t, %v, want %s", tt.name, p.ARN(), ok, err, tt.arn)
		}
	}
	p, _, _ := BuiltIn().Find("AdministratorAccess")
	text, err := BuiltIn().Document(p)
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	if err != nil || text != want || p.Description == "" || p.Version != 1 {
		t.Errorf("AdministratorAccess is %+v with the document %s (%v), want %s", p, text, err, want)
	}
}

const validLine = `{"Arn":"arn:aws:iam::aws:policy/team/New","DefaultVersionId":"v3",` +
	`"CreateDate":"2026-01-02T03:04:05Z","UpdateDate":"2026-02-03T04:05:06.789+00:00",` +
	`"PolicyName":"ignored","Document":{"Version": "2012-10-17"}}`

func TestRead_Valid(t *testing.T) {
	read, err := Read([]byte(validLine + "\n\n" +
		strings.NewReplacer("team/New", "first",
			`"PolicyName"`, `"PolicyId":"ANPAAAAAAAAAAAAAAAAAA","Description":"a\tb\nc","x"`).Replace(validLine)))
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []*Set{read, Unpack(read.Packed())} {
		all, err := set.All()
		if err != nil || len(all) != 2 || all[0].Name != "first" || all[1].Name != "New" {
			t.Fatalf("got %+v, %v", all, err)
		}
		if p := all[0]; p.ID != "ANPAAAAAAAAAAAAAAAAAA" || p.Description != "a b c" || p.Path != "/" {
			t.Errorf("got %+v", p)
		}
		p := all[1]
		if p.Version != 3 || p.Path != "/team/" || p.ID == "" || p.Created.Format(time.RFC3339) != "2026-01-02T03:04:05Z" ||
			p.Updated.Format(time.RFC3339) != "2026-02-03T04:05:06Z" {
			t.Errorf("got %+v", p)
		}
		if text, err := set.Document(p); err != nil || text != `{"Version":"2012-10-17"}` {
			t.Errorf("the document is %s, %v", text, err)
		}
		if date, err := set.Date(); err != nil || !date.Equal(p.Updated) {
			t.Errorf("the date is %s, %v", date, err)
		}
	}
}

func TestRead_Invalid(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"empty":   {"\n", "no policies"},
		"no JSON": {"x", "line 1: it is not the JSON object"},
		"customer's ARN": {strings.Replace(validLine, "iam::aws", "iam::111122223333", 1),
			"expected the ARN of a policy of AWS"},
		"no version":  {strings.Replace(validLine, `"v3"`, `"3"`, 1), "DefaultVersionId"},
		"no date":     {strings.Replace(validLine, "CreateDate", "Created", 1), "CreateDate and UpdateDate are required"},
		"no document": {strings.Replace(validLine, "Document", "document_", 1), "Document is missing"},
		"wrong id":    {strings.Replace(validLine, `"PolicyName"`, `"PolicyId"`, 1), "begins with ANPA"},
		"name twice": {validLine + "\n" + strings.Replace(validLine, "team/New", "new", 1),
			`line 2: the policy "new" is already in line 1`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestUnpack_Damaged(t *testing.T) {
	packed := BuiltIn().Packed()
	for name, damaged := range map[string][]byte{
		"empty": nil, "no list": []byte(magic), "cut list": packed[:1000], "cut chunks": packed[:len(packed)-1000],
		"another form": append([]byte("x"), packed...),
	} {
		if _, err := Unpack(damaged).All(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// BenchmarkUnpack measures the first use of a set: its list and one document.
func BenchmarkUnpack(b *testing.B) {
	for b.Loop() {
		set := Unpack(builtIn)
		p, _, err := set.Find("ReadOnlyAccess")
		if err == nil {
			_, err = set.Document(p)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
