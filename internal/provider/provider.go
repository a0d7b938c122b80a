// Package provider is what Terraform sees: the provider's schema and, one file each and kind
// first in the file's name, its functions, data sources and resources.
//
// It maps between Terraform's values and the engine's and words the diagnostics. It never holds a
// rule of IAM: what a policy means, what is allowed and what is valid is asked of the rooms below.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Address is the provider's full source address.
const Address = "registry.terraform.io/iam-as-code/iam"

// functions lists every provider function, in the order of their file names.
func functions() []func() function.Function {
	return []func() function.Function{
		newAllows,
		newARNBuild,
		newARNParse,
		newCouldAllow,
		newNormalizePolicy,
		newPoliciesEqual,
		newPolicyDocument,
		newSimulate,
		newValidatePolicy,
	}
}

// dataSources lists every data source, in the order of their file names.
func dataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newCustomPolicySimulation,
		newPolicyDocumentDataSource,
	}
}

// resources lists every resource, in the order of their file names.
func resources() []func() resource.Resource {
	return []func() resource.Resource{}
}

// New returns the constructor that Terraform's plugin server asks for. The version is what the
// provider reports about itself: a release's number, or "dev".
func New(version string) func() provider.Provider {
	return func() provider.Provider {
		return &iamProvider{version: version}
	}
}

// iamProvider holds no state: the framework asks it for lists and makes everything in them anew
// for each call.
type iamProvider struct {
	version string
}

var _ provider.ProviderWithFunctions = (*iamProvider)(nil)

func (p *iamProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "iam"
	resp.Version = p.version
}

func (p *iamProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Decides, while Terraform plans, who may do what: the `iam` provider has an " +
			"evaluator for IAM policies built in, and answers without an account, a server or the network. " +
			"It needs no configuration.",
	}
}

// Configure has nothing to do: there are no attributes to configure.
func (p *iamProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (p *iamProvider) Functions(context.Context) []func() function.Function {
	return functions()
}

func (p *iamProvider) DataSources(context.Context) []func() datasource.DataSource {
	return dataSources()
}

func (p *iamProvider) Resources(context.Context) []func() resource.Resource {
	return resources()
}
