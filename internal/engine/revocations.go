package engine

import (
	"context"
	"strings"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AWS's API has no operation that ends sessions. Its console attaches an inline policy
// AWSRevokeOlderSessions, which denies everything to earlier sessions. The permission to end
// sessions is therefore iam:PutUserPolicy or iam:PutRolePolicy. This engine stores a revocation
// instead. It also ends the sessions that were made with the revoked ones, and takes no space of a
// policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html

// RevokeUserSessionsInput names a user. It is required.
type RevokeUserSessionsInput struct{ UserName string }

// RevokeUserSessionsOutput is the empty output of [Client.RevokeUserSessions].
type RevokeUserSessionsOutput struct{ ResultMetadata middleware.Metadata }

// RevokeUserSessions ends at once every session of a user that was made before now: sessions of GetSessionToken,
// GetFederationToken, sign-ins and roles that the user assumed, and those that were made with them. Access keys stay.
func (c *Client) RevokeUserSessions(ctx context.Context, in *RevokeUserSessionsInput) (*RevokeUserSessionsOutput, error) {
	return do(ctx, c, revokeUserSessions, in)
}

var revokeUserSessions = registerExtension("Ends all sessions of a user, and those that were made with them.",
	[]model.Member{required(member("UserName", &nameShape, "The user's name."))}, nil,
	operation[RevokeUserSessionsInput, RevokeUserSessionsOutput]{
		name: "RevokeUserSessions", writes: true,
		access: func(c *call, in *RevokeUserSessionsInput) ([]access, error) {
			return c.revocationAccess(store.User, in.UserName)
		},
		run: func(c *call, in *RevokeUserSessionsInput) (*RevokeUserSessionsOutput, error) {
			return &RevokeUserSessionsOutput{}, c.revokePrincipal(store.User, in.UserName)
		},
	})

// RevokeRoleSessionsInput names a role. It is required.
type RevokeRoleSessionsInput struct{ RoleName string }

// RevokeRoleSessionsOutput is the empty output of [Client.RevokeRoleSessions].
type RevokeRoleSessionsOutput struct{ ResultMetadata middleware.Metadata }

// RevokeRoleSessions ends at once every session of a role that was made before now, and the sessions of other roles that
// were made with them.
func (c *Client) RevokeRoleSessions(ctx context.Context, in *RevokeRoleSessionsInput) (*RevokeRoleSessionsOutput, error) {
	return do(ctx, c, revokeRoleSessions, in)
}

var revokeRoleSessions = registerExtension("Ends all sessions of a role, and those that were made with them.",
	[]model.Member{required(member("RoleName", &nameShape, "The role's name."))}, nil,
	operation[RevokeRoleSessionsInput, RevokeRoleSessionsOutput]{
		name: "RevokeRoleSessions", writes: true,
		access: func(c *call, in *RevokeRoleSessionsInput) ([]access, error) {
			return c.revocationAccess(store.Role, in.RoleName)
		},
		run: func(c *call, in *RevokeRoleSessionsInput) (*RevokeRoleSessionsOutput, error) {
			return &RevokeRoleSessionsOutput{}, c.revokePrincipal(store.Role, in.RoleName)
		},
	})

func (c *call) revocationAccess(kind store.Kind, name string) ([]access, error) {
	need, err := c.permissionsAccess(kind, name)
	return []access{need.also(revokeAction(kind))}, err
}

func (c *call) revokePrincipal(kind store.Kind, name string) error {
	found, err := c.identity(kind, name)
	if err != nil {
		return err
	}
	return c.revoke(found.ID)
}

func revokeAction(kind store.Kind) string {
	if kind == store.Role {
		return "iam:PutRolePolicy"
	}
	return "iam:PutUserPolicy"
}

// RevokeAccessKeySessionsInput names an access key by its id. It is required.
type RevokeAccessKeySessionsInput struct{ AccessKeyID string }

// RevokeAccessKeySessionsOutput is the empty output of [Client.RevokeAccessKeySessions].
type RevokeAccessKeySessionsOutput struct{ ResultMetadata middleware.Metadata }

// RevokeAccessKeySessions ends at once the sessions that were made with an access key before now. The key of a session
// (ASIA…) stands for that session and every one that was made with it. A user's long-term key (AKIA…) stands for every
// session that was made with it, while the key itself stays.
//
// For a long-term key, the permission is iam:PutUserPolicy on its user. The store does not know the sessions that exist,
// so for the key of a session it is iam:PutUserPolicy and iam:PutRolePolicy on all users and roles.
func (c *Client) RevokeAccessKeySessions(ctx context.Context, in *RevokeAccessKeySessionsInput) (*RevokeAccessKeySessionsOutput, error) {
	return do(ctx, c, revokeAccessKeySessions, in)
}

var revokeAccessKeySessions = registerExtension("Ends the sessions of an access key, and those that were made with them.",
	[]model.Member{required(idMember("AccessKey", &idShape, "The id of the access key."))}, nil,
	operation[RevokeAccessKeySessionsInput, RevokeAccessKeySessionsOutput]{
		name: "RevokeAccessKeySessions", writes: true,
		access: func(c *call, in *RevokeAccessKeySessionsInput) ([]access, error) {
			return c.keyRevocationAccess(in.AccessKeyID)
		},
		run: func(c *call, in *RevokeAccessKeySessionsInput) (*RevokeAccessKeySessionsOutput, error) {
			if strings.HasPrefix(in.AccessKeyID, "AKIA") {
				if _, err := c.tx.AccessKey(in.AccessKeyID); err != nil {
					return nil, missingKey(err, in.AccessKeyID)
				}
			} else if !strings.HasPrefix(in.AccessKeyID, "ASIA") {
				return nil, validationError("%q is no access key: its id begins with ASIA for a session's and AKIA for a user's", in.AccessKeyID)
			}
			return &RevokeAccessKeySessionsOutput{}, c.revoke(in.AccessKeyID)
		},
	})

func (c *call) keyRevocationAccess(accessKeyID string) ([]access, error) {
	if !strings.HasPrefix(accessKeyID, "AKIA") {
		return []access{
			{action: revokeAction(store.User), resource: c.engine.iamARN("user/*")},
			{action: revokeAction(store.Role), resource: c.engine.iamARN("role/*")},
		}, nil
	}
	need, err := c.keyAccess(accessKeyID)
	if err != nil {
		return nil, err
	}
	if key, err := c.tx.AccessKey(accessKeyID); err == nil {
		user, err := c.tx.IdentityByID(key.UserID)
		if err != nil {
			return nil, err
		}
		if need, err = c.permissionsAccess(store.User, user.Name); err != nil {
			return nil, err
		}
	}
	return []access{need.also(revokeAction(store.User))}, nil
}

// revoke ends the sessions that have the subject in their history and were issued before now.
// Sessions count in whole seconds, so those of the current second end too. The revocation can be
// deleted when no such session could still be valid.
func (c *call) revoke(subject string) error {
	c.addAuditSubject(subject)
	if err := c.tx.DropRevocations(c.now); err != nil {
		return err
	}
	before := c.now.Add(time.Second)
	return c.tx.PutRevocation(store.Revocation{Subject: subject, Before: before, Forget: before.Add(longestSession)})
}
