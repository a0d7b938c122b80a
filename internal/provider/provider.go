// Package provider is the Terraform provider: its schema, and one file for each of its functions, data
// sources, ephemeral resources, list resources and resources. A file's name begins with the kind.
//
// The package converts between the values of Terraform and those of the engine, and words the diagnostics.
// It holds no rule of IAM: the packages below it decide what a policy means, what is allowed and what is valid.
package provider

import (
	"context"
	"crypto/rand"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
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
		newAccessKeysDataSource,
		newAccountDataSource,
		newAuditEventsDataSource,
		newCallerIdentityDataSource,
		newCredentialReportDataSource,
		newCustomPolicySimulation,
		newGroupDataSource,
		newGroupsDataSource,
		newPoliciesDataSource,
		newPolicyDataSource,
		newPolicyDocumentDataSource,
		newPrincipalPolicySimulation,
		newRoleDataSource,
		newRolesDataSource,
		newSessionContextDataSource,
		newUnmanagedDataSource,
		newUserDataSource,
		newUsersDataSource,
	}
}

// resources lists every resource, in the order of their file names.
func resources() []func() resource.Resource {
	return []func() resource.Resource{
		newAccessAssertionResource,
		newAccessKeyResource,
		newAccessKeyRotationResource,
		newAccountAliasResource,
		newAccountPasswordPolicyResource,
		newGroupMembershipsExclusiveResource,
		newGroupPoliciesExclusiveResource,
		newGroupPolicyAttachmentResource,
		newGroupPolicyAttachmentsExclusiveResource,
		newGroupPolicyResource,
		newGroupResource,
		newPolicyResource,
		newRolePoliciesExclusiveResource,
		newRolePolicyAttachmentResource,
		newRolePolicyAttachmentsExclusiveResource,
		newRolePolicyResource,
		newRoleResource,
		newSessionRevocationResource,
		newUserGroupMembershipResource,
		newUserLoginProfileResource,
		newUserPoliciesExclusiveResource,
		newUserPolicyAttachmentResource,
		newUserPolicyAttachmentsExclusiveResource,
		newUserPolicyResource,
		newUserResource,
		newVirtualMFADeviceResource,
	}
}

// ephemerals lists every ephemeral resource, in the order of their file names.
func ephemerals() []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		newAccessKeySecretEphemeral,
		newSessionCredentialsEphemeral,
	}
}

// listings lists every list resource, which terraform query uses, in the order of their file names.
func listings() []func() list.ListResource {
	return []func() list.ListResource{
		newGroupListing,
		newPolicyListing,
		newRoleListing,
		newUserListing,
	}
}

// New returns a provider that reports this version: the number of a release, or "dev".
func New(version string) Provider { return newProvider(version, time.Now) }

func newProvider(version string, now func() time.Time) *iamProvider {
	run := os.Getenv("TFC_RUN_ID") // set by HCP Terraform
	if run == "" {
		run = "run-" + rand.Text()
	}
	return &iamProvider{version: version, stores: accountstore.NewPool(version, run), now: now}
}

// iamProvider is one provider process. The framework creates a new resource or data source for each call. They
// share the state of this struct and the value that Configure passes to them.
type iamProvider struct {
	version string
	now     func() time.Time

	stores *accountstore.Pool
}

// Provider is a provider that the caller must close.
type Provider interface {
	provider.Provider
	// Close writes pending records and closes the open stores. The provider is unusable afterwards.
	Close() error
}

var (
	_ Provider                                = (*iamProvider)(nil)
	_ provider.ProviderWithFunctions          = (*iamProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*iamProvider)(nil)
	_ provider.ProviderWithListResources      = (*iamProvider)(nil)
)

// Close closes the stores.
func (p *iamProvider) Close() error {
	return p.stores.CloseAll()
}

func (p *iamProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "iam"
	resp.Version = p.version
}

func (p *iamProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages users, groups, roles, policies and credentials as code, and decides access " +
			"questions while " +
			"Terraform plans. The `iam` provider contains an IAM service and an evaluator for IAM policies: an account " +
			"is a file, " +
			"and needs no server and no network. The provider works without any configuration.",
		Attributes: map[string]schema.Attribute{
			"store": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The path of the account's database file, relative to the directory of the run. " +
					"Default: the environment variable `" + accountstore.PathVariable + "`, otherwise `.iam/iam.db`. The provider creates " +
					"the file " +
					"when it first creates an object in it; planning never creates or changes it.",
			},
			"account_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The id of the account, 12 digits, which is part of every ARN. The provider creates a " +
					"store with this id, " +
					"and refuses a store with another id. Default: the id of the existing store, " +
					"or `" + engine.DefaultAccountID + "` for a new one.",
			},
			"assertions": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The effect of a plan that violates an `iam_access_assertion`: `error` fails the plan, " +
					"`warn` adds a warning, " +
					"`off` skips the checks. Default: the environment variable `" + planaccount.ModeVariable + "`, otherwise `error`.",
			},
		},
		Blocks: map[string]schema.Block{
			"default_tags": schema.ListNestedBlock{
				MarkdownDescription: "Tags for all resources that support tags. A tag of the resource with the same key " +
					"takes precedence.",
				Validators: []validator.List{listvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"tags": schema.MapAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "The " +
						"default tags, by key."},
				}},
			},
		},
	}
}

func (p *iamProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	c := model.configure(ctx, p, req.TerraformVersion, &resp.Diagnostics)
	if c == nil {
		return
	}
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData, resp.ListResourceData = c, c, c, c
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

func (p *iamProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return ephemerals()
}

func (p *iamProvider) ListResources(context.Context) []func() list.ListResource {
	return listings()
}
