package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/shapes"
)

// argumentsFor returns a value of a shape as KEY=VALUE arguments, one for each element.
func argumentsFor(shape *model.Shape, key string) []string {
	switch shape.Type {
	case model.Structure:
		var out []string
		for _, m := range shape.Members {
			out = append(out, argumentsFor(m.Shape, key+"."+m.Wire)...)
		}
		return out
	case model.List:
		return append(argumentsFor(shape.Element, key+".1"), argumentsFor(shape.Element, key+".member.2")...)
	case model.Integer:
		return []string{key + "=7"}
	case model.Boolean:
		return []string{key + "=true"}
	case model.Timestamp:
		return []string{key + "=2026-01-31T12:00:00Z"}
	case model.Blob:
		return []string{key + "=" + base64.StdEncoding.EncodeToString([]byte(key))}
	}
	return []string{key + "=text of " + key}
}

func TestReadArguments_EveryParameter(t *testing.T) {
	for op := range apiOperations() {
		var args []string
		for _, m := range op.Model().Input.Members {
			args = append(args, argumentsFor(m.Shape, m.Wire)...)
		}
		in := op.NewInput()
		if err := readInput(strings.NewReader(""), op.Model(), in, "", args); err != nil {
			t.Errorf("%s: %v", op.Model().Name, err)
			continue
		}
		for _, m := range op.Model().Input.Members {
			if field := reflect.ValueOf(in).Elem().FieldByName(m.Name); field.IsZero() {
				t.Errorf("%s: %s is not set", op.Model().Name, m.Wire)
			}
		}
	}
}

func TestListOperations_GroupsEveryOperation(t *testing.T) {
	var list strings.Builder
	listOperations(newWriter(&list))
	for op := range apiOperations() {
		if !strings.Contains(list.String(), "\n  "+op.Model().Name+" ") {
			t.Errorf("%s is not listed; its group is %q", op.Model().Name, operationGroup(op.Model()))
		}
	}
}

func TestReadArguments_PartAndWhole(t *testing.T) {
	op, _ := model.Lookup("TagUser")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"Tags=[]", "Tags.1.Key=a"}, "Tags.1.Key: the parameter is set both in parts and as a whole"},
		{[]string{"Tags.1.Key=a", "Tags=[]"}, "Tags: the parameter is set both as a whole and in parts"},
		{[]string{"Tags.1.Key=a", "Tags.1.Key=b"}, "Tags.1.Key: the parameter is set 2 times, but it is not a list"},
		{[]string{"Tags.0.Key=a"}, "element 1 is missing"},
		{[]string{"Tags.x=a"}, "element 1 is missing"},
		{[]string{"=a"}, `unknown parameter ""`},
		{[]string{"Tags.=a"}, "element 1 is missing"},
	} {
		err := readInput(strings.NewReader(""), op, new(iam.TagUserInput), "", test.args)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.args, err, test.want)
		}
	}
}

func TestReadArguments_EmptyList(t *testing.T) {
	op, _ := model.Lookup("TagUser")
	in := new(iam.TagUserInput)
	if err := readInput(strings.NewReader(""), op, in, "", []string{"UserName=", "Tags="}); err != nil {
		t.Fatal(err)
	}
	if in.Tags == nil || len(in.Tags) != 0 || in.UserName == nil || *in.UserName != "" {
		t.Errorf("read %+v, want an empty list of tags and an empty name", in)
	}
}

func TestEncode_AWSCLIForm(t *testing.T) {
	op, _ := model.Lookup("GetUserPolicy")
	got := shapes.Encode(op, &iam.GetUserPolicyOutput{
		UserName: aws.String("a<b>"), PolicyName: aws.String("p"),
		PolicyDocument: aws.String("%7B%22b%22%3A1%2C%20%22a%22%3A%22%2B%20%22%7D"),
	})
	var out strings.Builder
	if err := writeOutput(&out, "json", got); err != nil {
		t.Fatal(err)
	}
	want := "{\n    \"UserName\": \"a<b>\",\n    \"PolicyName\": \"p\",\n    \"PolicyDocument\": {\n        \"b\": " +
		"1,\n        \"a\": \"+ \"\n    }\n}\n"
	if out.String() != want {
		t.Errorf("got %s want %s", out.String(), want)
	}

	op, _ = model.Lookup("GetAccountSummary")
	got = shapes.Encode(op, &iam.GetAccountSummaryOutput{SummaryMap: map[string]int32{"Users": 1, "Groups": 2}})
	if fmt.Sprint(got) != "[{SummaryMap [{Groups 2} {Users 1}]}]" {
		t.Errorf("encoded %v", got)
	}
	op, _ = model.Lookup("ListUsers")
	got = shapes.Encode(op,
		&iam.ListUsersOutput{Users: []iamtypes.User{{UserName: aws.String("x"), CreateDate: aws.Time(time.Unix(0, 0))}}})
	if fmt.Sprint(got) != "[{Users [[{UserName x} {CreateDate 1970-01-01T00:00:00Z}]]} {IsTruncated false}]" {
		t.Errorf("encoded %v", got)
	}
}

func TestTable_EscapesControlCharacters(t *testing.T) {
	var out strings.Builder
	w := newWriter(&out)
	w.table(shapes.Object{{Name: "Users", Value: []any{
		shapes.Object{{Name: "Name", Value: "a\x1b[31m"}, {Name: "Inner", Value: shapes.Object{{Name: "X", Value: "1"}}}},
		shapes.Object{{Name: "Name", Value: "b"}},
	}}})
	want := "Name         Inner.X\na\\x1b[31m    1\nb            -\n"
	if got := out.String(); strings.Contains(got, "\x1b") ||
		strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("the table is %q, want %q", got, want)
	}
}

func FuzzReadArguments(f *testing.F) {
	f.Add("Tags.1.Key=a\nTags.1.Value=b")
	f.Add("Tags=Key=a,Value=b\nUserName=x")
	f.Add(`Tags=[{"Key": "a"}]`)
	f.Add("Tags.member.1=Key=a\nTags.2={}")
	op, _ := model.Lookup("TagUser")
	f.Fuzz(func(t *testing.T, text string) {
		var args []string
		for _, arg := range strings.Split(text, "\n") {
			// no files
			if _, value, _ := strings.Cut(arg, "="); !strings.HasPrefix(value, "@") && !strings.HasPrefix(value, filePrefix) {
				args = append(args, arg)
			}
		}
		if len(args) == 0 {
			return
		}
		in := new(iam.TagUserInput)
		if err := readInput(strings.NewReader(""), op, in, "", args); err == nil && in.UserName == nil && in.Tags == nil {
			t.Errorf("%q is accepted, but sets no parameter", args)
		}
	})
}

func TestParseTime_Forms(t *testing.T) {
	now := time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-01-31": "2026-01-31T00:00:00Z", "2026-01-31T10:00:00+02:00": "2026-01-31T08:00:00Z",
		"36h": "2026-01-31T00:00:00Z", "7d": "2026-01-25T12:00:00Z",
	} {
		if got, err := parseTime(text, now); err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("parseTime(%q) = %v, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "yesterday", "-7d", "-1h", "9999-01-01", "31.01.2026"} {
		if got, err := parseTime(text, now); err == nil {
			t.Errorf("parseTime(%q) = %v, want an error", text, got)
		}
	}
}

func TestCallAllPages_JoinsPages(t *testing.T) {
	store := filepath.Join(t.TempDir(), "iam.db")
	e, err := engine.Open(t.Context(), engine.Options{Path: store})
	if err != nil {
		t.Fatal(err)
	}
	c := e.As(engine.LocalOperator("tester", engine.Circumstances{}))
	const groups = 201 // a page has 100
	for i := range groups {
		if _, err := c.CreateGroup(t.Context(),
			&iam.CreateGroupInput{GroupName: aws.String(fmt.Sprintf("group-%03d", i))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"api", "ListGroups", "--store", store}, strings.NewReader(""), &out, &errs); code != exitOK {
		t.Fatalf("exit status %d: %s", code, &errs)
	}
	var answer map[string][]struct{ GroupName string }
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil || len(answer) != 1 {
		t.Fatalf("reading the output: %v: %.200s", err, &out)
	}
	for i, g := range answer["Groups"] {
		if want := fmt.Sprintf("group-%03d", i); g.GroupName != want {
			t.Errorf("group %d is %s, want %s", i, g.GroupName, want)
		}
	}
	if n := len(answer["Groups"]); n != groups {
		t.Errorf("listed %d groups, want %d", n, groups)
	}
}
