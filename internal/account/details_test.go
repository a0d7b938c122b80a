package account

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

func sample(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/details.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func mustRead(t testing.TB, text []byte) *Account {
	t.Helper()
	a, err := ReadAuthorizationDetails(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func mustWrite(t testing.TB, a *Account) []byte {
	t.Helper()
	text, err := a.AuthorizationDetails()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Nothing of the form is lost: all that was in the text is in what is written,
// with the same values, documents decoded and dates in one form.
func TestDetailsSurviveARoundTrip(t *testing.T) {
	written := mustWrite(t, mustRead(t, sample(t)))
	var before, after any
	for text, into := range map[string]*any{string(sample(t)): &before, string(written): &after} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
		*into = normalised("", *into)
	}
	for _, list := range []string{"UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"} {
		want, got := before.(map[string]any)[list].([]any), after.(map[string]any)[list].([]any)
		if len(want) != len(got) {
			t.Fatalf("%s: %d, and %d before", list, len(got), len(want))
		}
		for _, item := range want {
			same := false
			for _, other := range got {
				same = same || reflect.DeepEqual(item, other)
			}
			if !same {
				t.Errorf("%s: what was read as\n%v\nis not in what was written:\n%v", list, item, got)
			}
		}
	}
	if again := mustWrite(t, mustRead(t, written)); !bytes.Equal(written, again) {
		t.Error("what was written is written otherwise after it was read")
	}
}

// normalised is a value of the sample as it is written: with lists that it leaves
// out, documents in place, dates with their offset, names as the thing has them.
func normalised(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["UserName"]; ok {
			for _, list := range []string{"UserPolicyList", "Tags"} {
				if v[list] == nil {
					v[list] = []any{}
				}
			}
		}
		for k, member := range v {
			v[k] = normalised(k, member)
		}
		return v
	case []any:
		for i := range v {
			v[i] = normalised(name, v[i])
		}
	case string:
		switch {
		case strings.HasSuffix(name, "Document"):
			doc, err := documentOf(json.RawMessage(`"` + v + `"`))
			var out any
			if text, _ := doc.Text(); err == nil && json.Unmarshal([]byte(text), &out) == nil {
				return out
			}
		case strings.HasSuffix(name, "Date"):
			return strings.Replace(v, "Z", "+00:00", 1)
		case name == "GroupList":
			return strings.ToLower(v)
		}
	}
	return v
}

func TestPercentEncodedDocumentsKeepTheirPlus(t *testing.T) {
	group, _ := mustRead(t, sample(t)).Group("DEVELOPERS")
	if text, ok := group.Inline[0].Document.Text(); !ok || !strings.Contains(text, `"a+b"`) {
		t.Errorf("%s", text)
	}
}

func TestPagesAreReadTogether(t *testing.T) {
	first := `{"UserDetailList":[` + userText("ana", "") + `],"IsTruncated":true,"Marker":"x"}`
	second := `{"UserDetailList":[` + userText("bob", "") + `],"IsTruncated":false}`
	for _, text := range []string{first + second, first + "\n" + second + "\n", "[" + first + "," + second + "]"} {
		if users := mustRead(t, []byte(text)).Users(); len(users) != 2 || users[0].Name != "ana" || users[1].Name != "bob" {
			t.Errorf("%s: %v", text, users)
		}
	}
}

func userText(name, more string) string {
	return `{"UserName":"` + name + `","Path":"/","UserId":"AIDA` + name + `","Arn":"arn:aws:iam::123456789012:user/` + name + `"` + more + `}`
}

func policyText(arn, name, document string) string {
	return `{"PolicyName":"` + name + `","Path":"/","Arn":"` + arn + `","DefaultVersionId":"v1","PolicyVersionList":[{"VersionId":"v1","IsDefaultVersion":true,"Document":` + document + `}]}`
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	user := func(more string) string { return `{"UserDetailList":[` + userText("ana", more) + `]}` }
	managed := func(doc string) string {
		return `{"Policies":[` + policyText("arn:aws:iam::123456789012:policy/p", "p", doc) + `]}`
	}
	for name, test := range map[string]struct{ text, want string }{
		"nothing":               {"", "nothing to read"},
		"no object":             {"7", "found 7"},
		"null":                  {"null", "found <nil>"},
		"cut off":               {`{"UserDetailList":[{"UserName":`, "ends in the middle"},
		"broken":                {"{\n\"UserDetailList\":[}]}", "at 2:"},
		"list of numbers":       {"[1]", "found 1"},
		"users no list":         {`{"UserDetailList":{}}`, "the list UserDetailList"},
		"unknown list":          {`{"Userdetaillist":[]}`, `"Userdetaillist" is no part`},
		"list twice":            {`{"Policies":[],"Policies":[]}`, "occurs twice"},
		"unknown field":         {user(`,"Permissions":[]`), `UserDetailList[0] at 1:20: unknown field "Permissions"`},
		"field twice":           {user(`,"Tags":[],"tags":[]`), "differ in case only"},
		"null user":             {`{"UserDetailList":[null]}`, "it is null"},
		"number as name":        {`{"UserDetailList":[{"UserName":7}]}`, "cannot unmarshal number"},
		"wrong date":            {user(`,"CreateDate":"yesterday"`), "yesterday"},
		"truncated":             {`{"IsTruncated":true}`, "give all pages"},
		"page too many":         {`{} {}`, "another page follows"},
		"other account":         {`{"UserDetailList":[` + userText("a", "") + `,` + strings.ReplaceAll(userText("b", ""), "123456789012", "210987654321") + `]}`, "is of the account 210987654321"},
		"no account":            {strings.ReplaceAll(user(""), "123456789012", "12"), "no account id"},
		"ARN of another":        {strings.ReplaceAll(user(""), "user/ana", "user/bob"), "is not that of a user"},
		"no ARN":                {`{"UserDetailList":[{"UserName":"ana"}]}`, "is not an ARN"},
		"the same twice":        {`{"UserDetailList":[` + userText("ana", "") + `,` + userText("ANA", "") + `]}`, "there twice"},
		"name that is a path":   {`{"UserDetailList":[` + userText("a/b", "") + `]}`, "is no name"},
		"group twice":           {user(`,"GroupList":["g","G"]`), "named twice"},
		"inline twice":          {user(`,"UserPolicyList":[{"PolicyName":"p","PolicyDocument":` + allow("*") + `},{"PolicyName":"P","PolicyDocument":` + allow("*") + `}]`), "twice"},
		"attached twice":        {user(`,"AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::aws:policy/A"},{"PolicyArn":"arn:aws:iam::aws:policy/A"}]`), "attached twice"},
		"attached no ARN":       {user(`,"AttachedManagedPolicies":[{"PolicyName":"A"}]`), "is not an ARN"},
		"attached of another":   {user(`,"AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::210987654321:policy/A"}]`), "is not the ARN of a managed policy"},
		"boundary without ARN":  {user(`,"PermissionsBoundary":{}`), "PermissionsBoundaryArn"},
		"tag twice":             {user(`,"Tags":[{"Key":"a"},{"Key":"A"}]`), "twice"},
		"inline not understood": {user(`,"UserPolicyList":[{"PolicyName":"p","PolicyDocument":{"Statement":[]}}]`), "inline policy p cannot be understood"},
		"inline absent":         {user(`,"UserPolicyList":[{"PolicyName":"p"}]`), "no document"},
		"role without trust":    {`{"RoleDetailList":[{"RoleName":"r","Path":"/","Arn":"arn:aws:iam::123456789012:role/r"}]}`, "AssumeRolePolicyDocument: there is no document"},
		"document a number":     {managed("7"), "cannot be understood"},
		"wrongly encoded":       {managed(`"%7"`), "percent-encoded wrongly"},
		"unknown operator":      {managed(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Like":{"a":"b"}}}}`), "policy arn:aws:iam::123456789012:policy/p: its version v1 cannot be understood"},
		"default missing":       {strings.Replace(managed(allow("*")), `"DefaultVersionId":"v1"`, `"DefaultVersionId":"v2"`, 1), "IsDefaultVersion of the version v1"},
		"deep":                  {strings.Repeat("[", 100_000), "found"},
		"deep document":         {managed(strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)), "max depth"},
		"deep profile":          {managed(strings.Repeat("[", 5000) + strings.Repeat("]", 5000)), "deep"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := ReadAuthorizationDetails([]byte(test.text))
			if err == nil || a != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; it should say %q", err, test.want)
			}
		})
	}
}

func TestUnknownThingsAreNotWritten(t *testing.T) {
	for name, change := range map[string]Change{
		"list":     User{Name: "ana", Unknown: Unknown{Attached: true}},
		"document": User{Name: "ana", Inline: []InlinePolicy{{"p", unknownDocument}}},
		"pending":  Pending{Key: "k", To: UserKind},
	} {
		t.Run(name, func(t *testing.T) {
			if text, err := mustWith(t, New(id), change).AuthorizationDetails(); err == nil {
				t.Errorf("written as %s", text)
			}
		})
	}
}

func FuzzReadAuthorizationDetails(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte(`{"UserDetailList":[` + userText("ana", `,"GroupList":["g"]`) + `],"IsTruncated":true}{"Policies":[` + policyText("arn:aws:iam::aws:policy/p", "p", allow("*")) + `]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := ReadAuthorizationDetails(text)
		if err != nil {
			return
		}
		written, err := a.AuthorizationDetails()
		if err != nil {
			t.Fatalf("read and not written: %v", err)
		}
		again, err := ReadAuthorizationDetails(written)
		if err != nil {
			t.Fatalf("written and not read: %v\n%s", err, written)
		}
		if twice := mustWrite(t, again); !bytes.Equal(written, twice) {
			t.Fatalf("written as\n%s\nthen as\n%s", written, twice)
		}
	})
}
