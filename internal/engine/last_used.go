package engine

import (
	"errors"
	"sync"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// The last use of access keys and roles is stored to the minute, so that a busy key causes one
// write a minute.
const (
	region            = "us-east-1" // as IAM and STS have it, which know no other
	lastUsedPrecision = time.Minute
	maxPendingUses    = 10_000 // the most uses that are held; further ones are not noted
)

// use is one use of an access key or a role.
type use struct {
	keyID, roleID string
	at            time.Time
	service       string
}

// uses holds the uses by calls that only read, until the audit trail is next written.
type uses struct {
	mu   sync.Mutex
	held map[string]use
}

func (u *uses) note(one use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.held == nil {
		u.held = map[string]use{}
	}
	id := one.keyID + one.roleID
	if _, there := u.held[id]; there || len(u.held) < maxPendingUses {
		u.held[id] = one
	}
}

func (u *uses) drain() map[string]use {
	u.mu.Lock()
	defer u.mu.Unlock()
	held := u.held
	u.held = nil
	return held
}

// noteUse notes the use of the caller's key or role: at once if the call writes, and otherwise with
// the audit trail.
func (c *call) recordUse(writes bool) error {
	one, due := c.use()
	switch {
	case !due:
		return nil
	case writes:
		return one.write(c.tx)
	}
	c.engine.uses.note(one)
	return nil
}

// noteRefused notes the use by a call that failed, if its caller was identified.
func (c *call) recordFailedUse() {
	if one, due := c.use(); due && c.principal.arn != "" {
		c.engine.uses.note(one)
	}
}

// use is the use that the call makes of its caller's key or role. It is due unless another was noted within the last minute.
func (c *call) use() (one use, due bool) {
	one = use{at: c.now, service: c.service()}
	var last time.Time
	switch {
	case c.caller.session != nil && c.principal.identity.Kind == store.Role:
		one.roleID, last = c.principal.identity.ID, c.principal.identity.LastUsed
	case c.caller.session == nil && c.caller.key != "":
		one.keyID, last = c.caller.key, c.keyLastUsed
	default:
		return one, false
	}
	return one, c.now.Sub(last) >= lastUsedPrecision
}

// write stores a use, unless a later one is stored or the key or role is deleted.
func (u use) write(tx store.Tx) error {
	if u.roleID != "" {
		role, err := tx.IdentityByID(u.roleID)
		if err != nil || !role.LastUsed.Before(u.at) {
			return ignoreNotFound(err)
		}
		return tx.SetRoleLastUsed(u.roleID, u.at, region)
	}
	key, err := tx.AccessKey(u.keyID)
	if err != nil || !key.LastUsed.Before(u.at) {
		return ignoreNotFound(err)
	}
	key.LastUsed, key.LastUsedService, key.LastUsedRegion = u.at, u.service, region
	return tx.UpdateAccessKey(key)
}

// unlessMissing returns the error, or nil for store.ErrNotFound.
func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
