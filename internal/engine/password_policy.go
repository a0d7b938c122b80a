package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const passwordPolicySetting = "password-policy"

// passwordSetting is the JSON form of the password policy in the store.
type passwordSetting struct {
	// Profile is the name of the profile that the policy comes from. It is empty for a policy that
	// UpdateAccountPasswordPolicy set.
	Profile string                    `json:"profile,omitempty"`
	Policy  credential.PasswordPolicy `json:"policy"`
}

// minimumPasswordLength is the default of UpdateAccountPasswordPolicy for the member of this name.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
const minimumPasswordLength = 6

// passwordPolicy returns the password policy of the account. If the account has not set one, it
// returns AWS's default and false.
func (c *call) passwordPolicy() (credential.PasswordPolicy, bool, error) {
	text, err := c.tx.Setting(passwordPolicySetting)
	if errors.Is(err, store.ErrNotFound) {
		return credential.DefaultPasswordPolicy(), false, nil
	}
	var setting passwordSetting
	if err == nil {
		err = json.Unmarshal(text, &setting)
	}
	if err != nil {
		return setting.Policy, false, fmt.Errorf("reading the account's password policy: %w", err)
	}
	return setting.Policy, true, nil
}

func (c *call) putPasswordPolicy(setting passwordSetting) error {
	text, err := json.Marshal(setting)
	if err != nil {
		return err
	}
	return c.tx.PutSetting(passwordPolicySetting, text)
}

// GetAccountPasswordPolicy returns the password policy that the account has set. It fails if the
// account uses AWS's default.
func (c *Client) GetAccountPasswordPolicy(ctx context.Context, in *iam.GetAccountPasswordPolicyInput,
	_ ...func(*iam.Options)) (*iam.GetAccountPasswordPolicyOutput, error) {
	return do(ctx, c, getAccountPasswordPolicy, in)
}

var getAccountPasswordPolicy = register(operation[iam.GetAccountPasswordPolicyInput,
	iam.GetAccountPasswordPolicyOutput]{
	name: "GetAccountPasswordPolicy",
	access: func(c *call, _ *iam.GetAccountPasswordPolicyInput) ([]access, error) {
		return c.ownPasswordAccess(access{resource: "*"})
	},
	run: func(c *call, _ *iam.GetAccountPasswordPolicyInput) (*iam.GetAccountPasswordPolicyOutput, error) {
		p, isSet, err := c.passwordPolicy()
		if err != nil {
			return nil, err
		}
		if !isSet {
			return nil, noSuchEntity("The Password Policy with domain name %s cannot be found.", c.engine.account)
		}
		out := &iamtypes.PasswordPolicy{
			MinimumPasswordLength: aws.Int32(int32(p.MinimumPasswordLength)),
			RequireSymbols:        p.RequireSymbols, RequireNumbers: p.RequireNumbers,
			RequireUppercaseCharacters: p.RequireUppercaseCharacters, RequireLowercaseCharacters: p.RequireLowercaseCharacters,
			AllowUsersToChangePassword: p.AllowUsersToChangePassword, ExpirePasswords: p.MaxPasswordAge > 0,
		}
		if p.HardExpiry || p.MaxPasswordAge > 0 { // AWS omits HardExpiry if the policy has neither
			out.HardExpiry = aws.Bool(p.HardExpiry)
		}
		if p.MaxPasswordAge > 0 {
			out.MaxPasswordAge = aws.Int32(int32(p.MaxPasswordAge))
		}
		if p.PasswordReusePrevention > 0 {
			out.PasswordReusePrevention = aws.Int32(int32(p.PasswordReusePrevention))
		}
		return &iam.GetAccountPasswordPolicyOutput{PasswordPolicy: out}, nil
	},
})

// UpdateAccountPasswordPolicy replaces the whole password policy. Members that the input omits get
// AWS's defaults.
func (c *Client) UpdateAccountPasswordPolicy(ctx context.Context, in *iam.UpdateAccountPasswordPolicyInput,
	_ ...func(*iam.Options)) (*iam.UpdateAccountPasswordPolicyOutput, error) {
	return do(ctx, c, updateAccountPasswordPolicy, in)
}

var updateAccountPasswordPolicy = register(operation[iam.UpdateAccountPasswordPolicyInput,
	iam.UpdateAccountPasswordPolicyOutput]{
	name: "UpdateAccountPasswordPolicy", writes: true,
	access: onAll[iam.UpdateAccountPasswordPolicyInput],
	run: func(c *call, in *iam.UpdateAccountPasswordPolicyInput) (*iam.UpdateAccountPasswordPolicyOutput, error) {
		return &iam.UpdateAccountPasswordPolicyOutput{}, c.putPasswordPolicy(passwordSetting{Policy: PasswordPolicyOf(in)})
	},
})

// PasswordPolicyOf returns the password policy that UpdateAccountPasswordPolicy sets for an input.
func PasswordPolicyOf(in *iam.UpdateAccountPasswordPolicyInput) credential.PasswordPolicy {
	p := credential.PasswordPolicy{
		MinimumPasswordLength: minimumPasswordLength,
		RequireSymbols:        in.RequireSymbols, RequireNumbers: in.RequireNumbers,
		RequireUppercaseCharacters: in.RequireUppercaseCharacters, RequireLowercaseCharacters: in.RequireLowercaseCharacters,
		AllowUsersToChangePassword: in.AllowUsersToChangePassword, HardExpiry: aws.ToBool(in.HardExpiry),
		MaxPasswordAge:          int(aws.ToInt32(in.MaxPasswordAge)),
		PasswordReusePrevention: int(aws.ToInt32(in.PasswordReusePrevention)),
	}
	if in.MinimumPasswordLength != nil {
		p.MinimumPasswordLength = int(*in.MinimumPasswordLength)
	}
	return p
}

// ReadPasswordPolicy returns the password policy that applies in an account, with the rules of its profile.
func ReadPasswordPolicy(ctx context.Context, api PasswordPolicyAPI) (credential.PasswordPolicy, error) {
	set, err := api.GetPasswordProfile(ctx, nil)
	if err != nil {
		return credential.PasswordPolicy{}, err
	}
	if rules, ok := credential.Profile(set.Profile); ok {
		return rules, nil
	}
	out, err := api.GetAccountPasswordPolicy(ctx, nil)
	if err != nil {
		return credential.PasswordPolicy{}, err
	}
	p := out.PasswordPolicy
	return PasswordPolicyOf(&iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: p.MinimumPasswordLength, RequireSymbols: p.RequireSymbols, RequireNumbers: p.RequireNumbers,
		RequireUppercaseCharacters: p.RequireUppercaseCharacters, RequireLowercaseCharacters: p.RequireLowercaseCharacters,
	}), nil
}

// PasswordPolicyAPI has the operations that [ReadPasswordPolicy] needs.
type PasswordPolicyAPI interface {
	GetPasswordProfile(context.Context, *GetPasswordProfileInput) (*GetPasswordProfileOutput, error)
	GetAccountPasswordPolicy(context.Context, *iam.GetAccountPasswordPolicyInput,
		...func(*iam.Options)) (*iam.GetAccountPasswordPolicyOutput, error)
}

// DeleteAccountPasswordPolicy deletes the password policy, so that AWS's default applies.
func (c *Client) DeleteAccountPasswordPolicy(ctx context.Context, in *iam.DeleteAccountPasswordPolicyInput,
	_ ...func(*iam.Options)) (*iam.DeleteAccountPasswordPolicyOutput, error) {
	return do(ctx, c, deleteAccountPasswordPolicy, in)
}

var deleteAccountPasswordPolicy = register(operation[iam.DeleteAccountPasswordPolicyInput,
	iam.DeleteAccountPasswordPolicyOutput]{
	name: "DeleteAccountPasswordPolicy", writes: true,
	access: onAll[iam.DeleteAccountPasswordPolicyInput],
	run: func(c *call, _ *iam.DeleteAccountPasswordPolicyInput) (*iam.DeleteAccountPasswordPolicyOutput, error) {
		err := c.tx.DeleteSetting(passwordPolicySetting)
		if errors.Is(err, store.ErrNotFound) {
			err = noSuchEntity("The account policy with name PasswordPolicy cannot be found.")
		}
		return &iam.DeleteAccountPasswordPolicyOutput{}, err
	},
})
