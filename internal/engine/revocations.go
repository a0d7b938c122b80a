package engine

import (
	"context"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AWS's API has no operation that ends sessions. Its console attaches an inline policy AWSRevokeOlderSessions, which
// denies all to sessions from before now: so the permission to end sessions is that to put an inline policy on
// the user or role, iam:PutUserPolicy or iam:PutRolePolicy. Here it is a record of its own: it ends the sessions that
// others were made from them too, and it needs no room in a policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html

// RevokeUserSessions ends, at once, every session of a user that was made before now, and those that were made with
// them: of GetSessionToken, GetFederationToken, sign-ins and the roles that the user assumed. Access keys stay.
func (c *Client) RevokeUserSessions(ctx context.Context, userName string) error {
	return c.revokePrincipal(ctx, "RevokeUserSessions", "userName", store.User, userName)
}

// RevokeRoleSessions ends, at once, every session of a role that was made before now, and those of other roles that were
// made with them.
func (c *Client) RevokeRoleSessions(ctx context.Context, roleName string) error {
	return c.revokePrincipal(ctx, "RevokeRoleSessions", "roleName", store.Role, roleName)
}

func (c *Client) revokePrincipal(ctx context.Context, operation, parameter string, kind store.Kind, name string) error {
	return c.ownOperation(ctx, ownOperation{
		name: operation, parameters: map[string]any{parameter: name},
		access: func(c *call) ([]access, error) {
			need, err := c.permissionsAccess(kind, name)
			return []access{need.also(revokeAction(kind))}, err
		},
		run: func(c *call) error {
			found, err := c.identity(kind, name)
			if err != nil {
				return err
			}
			return c.revoke(found.ID)
		},
	})
}

func revokeAction(kind store.Kind) string {
	if kind == store.Role {
		return "iam:PutRolePolicy"
	}
	return "iam:PutUserPolicy"
}

// RevokeAccessKeySessions ends, at once, what came from an access key before now. For the key of a session (ASIA…) that is
// the session, and every one that was made with it; for a user's long-term key (AKIA…), every session that was made with
// it, while the key itself stays. It takes the permission to iam:PutUserPolicy on the user whose key it is; nothing is kept
// of a session, so for the key of one it takes iam:PutUserPolicy and iam:PutRolePolicy on all.
func (c *Client) RevokeAccessKeySessions(ctx context.Context, accessKeyID string) error {
	return c.ownOperation(ctx, ownOperation{
		name: "RevokeAccessKeySessions", parameters: map[string]any{"accessKeyId": accessKeyID},
		access: func(c *call) ([]access, error) {
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
		},
		run: func(c *call) error {
			if strings.HasPrefix(accessKeyID, "AKIA") {
				if _, err := c.tx.AccessKey(accessKeyID); err != nil {
					return missingKey(err, accessKeyID)
				}
			} else if !strings.HasPrefix(accessKeyID, "ASIA") {
				return validationError("%q is no access key: its id begins with ASIA for a session's and AKIA for a user's", accessKeyID)
			}
			return c.revoke(accessKeyID)
		},
	})
}

// revoke ends the sessions that a subject is in the history of and that were issued before now. Sessions count in whole
// seconds, so the one that runs is taken with them. The record may go when none of them could live any more.
func (c *call) revoke(subject string) error {
	c.about(subject)
	if err := c.tx.DropRevocations(c.now); err != nil {
		return err
	}
	before := c.now.Add(time.Second)
	return c.tx.PutRevocation(store.Revocation{Subject: subject, Before: before, Forget: before.Add(longestSession)})
}
