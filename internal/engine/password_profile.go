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

// SetPasswordProfileInput names the standard to follow.
type SetPasswordProfileInput struct {
	// Profile is required; [credential.Profile] knows the names.
	Profile string
}

// SetPasswordProfileOutput is the empty output of [Client.SetPasswordProfile].
type SetPasswordProfileOutput struct{ ResultMetadata middleware.Metadata }

// SetPasswordProfile sets the password policy of a standard, with the rules that AWS's API has no member for.
// "aws-default" is AWS's own, as if none were set. A later UpdateAccountPasswordPolicy replaces all of it. The
// permission is iam:UpdateAccountPasswordPolicy.
func (c *Client) SetPasswordProfile(ctx context.Context, in *SetPasswordProfileInput) (*SetPasswordProfileOutput, error) {
	return do(ctx, c, setPasswordProfile, in)
}

var setPasswordProfile = registerExtension("Sets the password policy of a standard.",
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
				return nil, validationError("%q is no password profile; there are aws-default, nist-800-63b-4, cis and pci-dss-4", in.Profile)
			case p == credential.DefaultPasswordPolicy():
				return &SetPasswordProfileOutput{}, ignoreNotFound(c.tx.DeleteSetting(passwordPolicySetting))
			}
			return &SetPasswordProfileOutput{}, c.putPasswordPolicy(passwordSetting{Profile: in.Profile, Policy: p})
		},
	})

// GetPasswordProfileInput is the empty input of [Client.GetPasswordProfile].
type GetPasswordProfileInput struct{}

// GetPasswordProfileOutput names the standard that the password policy follows.
type GetPasswordProfileOutput struct {
	// Profile is "aws-default" if no password policy is set, and empty for one of UpdateAccountPasswordPolicy.
	Profile string

	ResultMetadata middleware.Metadata
}

// GetPasswordProfile returns the name of the profile that the password policy was set from. The permission is
// iam:GetAccountPasswordPolicy.
func (c *Client) GetPasswordProfile(ctx context.Context, in *GetPasswordProfileInput) (*GetPasswordProfileOutput, error) {
	return do(ctx, c, getPasswordProfile, in)
}

var getPasswordProfile = registerExtension("Returns the name of the profile that the password policy was set from.", nil,
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
			var set passwordSetting
			if err == nil {
				err = json.Unmarshal(text, &set)
			}
			return &GetPasswordProfileOutput{Profile: set.Profile}, err
		},
	})
