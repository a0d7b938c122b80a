package engine

import (
	"context"
	"strings"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AWS's API has no operation that ends sessions. AWS's console adds the inline policy
// AWSRevokeOlderSessions, which denies everything to earlier sessions. To end sessions, a caller
// therefore needs iam:PutUserPolicy or iam:PutRolePolicy. This engine stores a revocation instead
// of a policy. The revocation also ends all sessions that were created with a revoked session, and
// it does not count towards the size limit of inline policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html

// RevokeUserSessionsInput names a user. The name is required.
type RevokeUserSessionsInput struct{ UserName string }

// RevokeUserSessionsOutput is the empty output of [Client.RevokeUserSessions].
type RevokeUserSessionsOutput struct{ ResultMetadata middleware.Metadata }

// RevokeUserSessions immediately ends all present sessions of a user: those of GetSessionToken,
// GetFederationToken, sign-ins and assumed roles, and all sessions that were created with them. The
// user's access keys remain valid.
func (c *Client) RevokeUserSessions(ctx context.Context, in *RevokeUserSessionsInput) (*RevokeUserSessionsOutput,
	error) {
	return do(ctx, c, revokeUserSessions, in)
}

var revokeUserSessions = registerExtension("Ends all sessions of a user, and all sessions that were created with them.",
	[]model.Member{required(member("UserName", &nameShape, "The user's name."))}, nil,
	operation[RevokeUserSessionsInput, RevokeUserSessionsOutput]{
		name: "RevokeUserSessions", writes: true,
		access: func(c *call, in *RevokeUserSessionsInput) ([]access, error) {
			return c.revocationAccess(store.User, in.UserName)
		},
		run: func(c *call, in *RevokeUserSessionsInput) (*RevokeUserSessionsOutput, error) {
			return &RevokeUserSessionsOutput{}, c.revokeSessionsOf(store.User, in.UserName)
		},
	})

// RevokeRoleSessionsInput names a role. The name is required.
type RevokeRoleSessionsInput struct{ RoleName string }

// RevokeRoleSessionsOutput is the empty output of [Client.RevokeRoleSessions].
type RevokeRoleSessionsOutput struct{ ResultMetadata middleware.Metadata }

// RevokeRoleSessions immediately ends all present sessions of a role, and all sessions of other
// roles that were created with them.
func (c *Client) RevokeRoleSessions(ctx context.Context, in *RevokeRoleSessionsInput) (*RevokeRoleSessionsOutput,
	error) {
	return do(ctx, c, revokeRoleSessions, in)
}

var revokeRoleSessions = registerExtension("Ends all sessions of a role, and all sessions that were created with them.",
	[]model.Member{required(member("RoleName", &nameShape, "The role's name."))}, nil,
	operation[RevokeRoleSessionsInput, RevokeRoleSessionsOutput]{
		name: "RevokeRoleSessions", writes: true,
		access: func(c *call, in *RevokeRoleSessionsInput) ([]access, error) {
			return c.revocationAccess(store.Role, in.RoleName)
		},
		run: func(c *call, in *RevokeRoleSessionsInput) (*RevokeRoleSessionsOutput, error) {
			return &RevokeRoleSessionsOutput{}, c.revokeSessionsOf(store.Role, in.RoleName)
		},
	})

func (c *call) revocationAccess(kind store.Kind, name string) ([]access, error) {
	need, err := c.permissionsAccess(kind, name)
	return []access{need.withAction(revokeAction(kind))}, err
}

func (c *call) revokeSessionsOf(kind store.Kind, name string) error {
	found, err := c.identity(kind, name)
	if err != nil {
		return err
	}
	return c.revoke(found.ID)
}

// revokeAction returns the action that the caller must be allowed to revoke sessions of a user or
// role.
func revokeAction(kind store.Kind) string {
	if kind == store.Role {
		return "iam:PutRolePolicy"
	}
	return "iam:PutUserPolicy"
}

// RevokeAccessKeySessionsInput contains the id of an access key. It is required.
type RevokeAccessKeySessionsInput struct{ AccessKeyID string }

// RevokeAccessKeySessionsOutput is the empty output of [Client.RevokeAccessKeySessions].
type RevokeAccessKeySessionsOutput struct{ ResultMetadata middleware.Metadata }

// RevokeAccessKeySessions immediately ends sessions that belong to an access key. For the key of a
// session (ASIA…), it ends that session and all sessions that were created with it. For a user's
// long-term key (AKIA…), it ends all sessions that were created with the key; the key itself
// remains valid.
//
// For a long-term key, the caller needs iam:PutUserPolicy on the key's user. The store does not
// know which sessions exist, so for the key of a session the caller needs iam:PutUserPolicy on all
// users and iam:PutRolePolicy on all roles.
func (c *Client) RevokeAccessKeySessions(ctx context.Context,
	in *RevokeAccessKeySessionsInput) (*RevokeAccessKeySessionsOutput, error) {
	return do(ctx, c, revokeAccessKeySessions, in)
}

var revokeAccessKeySessions = registerExtension(
	"Ends the sessions of an access key, and all sessions that were created with them.",
	[]model.Member{required(idMember("AccessKey", &idShape, "The id of the access key."))}, nil,
	operation[RevokeAccessKeySessionsInput, RevokeAccessKeySessionsOutput]{
		name: "RevokeAccessKeySessions", writes: true,
		access: func(c *call, in *RevokeAccessKeySessionsInput) ([]access, error) {
			return c.keyRevocationAccess(in.AccessKeyID)
		},
		run: func(c *call, in *RevokeAccessKeySessionsInput) (*RevokeAccessKeySessionsOutput, error) {
			if strings.HasPrefix(in.AccessKeyID, "AKIA") {
				if _, err := c.tx.AccessKey(in.AccessKeyID); err != nil {
					return nil, asMissingAccessKey(err, in.AccessKeyID)
				}
			} else if !strings.HasPrefix(in.AccessKeyID, "ASIA") {
				return nil,
					validationError("%q is not the id of an access key; expected AKIA… for a user's key or ASIA… for a session's key",
						in.AccessKeyID)
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
	return []access{need.withAction(revokeAction(store.User))}, nil
}

// revoke ends all present sessions of the subject, and all sessions that were created with them.
// Times of sessions are whole seconds, so sessions of the current second end too. The store may
// delete the revocation when all of these sessions have expired.
func (c *call) revoke(subject string) error {
	c.addAuditSubject(subject)
	if err := c.tx.DropRevocations(c.now); err != nil {
		return err
	}
	before := c.now.Add(time.Second)
	return c.tx.PutRevocation(store.Revocation{Subject: subject, Before: before, Forget: before.Add(longestSession)})
}
