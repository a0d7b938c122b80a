package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// registeredNames returns the names of all functions, data sources, resources and ephemeral resources.
func registeredNames(t *testing.T) (names []string) {
	t.Helper()
	for _, constructor := range functions() {
		var resp function.MetadataResponse
		constructor().Metadata(t.Context(), function.MetadataRequest{}, &resp)
		names = append(names, resp.Name)
	}
	for _, constructor := range dataSources() {
		var resp datasource.MetadataResponse
		constructor().Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: "iam"}, &resp)
		names = append(names, resp.TypeName)
	}
	for _, constructor := range resources() {
		var resp resource.MetadataResponse
		constructor().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "iam"}, &resp)
		names = append(names, resp.TypeName)
	}
	for _, constructor := range ephemerals() {
		var resp ephemeral.MetadataResponse
		constructor().Metadata(t.Context(), ephemeral.MetadataRequest{ProviderTypeName: "iam"}, &resp)
		names = append(names, resp.TypeName)
	}
	return names
}

// TestDocumentation_HasImportExamples checks that every resource that can be imported has an example of an import, and
// every list resource an example of a query.
func TestDocumentation_HasImportExamples(t *testing.T) {
	for _, constructor := range resources() {
		var resp resource.MetadataResponse
		constructor().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "iam"}, &resp)
		if _, ok := constructor().(resource.ResourceWithImportState); !ok {
			continue
		}
		for _, name := range []string{"import.sh", "import-by-identity.tf"} {
			if _, err := os.Stat(filepath.FromSlash("../../examples/resources/" + resp.TypeName + "/" + name)); err != nil {
				t.Error(err)
			}
		}
	}
	for _, constructor := range listings() {
		var resp resource.MetadataResponse
		constructor().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "iam"}, &resp)
		if _, err := os.Stat(filepath.FromSlash("../../examples/list-resources/" + resp.TypeName +
			"/list-resource.tfquery.hcl")); err != nil {
			t.Error(err)
		}
	}
}

// TestDocumentation_DescribesFunctions checks that every parameter has a description, and that the template of a
// function describes the attributes of a returned object. The documentation generator does not describe them.
func TestDocumentation_DescribesFunctions(t *testing.T) {
	for _, constructor := range functions() {
		f := constructor()
		var metadata function.MetadataResponse
		var definition function.DefinitionResponse
		f.Metadata(t.Context(), function.MetadataRequest{}, &metadata)
		f.Definition(t.Context(), function.DefinitionRequest{}, &definition)
		t.Run(metadata.Name, func(t *testing.T) {
			parameters := definition.Definition.Parameters
			if variadic := definition.Definition.VariadicParameter; variadic != nil {
				parameters = append(parameters, variadic)
			}
			for _, p := range parameters {
				if p.GetMarkdownDescription() == "" {
					t.Errorf("parameter %s has no description", p.GetName())
				}
			}
			names := attributeNames(definition.Definition.Return.GetType())
			if len(names) == 0 {
				return
			}
			page, err := os.ReadFile(filepath.FromSlash("../../templates/functions/" + metadata.Name + ".md.tmpl"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				if !strings.Contains(string(page), "`"+name+"`") {
					t.Errorf("the template does not describe the attribute %s of the result", name)
				}
			}
		})
	}
}

// attributeNames returns the names of the attributes of all objects in a type.
func attributeNames(attrType attr.Type) (names []string) {
	switch attrType := attrType.(type) {
	case basetypes.ObjectType:
		for name, inner := range attrType.AttrTypes {
			names = append(append(names, name), attributeNames(inner)...)
		}
	case basetypes.ListType:
		return attributeNames(attrType.ElemType)
	}
	return names
}

func TestDocumentation_DescribesDataSources(t *testing.T) {
	for _, constructor := range dataSources() {
		var resp datasource.SchemaResponse
		constructor().Schema(t.Context(), datasource.SchemaRequest{}, &resp)
		if resp.Schema.MarkdownDescription == "" {
			t.Errorf("%T has no description", constructor())
		}
		checkDescriptions(t, "", resp.Schema.Attributes, resp.Schema.Blocks)
	}
}

// checkDescriptions checks that all attributes and blocks of a data source have a description.
func checkDescriptions(
	t *testing.T, path string, attributes map[string]datasourceschema.Attribute, blocks map[string]datasourceschema.Block,
) {
	t.Helper()
	for name, attribute := range attributes {
		if attribute.GetMarkdownDescription() == "" {
			t.Errorf("%s%s has no description", path, name)
		}
		if nested, ok := attribute.(datasourceschema.ListNestedAttribute); ok {
			checkDescriptions(t, path+name+".", nested.NestedObject.Attributes, nil)
		}
	}
	for name, block := range blocks {
		if block.GetMarkdownDescription() == "" {
			t.Errorf("%s%s has no description", path, name)
		}
		if nested, ok := block.(datasourceschema.ListNestedBlock); ok {
			checkDescriptions(t, path+name+".", nested.NestedObject.Attributes, nested.NestedObject.Blocks)
		}
	}
}

func TestDocumentation_DescribesResources(t *testing.T) {
	for _, constructor := range resources() {
		var resp resource.SchemaResponse
		constructor().Schema(t.Context(), resource.SchemaRequest{}, &resp)
		if resp.Schema.MarkdownDescription == "" {
			t.Errorf("%T has no description", constructor())
		}
		checkResourceDescriptions(t, fmt.Sprintf("%T: ", constructor()), resp.Schema.Attributes, resp.Schema.Blocks)
	}
}

// checkResourceDescriptions checks that all attributes and blocks of a resource have a description.
func checkResourceDescriptions(
	t *testing.T, path string, attributes map[string]resourceschema.Attribute, blocks map[string]resourceschema.Block,
) {
	t.Helper()
	for name, attribute := range attributes {
		description := attribute.GetMarkdownDescription()
		if description == "" {
			t.Errorf("%s%s has no description", path, name)
		}
		if replaces(t, attribute) && !strings.Contains(description, "Changing this creates a new") {
			t.Errorf("%s%s replaces the resource, and its description does not say so: %s", path, name, description)
		}
		if nested, ok := attribute.(resourceschema.NestedAttribute); ok {
			for inner, attribute := range nested.GetNestedObject().GetAttributes() {
				if attribute.GetMarkdownDescription() == "" {
					t.Errorf("%s%s.%s has no description", path, name, inner)
				}
			}
		}
	}
	for name, block := range blocks {
		if block.GetMarkdownDescription() == "" {
			t.Errorf("%s%s has no description", path, name)
		}
		if nested, ok := block.(resourceschema.ListNestedBlock); ok {
			checkResourceDescriptions(t, path+name+".", nested.NestedObject.Attributes, nested.NestedObject.Blocks)
		}
	}
}

// replaces reports whether a change of an attribute always replaces the resource.
func replaces(t *testing.T, attribute resourceschema.Attribute) bool {
	t.Helper()
	const requiresReplace = "If the value of this attribute changes, Terraform will destroy and recreate the resource."
	switch attribute := attribute.(type) {
	case resourceschema.StringAttribute:
		return oneDescribes(t, attribute.PlanModifiers, requiresReplace)
	case resourceschema.BoolAttribute:
		return oneDescribes(t, attribute.PlanModifiers, requiresReplace)
	case resourceschema.MapAttribute:
		return oneDescribes(t, attribute.PlanModifiers, requiresReplace)
	case resourceschema.SetAttribute:
		return oneDescribes(t, attribute.PlanModifiers, requiresReplace)
	}
	return false
}

// oneDescribes reports whether one of the plan modifiers has this description.
func oneDescribes[M planmodifier.Describer](t *testing.T, modifiers []M, description string) bool {
	t.Helper()
	return slices.ContainsFunc(modifiers, func(m M) bool { return m.Description(t.Context()) == description })
}

// TestFiles_HaveTestBesideThem checks that every file of a resource, data source, function, ephemeral resource or list
// resource has a test file with the same name.
func TestFiles_HaveTestBesideThem(t *testing.T) {
	files := require(filepath.Glob("*.go"))
	kind := regexp.MustCompile(`^(resource|data_source|function|ephemeral|list)_`)
	var checked int
	for _, file := range files {
		if !kind.MatchString(file) || strings.HasSuffix(file, "_test.go") {
			continue
		}
		checked++
		if testFile := strings.TrimSuffix(file, ".go") + "_test.go"; !slices.Contains(files, testFile) {
			t.Errorf("%s has no test file %s", file, testFile)
		}
	}
	if want := len(functions()) + len(dataSources()) + len(resources()) + len(ephemerals()) +
		len(listings()); checked < want {
		t.Errorf("found %d files, want one for each of %d resources, data sources, functions, ephemeral and list resources",
			checked, want)
	}
}
