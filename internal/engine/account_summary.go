package engine

import (
	"context"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// policyVersionsInUseQuota is AWS's quota. This engine does not enforce it: it limits the number of
// policies and the number of versions of each policy instead.
const policyVersionsInUseQuota = 10_000

// GetAccountSummary returns the number of entities in the account, and its quotas.
func (c *Client) GetAccountSummary(ctx context.Context, in *iam.GetAccountSummaryInput,
	_ ...func(*iam.Options)) (*iam.GetAccountSummaryOutput, error) {
	return do(ctx, c, getAccountSummary, in)
}

var getAccountSummary = register(operation[iam.GetAccountSummaryInput, iam.GetAccountSummaryOutput]{
	name:   "GetAccountSummary",
	access: onAll[iam.GetAccountSummaryInput],
	run: func(c *call, _ *iam.GetAccountSummaryInput) (*iam.GetAccountSummaryOutput, error) {
		limits, err := c.limits()
		if err != nil {
			return nil, err
		}
		counts, err := c.counts()
		if err != nil {
			return nil, err
		}
		quotas := map[iamtypes.SummaryKeyType]int{
			iamtypes.SummaryKeyTypeUsersQuota:                    limits.Users,
			iamtypes.SummaryKeyTypeGroupsQuota:                   limits.Groups,
			iamtypes.SummaryKeyTypeRolesQuota:                    limits.Roles,
			iamtypes.SummaryKeyTypePoliciesQuota:                 limits.Policies,
			iamtypes.SummaryKeyTypeGroupsPerUserQuota:            limits.GroupsPerUser,
			iamtypes.SummaryKeyTypeAccessKeysPerUserQuota:        limits.AccessKeysPerUser,
			iamtypes.SummaryKeyTypeAttachedPoliciesPerUserQuota:  limits.AttachedPerUser,
			iamtypes.SummaryKeyTypeAttachedPoliciesPerGroupQuota: limits.AttachedPerGroup,
			iamtypes.SummaryKeyTypeAttachedPoliciesPerRoleQuota:  limits.AttachedPerRole,
			iamtypes.SummaryKeyTypeVersionsPerPolicyQuota:        limits.VersionsPerPolicy,
			iamtypes.SummaryKeyTypePolicyVersionsInUseQuota: max(policyVersionsInUseQuota,
				limits.Policies*limits.VersionsPerPolicy),
			iamtypes.SummaryKeyTypePolicySizeQuota:           limits.PolicySize,
			iamtypes.SummaryKeyTypeUserPolicySizeQuota:       limits.UserPolicySize,
			iamtypes.SummaryKeyTypeGroupPolicySizeQuota:      limits.GroupPolicySize,
			iamtypes.SummaryKeyTypeRolePolicySizeQuota:       limits.RolePolicySize,
			iamtypes.SummaryKeyTypeAssumeRolePolicySizeQuota: limits.AssumeRolePolicySize,
		}
		out := &iam.GetAccountSummaryOutput{SummaryMap: map[string]int32{
			// The root user has no credentials. The local operator acts as the root user.
			string(iamtypes.SummaryKeyTypeAccountMFAEnabled):                 0,
			string(iamtypes.SummaryKeyTypeAccountAccessKeysPresent):          0,
			string(iamtypes.SummaryKeyTypeAccountPasswordPresent):            0,
			string(iamtypes.SummaryKeyTypeAccountSigningCertificatesPresent): 0,
			// Session tokens are valid in every region, like AWS's tokens of version 2.
			string(iamtypes.SummaryKeyTypeGlobalEndpointTokenVersion): 2,
			// This engine does not offer these kinds of entities.
			string(iamtypes.SummaryKeyTypeServerCertificates):              0,
			string(iamtypes.SummaryKeyTypeServerCertificatesQuota):         0,
			string(iamtypes.SummaryKeyTypeSigningCertificatesPerUserQuota): 0,
			string(iamtypes.SummaryKeyTypeInstanceProfiles):                0,
			string(iamtypes.SummaryKeyTypeInstanceProfilesQuota):           0,
			string(iamtypes.SummaryKeyTypeProviders):                       0,
		}}
		for _, numbers := range []map[iamtypes.SummaryKeyType]int{counts, quotas} {
			for name, number := range numbers {
				out.SummaryMap[string(name)] = int32(min(number, math.MaxInt32)) // #nosec G115 -- at most math.MaxInt32
			}
		}
		return out, nil
	},
})

// counts returns the number of entities of each kind.
func (c *call) counts() (map[iamtypes.SummaryKeyType]int, error) {
	counts := map[iamtypes.SummaryKeyType]int{}
	for name, kind := range map[iamtypes.SummaryKeyType]store.Kind{
		iamtypes.SummaryKeyTypeUsers: store.User, iamtypes.SummaryKeyTypeGroups: store.Group,
		iamtypes.SummaryKeyTypeRoles: store.Role,
	} {
		count, err := c.tx.CountIdentities(kind)
		if err != nil {
			return nil, err
		}
		counts[name] = count
	}
	var err error
	if counts[iamtypes.SummaryKeyTypePolicies], err = c.tx.CountPolicies(""); err != nil {
		return nil, err
	}
	if counts[iamtypes.SummaryKeyTypePolicyVersionsInUse], err = c.tx.CountPolicyVersions(); err != nil {
		return nil, err
	}
	devices, err := c.tx.MFADevices(store.AnyDevice, store.Page{})
	if err != nil {
		return nil, err
	}
	counts[iamtypes.SummaryKeyTypeMFADevices] = len(devices)
	counts[iamtypes.SummaryKeyTypeMFADevicesInUse] = 0
	for _, device := range devices {
		if device.UserID != "" {
			counts[iamtypes.SummaryKeyTypeMFADevicesInUse]++
		}
	}
	return counts, nil
}
