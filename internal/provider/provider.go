// Package provider is the Terraform provider: its schema, and one file for each of its functions, data
// sources, ephemeral resources, list resources and resources. A file's name begins with the kind.
//
// The package converts between the values of Terraform and those of the engine, and writes the
// diagnostics. It contains no rule of IAM. The packages that it imports decide the meaning and
// validity of policies, and the access that they give.
package provider

import (
	"context"
	"errors"
	"log"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planshare"
)

// Address is the provider's full source address.
const Address = "registry.terraform.io/iam-as-code/iam"

// functions lists every provider function, in the order of their file names.
func functions() []func() function.Function {
	return []func() function.Function{
		newAllows,
		newARNBuild,
		newARNParse,
		newCheckAccessNotGranted,
		newCheckNoNewAccess,
		newCheckNoPublicAccess,
		newCouldAllow,
		newExpandActions,
		newMinimizePolicy,
		newNormalizePolicy,
		newPoliciesEqual,
		newPolicyDocument,
		newSimulate,
		newSplitPolicy,
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
		newWhoCan,
		newAccessComparison,
		newEffectiveAccess,
		newEscalationPaths,
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
func New(version string) Provider {
	p := newProvider(version, time.Now)
	p.sharesPlans = true
	return p
}

func newProvider(version string, now func() time.Time) *iamProvider {
	return &iamProvider{version: version, stores: accountstore.NewPool(version, accountstore.RunID()), now: now}
}

// iamProvider is one provider process. The framework creates a new resource or data source for each call. They
// share the state of this struct and the value that Configure passes to them.
type iamProvider struct {
	version string
	now     func() time.Time

	stores *accountstore.Pool
	// sharesPlans says that the process shares its plans with the processes of the other provider configurations.
	sharesPlans bool

	mu        sync.Mutex
	exchanges []*planshare.Exchange
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
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.stores.CloseAll()
	for _, exchange := range p.exchanges {
		err = errors.Join(err, exchange.Close())
	}
	p.exchanges = nil
	return err
}

// openExchange opens the exchange of plans for a store. If the user has no cache directory, there is none.
func (p *iamProvider) openExchange(store string) *planshare.Exchange {
	if !p.sharesPlans {
		return nil
	}
	exchange, err := planshare.Open(store)
	if err != nil {
		log.Printf("[WARN] sharing plans with other provider processes: %s", err)
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exchanges = append(p.exchanges, exchange)
	return exchange
}

func (p *iamProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "iam"
	resp.Version = p.version
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
