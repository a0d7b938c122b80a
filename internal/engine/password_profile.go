package engine

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// SetPasswordProfileInput names a profile, which is the password policy of a standard.
type SetPasswordProfileInput struct {
	// Profile is required. [credential.Profile] lists the names.
	Profile string
}

// SetPasswordProfileOutput is the empty output of [Client.SetPasswordProfile].
type SetPasswordProfileOutput struct{ ResultMetadata middleware.Metadata }

// SetPasswordProfile sets the password policy to the rules of a standard, including rules for which
// AWS's API has no member. The profile "aws-default" deletes the password policy, so that AWS's
// default applies. A later UpdateAccountPasswordPolicy replaces the whole policy. The caller needs
// the permission iam:UpdateAccountPasswordPolicy.
func (c *Client) SetPasswordProfile(ctx context.Context, in *SetPasswordProfileInput) (*SetPasswordProfileOutput,
	error) {
	return do(ctx, c, setPasswordProfile, in)
}

var setPasswordProfile = registerExtension("Sets the password policy to the rules of a standard.",
	[]model.Member{required(member("Profile", &nameShape, "The name of the standard's profile."))}, nil,
	operation[SetPasswordProfileInput, SetPasswordProfileOutput]{
		name: "SetPasswordProfile", writes: true,
		access: func(*call, *SetPasswordProfileInput) ([]access, error) {
			return []access{{action: "iam:UpdateAccountPasswordPolicy", resource: "*"}}, nil
		},
		run: func(c *call, in *SetPasswordProfileInput) (*SetPasswordProfileOutput, error) {
			p, ok := credential.Profile(in.Profile)
			switch {
			case !ok:
				return nil, validationError("%q is not a password profile; expected aws-default, nist-800-63b-4, cis or pci-dss-4",
					in.Profile)
			case p == credential.DefaultPasswordPolicy():
				return &SetPasswordProfileOutput{}, ignoreNotFound(c.tx.DeleteSetting(passwordPolicySetting))
			}
			return &SetPasswordProfileOutput{}, c.putPasswordPolicy(passwordSetting{Profile: in.Profile, Policy: p})
		},
	})

// GetPasswordProfileInput is the empty input of [Client.GetPasswordProfile].
type GetPasswordProfileInput struct{}

// GetPasswordProfileOutput names the profile of the password policy.
type GetPasswordProfileOutput struct {
	// Profile is "aws-default" if the account has not set a password policy. It is empty for a policy
	// that UpdateAccountPasswordPolicy set.
	Profile string

	ResultMetadata middleware.Metadata
}

// GetPasswordProfile returns the name of the profile that the password policy comes from. The
// caller needs the permission iam:GetAccountPasswordPolicy.
func (c *Client) GetPasswordProfile(ctx context.Context, in *GetPasswordProfileInput) (*GetPasswordProfileOutput,
	error) {
	return do(ctx, c, getPasswordProfile, in)
}

var getPasswordProfile = registerExtension("Returns the name of the profile that the password policy comes from.", nil,
	[]model.Member{member("Profile", &nameShape, "The profile's name.")},
	operation[GetPasswordProfileInput, GetPasswordProfileOutput]{
		name: "GetPasswordProfile",
		access: func(c *call, _ *GetPasswordProfileInput) ([]access, error) {
			return c.ownPasswordAccess(access{action: "iam:GetAccountPasswordPolicy", resource: "*"})
		},
		run: func(c *call, _ *GetPasswordProfileInput) (*GetPasswordProfileOutput, error) {
			text, err := c.tx.Setting(passwordPolicySetting)
			if errors.Is(err, store.ErrNotFound) {
				return &GetPasswordProfileOutput{Profile: "aws-default"}, nil
			}
			var setting passwordSetting
			if err == nil {
				err = json.Unmarshal(text, &setting)
			}
			return &GetPasswordProfileOutput{Profile: setting.Profile}, err
		},
	})
