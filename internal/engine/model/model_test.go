package model_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// sdkOperation has the types of the SDK's method for an operation.
type sdkOperation struct {
	service       string
	input, output reflect.Type // the structs
}

// sdk lists the operations of the SDK's clients by name.
func sdk() map[string]sdkOperation {
	found := map[string]sdkOperation{}
	for service, client := range map[string]reflect.Type{"iam": reflect.TypeFor[*iam.Client](), "sts": reflect.TypeFor[*sts.Client]()} {
		for m := range client.Methods() {
			if m.Type.NumIn() == 4 && m.Type.In(1) == reflect.TypeFor[context.Context]() {
				found[m.Name] = sdkOperation{service: service, input: m.Type.In(2).Elem(), output: m.Type.Out(0).Elem()}
			}
		}
	}
	return found
}

// newer lists what AWS added to the SDK after the last service models that it published as a Go module.
var newer = struct {
	operations []string
	members    map[string][]string // by the struct they are in
	values     map[string][]string // by the enum's type
}{
	operations: []string{
		// Delegation of administration.
		"AcceptDelegationRequest", "AssociateDelegationRequest", "CreateDelegationRequest", "GetDelegatedAccessToken",
		"GetDelegationRequest", "GetHumanReadableSummary", "ListDelegationRequests", "RejectDelegationRequest",
		"SendDelegationToken", "UpdateDelegationRequest",
		// Root access from an organization's management account.
		"AssumeRoot", "DisableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootSessions",
		"EnableOrganizationsRootCredentialsManagement", "EnableOrganizationsRootSessions", "ListOrganizationsFeatures",
		// Tokens for other clouds.
		"DisableOutboundWebIdentityFederation", "EnableOutboundWebIdentityFederation",
		"GetOutboundWebIdentityFederationInfo", "GetWebIdentityToken",
		// Role templates, account properties.
		"AcquireRole", "GetRoleTemplateVersion", "GetAccountProperties", "PutAccountProperties",
	},
	members: map[string][]string{
		// Encrypted SAML assertions.
		"CreateSAMLProviderInput": {"AddPrivateKey", "AssertionEncryptionMode"},
		"UpdateSAMLProviderInput": {"AddPrivateKey", "AssertionEncryptionMode", "RemovePrivateKey"},
		"GetSAMLProviderOutput":   {"AssertionEncryptionMode", "PrivateKeyList", "SAMLProviderUUID"},
		// Keys of Amazon Bedrock.
		"CreateServiceSpecificCredentialInput": {"CredentialAgeDays"},
		"ListServiceSpecificCredentialsInput":  {"AllUsers", "Marker", "MaxItems"},
		"ListServiceSpecificCredentialsOutput": {"IsTruncated", "Marker"},
		"ServiceSpecificCredential":            {"ExpirationDate", "ServiceCredentialAlias", "ServiceCredentialSecret"},
		"ServiceSpecificCredentialMetadata":    {"ExpirationDate", "ServiceCredentialAlias"},
		// More kinds of policies in simulations.
		"SimulateCustomPolicyInput":    {"OrderedOrganizationPolicyInputList"},
		"SimulatePrincipalPolicyInput": {"PolicyExclusionList"},
		"Role":                         {"SourceRoleTemplate"},
		// How large session tokens are.
		"AssumeRoleInput":                 {"MinimumSessionTokenSize"},
		"AssumeRoleWithSAMLInput":         {"MinimumSessionTokenSize"},
		"AssumeRoleWithWebIdentityInput":  {"MinimumSessionTokenSize"},
		"GetFederationTokenInput":         {"MinimumSessionTokenSize"},
		"GetSessionTokenInput":            {"MinimumSessionTokenSize"},
		"AssumeRoleOutput":                {"SessionTokenSize", "SessionTokenUtilization"},
		"AssumeRoleWithSAMLOutput":        {"SessionTokenSize", "SessionTokenUtilization"},
		"AssumeRoleWithWebIdentityOutput": {"SessionTokenSize", "SessionTokenUtilization"},
		"GetFederationTokenOutput":        {"SessionTokenSize", "SessionTokenUtilization"},
		"GetSessionTokenOutput":           {"SessionTokenSize", "SessionTokenUtilization"},
	},
	values: map[string][]string{
		// Keys of Amazon Bedrock.
		"StatusType": {"Expired"},
	},
}

func TestTable_HasTheSDKsOperations(t *testing.T) {
	theirs := sdk()
	if len(theirs) < 150 {
		t.Fatalf("found only %d operations of the SDK's clients", len(theirs))
	}
	for op := range model.All() {
		if of, ok := theirs[op.Name]; !ok || of.service != op.Service {
			t.Errorf("the SDK has no operation %s in %s", op.Name, op.Service)
		}
		if found, ok := model.Lookup(op.Name); !ok || found != op {
			t.Errorf("Lookup(%s) = %v, %v", op.Name, found, ok)
		}
	}
	for name := range theirs {
		_, ok := model.Lookup(name)
		if isNewer := slices.Contains(newer.operations, name); ok == isNewer {
			t.Errorf("%s: in the table %v, listed as newer %v", name, ok, isNewer)
		}
	}
}

func TestTable_HasTheSDKsMembers(t *testing.T) {
	theirs := sdk()
	drift := drift{members: map[string][]string{}, values: map[string][]string{}}
	for op := range model.All() {
		drift.compare(t, op.Name+"Input", op.Input, theirs[op.Name].input, true)
		if op.Output == nil {
			drift.compare(t, op.Name+"Output", &model.Shape{Type: model.Structure}, theirs[op.Name].output, false)
		} else {
			drift.compare(t, op.Name+"Output", op.Output, theirs[op.Name].output, false)
		}
	}
	if !reflect.DeepEqual(drift.members, newer.members) {
		t.Errorf("the SDK's structs have members that the table lacks:\n%v\nnewer lists:\n%v", drift.members, newer.members)
	}
	if !reflect.DeepEqual(drift.values, newer.values) {
		t.Errorf("the SDK's enums in inputs have values that the table lacks:\n%v\nnewer lists:\n%v", drift.values, newer.values)
	}
}

// drift collects what the SDK has and the table lacks.
type drift struct {
	members, values map[string][]string
}

var kinds = map[model.Type]reflect.Kind{
	model.String: reflect.String, model.Integer: reflect.Int32, model.Boolean: reflect.Bool, model.Timestamp: reflect.Struct,
	model.Blob: reflect.Slice, model.List: reflect.Slice, model.Map: reflect.Map, model.Structure: reflect.Struct,
}

func (d drift) compare(t *testing.T, where string, shape *model.Shape, of reflect.Type, input bool) {
	t.Helper()
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != kinds[shape.Type] {
		t.Errorf("%s is a %s in the table and a %s in the SDK", where, shape.Type, of)
		return
	}
	switch shape.Type {
	case model.String:
		if input {
			d.compareEnum(t, where, shape, of)
		}
	case model.List, model.Map:
		d.compare(t, where, shape.Element, of.Elem(), input)
	case model.Structure:
		known := map[string]bool{}
		for _, m := range shape.Members {
			known[m.Name] = true
			if f, ok := of.FieldByName(m.Name); ok {
				d.compare(t, where+"."+m.Name, m.Shape, f.Type, input)
			} else {
				t.Errorf("the SDK has no %s.%s", where, m.Name)
			}
		}
		var more []string
		for i := range of.NumField() {
			if f := of.Field(i); f.IsExported() && !known[f.Name] && f.Type != reflect.TypeFor[middleware.Metadata]() {
				more = append(more, f.Name)
			}
		}
		if more != nil {
			slices.Sort(more)
			d.members[of.Name()] = more
		}
	}
}

func (d drift) compareEnum(t *testing.T, where string, shape *model.Shape, of reflect.Type) {
	t.Helper()
	values := reflect.Zero(of).MethodByName("Values")
	if values.IsValid() != (shape.Enum != nil) {
		t.Errorf("%s: enum in the SDK %v, in the table %v", where, values.IsValid(), shape.Enum)
	}
	if !values.IsValid() {
		return
	}
	theirs := values.Call(nil)[0]
	var more []string
	for i := range theirs.Len() {
		if v := theirs.Index(i).String(); !slices.Contains(shape.Enum, v) {
			more = append(more, v)
		}
	}
	if more != nil {
		d.values[of.Name()] = more
	}
	if theirs.Len() != len(shape.Enum)+len(more) {
		t.Errorf("%s: the table has values that the SDK lacks: %v", where, shape.Enum)
	}
}

// TestTable_IsComplete checks that the parts of the table fit each other.
func TestTable_IsComplete(t *testing.T) {
	for op := range model.All() {
		if op.Doc == "" {
			t.Errorf("%s has no documentation", op.Name)
		}
		for _, code := range op.Errors {
			if _, ok := model.LookupError(code); !ok {
				t.Errorf("%s: the error %s is unknown", op.Name, code)
			}
		}
		checkInput(t, op.Name, op.Input)
		if p := op.Page; p != nil {
			for _, name := range []string{p.InputToken, p.LimitKey} {
				if !hasMember(op.Input, name) {
					t.Errorf("%s pages by %s, which its input lacks", op.Name, name)
				}
			}
			for _, name := range append([]string{p.OutputToken, p.MoreResults}, p.ResultKeys...) {
				if !hasMember(op.Output, name) {
					t.Errorf("%s pages by %s, which its output lacks", op.Name, name)
				}
			}
		}
	}
	// The rest of the engine relies on these facts.
	if op, _ := model.Lookup("UpdateRole"); op.Output == nil || len(op.Output.Members) != 0 {
		t.Error("UpdateRole has no empty result, want one")
	}
	if op, _ := model.Lookup("DeleteUser"); op.Output != nil {
		t.Error("DeleteUser has a result, want none")
	}
	if op, _ := model.Lookup("ListUsers"); op.Page == nil || op.Page.ResultKeys[0] != "Users" {
		t.Error("ListUsers has no pages of Users, want them")
	}
	if op, _ := model.Lookup("ListSAMLProviders"); op.Page != nil {
		t.Error("ListSAMLProviders has pages, want none")
	}
	op, _ := model.Lookup("AssumeRole")
	if arn := member(t, member(t, op.Input, "PolicyArns").Shape.Element, "Arn"); arn.Wire != "arn" {
		t.Errorf("PolicyArns.member.1.arn is %s on the wire", arn.Wire)
	}
}

// checkInput finds members of types that Validate does not check.
func checkInput(t *testing.T, where string, s *model.Shape) {
	t.Helper()
	for _, m := range s.Members {
		switch m.Shape.Type {
		case model.String, model.Integer, model.Boolean:
		case model.List:
			switch m.Shape.Element.Type {
			case model.String:
			case model.Structure:
				checkInput(t, where+"."+m.Name, m.Shape.Element)
			default:
				t.Errorf("%s.%s is a list of a type that Validate does not know", where, m.Name)
			}
		default:
			t.Errorf("%s.%s is a %s, which Validate does not know in an input", where, m.Name, m.Shape.Type)
		}
	}
}

func hasMember(s *model.Shape, name string) bool {
	return s != nil && slices.ContainsFunc(s.Members, func(m model.Member) bool { return m.Name == name })
}

func member(t *testing.T, s *model.Shape, name string) model.Member {
	t.Helper()
	i := slices.IndexFunc(s.Members, func(m model.Member) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("%s has no %s", s.Name, name)
	}
	return s.Members[i]
}

func TestLookupError(t *testing.T) {
	for code, want := range map[string]model.Error{
		"NoSuchEntity":          {Status: 404, Fault: smithy.FaultClient},
		"EntityAlreadyExists":   {Status: 409, Fault: smithy.FaultClient},
		"PolicyEvaluation":      {Status: 500, Fault: smithy.FaultServer},
		"ServiceFailure":        {Status: 500, Fault: smithy.FaultServer},
		"ReportExpired":         {Status: 410, Fault: smithy.FaultClient},
		"ReportInProgress":      {Status: 404, Fault: smithy.FaultClient},
		"ExpiredTokenException": {Status: 400, Fault: smithy.FaultClient},
		"AccessDenied":          {Status: 403, Fault: smithy.FaultClient},
		"ExpiredToken":          {Status: 403, Fault: smithy.FaultClient},
		"InvalidClientTokenId":  {Status: 403, Fault: smithy.FaultClient},
		"Throttling":            {Status: 400, Fault: smithy.FaultClient},
		"ValidationError":       {Status: 400, Fault: smithy.FaultClient},
		"InternalFailure":       {Status: 500, Fault: smithy.FaultServer},
	} {
		want.Code = code
		if got, ok := model.LookupError(code); !ok || got != want {
			t.Errorf("LookupError(%s) = %v, %v; want %v", code, got, ok, want)
		}
	}
	if _, ok := model.LookupError("NoSuchEntityException"); ok {
		t.Error("LookupError accepts the name of a type as a code")
	}
	// The codes are those of the SDK's error types.
	for _, err := range []smithy.APIError{&types.NoSuchEntityException{}, &types.CredentialReportExpiredException{}, &types.ServiceNotSupportedException{}} {
		got, ok := model.LookupError(err.ErrorCode())
		if !ok || got.Fault != err.ErrorFault() {
			t.Errorf("%T has the code %s: %v, %v", err, err.ErrorCode(), got, ok)
		}
	}
}
