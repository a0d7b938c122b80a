package engine

import (
	"errors"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// principal is who a caller is at the moment of a call.
type principal struct {
	arn string
	// userID is what aws:userid and GetCallerIdentity say: AIDA…, the account (root), AROA…:session, ACCOUNT:name.
	userID string
	// identity is the user, or the role of a session. Root has none.
	identity store.Identity
	authz    authz.Principal
}

// identify looks up who calls. A key that was deleted, a session that was ended or whose role is gone, are nobody's.
func (c *call) identify() error {
	switch session := c.caller.session; {
	case c.caller.operator != "":
		return c.setPrincipal(store.Identity{}, c.engine.rootARN(), c.engine.account)
	case session != nil:
		return c.identifySession()
	case c.caller.key != "":
		key, err := c.tx.AccessKey(c.caller.key)
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
