package engine

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestCredentialOperations_RequirePermission checks that each operation needs the permission for its
// action on its resource, and that the same action on another resource is not enough. An authorized
// operation may still fail for another reason.
func TestCredentialOperations_RequirePermission(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	for _, name := range []string{"ann", "bob"} {
		addUser(t, e, name)
	}
	ann, _ := newKeyClient(t, e, "ann")
	_, bobsKey := newKeyClient(t, e, "bob")
	must(operator(e).CreateVirtualMFADevice(ctx,
		&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")}))
	bob, password, code := aws.String("bob"), aws.String(testPassword), aws.String("123456")
	const user, device, all = iamARNPrefix + "user/bob", iamARNPrefix + "mfa/phone", "*"
	serial := aws.String(device)
	tags := []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
	for _, tt := range []struct {
		action, resource string
		do               func(ctx context.Context, c *Client) error
	}{
		{"iam:CreateAccessKey", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: bob}))
		}},
		{"iam:ListAccessKeys", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: bob}))
		}},
		{"iam:UpdateAccessKey", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.UpdateAccessKey(ctx,
				&iam.UpdateAccessKeyInput{UserName: bob, AccessKeyId: &bobsKey, Status: "Active"}))
		}},
		{"iam:GetAccessKeyLastUsed", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &bobsKey}))
		}},
		{"iam:DeleteAccessKey", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: bob, AccessKeyId: &bobsKey}))
		}},
		{"iam:CreateLoginProfile", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: bob, Password: password}))
		}},
		{"iam:GetLoginProfile", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: bob}))
		}},
		{"iam:UpdateLoginProfile", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.UpdateLoginProfile(ctx,
				&iam.UpdateLoginProfileInput{UserName: bob, PasswordResetRequired: aws.Bool(true)}))
		}},
		{"iam:DeleteLoginProfile", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: bob}))
		}},
		{"iam:ChangePassword", iamARNPrefix + "user/ann", func(ctx context.Context, c *Client) error {
			return errorOf(c.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: password, NewPassword: password}))
		}},
		{"iam:GetAccountPasswordPolicy", all,
			func(ctx context.Context, c *Client) error { return errorOf(c.GetAccountPasswordPolicy(ctx, nil)) }},
		{"iam:UpdateAccountPasswordPolicy", all,
			func(ctx context.Context, c *Client) error { return errorOf(c.UpdateAccountPasswordPolicy(ctx, nil)) }},
		{"iam:DeleteAccountPasswordPolicy", all,
			func(ctx context.Context, c *Client) error { return errorOf(c.DeleteAccountPasswordPolicy(ctx, nil)) }},
		{"iam:CreateVirtualMFADevice", iamARNPrefix + "mfa/x/new", func(ctx context.Context, c *Client) error {
			return errorOf(c.CreateVirtualMFADevice(ctx,
				&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("new"), Path: aws.String("/x/")}))
		}},
		{"iam:EnableMFADevice", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.EnableMFADevice(ctx,
				&iam.EnableMFADeviceInput{UserName: bob, SerialNumber: serial, AuthenticationCode1: code,
					AuthenticationCode2: code}))
		}},
		{"iam:ResyncMFADevice", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.ResyncMFADevice(ctx,
				&iam.ResyncMFADeviceInput{UserName: bob, SerialNumber: serial, AuthenticationCode1: code,
					AuthenticationCode2: code}))
		}},
		{"iam:DeactivateMFADevice", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: bob, SerialNumber: serial}))
		}},
		{"iam:ListMFADevices", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: bob}))
		}},
		{"iam:GetMFADevice", user, func(ctx context.Context, c *Client) error {
			return errorOf(c.GetMFADevice(ctx, &iam.GetMFADeviceInput{UserName: bob, SerialNumber: serial}))
		}},
		{"iam:ListVirtualMFADevices", iamARNPrefix + "mfa/",
			func(ctx context.Context, c *Client) error { return errorOf(c.ListVirtualMFADevices(ctx, nil)) }},
		{"iam:TagMFADevice", device, func(ctx context.Context, c *Client) error {
			return errorOf(c.TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: serial, Tags: tags}))
		}},
		{"iam:ListMFADeviceTags", device, func(ctx context.Context, c *Client) error {
			return errorOf(c.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: serial}))
		}},
		{"iam:UntagMFADevice", device, func(ctx context.Context, c *Client) error {
			return errorOf(c.UntagMFADevice(ctx, &iam.UntagMFADeviceInput{SerialNumber: serial, TagKeys: []string{"k"}}))
		}},
		{"iam:DeleteVirtualMFADevice", device, func(ctx context.Context, c *Client) error {
			return errorOf(c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: serial}))
		}},
		{"iam:CreateAccountAlias", all, func(ctx context.Context, c *Client) error {
			return errorOf(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("one")}))
		}},
		{"iam:ListAccountAliases", all,
			func(ctx context.Context, c *Client) error { return errorOf(c.ListAccountAliases(ctx, nil)) }},
		{"iam:DeleteAccountAlias", all, func(ctx context.Context, c *Client) error {
			return errorOf(c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: aws.String("one")}))
		}},
		{"sts:GetFederationToken", "arn:aws:sts::000000000000:federated-user/guest",
			func(ctx context.Context, c *Client) error {
				return errorOf(c.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("guest")}))
			}},
		{"sts:GetAccessKeyInfo", all, func(ctx context.Context, c *Client) error {
			return errorOf(c.GetAccessKeyInfo(ctx, &sts.GetAccessKeyInfoInput{AccessKeyId: &bobsKey}))
		}},
		{"sts:DecodeAuthorizationMessage", all, func(ctx context.Context, c *Client) error {
			return errorOf(c.DecodeAuthorizationMessage(ctx,
				&sts.DecodeAuthorizationMessageInput{EncodedMessage: aws.String("x")}))
		}},
	} {
		t.Run(tt.action, func(t *testing.T) {
			grant := func(resource string) {
				document := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + tt.action + `","Resource":"` +
					resource + `"}}`
				must(operator(e).PutUserPolicy(ctx,
					&iam.PutUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("p"), PolicyDocument: &document}))
			}
			grant(iamARNPrefix + "user/somebody-else")
			refusal := "AccessDenied: User: " + iamARNPrefix + "user/ann is not authorized to perform: " + tt.action +
				" on resource: " + tt.resource + " because no identity-based policy allows the " + tt.action + " action…"
			wantOutcome(t, tt.do(ctx, ann), refusal)
			grant(tt.resource)
			if err := tt.do(ctx, ann); hasErrorCode(err, "AccessDenied") || hasErrorCode(err, "ServiceFailure") {
				t.Errorf("with the permission, the error is %v", err)
			}
		})
	}
}
