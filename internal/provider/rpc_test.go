package provider

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The helpers in this file call the provider server's RPCs, for features that the installed Terraform lacks.

// rpcServer is a configured provider server.
type rpcServer struct {
	t       *testing.T
	rpc     tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
	idents  *tfprotov6.GetResourceIdentitySchemasResponse
}

func newRPCServer(a *testAccount) *rpcServer {
	t := a.t
	t.Helper()
	p := newProvider("test", a.clock.Now)
	t.Cleanup(func() { _ = p.Close() })
	rpc := must(providerserver.NewProtocol6WithError(p)())
	s := &rpcServer{t: t, rpc: rpc, schemas: must(rpc.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})),
		idents: must(rpc.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}))}
	of := s.schemas.Provider.ValueType()
	config := s.object(of, map[string]tftypes.Value{"store": tftypes.NewValue(tftypes.String, a.path)})
	resp := must(rpc.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.14.0"}))
	s.fine(resp.Diagnostics)
	return s
}

func (s *rpcServer) fine(diagnostics []*tfprotov6.Diagnostic) {
	s.t.Helper()
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			s.t.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// object returns an object whose other attributes are null, and whose other lists are empty.
func (s *rpcServer) object(of tftypes.Type, given map[string]tftypes.Value) *tfprotov6.DynamicValue {
	s.t.Helper()
	object, ok := of.(tftypes.Object)
	if !ok {
		s.t.Fatalf("%s is no object", of)
	}
	values := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		if value, ok := given[name]; ok {
			values[name] = value
		} else if kind.Is(tftypes.List{}) {
			values[name] = tftypes.NewValue(kind, []tftypes.Value{})
		} else {
			values[name] = tftypes.NewValue(kind, nil)
		}
	}
	v := must(tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, values)))
	return &v
}

// attributes returns the strings of an object.
func (s *rpcServer) attributes(of tftypes.Type, value *tfprotov6.DynamicValue) map[string]string {
	s.t.Helper()
	v := must(value.Unmarshal(of))
	var values map[string]tftypes.Value
	must(0, v.As(&values))
	out := map[string]string{}
	for name, value := range values {
		var text string
		if value.Type().Is(tftypes.String) && !value.IsNull() && value.As(&text) == nil {
			out[name] = text
		}
	}
	return out
}

func identityType(of *tfprotov6.ResourceIdentitySchema) tftypes.Object {
	types := map[string]tftypes.Type{}
	for _, a := range of.IdentityAttributes {
		types[a.Name] = a.Type
	}
	return tftypes.Object{AttributeTypes: types}
}

// read refreshes a resource after an import or a move.
func (s *rpcServer) read(typeName string, state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) (map[string]string, map[string]string) {
	s.t.Helper()
	resp := must(s.rpc.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: state, Private: private, CurrentIdentity: identity}))
	s.fine(resp.Diagnostics)
	return s.attributes(s.schemas.ResourceSchemas[typeName].ValueType(), resp.NewState), s.attributes(identityType(s.idents.IdentitySchemas[typeName]), resp.NewIdentity.IdentityData)
}

// testImportByIdentity imports a resource by its identity: without an account, with its own account, and with
// another account, which must fail.
func testImportByIdentity(t *testing.T, typeName, attribute, value, arn string) {
	t.Helper()
	a := newTestAccount(t)
	a.populate()
	s := newRPCServer(a)
	of := identityType(s.idents.IdentitySchemas[typeName])
	for _, account := range []any{nil, "000000000000", "111111111111"} {
		identity := &tfprotov6.ResourceIdentityData{IdentityData: s.object(of, map[string]tftypes.Value{
			attribute: tftypes.NewValue(tftypes.String, value), "account_id": tftypes.NewValue(tftypes.String, account),
		})}
		resp := must(s.rpc.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: typeName, Identity: identity}))
		if account == "111111111111" {
			if len(resp.Diagnostics) == 0 || resp.Diagnostics[0].Summary != "Wrong account" {
				t.Errorf("a resource of another account is imported: %v", resp.Diagnostics)
			}
			continue
		}
		s.fine(resp.Diagnostics)
		one := resp.ImportedResources[0]
		state, is := s.read(typeName, one.State, one.Private, one.Identity)
		if state["arn"] != arn || is[attribute] != value || is["account_id"] != "000000000000" {
			t.Errorf("the imported state is %v with the identity %v", state, is)
		}
	}
}

// testMoveFromAWS moves a state of the aws provider, and refuses one of another type.
func testMoveFromAWS(t *testing.T, typeName string, raw map[string]any) {
	t.Helper()
	a := newTestAccount(t)
	a.populate()
	s := newRPCServer(a)
	move := func(from string) *tfprotov6.MoveResourceStateResponse {
		return must(s.rpc.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: "registry.terraform.io/hashicorp/aws", SourceTypeName: from, TargetTypeName: typeName,
			SourceState: &tfprotov6.RawState{JSON: must(json.Marshal(raw))},
		}))
	}
	resp := move("aws_" + typeName)
	s.fine(resp.Diagnostics)
	state, _ := s.read(typeName, resp.TargetState, resp.TargetPrivate, nil)
	if state["name"] != raw["name"] {
		t.Errorf("the moved state is %v", state)
	}
	if other := move("aws_s3_bucket"); len(other.Diagnostics) == 0 {
		t.Error("the state of a bucket was accepted")
	}
}

// listRequest asks for a list of resources.
type listRequest struct {
	limit    int64
	resource bool // include the whole resource
	prefix   any  // of the path, or nil
}

// list returns the listed resources as "display name=identity[=arn] ".
func (s *rpcServer) list(typeName string, request listRequest) string {
	s.t.Helper()
	server, ok := s.rpc.(tfprotov6.ProviderServerWithListResource) //nolint:staticcheck // until it is part of ProviderServer
	if !ok {
		s.t.Fatal("the provider server has no ListResource")
	}
	config := s.object(s.schemas.ListResourceSchemas[typeName].ValueType(), map[string]tftypes.Value{
		"path_prefix": tftypes.NewValue(tftypes.String, request.prefix),
	})
	stream := must(server.ListResource(s.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: config, Limit: request.limit, IncludeResource: request.resource,
	}))
	var out string
	for result := range stream.Results {
		s.fine(result.Diagnostics)
		identity := s.attributes(identityType(s.idents.IdentitySchemas[typeName]), result.Identity.IdentityData)
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
		t.Errorf("without a store the list is %q", got)
	}
	a.populate()
	s := newRPCServer(a)
	for request, want := range cases {
		if got := s.list(typeName, request); got != want {
			t.Errorf("%+v: the list is %q, want %q", request, got, want)
		}
	}
}
