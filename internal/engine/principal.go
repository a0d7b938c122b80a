package engine

import (
	"errors"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// principal is the user, role session or root user on whose behalf a caller calls, as the call's
// transaction sees it.
type principal struct {
	arn string
	// userID is the value of aws:userid, which GetCallerIdentity returns. It is AIDA… for a user, the
	// account id for the root user, AROA…:NAME for a role session and ACCOUNT:NAME for a federated
	// user.
	userID string
	// identity is the user, or the role of a session. It is empty for the root user.
	identity store.Identity
	authz    authz.Principal
}

// identify finds the principal of the caller. It refuses deleted and inactive access keys, revoked
// sessions, and sessions of deleted users and roles.
func (c *call) identify() error {
	switch session := c.caller.session; {
	case c.caller.operator != "":
		return c.setPrincipal(store.Identity{}, c.engine.rootARN(), c.engine.account)
	case session != nil:
		return c.identifySession()
	case c.caller.longTermKeyID != "":
		key, err := c.tx.AccessKey(c.caller.longTermKeyID)
		if errors.Is(err, store.ErrNotFound) || err == nil && !key.Active {
			return errInvalidToken()
		}
		if err != nil {
			return err
		}
		c.keyLastUsed = key.LastUsed
		user, err := c.tx.IdentityByID(key.UserID)
		if err != nil {
			return err
		}
		return c.setPrincipal(user, c.engine.identityARN(user), user.ID)
	}
	return errMissingToken()
}

func (c *call) setPrincipal(identity store.Identity, arn, userID string) error {
	parsed, err := authz.ParsePrincipal(arn)
	if err != nil {
		return err
	}
	parsed.ID = identity.ID
	c.principal = principal{arn: arn, userID: userID, identity: identity, authz: parsed}
	return nil
}
