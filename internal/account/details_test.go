package account

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
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

// An account that was read and written has the same entries. The output has decoded documents and one form of dates.
func TestAuthorizationDetails_RoundTrip(t *testing.T) {
	written := mustWrite(t, mustRead(t, sample(t)))
	var before, after any
	for text, into := range map[string]*any{string(sample(t)): &before, string(written): &after} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
		*into = normalize("", *into)
	}
	for _, list := range []string{"UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"} {
		want, got := before.(map[string]any)[list].([]any), after.(map[string]any)[list].([]any)
		if len(want) != len(got) {
			t.Fatalf("%s: wrote %d entries, read %d", list, len(got), len(want))
		}
		for _, item := range want {
			same := false
			for _, other := range got {
				same = same || reflect.DeepEqual(item, other)
			}
			if !same {
				t.Errorf("%s: the entry\n%v\nis missing in the output:\n%v", list, item, got)
			}
		}
	}
	if again := mustWrite(t, mustRead(t, written)); !bytes.Equal(written, again) {
		t.Error("reading and writing the output changes it")
	}
}

// normalize converts a value of the sample to the form of the output: empty lists, decoded documents, dates with an
// offset. It changes group names to lower case.
func normalize(name string, v any) any {
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
			v[k] = normalize(k, member)
		}
		return v
	case []any:
		for i := range v {
			v[i] = normalize(name, v[i])
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

func TestReadAuthorizationDetails_PlusInEncodedDocument(t *testing.T) {
	group, _ := mustRead(t, sample(t)).Group("DEVELOPERS")
	if text, ok := group.Inline[0].Document.Text(); !ok || !strings.Contains(text, `"a+b"`) {
		t.Errorf("%s", text)
	}
}

func TestReadAuthorizationDetails_Pages(t *testing.T) {
	first := `{"UserDetailList":[` + userText("ana", "") + `],"IsTruncated":true,"Marker":"x"}`
	second := `{"UserDetailList":[` + userText("bob", "") + `],"IsTruncated":false}`
	for _, text := range []string{first + second, first + "\n" + second + "\n", "[" + first + "," + second + "]"} {
		if users := mustRead(t, []byte(text)).Users(); len(users) != 2 || users[0].Name != "ana" || users[1].Name != "bob" {
			t.Errorf("%s: %v", text, users)
		}
	}
}

func userText(name, more string) string {
	return `{"UserName":"` + name + `","Path":"/","UserId":"AIDA` + name + `","Arn":"arn:aws:iam::123456789012:user/` +
		name + `"` + more + `}`
}

func policyText(arn, name, document string) string {
	return `{"PolicyName":"` + name + `","Path":"/","Arn":"` + arn +
		`","DefaultVersionId":"v1","PolicyVersionList":[{"VersionId":"v1","IsDefaultVersion":true,"Document":` +
		document + `}]}`
}

// TestReadAuthorizationDetails_UnreadablePolicies checks that policies that cannot be evaluated remain in the account.
func TestReadAuthorizationDetails_UnreadablePolicies(t *testing.T) {
	const unreadable = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",` +
		`"Condition":{"Like":{"a:b":"c"}}}]}`
	text := `{"UserDetailList":[` + userText("ana", `,"UserPolicyList":[{"PolicyName":"p","PolicyDocument":`+allow("*")+
		`},{"PolicyName":"q","PolicyDocument":`+unreadable+`}]`) + `,` +
		userText("bob", `,"UserPolicyList":[{"PolicyName":"p","PolicyDocument":`+allow("*")+`}]`) + `],` +
		`"Policies":[` + policyText("arn:aws:iam::123456789012:policy/p", "p", unreadable) + `]}`
	a, err := ReadAuthorizationDetails([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	outcome := func(a *Account, name string) authz.Outcome {
		t.Helper()
		principal, err := a.Principal(name)
		if err != nil {
			t.Fatal(err)
		}
		policies := mustPolicies(t, a, principal)
		r := &authz.Request{Principal: principal, Action: authz.MustAction("s3:GetObject"), Resource: "*"}
		return policies.Explain(r).Outcome
	}
	if got := outcome(a, "ana"); got != authz.ExplicitlyDenied {
		t.Errorf("ana, who has an unreadable policy: %s", got)
	}
	if got := outcome(a, "bob"); got != authz.Allowed {
		t.Errorf("bob, who has none: %s", got)
	}
	written, err := a.AuthorizationDetails()
	if err != nil || strings.Count(string(written), `"Like"`) != 2 {
		t.Errorf("the written text is\n%s\n%v", written, err)
	}

	// A planned change of the user does not need to read the policy; a planned policy does.
	plan := NewPlan(a)
	plan.Put("x", Attach{Kind: UserKind, Name: "ana", ARNs: []string{"arn:aws:iam::123456789012:policy/p"}})
	view, _, err := plan.View("ana")
	if err != nil {
		t.Fatal(err)
	}
	if got := outcome(view, "ana"); got != authz.ExplicitlyDenied {
		t.Errorf("ana in the plan: %s", got)
	}
	if _, err := a.With(User{Name: "eve", Inline: []InlinePolicy{{"q", Text(unreadable)}}}); err == nil {
		t.Error("a new policy that cannot be evaluated was accepted")
	}
}

func TestReadAuthorizationDetails_InvalidText(t *testing.T) {
	user := func(more string) string { return `{"UserDetailList":[` + userText("ana", more) + `]}` }
	managed := func(doc string) string {
		return `{"Policies":[` + policyText("arn:aws:iam::123456789012:policy/p", "p", doc) + `]}`
	}
	for name, test := range map[string]struct{ text, want string }{
		"empty text":          {"", "the text is empty"},
		"number":              {"7", "found 7"},
		"null":                {"null", "found <nil>"},
		"incomplete text":     {`{"UserDetailList":[{"UserName":`, "ends before"},
		"invalid JSON":        {"{\n\"UserDetailList\":[}]}", "at 2:"},
		"list of numbers":     {"[1]", "found 1"},
		"object as user list": {`{"UserDetailList":{}}`, "the list UserDetailList"},
		"unknown list":        {`{"Userdetaillist":[]}`, `unknown name "Userdetaillist"`},
		"repeated list":       {`{"Policies":[],"Policies":[]}`, "twice in one object"},
		"unknown field": {user(`,"Permissions":[]`),
			`UserDetailList[0] at 1:20: unknown field "Permissions"`},
		"repeated field":      {user(`,"Tags":[],"tags":[]`), "differ in case only"},
		"null user":           {`{"UserDetailList":[null]}`, "the entry is null"},
		"number as name":      {`{"UserDetailList":[{"UserName":7}]}`, "cannot unmarshal number"},
		"invalid date":        {user(`,"CreateDate":"yesterday"`), "yesterday"},
		"missing page":        {`{"IsTruncated":true}`, "add the missing pages"},
		"page after the last": {`{} {}`, "found another page"},
		"other account": {`{"UserDetailList":[` + userText("a", "") + `,` +
			strings.ReplaceAll(userText("b", ""), "123456789012", "210987654321") + `]}`, "belongs to the account 210987654321"},
		"invalid account id":  {strings.ReplaceAll(user(""), "123456789012", "12"), "no account id"},
		"ARN of another user": {strings.ReplaceAll(user(""), "user/ana", "user/bob"), "does not match a user"},
		"missing ARN":         {`{"UserDetailList":[{"UserName":"ana"}]}`, "is not an ARN"},
		"repeated user": {`{"UserDetailList":[` + userText("ana", "") + `,` + userText("ANA", "") + `]}`,
			"occurs twice"},
		"path as name":   {`{"UserDetailList":[` + userText("a/b", "") + `]}`, "is not a valid name"},
		"repeated group": {user(`,"GroupList":["g","G"]`), "in the group G twice"},
		"repeated inline policy": {user(`,"UserPolicyList":[{"PolicyName":"p","PolicyDocument":` + allow("*") +
			`},{"PolicyName":"P","PolicyDocument":` + allow("*") + `}]`), "twice"},
		"repeated attachment": {
			user(`,"AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::aws:policy/A"},` +
				`{"PolicyArn":"arn:aws:iam::aws:policy/A"}]`), "attached twice"},
		"attachment without ARN": {user(`,"AttachedManagedPolicies":[{"PolicyName":"A"}]`), "is not an ARN"},
		"attachment of another account": {
			user(`,"AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::210987654321:policy/A"}]`),
			"is not the ARN of a managed policy"},
		"boundary without ARN":    {user(`,"PermissionsBoundary":{}`), "PermissionsBoundaryArn"},
		"repeated tag":            {user(`,"Tags":[{"Key":"a"},{"Key":"A"}]`), "twice"},
		"missing inline document": {user(`,"UserPolicyList":[{"PolicyName":"p"}]`), "document is missing"},
		"missing trust policy": {`{"RoleDetailList":[{"RoleName":"r","Path":"/",` +
			`"Arn":"arn:aws:iam::123456789012:role/r"}]}`, "AssumeRolePolicyDocument: the document is missing"},
		"number as document": {managed("7"), "is not valid"},
		"invalid encoding":   {managed(`"%7"`), "percent-encoding"},
		"missing default version": {strings.Replace(managed(allow("*")), `"DefaultVersionId":"v1"`, `"DefaultVersionId":"v2"`,
			1), "IsDefaultVersion of the version v1"},
		"deep list": {strings.Repeat("[", 100_000), "found"},
		"deep document": {managed(strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)),
			"max depth"},
		"deep list as document": {managed(strings.Repeat("[", 5000) + strings.Repeat("]", 5000)), "deep"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := ReadAuthorizationDetails([]byte(test.text))
			if err == nil || a != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestAuthorizationDetails_UnknownValue(t *testing.T) {
	for name, change := range map[string]Change{
		"attached policies": User{Name: "ana", Unknown: Unknown{Attached: true}},
		"inline document":   User{Name: "ana", Inline: []InlinePolicy{{"p", unknownDocument}}},
		"pending entry":     Pending{Key: "k", To: UserKind},
	} {
		t.Run(name, func(t *testing.T) {
			if text, err := mustWith(t, New(id), change).AuthorizationDetails(); err == nil {
				t.Errorf("AuthorizationDetails returned %s, want an error", text)
			}
		})
	}
}

func FuzzReadAuthorizationDetails(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte(`{"UserDetailList":[` + userText("ana", `,"GroupList":["g"]`) + `],"IsTruncated":true}{"Policies":[` +
		policyText("arn:aws:iam::aws:policy/p", "p", allow("*")) + `]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := ReadAuthorizationDetails(text)
		if err != nil {
			return
		}
		written, err := a.AuthorizationDetails()
		if err != nil {
			t.Fatalf("cannot write the account: %v", err)
		}
		again, err := ReadAuthorizationDetails(written)
		if err != nil {
			t.Fatalf("cannot read the written account: %v\n%s", err, written)
		}
		if twice := mustWrite(t, again); !bytes.Equal(written, twice) {
			t.Fatalf("first output:\n%s\nsecond output:\n%s", written, twice)
		}
	})
}
