package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// These tests call the provider as Terraform does, for what the Terraform at hand may be too old for.

type server struct {
	t       *testing.T
	rpc     tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
	idents  *tfprotov6.GetResourceIdentitySchemasResponse
}

func newServer(l *lab) *server {
	t := l.t
	t.Helper()
	p := newProvider("test", l.clock.Now)
	t.Cleanup(func() { _ = p.Close() })
	rpc := must(providerserver.NewProtocol6WithError(p)())
	s := &server{t: t, rpc: rpc, schemas: must(rpc.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})),
		idents: must(rpc.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}))}
	of := s.schemas.Provider.ValueType()
	config := s.object(of, map[string]tftypes.Value{"store": tftypes.NewValue(tftypes.String, l.path)})
	resp := must(rpc.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.14.0"}))
	s.fine(resp.Diagnostics)
	return s
}

func (s *server) fine(diagnostics []*tfprotov6.Diagnostic) {
	s.t.Helper()
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			s.t.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// object is a value of a type of which what is not given is null.
func (s *server) object(of tftypes.Type, given map[string]tftypes.Value) *tfprotov6.DynamicValue {
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

// attributes reads the texts of an object.
func (s *server) attributes(of tftypes.Type, value *tfprotov6.DynamicValue) map[string]string {
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
func (s *server) read(typeName string, state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) (map[string]string, map[string]string) {
	s.t.Helper()
	resp := must(s.rpc.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: state, Private: private, CurrentIdentity: identity}))
	s.fine(resp.Diagnostics)
	return s.attributes(s.schemas.ResourceSchemas[typeName].ValueType(), resp.NewState), s.attributes(identityType(s.idents.IdentitySchemas[typeName]), resp.NewIdentity.IdentityData)
}

// populated makes one of each kind.
func populated(l *lab) {
	l.outside(func(ctx context.Context, c *engine.Client) {
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice"), Path: aws.String("/team/")}))
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))
		must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("readers")}))
		must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("deploy"), AssumeRolePolicyDocument: aws.String(trustService)}))
		must(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(someDocument)}))
	})()
}

const accountARN = "arn:aws:iam::000000000000:"

func TestResourcesAreImportedByIdentity(t *testing.T) {
	l := newLab(t)
	populated(l)
	s := newServer(l)
	for _, tt := range []struct{ typeName, attribute, value, arn string }{
		{"iam_user", "name", "alice", accountARN + "user/team/alice"},
		{"iam_group", "name", "readers", accountARN + "group/readers"},
		{"iam_role", "name", "deploy", accountARN + "role/deploy"},
		{"iam_policy", "arn", accountARN + "policy/p", accountARN + "policy/p"},
	} {
		t.Run(tt.typeName, func(t *testing.T) {
			of := identityType(s.idents.IdentitySchemas[tt.typeName])
			for _, account := range []any{nil, "000000000000", "111111111111"} {
				identity := &tfprotov6.ResourceIdentityData{IdentityData: s.object(of, map[string]tftypes.Value{
					tt.attribute: tftypes.NewValue(tftypes.String, tt.value), "account_id": tftypes.NewValue(tftypes.String, account),
				})}
				resp := must(s.rpc.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: tt.typeName, Identity: identity}))
				if account == "111111111111" {
					if len(resp.Diagnostics) == 0 || resp.Diagnostics[0].Summary != "Another account" {
						t.Errorf("another account's is imported: %v", resp.Diagnostics)
					}
					continue
				}
				s.fine(resp.Diagnostics)
				one := resp.ImportedResources[0]
				state, is := s.read(tt.typeName, one.State, one.Private, one.Identity)
				if state["arn"] != tt.arn || is[tt.attribute] != tt.value || is["account_id"] != "000000000000" {
					t.Errorf("imported are %v with identity %v", state, is)
				}
			}
		})
	}
}

func TestResourcesAreMovedFromTheAWSProvider(t *testing.T) {
	l := newLab(t)
	populated(l)
	s := newServer(l)
	for typeName, raw := range map[string]map[string]any{
		"iam_user":   {"name": "alice", "arn": "arn:aws:iam::000000000000:user/team/alice", "id": "alice", "path": "/team/", "force_destroy": true, "unique_id": "AIDAOLD", "tags": nil, "tags_all": map[string]any{}, "permissions_boundary": ""},
		"iam_group":  {"name": "readers", "arn": "x", "id": "readers", "path": "/", "unique_id": "AGPAOLD"},
		"iam_role":   {"name": "deploy", "arn": "x", "id": "deploy", "path": "/", "name_prefix": "", "inline_policy": []any{}, "managed_policy_arns": []any{}, "assume_role_policy": trustService, "max_session_duration": 3600, "force_detach_policies": false, "create_date": "2020-01-01T00:00:00Z", "unique_id": "AROAOLD", "description": ""},
		"iam_policy": {"name": "p", "arn": accountARN + "policy/p", "id": accountARN + "policy/p", "path": "/", "policy": someDocument, "policy_id": "ANPAOLD", "attachment_count": 0, "name_prefix": "", "description": ""},
	} {
		t.Run(typeName, func(t *testing.T) {
			resp := must(s.rpc.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: "registry.terraform.io/hashicorp/aws", SourceTypeName: "aws_" + typeName, TargetTypeName: typeName,
				SourceState: &tfprotov6.RawState{JSON: must(json.Marshal(raw))},
			}))
			s.fine(resp.Diagnostics)
			state, _ := s.read(typeName, resp.TargetState, resp.TargetPrivate, nil)
			if state["name"] != raw["name"] {
				t.Errorf("moved is %v", state)
			}
			other := must(s.rpc.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: "registry.terraform.io/hashicorp/aws", SourceTypeName: "aws_s3_bucket", TargetTypeName: typeName,
				SourceState: &tfprotov6.RawState{JSON: must(json.Marshal(raw))},
			}))
			if len(other.Diagnostics) == 0 {
				t.Error("a bucket was taken for one")
			}
		})
	}
}

func TestResourcesAreListed(t *testing.T) {
	l := newLab(t)
	lists := func(s *server, typeName string, limit int64, whole bool, prefix any) string {
		server, ok := s.rpc.(tfprotov6.ProviderServerWithListResource) //nolint:staticcheck // until it is part of ProviderServer
		if !ok {
			t.Skip("the framework does not list resources")
		}
		config := s.object(s.schemas.ListResourceSchemas[typeName].ValueType(), map[string]tftypes.Value{"path_prefix": tftypes.NewValue(tftypes.String, prefix)})
		stream := must(server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: typeName, Config: config, Limit: limit, IncludeResource: whole}))
		var out string
		for result := range stream.Results {
			s.fine(result.Diagnostics)
			identity := s.attributes(identityType(s.idents.IdentitySchemas[typeName]), result.Identity.IdentityData)
			out += result.DisplayName + "=" + identity["name"] + identity["arn"]
			if whole {
				out += "=" + s.attributes(s.schemas.ResourceSchemas[typeName].ValueType(), result.Resource)["arn"]
			}
			out += " "
		}
		return out
	}
	if got := lists(newServer(l), "iam_user", 100, true, nil); got != "" {
		t.Errorf("without a store there are %s", got)
	}
	populated(l)
	s := newServer(l)
	for _, tt := range []struct {
		typeName string
		limit    int64
		whole    bool
		prefix   any
		want     string
	}{
		{"iam_user", 100, false, nil, "alice=alice bob=bob "},
		{"iam_user", 1, false, nil, "alice=alice "},
		{"iam_user", 100, true, "/team/", "alice=alice=" + accountARN + "user/team/alice "},
		{"iam_group", 100, true, nil, "readers=readers=" + accountARN + "group/readers "},
		{"iam_role", 100, true, nil, "deploy=deploy=" + accountARN + "role/deploy "},
		{"iam_policy", 100, true, nil, fmt.Sprintf("p=%[1]spolicy/p=%[1]spolicy/p ", accountARN)},
	} {
		if got := lists(s, tt.typeName, tt.limit, tt.whole, tt.prefix); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.typeName, got, tt.want)
		}
	}
}

// Who is not the operator cannot hide behind the provider's name.
func TestOnlyTheOperatorIsTakenForTerraform(t *testing.T) {
	m := &managed{&configured{store: &accountStore{run: "run-1"}}}
	about := concerning{own: []string{"UpdateUser"}, others: true}
	event := func(name, agent, operator, run string) audit.Event {
		e := audit.Event{EventName: name, UserAgent: agent, AdditionalEventData: map[string]any{audit.KeyRun: run}}
		if operator != "" {
			e.AdditionalEventData[audit.KeyOperatingSystemUser] = operator
		}
		return e
	}
	const agent = "Terraform/1.14.0 terraform-provider-iam/1.0.0"
	for _, tt := range []struct {
		event audit.Event
		news  bool
	}{
		{event("CreateAccessKey", agent, "ana", "run-0"), false},
		{event("CreateAccessKey", agent, "", "run-0"), true},
		{event("CreateAccessKey", "iam/1.0.0", "ana", ""), true},
		{event("UpdateUser", agent, "ana", "run-0"), true}, // by another configuration
		{event("UpdateUser", agent, "ana", "run-1"), false},
		{event("UpdateUser", agent, "", "run-1"), true},
	} {
		if got := m.isNews(about, tt.event); got != tt.news {
			t.Errorf("%+v is news: %v", tt.event, got)
		}
	}
}
