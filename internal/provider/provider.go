// Package provider is what Terraform sees: the provider's schema and, one file each and kind
// first in the file's name, its functions, data sources and resources.
//
// It maps between Terraform's values and the engine's and words the diagnostics. It never holds a
// rule of IAM: what a policy means, what is allowed and what is valid is asked of the rooms below.
package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"sync"
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

// listings lists what terraform query can list, in the order of the file names.
func listings() []func() list.ListResource {
	return []func() list.ListResource{
		newGroupListing,
		newPolicyListing,
		newRoleListing,
		newUserListing,
	}
}

// New makes a provider. The version is what it reports about itself: a release's number, or "dev".
func New(version string) Provider { return newProvider(version, time.Now) }

func newProvider(version string, now func() time.Time) *iamProvider {
	run := os.Getenv("TFC_RUN_ID") // set by HCP Terraform
	if run == "" {
		run = "run-" + rand.Text()
	}
	return &iamProvider{version: version, run: run, now: now}
}

// iamProvider is one provider process. The framework makes resources and all else anew for each call; what they share is
// kept here and in what Configure hands them.
type iamProvider struct {
	version string
	run     string // ties together what this process does, in the audit trail
	now     func() time.Time

	mu     sync.Mutex
	stores []*accountStore
}

// Provider is a provider that has to be closed.
type Provider interface {
	provider.Provider
	// Close writes what is still to be written and closes what is open. Nothing may be asked of the provider afterwards.
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
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for _, s := range p.stores {
		err = errors.Join(err, s.close())
	}
	return err
}

func (p *iamProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "iam"
	resp.Version = p.version
}

func (p *iamProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Users, groups, roles, policies and credentials as code, and the answer to who may do what while Terraform plans. The `iam` provider has an IAM service " +
			"and an evaluator for IAM policies built in: an account is a file, and needs no server and no network. It works without any configuration.",
		Attributes: map[string]schema.Attribute{
			"store": schema.StringAttribute{Optional: true, MarkdownDescription: "The database file of the account, relative to the directory that Terraform runs in. Default: the environment variable `" +
				storeVariable + "`, else `.iam/iam.db`. It is made when something is first created in it; planning never makes or changes it."},
			"account_id": schema.StringAttribute{Optional: true, MarkdownDescription: "The id of the account, 12 digits, which stands in every ARN. A store is made with it and refused with another. " +
				"Default: the store's own, or `" + engine.DefaultAccountID + "` for a new one."},
			"assertions": schema.StringAttribute{Optional: true, MarkdownDescription: "What happens when a plan breaks an `iam_access_assertion`: `error` fails the plan, `warn` warns, `off` checks nothing. " +
				"Default: the environment variable `" + assertionsVariable + "`, else `error`."},
		},
		Blocks: map[string]schema.Block{
			"default_tags": schema.ListNestedBlock{
				MarkdownDescription: "Tags for everything that has tags, unless it has its own of that key.",
				Validators:          []validator.List{listvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"tags": schema.MapAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "The tags."},
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
