package contract

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// ExtensionService is a service that offers the operations that AWS's APIs lack.
type ExtensionService interface {
	Service
	// OperatorExtension acts as the local operator.
	OperatorExtension() engine.ExtensionAPI
	// ExtensionWith acts with valid credentials.
	ExtensionWith(ctx context.Context, credentials Credentials) (engine.ExtensionAPI, error)
	// AnonymousExtension acts as a caller that has not signed in.
	AnonymousExtension() engine.ExtensionAPI
	// ZeroCallerExtension acts as the zero caller.
	ZeroCallerExtension() engine.ExtensionAPI
}

const (
	extensionUser     = "ann"
	extensionPassword = "correct-Horse-7-battery"
	extensionPolicy   = "shared"
)

// extensionState has the entities that the calls of the suite refer to.
type extensionState struct {
	service ExtensionService
	userID  string
	// policyARN is the ARN of a managed policy that is attached to the user and is the boundary of the role.
	policyARN string
	key       Credentials
	account   []byte // the export of an account without entities
	filename  string // the path of a file that does not exist
}

// extensionCall is a call of one operation.
type extensionCall struct {
	operation string
	input     func(s *extensionState) any
	event     string // the event name of the audit record; empty if it is the operation's name
	allowed   bool   // whether a policy can allow the operation
}

// extensionCalls has a valid input for each operation.
var extensionCalls = []extensionCall{
	{"SignIn", func(*extensionState) any {
		return &engine.SignInInput{UserName: extensionUser, Password: extensionPassword}
	}, "ConsoleLogin", true},
	{"RevokeUserSessions", func(*extensionState) any {
		return &engine.RevokeUserSessionsInput{UserName: extensionUser}
	}, "", true},
	{"RevokeRoleSessions", func(*extensionState) any { return &engine.RevokeRoleSessionsInput{RoleName: "deploy"} },
		"", true},
	{"RevokeAccessKeySessions", func(s *extensionState) any {
		return &engine.RevokeAccessKeySessionsInput{AccessKeyID: s.key.AccessKeyID}
	}, "", true},
	{"DescribeStore", func(*extensionState) any { return &engine.DescribeStoreInput{} }, "", false},
	{"GetAccount", func(*extensionState) any { return &engine.GetAccountInput{} }, "", false},
	{"ExportAccount", func(*extensionState) any { return &engine.ExportAccountInput{} }, "", false},
	{"AdoptResource", func(s *extensionState) any { return &engine.AdoptResourceInput{UniqueID: s.userID} }, "", false},
	{"RecordHandover", func(*extensionState) any {
		return &engine.RecordHandoverInput{Object: `user "bob"`, Stays: true}
	}, "", false},
	{"ConfirmResource", func(s *extensionState) any {
		return &engine.ConfirmResourceInput{UniqueID: s.userID, Kind: engine.InlinePolicyResource, Name: "all"}
	}, "", false},
	{"DescribeOrigin", func(s *extensionState) any {
		return &engine.DescribeOriginInput{UniqueID: s.userID, Kind: engine.LoginProfileResource}
	}, "", false},
	{"ListDependents", func(s *extensionState) any { return &engine.ListDependentsInput{UniqueID: s.userID} }, "", false},
	{"EndRun", func(*extensionState) any { return &engine.EndRunInput{Run: "run-1"} }, "", false},
	{"DescribeRun", func(*extensionState) any { return &engine.DescribeRunInput{Run: "run-1"} }, "", false},
	{"ReplacePolicy", func(s *extensionState) any {
		return &engine.ReplacePolicyInput{PolicyArn: s.policyARN, PolicyName: extensionPolicy, Description: "new",
			PolicyDocument: allow("*", "*")}
	}, "", false},
	{"CreateBackup", func(s *extensionState) any { return &engine.CreateBackupInput{Path: s.filename} }, "", false},
	{"ListAuditRecords", func(*extensionState) any {
		return &engine.ListAuditRecordsInput{EventName: "CreateUser", MaxItems: new(int32(1))}
	}, "", false},
	{"ListResourceChanges", func(s *extensionState) any {
		return &engine.ListResourceChangesInput{Subject: s.userID}
	}, "", false},
	{"VerifyAuditTrail", func(*extensionState) any { return &engine.VerifyAuditTrailInput{} }, "", false},
	{"CreateAuditCheckpoint", func(*extensionState) any { return &engine.CreateAuditCheckpointInput{} }, "", false},
	{"DescribeAWSPolicies", func(*extensionState) any { return &engine.DescribeAWSPoliciesInput{} }, "", false},
	{"LoadAWSPolicies", func(*extensionState) any { return &engine.LoadAWSPoliciesInput{BuiltIn: true} }, "", false},
	{"GetLimits", func(*extensionState) any { return &engine.GetLimitsInput{} }, "", false},
	{"SetLimits", func(*extensionState) any {
		return &engine.SetLimitsInput{Limits: map[string]int{"groups": 7}}
	}, "", false},
	{"GetPasswordProfile", func(*extensionState) any { return &engine.GetPasswordProfileInput{} }, "", true},
	{"SetPasswordProfile", func(*extensionState) any { return &engine.SetPasswordProfileInput{Profile: "cis"} }, "", true},
	{"RevealAccessKey", func(s *extensionState) any {
		return &engine.RevealAccessKeyInput{UserName: extensionUser, AccessKeyID: s.key.AccessKeyID}
	}, "", false},
	{"CreateAccessAssertion", func(*extensionState) any {
		return &engine.CreateAccessAssertionInput{Name: "payroll", Assertion: forbidden("s3:Get*")}
	}, "", true},
	{"GetAccessAssertion", func(*extensionState) any {
		return &engine.GetAccessAssertionInput{Name: "payroll"}
	}, "", true},
	{"ListAccessAssertions", func(*extensionState) any { return &engine.ListAccessAssertionsInput{} }, "", true},
	{"UpdateAccessAssertion", func(*extensionState) any {
		return &engine.UpdateAccessAssertionInput{Name: "payroll", Assertion: forbidden("s3:*")}
	}, "", true},
	{"WeakenAccessAssertion", func(*extensionState) any {
		return &engine.WeakenAccessAssertionInput{Name: "payroll", Assertion: forbidden("s3:GetObject")}
	}, "", true},
	{"UnprotectAccessAssertion", func(*extensionState) any {
		return &engine.UnprotectAccessAssertionInput{Name: "payroll", Reason: "drill"}
	}, "", false},
	{"DeleteAccessAssertion", func(*extensionState) any {
		return &engine.DeleteAccessAssertionInput{Name: "payroll"}
	}, "", true},
	{"RotateMasterKey", func(*extensionState) any { return &engine.RotateMasterKeyInput{} }, "", false},
	// The account is not empty, so the import fails. The part "import of an export" has one that succeeds.
	{"ImportAccount", func(s *extensionState) any { return &engine.ImportAccountInput{Text: s.account} }, "", false},
}

// forbidden returns an assertion that the role deploy may not call an action.
func forbidden(action string) assertion.Assertion {
	return assertion.Assertion{Principal: "deploy", Blocks: []assertion.Block{{Actions: []string{action}}}}
}

// RunExtension runs the suite of [engine.ExtensionAPI] on an implementation. open returns a service with an account of
// its own.
func RunExtension(t *testing.T, open func(t *testing.T) ExtensionService) {
	t.Helper()
	t.Run("every operation is in the suite", func(t *testing.T) {
		api := reflect.TypeFor[engine.ExtensionAPI]()
		for method := range api.Methods() {
			if !slices.ContainsFunc(extensionCalls, func(call extensionCall) bool { return call.operation == method.Name }) {
				t.Errorf("no scenario calls %s", method.Name)
			}
		}
	})
	t.Run("zero caller", func(t *testing.T) {
		s := newExtensionState(t, open)
		for _, call := range extensionCalls {
			_, err := callExtension(t, s.service.ZeroCallerExtension(), call.operation, call.input(s))
			wantCode(t, call.operation, err, "MissingAuthenticationToken")
		}
	})
	t.Run("anonymous caller", func(t *testing.T) {
		s := newExtensionState(t, open)
		for _, call := range extensionCalls {
			want := "MissingAuthenticationToken"
			if call.operation == "SignIn" {
				want = ""
			}
			_, err := callExtension(t, s.service.AnonymousExtension(), call.operation, call.input(s))
			wantCode(t, call.operation, err, want)
		}
	})
	t.Run("user with all permissions", func(t *testing.T) {
		s := newExtensionState(t, open)
		user, err := s.service.ExtensionWith(t.Context(), s.key)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range extensionCalls {
			want := "AccessDenied"
			if call.allowed {
				want = ""
			}
			_, err := callExtension(t, user, call.operation, call.input(s))
			wantCode(t, call.operation, err, want)
		}
	})
	t.Run("local operator", func(t *testing.T) { operatorExtension(t, open) })
	t.Run("errors", func(t *testing.T) { extensionErrors(t, open) })
	t.Run("import of an export", func(t *testing.T) { importOfExport(t, open) })
	t.Run("pages of audit records", func(t *testing.T) { auditPages(t, open) })
}

// newExtensionState creates an account with a user, a role and an access key.
func newExtensionState(t *testing.T, open func(t *testing.T) ExtensionService) *extensionState {
	t.Helper()
	e := &env{T: t, Service: open(t), seen: newRecord()}
	e.IAM, e.STS = e.Operator()
	s := &extensionState{service: e.Service.(ExtensionService), filename: filepath.Join(t.TempDir(), "backup.db")}
	empty, err := s.service.OperatorExtension().ExportAccount(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.account = empty.Text
	s.userID = *succeed(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new(extensionUser)}).User.UserId
	succeed(e, IAM.PutUserPolicy, &iam.PutUserPolicyInput{
		UserName: new(extensionUser), PolicyName: new("all"), PolicyDocument: new(allow("*", "*")),
	})
	succeed(e, IAM.CreateLoginProfile,
		&iam.CreateLoginProfileInput{UserName: new(extensionUser), Password: new(extensionPassword)})
	succeed(e, IAM.CreateRole, &iam.CreateRoleInput{
		RoleName: new("deploy"), AssumeRolePolicyDocument: new(trustPolicy(e.AccountID())),
	})
	s.policyARN = *succeed(e, IAM.CreatePolicy, &iam.CreatePolicyInput{
		PolicyName: new(extensionPolicy), PolicyDocument: new(allow("*", "*")),
	}).Policy.Arn
	succeed(e, IAM.CreatePolicy, &iam.CreatePolicyInput{
		PolicyName: new("third"), PolicyDocument: new(allow("*", "*")),
	})
	succeed(e, IAM.AttachUserPolicy,
		&iam.AttachUserPolicyInput{UserName: new(extensionUser), PolicyArn: new(s.policyARN)})
	succeed(e, IAM.PutRolePermissionsBoundary,
		&iam.PutRolePermissionsBoundaryInput{RoleName: new("deploy"), PermissionsBoundary: new(s.policyARN)})
	created := succeed(e, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: new(extensionUser)}).AccessKey
	s.key = Credentials{AccessKeyID: *created.AccessKeyId, SecretAccessKey: *created.SecretAccessKey}
	return s
}

// callExtension calls an operation by name. It checks that the input does not change, and overwrites it afterwards.
func callExtension(t *testing.T, api engine.ExtensionAPI, operation string, in any) (any, error) {
	t.Helper()
	before := cloneExtension(reflect.ValueOf(in))
	results := reflect.ValueOf(api).MethodByName(operation).Call([]reflect.Value{reflect.ValueOf(t.Context()),
		reflect.ValueOf(in)})
	if !reflect.DeepEqual(before.Interface(), in) {
		t.Errorf("%s changed its input", operation)
	}
	overwrite(reflect.ValueOf(in))
	err, _ := results[1].Interface().(error)
	if err != nil && !results[0].IsNil() {
		t.Errorf("%s returned both an output and the error %v", operation, err)
	}
	return results[0].Interface(), err
}

// cloneExtension returns a deep copy of an input.
func cloneExtension(in reflect.Value) reflect.Value {
	out := reflect.New(in.Type().Elem())
	out.Elem().Set(in.Elem())
	for i := range in.Elem().NumField() {
		switch field := in.Elem().Field(i); {
		case field.Kind() == reflect.Slice && !field.IsNil():
			out.Elem().Field(i).Set(reflect.AppendSlice(reflect.MakeSlice(field.Type(), 0, field.Len()), field))
		case field.Kind() == reflect.Map && !field.IsNil():
			copied := reflect.MakeMap(field.Type())
			for entries := field.MapRange(); entries.Next(); {
				copied.SetMapIndex(entries.Key(), entries.Value())
			}
			out.Elem().Field(i).Set(copied)
		case field.Kind() == reflect.Pointer && !field.IsNil():
			copied := reflect.New(field.Type().Elem())
			copied.Elem().Set(field.Elem())
			out.Elem().Field(i).Set(copied)
		}
	}
	return out
}

// wantCode checks an error's code, which is empty for success, and the form of the error.
func wantCode(t *testing.T, operation string, err error, want string) {
	t.Helper()
	if got := codeOf(err); got != want {
		t.Errorf("%s: %v, want %q", operation, err, want)
	}
	for _, fault := range extensionErrorFaults(operation, err) {
		t.Errorf("%s: %s: %v", operation, fault, err)
	}
}

// extensionErrorFaults is errorFaults for the extension, whose errors also have a request id.
func extensionErrorFaults(operation string, err error) []string {
	if err == nil {
		return nil
	}
	faults := errorFaults(operation, err)
	if id, found := engine.RequestID(err); !found || id == "" {
		faults = append(faults, "the error has no request id")
	}
	return faults
}

// operatorExtension calls each operation as the local operator. Each answer has a request id, and each call an audit
// record with it.
func operatorExtension(t *testing.T, open func(t *testing.T) ExtensionService) {
	s := newExtensionState(t, open)
	operator := s.service.OperatorExtension()
	for _, call := range extensionCalls {
		var id string
		out, err := callExtension(t, operator, call.operation, call.input(s))
		if call.operation == "ImportAccount" {
			wantCode(t, call.operation, err, "InvalidInput")
			id, _ = engine.RequestID(err)
		} else {
			wantCode(t, call.operation, err, "")
			if err != nil {
				continue
			}
			metadata := reflect.ValueOf(out).Elem().FieldByName("ResultMetadata").Interface().(middleware.Metadata)
			id, _ = awsmiddleware.GetRequestIDMetadata(metadata)
		}
		event := call.event
		if event == "" {
			event = call.operation
		}
		if !recordedWith(t, operator, event, id) {
			t.Errorf("%s: no audit record %s has the request id %q of the answer", call.operation, event, id)
		}
	}
}

// recordedWith reports whether an event with a request id is in the audit trail.
func recordedWith(t *testing.T, operator engine.AuditAPI, event, id string) bool {
	t.Helper()
	for record, err := range engine.AuditRecords(t.Context(), operator, &engine.ListAuditRecordsInput{EventName: event}) {
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := audit.Decode(record.Body)
		if err != nil {
			t.Fatal(err)
		}
		if id != "" && decoded.RequestID == id {
			return true
		}
	}
	return false
}

// extensionErrors calls operations with inputs that they must refuse.
func extensionErrors(t *testing.T, open func(t *testing.T) ExtensionService) {
	s := newExtensionState(t, open)
	for name, test := range map[string]struct {
		operation string
		input     any
		code      string
	}{
		"wrong password":    {"SignIn", &engine.SignInInput{UserName: extensionUser, Password: "wrong"}, "AccessDenied"},
		"unknown user":      {"SignIn", &engine.SignInInput{UserName: "nobody", Password: "wrong"}, "AccessDenied"},
		"user name missing": {"RevokeUserSessions", &engine.RevokeUserSessionsInput{}, "ValidationError"},
		"no such user":      {"RevokeUserSessions", &engine.RevokeUserSessionsInput{UserName: "bob"}, "NoSuchEntity"},
		"no such role":      {"RevokeRoleSessions", &engine.RevokeRoleSessionsInput{RoleName: "bob"}, "NoSuchEntity"},
		"not an access key": {"RevokeAccessKeySessions", &engine.RevokeAccessKeySessionsInput{AccessKeyID: "x"},
			"ValidationError"},
		"no such entity": {"AdoptResource", &engine.AdoptResourceInput{UniqueID: "AIDAAAAAAAAAAAAAAAAAA"},
			"NoSuchEntity"},
		"no object": {"RecordHandover", &engine.RecordHandoverInput{}, "ValidationError"},
		"no policy to replace": {"ReplacePolicy", &engine.ReplacePolicyInput{PolicyArn: s.policyARN + "x",
			PolicyName: "x", PolicyDocument: allow("*", "*")}, "NoSuchEntity"},
		"policy name of another policy": {"ReplacePolicy", &engine.ReplacePolicyInput{PolicyArn: s.policyARN,
			PolicyName: "Third", PolicyDocument: allow("*", "*")}, "EntityAlreadyExists"},
		"policy name invalid": {"ReplacePolicy", &engine.ReplacePolicyInput{PolicyArn: s.policyARN,
			PolicyName: "a/b", PolicyDocument: allow("*", "*")}, "ValidationError"},
		"policy document malformed": {"ReplacePolicy", &engine.ReplacePolicyInput{PolicyArn: s.policyARN,
			PolicyName: "x", PolicyDocument: "{}"}, "MalformedPolicyDocument"},
		"no such object": {"ConfirmResource", &engine.ConfirmResourceInput{
			UniqueID: s.userID, Kind: engine.InlinePolicyResource, Name: "none",
		}, "NoSuchEntity"},
		"unknown kind": {"DescribeOrigin", &engine.DescribeOriginInput{UniqueID: s.userID, Kind: "x"},
			"ValidationError"},
		"unique id missing":   {"ListDependents", &engine.ListDependentsInput{}, "ValidationError"},
		"run missing":         {"EndRun", &engine.EndRunInput{}, "ValidationError"},
		"run to read missing": {"DescribeRun", &engine.DescribeRunInput{}, "ValidationError"},
		"path missing":        {"CreateBackup", &engine.CreateBackupInput{}, "ValidationError"},
		"invalid marker":      {"ListAuditRecords", &engine.ListAuditRecordsInput{Marker: "x"}, "ValidationError"},
		"page without records": {"ListAuditRecords", &engine.ListAuditRecordsInput{MaxItems: new(int32(0))},
			"ValidationError"},
		"invalid checkpoint": {"VerifyAuditTrail", &engine.VerifyAuditTrailInput{Checkpoint: "x"}, "InvalidInput"},
		"unknown limit":      {"SetLimits", &engine.SetLimitsInput{Limits: map[string]int{"user": 1}}, "ValidationError"},
		"negative limit":     {"SetLimits", &engine.SetLimitsInput{Limits: map[string]int{"users": -1}}, "ValidationError"},
		"policies missing":   {"LoadAWSPolicies", &engine.LoadAWSPoliciesInput{}, "ValidationError"},
		"policies invalid":   {"LoadAWSPolicies", &engine.LoadAWSPoliciesInput{Text: []byte("x")}, "InvalidInput"},
		"unknown profile":    {"SetPasswordProfile", &engine.SetPasswordProfileInput{Profile: "best"}, "ValidationError"},
		"no such access key": {"RevealAccessKey",
			&engine.RevealAccessKeyInput{UserName: extensionUser, AccessKeyID: "AKIAAAAAAAAAAAAAAAAA"}, "NoSuchEntity"},
		"account is not JSON": {"ImportAccount", &engine.ImportAccountInput{Text: []byte("x")}, "InvalidInput"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := callExtension(t, s.service.OperatorExtension(), test.operation, test.input)
			wantCode(t, test.operation, err, test.code)
		})
	}
}

// importOfExport imports the export of one service into another.
func importOfExport(t *testing.T, open func(t *testing.T) ExtensionService) {
	s := newExtensionState(t, open)
	exported, err := s.service.OperatorExtension().ExportAccount(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	other := open(t).OperatorExtension()
	report, err := other.ImportAccount(t.Context(), &engine.ImportAccountInput{Text: exported.Text})
	if err != nil || report.Users != 1 || report.Roles != 1 {
		t.Fatalf("got %+v, %v; want one user and one role", report, err)
	}
	again, err := other.ExportAccount(t.Context(), nil)
	if err != nil || string(again.Text) != string(exported.Text) {
		t.Errorf("exporting the imported account: got %s, %v; want %s", again.Text, err, exported.Text)
	}
}

// auditPages reads the audit trail page by page in both directions.
func auditPages(t *testing.T, open func(t *testing.T) ExtensionService) {
	s := newExtensionState(t, open)
	operator := s.service.OperatorExtension()
	numbers := func(in engine.ListAuditRecordsInput) []int64 {
		in.Subject = s.userID
		var all []int64
		for record, err := range engine.AuditRecords(t.Context(), operator, &in) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, record.Number)
		}
		return all
	}
	allNumbers := numbers(engine.ListAuditRecordsInput{})
	if len(allNumbers) < 3 || !slices.IsSorted(allNumbers) {
		t.Fatalf("got the records %d, want at least three in ascending order", allNumbers)
	}
	if got := numbers(engine.ListAuditRecordsInput{MaxItems: new(int32(1))}); !slices.Equal(got, allNumbers) {
		t.Errorf("page by page, got %d, want %d", got, allNumbers)
	}
	descending := numbers(engine.ListAuditRecordsInput{MaxItems: new(int32(2)), Descending: true})
	slices.Reverse(descending)
	if !slices.Equal(descending, allNumbers) {
		t.Errorf("newest first and page by page, got %d, want %d", descending, allNumbers)
	}
}
