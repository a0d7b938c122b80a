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
	for service, client := range map[string]reflect.Type{"iam": reflect.TypeFor[*iam.Client](),
		"sts": reflect.TypeFor[*sts.Client]()} {
		for m := range client.Methods() {
			if m.Type.NumIn() == 4 && m.Type.In(1) == reflect.TypeFor[context.Context]() {
				found[m.Name] = sdkOperation{service: service, input: m.Type.In(2).Elem(), output: m.Type.Out(0).Elem()}
			}
		}
	}
	return found
}

// addedLater lists the operations, members and values that AWS added to the SDK after it published the
// service models for the last time as a Go module.
var addedLater = struct {
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
		// The size of session tokens.
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

func TestTable_HasSDKOperations(t *testing.T) {
	sdkOperations := sdk()
	if len(sdkOperations) < 150 {
		t.Fatalf("found only %d operations of the SDK's clients", len(sdkOperations))
	}
	for op := range model.All() {
		if found, ok := sdkOperations[op.Name]; !ok || found.service != op.Service {
			t.Errorf("the SDK has no operation %s in %s", op.Name, op.Service)
		}
		if found, ok := model.Lookup(op.Name); !ok || found != op {
			t.Errorf("Lookup(%s) = %v, %v", op.Name, found, ok)
		}
	}
	for name := range sdkOperations {
		_, ok := model.Lookup(name)
		if isAddedLater := slices.Contains(addedLater.operations, name); ok == isAddedLater {
			t.Errorf("%s: in the table %v, in addedLater %v", name, ok, isAddedLater)
		}
	}
}

func TestTable_HasSDKMembers(t *testing.T) {
	sdkOperations := sdk()
	drift := drift{members: map[string][]string{}, values: map[string][]string{}}
	for op := range model.All() {
		drift.compare(t, op.Name+"Input", op.Input, sdkOperations[op.Name].input, true)
		if op.Output == nil {
			drift.compare(t, op.Name+"Output", &model.Shape{Type: model.Structure}, sdkOperations[op.Name].output, false)
		} else {
			drift.compare(t, op.Name+"Output", op.Output, sdkOperations[op.Name].output, false)
		}
	}
	if !reflect.DeepEqual(drift.members, addedLater.members) {
		t.Errorf("the SDK's structs have members that the table lacks:\n%v\naddedLater lists:\n%v", drift.members,
			addedLater.members)
	}
	if !reflect.DeepEqual(drift.values, addedLater.values) {
		t.Errorf("the SDK's enums in inputs have values that the table lacks:\n%v\naddedLater lists:\n%v", drift.values,
			addedLater.values)
	}
}

// drift collects the members and values of the SDK that the table lacks.
type drift struct {
	members, values map[string][]string
}

var kinds = map[model.Type]reflect.Kind{
	model.String: reflect.String, model.Integer: reflect.Int32, model.Boolean: reflect.Bool,
	model.Timestamp: reflect.Struct,
	model.Blob:      reflect.Slice, model.List: reflect.Slice, model.Map: reflect.Map, model.Structure: reflect.Struct,
}

func (d drift) compare(t *testing.T, where string, shape *model.Shape, goType reflect.Type, input bool) {
	t.Helper()
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	if goType.Kind() != kinds[shape.Type] {
		t.Errorf("%s is a %s in the table and a %s in the SDK", where, shape.Type, goType)
		return
	}
	switch shape.Type {
	case model.String:
		if input {
			d.compareEnum(t, where, shape, goType)
		}
	case model.List, model.Map:
		d.compare(t, where, shape.Element, goType.Elem(), input)
	case model.Structure:
		known := map[string]bool{}
		for _, m := range shape.Members {
			known[m.Name] = true
			if f, ok := goType.FieldByName(m.Name); ok {
				d.compare(t, where+"."+m.Name, m.Shape, f.Type, input)
			} else {
				t.Errorf("the SDK has no %s.%s", where, m.Name)
			}
		}
		var added []string
		for i := range goType.NumField() {
			if f := goType.Field(i); f.IsExported() && !known[f.Name] && f.Type != reflect.TypeFor[middleware.Metadata]() {
				added = append(added, f.Name)
			}
		}
		if added != nil {
			slices.Sort(added)
			d.members[goType.Name()] = added
		}
	}
}

func (d drift) compareEnum(t *testing.T, where string, shape *model.Shape, goType reflect.Type) {
	t.Helper()
	values := reflect.Zero(goType).MethodByName("Values")
	if values.IsValid() != (shape.Enum != nil) {
		t.Errorf("%s: enum in the SDK %v, in the table %v", where, values.IsValid(), shape.Enum)
	}
	if !values.IsValid() {
		return
	}
	sdkValues := values.Call(nil)[0]
	var added []string
	for i := range sdkValues.Len() {
		if v := sdkValues.Index(i).String(); !slices.Contains(shape.Enum, v) {
			added = append(added, v)
		}
	}
	if added != nil {
		d.values[goType.Name()] = added
	}
	if sdkValues.Len() != len(shape.Enum)+len(added) {
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
					t.Errorf("%s has pages with the member %s, but the input has no such member", op.Name, name)
				}
			}
			for _, name := range append([]string{p.OutputToken, p.MoreResults}, p.ResultKeys...) {
				if !hasMember(op.Output, name) {
					t.Errorf("%s has pages with the member %s, but the output has no such member", op.Name, name)
				}
			}
		}
	}
	// The engine relies on the following facts.
	if op, _ := model.Lookup("UpdateRole"); op.Output == nil || len(op.Output.Members) != 0 {
		t.Error("the output of UpdateRole is not an empty structure")
	}
	if op, _ := model.Lookup("DeleteUser"); op.Output != nil {
		t.Error("DeleteUser has an output, want none")
	}
	if op, _ := model.Lookup("ListUsers"); op.Page == nil || op.Page.ResultKeys[0] != "Users" {
		t.Error("the pages of ListUsers are not lists of Users")
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
				t.Errorf("%s.%s is a list of a type that Validate does not check", where, m.Name)
			}
		default:
			t.Errorf("%s.%s is a %s, a type that Validate does not check in inputs", where, m.Name, m.Shape.Type)
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
	// The SDK's error types have the same codes and faults.
	for _, err := range []smithy.APIError{&types.NoSuchEntityException{}, &types.CredentialReportExpiredException{},
		&types.ServiceNotSupportedException{}} {
		got, ok := model.LookupError(err.ErrorCode())
		if !ok || got.Fault != err.ErrorFault() {
			t.Errorf("LookupError of the code of %T, %s: got %v, %v", err, err.ErrorCode(), got, ok)
		}
	}
}
