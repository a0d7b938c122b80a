package model_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

func TestClone(t *testing.T) {
	if model.Clone[iam.CreateUserInput](nil) != nil {
		t.Error("the copy of nil is not nil")
	}
	in := &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn:     aws.String("arn"),
		ActionNames:         []string{},
		PolicyExclusionList: []types.PolicyIdentifier{&types.PolicyIdentifierMemberPolicyArn{Value: "arn"}, nil},
	}
	got := model.Clone(in)
	if !reflect.DeepEqual(got, in) {
		t.Errorf("the copy differs from the original: %v", got)
	}
	if got.ActionNames == nil || got.ResourceArns != nil {
		t.Error("the copy confuses empty and nil")
	}
	in.PolicyExclusionList[0].(*types.PolicyIdentifierMemberPolicyArn).Value = "changed"
	if got.PolicyExclusionList[0].(*types.PolicyIdentifierMemberPolicyArn).Value != "arn" {
		t.Error("the copy shares the value of an interface")
	}
	// The copy has no request metadata.
	out := &iam.GetUserOutput{User: &types.User{CreateDate: aws.Time(time.Now())}}
	out.ResultMetadata.Set("key", "value")
	if copied := model.Clone(out); copied.ResultMetadata.Has("key") ||
		!copied.User.CreateDate.Equal(*out.User.CreateDate) {
		t.Errorf("the copy is %v", copied)
	}
}

// TestClone_SharesNothing fills the input and output of every operation, and looks for memory that a copy
// shares with the original.
func TestClone_SharesNothing(t *testing.T) {
	compare := func(t *testing.T, goType reflect.Type, shape *model.Shape) {
		t.Helper()
		if shape == nil {
			return
		}
		v := reflect.New(goType)
		fill(t, v.Elem(), shape, nil)
		// The type parameter of Clone is any here, so Clone copies the value of the interface.
		boxed := v.Interface()
		copied := reflect.ValueOf(*model.Clone(&boxed))
		if !reflect.DeepEqual(copied.Interface(), v.Interface()) {
			t.Errorf("%s: the copy differs", goType)
		}
		before := map[uintptr]bool{}
		addresses(v, func(p uintptr) { before[p] = true })
		if len(before) < len(shape.Members)/2 {
			t.Errorf("%s: the test found only %d pieces of memory", goType, len(before))
		}
		addresses(copied, func(p uintptr) {
			if before[p] {
				t.Errorf("%s: the copy shares memory", goType)
			}
		})
	}
	for op := range model.All() {
		compare(t, sdkTypes[op.Name].input, op.Input)
		compare(t, sdkTypes[op.Name].output, op.Output)
	}
}

// addresses visits the address of everything that a value points to, except for the inner parts of times.
func addresses(v reflect.Value, visit func(uintptr)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice:
		// Values without size share one address.
		if !v.IsNil() && v.Type().Elem().Size() > 0 {
			visit(v.Pointer())
		}
	case reflect.Map:
		visit(v.Pointer())
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			addresses(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			addresses(v.Index(i), visit)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			addresses(entries.Value(), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				addresses(v.Field(i), visit)
			}
		}
	}
}

func TestParameters_LikeCloudTrail(t *testing.T) {
	at := time.Date(2026, 11, 23, 13, 0, 0, 0, time.FixedZone("", 3600))
	for _, tc := range []struct {
		name string
		got  map[string]any
		want string
	}{
		{"tags", model.Parameters(operation(t, "CreateUser"),
			&iam.CreateUserInput{UserName: aws.String("ana"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("")}}}),
			`{"tags":[{"key":"a","value":""}],"userName":"ana"}`},
		{"nothing set", model.Parameters(operation(t, "ListUsers"), &iam.ListUsersInput{}), `null`},
		{"no input", model.Parameters(operation(t, "ListUsers"), (*iam.ListUsersInput)(nil)), `null`},
		{"number and list",
			model.Parameters(operation(t, "UntagUser"),
				&iam.UntagUserInput{UserName: aws.String("ana"), TagKeys: []string{"a"}}), `{"tagKeys":["a"],"userName":"ana"}`},
		{"name that begins with an abbreviation",
			model.Parameters(operation(t, "CreateSAMLProvider"),
				&iam.CreateSAMLProviderInput{Name: aws.String("a"), SAMLMetadataDocument: aws.String("<a/>"),
					AddPrivateKey: aws.String("secret")}),
			`{"name":"a","sAMLMetadataDocument":"\u003ca/\u003e"}`},
		{"plain bool that is false",
			model.Parameters(operation(t, "CreatePolicyVersion"),
				&iam.CreatePolicyVersionInput{PolicyArn: aws.String("arn"), PolicyDocument: aws.String("{}")}),
			`{"policyArn":"arn","policyDocument":"{}"}`},
		{"plain bool that is true",
			model.Parameters(operation(t, "CreatePolicyVersion"), &iam.CreatePolicyVersionInput{SetAsDefault: true}),
			`{"setAsDefault":true}`},
		{"password",
			model.Parameters(operation(t, "ChangePassword"),
				&iam.ChangePasswordInput{OldPassword: aws.String("a"), NewPassword: aws.String("b")}), `null`},
		{"one-time code",
			model.Parameters(operation(t, "GetSessionToken"),
				&sts.GetSessionTokenInput{DurationSeconds: aws.Int32(900), SerialNumber: aws.String("arn"),
					TokenCode: aws.String("123456")}),
			`{"durationSeconds":900,"serialNumber":"arn"}`},
		{"new access key",
			model.ResponseElements(operation(t, "CreateAccessKey"), &iam.CreateAccessKeyOutput{AccessKey: &types.AccessKey{
				AccessKeyId: aws.String("AKIA"), SecretAccessKey: aws.String("secret"), Status: "Active",
				UserName: aws.String("ana"), CreateDate: &at}}),
			`{"accessKey":{"accessKeyId":"AKIA","createDate":"2026-11-23T12:00:00Z","status":"Active","userName":"ana"}}`},
		{"session credentials",
			model.ResponseElements(operation(t, "AssumeRole"), &sts.AssumeRoleOutput{Credentials: &ststypes.Credentials{
				AccessKeyId: aws.String("ASIA"), SecretAccessKey: aws.String("secret"), SessionToken: aws.String("secret"),
				Expiration: &at}}),
			`{"credentials":{"accessKeyId":"ASIA","expiration":"2026-11-23T12:00:00Z"}}`},
		{"plain bool in an output",
			model.ResponseElements(operation(t, "CreatePolicyVersion"),
				&iam.CreatePolicyVersionOutput{PolicyVersion: &types.PolicyVersion{VersionId: aws.String("v2")}}),
			`{"policyVersion":{"isDefaultVersion":false,"versionId":"v2"}}`},
		{"map", model.ResponseElements(operation(t, "GetAccountSummary"),
			&iam.GetAccountSummaryOutput{SummaryMap: map[string]int32{"Users": 1}}), `{"summaryMap":{"Users":1}}`},
		{"empty output", model.ResponseElements(operation(t, "DeleteUser"), &iam.DeleteUserOutput{}), `null`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text, err := json.Marshal(tc.got)
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != tc.want {
				t.Errorf("got  %s\nwant %s", text, tc.want)
			}
		})
	}
}

func TestParameters_InputOfOtherOperation(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Parameters accepted the input of another operation")
		}
	}()
	model.Parameters(operation(t, "CreateUser"), &iam.DeleteUserInput{})
}

func TestParameters_LeavesOutSecrets(t *testing.T) {
	const canary = "canary"
	check := func(goType reflect.Type, shape *model.Shape, record func(any) map[string]any) (secrets int) {
		if shape == nil {
			return 0
		}
		v := reflect.New(goType)
		fill(t, v.Elem(), shape, func(m model.Member) (string, bool) {
			if isSecret(m) {
				secrets++
			}
			return canary, isSecret(m)
		})
		text, err := json.Marshal(record(v.Interface()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), canary) || strings.Contains(string(text), "Y2FuYXJ5") {
			t.Errorf("%s: the record contains a secret: %s", goType, text)
		}
		return secrets
	}
	secrets := 0
	for op := range model.All() {
		secrets += check(sdkTypes[op.Name].input, op.Input, func(v any) map[string]any { return model.Parameters(op, v) })
		secrets += check(sdkTypes[op.Name].output, op.Output,
			func(v any) map[string]any { return model.ResponseElements(op, v) })
	}
	if secrets < 25 {
		t.Errorf("the test found only %d secrets", secrets)
	}
}

func BenchmarkClone(b *testing.B) {
	in := &iam.CreateUserInput{UserName: aws.String("ana"), Path: aws.String("/"),
		Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}
	b.ReportAllocs()
	for b.Loop() {
		model.Clone(in)
	}
}
