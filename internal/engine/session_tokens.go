package engine

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
)

// defaultTokenDuration is the default duration of the sessions of GetSessionToken and
// GetFederationToken.
const defaultTokenDuration = 12 * time.Hour

// requireLongTermKey returns an error unless the caller uses the long-term key of a user.
func (c *call) requireLongTermKey() error {
	switch {
	case c.caller.session != nil:
		return accessDenied("Cannot call %s with session credentials", c.operation.Model().Name)
	case c.principal.authz.Kind != authz.User:
		return accessDenied("Cannot call %s as the root user: use the access key of a user", c.operation.Model().Name)
	}
	return nil
}

// GetSessionToken returns temporary credentials for the calling user. With a one-time code, the
// session counts as authenticated with MFA. The caller needs no permission.
func (c *Client) GetSessionToken(ctx context.Context, in *sts.GetSessionTokenInput,
	_ ...func(*sts.Options)) (*sts.GetSessionTokenOutput, error) {
	return do(ctx, c, getSessionToken, in)
}

var getSessionToken = register(operation[sts.GetSessionTokenInput, sts.GetSessionTokenOutput]{
	name: "GetSessionToken", writes: true, usesOnly: true,
	attempt: func(c *call, in *sts.GetSessionTokenInput) error {
		return c.countCodeAttempt(in.SerialNumber, in.TokenCode)
	},
	access: func(c *call, in *sts.GetSessionTokenInput) ([]access, error) {
		if err := c.requireLongTermKey(); err != nil {
			return nil, err
		}
		return nil, c.verifyCode(in.SerialNumber, in.TokenCode)
	},
	run: func(c *call, in *sts.GetSessionTokenInput) (*sts.GetSessionTokenOutput, error) {
		if err := c.storeUsedCode(); err != nil {
			return nil, err
		}
		_, credentials, err := c.newUserSession(c.codeTime, sessionDuration(in.DurationSeconds, defaultTokenDuration))
		return &sts.GetSessionTokenOutput{Credentials: credentials}, err
	},
})

// newUserSession creates a session for the calling user.
func (c *call) newUserSession(mfaTime int64, duration time.Duration) (credential.Session, *ststypes.Credentials,
	error) {
	id, key, chain := c.issuer()
	c.addAuditSubject(id)
	return c.newSession(credential.Session{
		Kind: credential.UserSession, PrincipalARN: c.principal.arn, PrincipalID: id, MFATime: mfaTime,
		IssuerID: id, IssuerAccessKeyID: key, IssuerChain: chain,
	}, duration)
}

func sessionDuration(seconds *int32, defaultDuration time.Duration) time.Duration {
	if seconds == nil {
		return defaultDuration
	}
	return time.Duration(*seconds) * time.Second
}

// GetFederationToken returns temporary credentials for a federated user. A request by the federated
// user is allowed if both the policies of the calling user and the session policies allow it.
func (c *Client) GetFederationToken(ctx context.Context, in *sts.GetFederationTokenInput,
	_ ...func(*sts.Options)) (*sts.GetFederationTokenOutput, error) {
	return do(ctx, c, getFederationToken, in)
}

var getFederationToken = register(operation[sts.GetFederationTokenInput, sts.GetFederationTokenOutput]{
	name: "GetFederationToken", writes: true, usesOnly: true,
	access: func(c *call, in *sts.GetFederationTokenInput) ([]access, error) {
		if err := c.requireLongTermKey(); err != nil {
			return nil, err
		}
		tags, err := newSessionTags(in.Tags)
		if err != nil {
			return nil, err
		}
		need := access{resource: c.engine.federatedUserARN(*in.Name)}.withKeys(sessionTagKeys(tags)...)
		if len(tags) == 0 {
			return []access{need}, nil
		}
		return []access{need, need.withAction("sts:TagSession")}, nil
	},
	run: func(c *call, in *sts.GetFederationTokenInput) (*sts.GetFederationTokenOutput, error) {
		id, key, chain := c.issuer()
		c.addAuditSubject(id)
		tags, err := newSessionTags(in.Tags)
		if err != nil {
			return nil, err
		}
		passed, err := c.sessionPolicies(in.Policy, in.PolicyArns, tags)
		if err != nil {
			return nil, err
		}
		_, credentials, err := c.newSession(credential.Session{
			Kind: credential.FederatedUser, PrincipalARN: c.principal.arn, PrincipalID: id, Name: *in.Name,
			Policies: passed.documents, PolicyARNs: passed.arns, Tags: tags,
			IssuerID: id, IssuerAccessKeyID: key, IssuerChain: chain,
		}, sessionDuration(in.DurationSeconds, defaultTokenDuration))
		if passed.packedPercent == nil { // AWS returns 0 here, and nothing for AssumeRole
			passed.packedPercent = aws.Int32(0)
		}
		return &sts.GetFederationTokenOutput{
			Credentials:      credentials,
			PackedPolicySize: passed.packedPercent, //nolint:staticcheck // deprecated, but AWS still returns it
			FederatedUser: &ststypes.FederatedUser{
				Arn:             aws.String(c.engine.federatedUserARN(*in.Name)),
				FederatedUserId: aws.String(c.engine.account + ":" + *in.Name),
			},
		}, err
	},
})
