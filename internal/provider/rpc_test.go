package provider

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The helpers in this file call the RPCs of the provider server, for features that the installed Terraform may
// not have.

// rpcServer is a configured provider server.
type rpcServer struct {
	t          *testing.T
	rpc        tfprotov6.ProviderServer
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
}

// newRPCServer returns a provider server that is configured for the account.
func newRPCServer(a *testAccount) *rpcServer {
	t := a.t
	t.Helper()
	p := newProvider("test", a.clock.Now)
	t.Cleanup(func() { _ = p.Close() })
	rpc := require(providerserver.NewProtocol6WithError(p)())
	s := &rpcServer{t: t, rpc: rpc,
		schemas:    require(rpc.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})),
		identities: require(rpc.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}))}
	config := s.object(s.schemas.Provider.ValueType(),
		map[string]tftypes.Value{"store": tftypes.NewValue(tftypes.String, a.path)})
	resp := require(rpc.ConfigureProvider(t.Context(),
		&tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.14.0"}))
	s.requireNoErrors(resp.Diagnostics)
	return s
}

func (s *rpcServer) requireNoErrors(diagnostics []*tfprotov6.Diagnostic) {
	s.t.Helper()
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			s.t.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// object returns an object with some attributes. The other attributes are null, or empty for lists.
func (s *rpcServer) object(objectType tftypes.Type, attributes map[string]tftypes.Value) *tfprotov6.DynamicValue {
	s.t.Helper()
	object, ok := objectType.(tftypes.Object)
	if !ok {
		s.t.Fatalf("%s is not an object type", objectType)
	}
	values := map[string]tftypes.Value{}
	for name, attributeType := range object.AttributeTypes {
		if value, ok := attributes[name]; ok {
			values[name] = value
		} else if attributeType.Is(tftypes.List{}) {
			values[name] = tftypes.NewValue(attributeType, []tftypes.Value{})
		} else {
			values[name] = tftypes.NewValue(attributeType, nil)
		}
	}
	v := require(tfprotov6.NewDynamicValue(objectType, tftypes.NewValue(objectType, values)))
	return &v
}

// attributes returns the attributes of an object that are strings.
func (s *rpcServer) attributes(objectType tftypes.Type, value *tfprotov6.DynamicValue) map[string]string {
	s.t.Helper()
	v := require(value.Unmarshal(objectType))
	var values map[string]tftypes.Value
	requireNoError(v.As(&values))
	texts := map[string]string{}
	for name, value := range values {
		var text string
		if value.Type().Is(tftypes.String) && !value.IsNull() && value.As(&text) == nil {
			texts[name] = text
		}
	}
	return texts
}

// identityType returns the type of the identity that a schema describes.
func identityType(schema *tfprotov6.ResourceIdentitySchema) tftypes.Object {
	types := map[string]tftypes.Type{}
	for _, a := range schema.IdentityAttributes {
		types[a.Name] = a.Type
	}
	return tftypes.Object{AttributeTypes: types}
}

// read refreshes a resource after an import or a move, and returns its attributes and its identity.
func (s *rpcServer) read(typeName string, state *tfprotov6.DynamicValue, private []byte,
	identity *tfprotov6.ResourceIdentityData) (map[string]string, map[string]string) {
	s.t.Helper()
	resp := require(s.rpc.ReadResource(s.t.Context(),
		&tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: state, Private: private, CurrentIdentity: identity}))
	s.requireNoErrors(resp.Diagnostics)
	return s.attributes(s.schemas.ResourceSchemas[typeName].ValueType(), resp.NewState),
		s.attributes(identityType(s.identities.IdentitySchemas[typeName]), resp.NewIdentity.IdentityData)
}

// testImportByIdentity imports a resource by its identity: without an account, with the account of the store, and with
// another account. The last import must fail.
func testImportByIdentity(t *testing.T, typeName, attribute, value, arn string) {
	t.Helper()
	a := newTestAccount(t)
	a.populate()
	s := newRPCServer(a)
	identityObject := identityType(s.identities.IdentitySchemas[typeName])
	for _, account := range []any{nil, "000000000000", "111111111111"} {
		identity := &tfprotov6.ResourceIdentityData{IdentityData: s.object(identityObject, map[string]tftypes.Value{
			attribute: tftypes.NewValue(tftypes.String, value), "account_id": tftypes.NewValue(tftypes.String, account),
		})}
		resp := require(s.rpc.ImportResourceState(t.Context(),
			&tfprotov6.ImportResourceStateRequest{TypeName: typeName, Identity: identity}))
		if account == "111111111111" {
			if len(resp.Diagnostics) == 0 || resp.Diagnostics[0].Summary != "Wrong account" {
				t.Errorf("the provider imports a resource of another account: %v", resp.Diagnostics)
			}
			continue
		}
		s.requireNoErrors(resp.Diagnostics)
		imported := resp.ImportedResources[0]
		state, readIdentity := s.read(typeName, imported.State, imported.Private, imported.Identity)
		if state["arn"] != arn || readIdentity[attribute] != value || readIdentity["account_id"] != "000000000000" {
			t.Errorf("the imported state is %v with the identity %v", state, readIdentity)
		}
	}
}

// testMoveFromAWS moves a state of the aws provider to a resource. The move of a state of another type must fail.
func testMoveFromAWS(t *testing.T, typeName string, raw map[string]any) {
	t.Helper()
	a := newTestAccount(t)
	a.populate()
	s := newRPCServer(a)
	move := func(sourceType string) *tfprotov6.MoveResourceStateResponse {
		return require(s.rpc.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: "registry.terraform.io/hashicorp/aws", SourceTypeName: sourceType, TargetTypeName: typeName,
			SourceState: &tfprotov6.RawState{JSON: require(json.Marshal(raw))},
		}))
	}
	resp := move("aws_" + typeName)
	s.requireNoErrors(resp.Diagnostics)
	state, _ := s.read(typeName, resp.TargetState, resp.TargetPrivate, nil)
	if state["name"] != raw["name"] {
		t.Errorf("the moved state is %v", state)
	}
	if other := move("aws_s3_bucket"); len(other.Diagnostics) == 0 {
		t.Error("the provider moves the state of a bucket")
	}
}

// listRequest is a request for a list of resources.
type listRequest struct {
	limit    int64
	resource bool // include the whole resource
	prefix   any  // the path prefix, or nil
}

// list returns the listed resources as "display name=identity[=arn] ".
func (s *rpcServer) list(typeName string, request listRequest) string {
	s.t.Helper()
	server, ok := s.rpc.(tfprotov6.ProviderServerWithListResource) //nolint:staticcheck // not in ProviderServer yet
	if !ok {
		s.t.Fatal("the provider server has no ListResource")
	}
	config := s.object(s.schemas.ListResourceSchemas[typeName].ValueType(), map[string]tftypes.Value{
		"path_prefix": tftypes.NewValue(tftypes.String, request.prefix),
	})
	stream := require(server.ListResource(s.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: config, Limit: request.limit, IncludeResource: request.resource,
	}))
	var out string
	for result := range stream.Results {
		s.requireNoErrors(result.Diagnostics)
		identity := s.attributes(identityType(s.identities.IdentitySchemas[typeName]), result.Identity.IdentityData)
		out += result.DisplayName + "=" + identity["name"] + identity["arn"]
		if request.resource {
			out += "=" + s.attributes(s.schemas.ResourceSchemas[typeName].ValueType(), result.Resource)["arn"]
		}
		out += " "
	}
	return out
}

// testList lists resources before and after the account exists.
func testList(t *testing.T, typeName string, cases map[listRequest]string) {
	t.Helper()
	a := newTestAccount(t)
	if got := newRPCServer(a).list(typeName, listRequest{limit: 100, resource: true}); got != "" {
		t.Errorf("the list without a store is %q", got)
	}
	a.populate()
	s := newRPCServer(a)
	for request, want := range cases {
		if got := s.list(typeName, request); got != want {
			t.Errorf("%+v: the list is %q, want %q", request, got, want)
		}
	}
}
