// Command schema prints the output of `terraform providers schema -json` for this provider, without
// Terraform. It calls the provider server in its own process as Terraform does.
//
// The documentation is generated from this output. The pages are therefore the same on every machine, and
// include kinds of objects that are newer than the installed Terraform.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/zclconf/go-cty/cty"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider"
)

func main() {
	log.SetFlags(0)
	schemas, err := providerSchemas(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(schemas); err != nil {
		log.Fatal(err)
	}
}

// providerSchemas calls the provider for all its schemas and converts them.
func providerSchemas(ctx context.Context) (*tfjson.ProviderSchemas, error) {
	server, err := providerserver.NewProtocol6WithError(provider.New("docs"))()
	if err != nil {
		return nil, err
	}
	got, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	if err := diagnosticsError(got.Diagnostics); err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	if err := diagnosticsError(identities.Diagnostics); err != nil {
		return nil, err
	}
	// Fail instead of leaving out a kind of object.
	if len(got.ActionSchemas) > 0 || len(got.StateStoreSchemas) > 0 {
		return nil, fmt.Errorf("the provider has actions or state stores, which tools/schema does not support yet; add them")
	}

	return &tfjson.ProviderSchemas{
		FormatVersion: "1.0",
		Schemas: map[string]*tfjson.ProviderSchema{
			// The documentation generator expects the name without the source address.
			"iam": {
				ConfigSchema:             convertSchema(got.Provider),
				ResourceSchemas:          convertMap(got.ResourceSchemas, convertSchema),
				DataSourceSchemas:        convertMap(got.DataSourceSchemas, convertSchema),
				EphemeralResourceSchemas: convertMap(got.EphemeralResourceSchemas, convertSchema),
				ListResourceSchemas:      convertMap(got.ListResourceSchemas, convertSchema),
				ResourceIdentitySchemas:  convertMap(identities.IdentitySchemas, convertIdentity),
				Functions:                convertMap(got.Functions, convertFunction),
			},
		},
	}, nil
}

// diagnosticsError returns the first error among diagnostics.
func diagnosticsError(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("reading the provider's schema: %s: %s", d.Summary, d.Detail)
		}
	}
	return nil
}

// convertMap converts the values of a map.
func convertMap[A, B any](in map[string]A, convert func(A) B) map[string]B {
	out := make(map[string]B, len(in))
	for name, value := range in {
		out[name] = convert(value)
	}
	return out
}

func convertSchema(s *tfprotov6.Schema) *tfjson.Schema {
	return &tfjson.Schema{Version: uint64(s.Version), Block: convertBlock(s.Block)}
}

func convertBlock(b *tfprotov6.SchemaBlock) *tfjson.SchemaBlock {
	out := &tfjson.SchemaBlock{
		Attributes:      convertAttributes(b.Attributes),
		NestedBlocks:    make(map[string]*tfjson.SchemaBlockType, len(b.BlockTypes)),
		Description:     b.Description,
		DescriptionKind: convertKind(b.DescriptionKind),
		Deprecated:      b.Deprecated,
	}
	for _, nested := range b.BlockTypes {
		out.NestedBlocks[nested.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: blockNesting[nested.Nesting],
			Block:       convertBlock(nested.Block),
			MinItems:    uint64(nested.MinItems),
			MaxItems:    uint64(nested.MaxItems),
		}
	}
	return out
}

func convertAttributes(attributes []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	out := make(map[string]*tfjson.SchemaAttribute, len(attributes))
	for _, a := range attributes {
		converted := &tfjson.SchemaAttribute{
			Description:     a.Description,
			DescriptionKind: convertKind(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if a.NestedType == nil {
			converted.AttributeType = convertType(a.Type)
		} else {
			converted.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
				Attributes:  convertAttributes(a.NestedType.Attributes),
				NestingMode: objectNesting[a.NestedType.Nesting],
			}
		}
		out[a.Name] = converted
	}
	return out
}

func convertIdentity(s *tfprotov6.ResourceIdentitySchema) *tfjson.IdentitySchema {
	out := &tfjson.IdentitySchema{
		Version:    uint64(s.Version),
		Attributes: make(map[string]*tfjson.IdentityAttribute, len(s.IdentityAttributes)),
	}
	for _, a := range s.IdentityAttributes {
		out.Attributes[a.Name] = &tfjson.IdentityAttribute{
			IdentityType:      convertType(a.Type),
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return out
}

func convertFunction(f *tfprotov6.Function) *tfjson.FunctionSignature {
	out := &tfjson.FunctionSignature{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         convertType(f.Return.Type),
	}
	for _, p := range f.Parameters {
		out.Parameters = append(out.Parameters, convertParameter(p))
	}
	if f.VariadicParameter != nil {
		out.VariadicParameter = convertParameter(f.VariadicParameter)
	}
	return out
}

func convertParameter(p *tfprotov6.FunctionParameter) *tfjson.FunctionParameter {
	return &tfjson.FunctionParameter{
		Name:        p.Name,
		Description: p.Description,
		IsNullable:  p.AllowNullValue,
		Type:        convertType(p.Type),
	}
}

func convertKind(k tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	if k == tfprotov6.StringKindMarkdown {
		return tfjson.SchemaDescriptionKindMarkdown
	}
	return tfjson.SchemaDescriptionKindPlain
}

// convertType converts a type by way of JSON, which both type systems can read and write. Terraform could not load a
// provider with a type that has no JSON form.
func convertType(t tftypes.Type) cty.Type {
	text, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("type %s has no JSON form: %s", t, err))
	}
	var out cty.Type
	if err := json.Unmarshal(text, &out); err != nil {
		panic(fmt.Sprintf("type %s is unknown to Terraform: %s", t, err))
	}
	return out
}

var blockNesting = map[tfprotov6.SchemaNestedBlockNestingMode]tfjson.SchemaNestingMode{
	tfprotov6.SchemaNestedBlockNestingModeSingle: tfjson.SchemaNestingModeSingle,
	tfprotov6.SchemaNestedBlockNestingModeGroup:  tfjson.SchemaNestingModeGroup,
	tfprotov6.SchemaNestedBlockNestingModeList:   tfjson.SchemaNestingModeList,
	tfprotov6.SchemaNestedBlockNestingModeSet:    tfjson.SchemaNestingModeSet,
	tfprotov6.SchemaNestedBlockNestingModeMap:    tfjson.SchemaNestingModeMap,
}

var objectNesting = map[tfprotov6.SchemaObjectNestingMode]tfjson.SchemaNestingMode{
	tfprotov6.SchemaObjectNestingModeSingle: tfjson.SchemaNestingModeSingle,
	tfprotov6.SchemaObjectNestingModeList:   tfjson.SchemaNestingModeList,
	tfprotov6.SchemaObjectNestingModeSet:    tfjson.SchemaNestingModeSet,
	tfprotov6.SchemaObjectNestingModeMap:    tfjson.SchemaNestingModeMap,
}
