package model_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// operation returns an operation of the table.
func operation(t testing.TB, name string) *model.Operation {
	t.Helper()
	op, ok := model.Lookup(name)
	if !ok {
		t.Fatalf("no operation %s", name)
	}
	return op
}

// message returns the message of a ValidationError. Any other error fails the test.
func message(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "ValidationError" || api.ErrorFault() != smithy.FaultClient {
		t.Fatalf("got %v, want a ValidationError of the client", err)
	}
	return api.ErrorMessage()
}

func TestValidate(t *testing.T) {
	long := strings.Repeat("x", 65)
	for _, tc := range []struct {
		name, op string
		in       any
		want     string
	}{
		{"valid members", "CreateUser", &iam.CreateUserInput{UserName: aws.String("ana"), Path: aws.String("/a/")}, ""},
		{"no member set, none required", "ListUsers", &iam.ListUsersInput{}, ""},
		{"no input, nothing required", "GetUser", (*iam.GetUserInput)(nil), ""},
		{"no members", "GetAccountSummary", &iam.GetAccountSummaryInput{}, ""},
		{"maximum length", "CreateUser", &iam.CreateUserInput{UserName: aws.String(long[:64])}, ""},

		// IAM.
		{"required", "CreateUser", &iam.CreateUserInput{},
			"1 validation error detected: Value at 'userName' failed to satisfy constraint: " +
				"Member must not be null"},
		{"no input", "CreateUser", (*iam.CreateUserInput)(nil),
			"1 validation error detected: Value at 'userName' failed to satisfy constraint: " +
				"Member must not be null"},
		{"untyped nil", "CreateUser", nil,
			"1 validation error detected: Value at 'userName' failed to satisfy constraint: " +
				"Member must not be null"},
		{"too long", "CreateRole", &iam.CreateRoleInput{RoleName: &long, AssumeRolePolicyDocument: aws.String("{}")},
			"1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less " +
				"than or equal to 64"},
		{"pattern of a name", "CreateUser", &iam.CreateUserInput{UserName: aws.String("a:b")},
			"The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: " +
				"+=,.@_-"},
		{"pattern and length of a name", "CreateUser", &iam.CreateUserInput{UserName: aws.String("")},
			"2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must have length greater " +
				"than or equal to 1; The specified value for userName is invalid. It must contain only alphanumeric characters " +
				"and/or the following: +=,.@_-"},
		{"letter that is not ASCII", "CreateUser", &iam.CreateUserInput{UserName: aws.String("é")},
			"The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: " +
				"+=,.@_-"},
		{"name that ends in a line break", "CreateUser", &iam.CreateUserInput{UserName: aws.String("ana\n")},
			"The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: " +
				"+=,.@_-"},
		{"path", "CreateUser", &iam.CreateUserInput{UserName: aws.String("ana"), Path: aws.String("a")},
			"The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters " +
				"and/or / characters."},
		{"path prefix", "ListUsers", &iam.ListUsersInput{PathPrefix: aws.String("a/")},
			"The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric " +
				"characters and/or / characters."},
		{"pattern of a version id", "GetPolicyVersion",
			&iam.GetPolicyVersionInput{PolicyArn: aws.String("arn:aws:iam::000000000000:policy/p"), VersionId: aws.String("1")},
			`1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular ` +
				`expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`},
		{"pattern with a lookahead", "CreateAccountAlias", &iam.CreateAccountAliasInput{AccountAlias: aws.String("a--b")},
			`1 validation error detected: Value at 'accountAlias' failed to satisfy constraint: Member must satisfy regular ` +
				`expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`},
		{"number too large", "ListUsers", &iam.ListUsersInput{MaxItems: aws.Int32(1001)},
			"1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than " +
				"or equal to 1000"},
		{"number too small", "ListUsers", &iam.ListUsersInput{MaxItems: aws.Int32(0)},
			"1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater " +
				"than or equal to 1"},
		{"enum", "UpdateAccessKey",
			&iam.UpdateAccessKeyInput{AccessKeyId: aws.String("AKIA0123456789ABCDEF"), Status: "active"},
			"1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value " +
				"set: [Active, Inactive]"},
		{"enum not set", "UpdateAccessKey", &iam.UpdateAccessKeyInput{AccessKeyId: aws.String("AKIA0123456789ABCDEF")},
			"1 validation error detected: Value at 'status' failed to satisfy constraint: " +
				"Member must not be null"},
		{"in a list of structures", "TagUser",
			&iam.TagUserInput{UserName: aws.String("ana"),
				Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("")}, {Key: aws.String("#"), Value: aws.String("*")}}},
			`2 validation errors detected: Value at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy ` +
				`regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+; ` +
				`Value at 'tags.2.member.value' failed to satisfy constraint: Member must satisfy regular expression pattern: ` +
				`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`},
		{"required in a list of structures", "TagUser",
			&iam.TagUserInput{UserName: aws.String("ana"), Tags: []types.Tag{{Key: aws.String("a")}}},
			"1 validation error detected: Value at 'tags.1.member.value' failed to satisfy constraint: " +
				"Member must not be null"},
		{"length in characters", "TagUser",
			&iam.TagUserInput{UserName: aws.String("ana"),
				Tags: []types.Tag{{Key: aws.String(strings.Repeat("é", 128)), Value: aws.String(strings.Repeat("\u4e16", 256))}}},
			""},
		{"list too long", "TagUser",
			&iam.TagUserInput{UserName: aws.String("ana"),
				Tags: slices.Repeat([]types.Tag{{Key: aws.String("a"), Value: aws.String("")}}, 51)},
			"1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or " +
				"equal to 50"},
		{"required list", "TagUser", &iam.TagUserInput{UserName: aws.String("ana")},
			"1 validation error detected: Value at 'tags' failed to satisfy constraint: " +
				"Member must not be null"},
		{"required list that is empty", "TagUser", &iam.TagUserInput{UserName: aws.String("ana"), Tags: []types.Tag{}}, ""},
		{"in a list of strings", "CreateOpenIDConnectProvider",
			&iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://example.com"),
				ThumbprintList: []string{strings.Repeat("a", 40), "b"}},
			"1 validation error detected: Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy " +
				"constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal " +
				"to 40]"},
		{"secret", "CreateLoginProfile",
			&iam.CreateLoginProfileInput{UserName: aws.String("ana"), Password: aws.String("hunter2\x00")},
			`1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular ` +
				`expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+`},
		{"not UTF-8", "CreateUser",
			&iam.CreateUserInput{UserName: aws.String("ana"), PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/\xff")},
			"1 validation error detected: Value at 'permissionsBoundary' failed to satisfy constraint: Member must be valid " +
				"UTF-8"},
		{"member unknown to the model", "SimulatePrincipalPolicy", &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: aws.String("arn:aws:iam::123456789012:user/ana"), ActionNames: []string{"s3:GetObject"},
			PolicyExclusionList: make([]types.PolicyIdentifier, 1)},
			"1 validation error detected: Value at 'policyExclusionList' failed to satisfy constraint: Member is not supported"},

		// STS.
		{"STS value", "AssumeRole",
			&sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("a:b")},
			`1 validation error detected: Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy ` +
				`regular expression pattern: [\w+=,.@-]*`},
		{"STS missing value", "AssumeRole", &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r")},
			"1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: " +
				"Member must not be null"},
		{"STS number", "GetSessionToken", &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(1)},
			"1 validation error detected: Value '1' at 'durationSeconds' failed to satisfy constraint: Member must have " +
				"value greater than or equal to 900"},
		{"STS secret", "GetSessionToken", &sts.GetSessionTokenInput{TokenCode: aws.String("12x456")},
			`1 validation error detected: Value at 'tokenCode' failed to satisfy constraint: Member must satisfy regular ` +
				`expression pattern: [\d]*`},
		{"STS list", "AssumeRole",
			&sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("ab"),
				TransitiveTagKeys: []string{"a", "#\n"}},
			`1 validation error detected: Value '[a, #` + "\ufffd" +
				`]' at 'transitiveTagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have ` +
				`length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy ` +
				`regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+]`},
		{"STS long value", "AssumeRole",
			&sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
				RoleSessionName: aws.String(strings.Repeat("é", 10_000))},
			"2 validation errors detected: Value '" + strings.Repeat("é", 256) +
				"…' at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64; " +
				"Value '" + strings.Repeat("é", 256) +
				`…' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ` +
				`[\w+=,.@-]*`},
		{"STS path with wire names", "AssumeRole",
			&sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("ab"),
				PolicyArns: []ststypes.PolicyDescriptorType{{Arn: aws.String("arn")}}},
			"1 validation error detected: Value 'arn' at 'policyArns.1.member.arn' failed to satisfy constraint: Member must " +
				"have length greater than or equal to 20"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := message(t, model.Validate(operation(t, tc.op), tc.in)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestValidate_InputOfOtherOperation(t *testing.T) {
	for _, in := range []any{&iam.DeleteUserInput{UserName: aws.String("ana")}, iam.CreateUserInput{}, "ana",
		&sts.AssumeRoleInput{}} {
		err := model.Validate(operation(t, "CreateUser"), in)
		var api smithy.APIError
		if err == nil || errors.As(err, &api) {
			t.Errorf("%T for CreateUser: %v, want an error other than an API error", in, err)
		}
	}
}

// TestValidate_EveryConstraint fills the input of every operation with valid values, and breaks one
// constraint at a time.
func TestValidate_EveryConstraint(t *testing.T) {
	broken := 0
	for op := range model.All() {
		in := filled(t, op)
		if err := model.Validate(op, in); err != nil {
			t.Errorf("%s with valid members: %v", op.Name, err)
			continue
		}
		eachMember(reflect.ValueOf(in).Elem(), op.Input, "", func(where string, m model.Member, v reflect.Value) {
			for breach, text := range breaches(m) {
				before := reflect.ValueOf(v.Interface())
				v.SetZero()
				if text != nil {
					setText(v, *text)
				}
				got := message(t, model.Validate(op, in))
				if !strings.Contains(got, "'"+where+"'") && !strings.Contains(got, " for "+where+" is invalid") {
					t.Errorf("%s: %s at %s gives %q", op.Name, breach, where, got)
				}
				v.Set(before)
				broken++
			}
		})
		if err := model.Validate(op, in); err != nil {
			t.Fatalf("%s: the test did not restore the valid values: %v", op.Name, err)
		}
	}
	if broken < 1000 {
		t.Errorf("only %d constraints were broken", broken)
	}
}

// breaches returns strings that violate one of a member's constraints. A nil pointer stands for a missing member.
func breaches(m model.Member) map[string]*string {
	out := map[string]*string{}
	if m.Required {
		out["missing value"] = nil
	}
	s := m.Shape
	if s.Type != model.String {
		return out
	}
	out["invalid UTF-8"] = aws.String("\xff")
	if s.HasMax {
		out["long value"] = aws.String(strings.Repeat("a", int(s.Max)+1))
	}
	if s.HasMin && s.Min > 1 {
		out["short value"] = aws.String("a")
	}
	if s.Pattern != nil {
		out["value outside the pattern"] = aws.String("a\x00")
	}
	if s.Enum != nil {
		out["value outside the enum"] = aws.String("no such value")
	}
	return out
}

// eachMember visits all members of a structure. Of a list, it visits only the first element.
func eachMember(v reflect.Value, s *model.Shape, prefix string,
	visit func(where string, m model.Member, v reflect.Value)) {
	for _, m := range s.Members {
		field := v.FieldByName(m.Name)
		where := prefix + strings.ToLower(m.Wire[:1]) + m.Wire[1:]
		if field.Kind() == reflect.Pointer || field.Kind() == reflect.Slice || m.Shape.Enum != nil {
			visit(where, m, field)
		}
		if m.Shape.Type == model.List && m.Shape.Element.Type == model.Structure {
			eachMember(field.Index(0), m.Shape.Element, fmt.Sprintf("%s.1.member.", where), visit)
		}
	}
}

// TestValidate_LeavesOutSecrets breaks every constraint of every secret at once.
func TestValidate_LeavesOutSecrets(t *testing.T) {
	const canary = "canary"
	for op := range model.All() {
		found := 0
		in := reflect.New(sdkTypes[op.Name].input)
		fill(t, in.Elem(), op.Input, func(m model.Member) (string, bool) {
			if isSecret(m) {
				found++
			}
			return strings.Repeat(canary+"\x00", 20_000), isSecret(m)
		})
		err := model.Validate(op, in.Interface())
		if found > 0 && err == nil {
			t.Errorf("%s: no secret violates a constraint, so the test checks nothing", op.Name)
		}
		if err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the error contains a secret: %.300s", op.Name, err)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	create := operation(b, "CreateUser")
	tags := []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")},
		{Key: aws.String("stage"), Value: aws.String("test")}}
	put := operation(b, "PutUserPolicy")
	for _, bc := range []struct {
		name string
		op   *model.Operation
		in   any
	}{
		{"CreateUser", create,
			&iam.CreateUserInput{UserName: aws.String("ana.banana"), Path: aws.String("/division/team/"), Tags: tags}},
		{"document of 6 kB", put,
			&iam.PutUserPolicyInput{UserName: aws.String("ana"), PolicyName: aws.String("p"),
				PolicyDocument: aws.String(strings.Repeat(`{"a":1}`, 900))}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := model.Validate(bc.op, bc.in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
