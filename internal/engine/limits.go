package engine

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Limits contains the quotas of an account. They are AWS's default quotas, see [DefaultLimits],
// except for those that the account has set. Sizes of policies count characters without white
// space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
type Limits struct {
	Users                int `json:"users"`
	Groups               int `json:"groups"`
	Roles                int `json:"roles"`
	Policies             int `json:"policies"`
	GroupsPerUser        int `json:"groups_per_user"`
	AccessKeysPerUser    int `json:"access_keys_per_user"`
	MFADevicesPerUser    int `json:"mfa_devices_per_user"`
	AttachedPerUser      int `json:"attached_policies_per_user"`
	AttachedPerGroup     int `json:"attached_policies_per_group"`
	AttachedPerRole      int `json:"attached_policies_per_role"`
	VersionsPerPolicy    int `json:"versions_per_policy"`
	PolicySize           int `json:"policy_size"`
	UserPolicySize       int `json:"user_policy_size"`
	GroupPolicySize      int `json:"group_policy_size"`
	RolePolicySize       int `json:"role_policy_size"`
	AssumeRolePolicySize int `json:"assume_role_policy_size"`
}

var defaultLimits = Limits{
	Users: 5000, Groups: 300, Roles: 1000, Policies: 1500,
	GroupsPerUser: 10, AccessKeysPerUser: 2, MFADevicesPerUser: 8,
	AttachedPerUser: 10, AttachedPerGroup: 10, AttachedPerRole: 10,
	VersionsPerPolicy: 5,
	PolicySize:        6144, UserPolicySize: 2048, GroupPolicySize: 5120, RolePolicySize: 10240,
	AssumeRolePolicySize: 2048,
}

const limitsSetting = "limits"

// limits reads the quotas of the account.
func (c *call) limits() (Limits, error) {
	limits := defaultLimits
	text, err := c.tx.Setting(limitsSetting)
	if errors.Is(err, store.ErrNotFound) {
		return limits, nil
	}
	if err != nil {
		return limits, err
	}
	if err := json.Unmarshal(text, &limits); err != nil {
		return limits, fmt.Errorf("reading the account's limits: %w", err)
	}
	return limits, nil
}
