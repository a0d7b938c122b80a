package engine

import (
	"errors"
	"sync"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// The engine stores the last use of an access key or a role at most once a minute, so that frequent
// use causes few writes.
const (
	region            = "us-east-1" // the only region of the global services IAM and STS
	lastUsedPrecision = time.Minute
	maxPendingUses    = 10_000 // further uses are not recorded
)

// credentialUse is one use of an access key or a role.
type credentialUse struct {
	keyID, roleID string
	at            time.Time
	service       string
}

// pendingUses collects the uses by calls that only read, until the engine next writes the audit
// trail.
type pendingUses struct {
	mu           sync.Mutex
	byCredential map[string]credentialUse
}

func (p *pendingUses) add(use credentialUse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byCredential == nil {
		p.byCredential = map[string]credentialUse{}
	}
	id := use.keyID + use.roleID
	if _, pending := p.byCredential[id]; pending || len(p.byCredential) < maxPendingUses {
		p.byCredential[id] = use
	}
}

// drain returns the pending uses and forgets them.
func (p *pendingUses) drain() map[string]credentialUse {
	p.mu.Lock()
	defer p.mu.Unlock()
	drained := p.byCredential
	p.byCredential = nil
	return drained
}

// recordUse records the use of the caller's key or role. A call that writes stores the use in its
// transaction. The engine stores the use of other calls when it next writes the audit trail.
func (c *call) recordUse(writes bool) error {
	use, due := c.credentialUse()
	switch {
	case !due:
		return nil
	case writes:
		return use.write(c.tx)
	}
	if !c.engine.ReadOnly() {
		c.engine.uses.add(use)
	}
	return nil
}

// recordFailedUse records the use by a call that failed, if its caller was identified.
func (c *call) recordFailedUse() {
	if use, due := c.credentialUse(); due && c.principal.arn != "" && !c.engine.ReadOnly() {
		c.engine.uses.add(use)
	}
}

// credentialUse describes how the call uses its caller's key or role. The use is due for recording
// if the last recorded one is at least a minute old.
func (c *call) credentialUse() (use credentialUse, due bool) {
	use = credentialUse{at: c.now, service: c.service()}
	var last time.Time
	switch {
	case c.caller.session != nil && c.principal.identity.Kind == store.Role:
		use.roleID, last = c.principal.identity.ID, c.principal.identity.LastUsed
	case c.caller.session == nil && c.caller.longTermKeyID != "":
		use.keyID, last = c.caller.longTermKeyID, c.keyLastUsed
	default:
		return use, false
	}
	return use, c.now.Sub(last) >= lastUsedPrecision
}

// write stores the use, unless the store has a later one or the key or role was deleted.
func (u credentialUse) write(tx store.Tx) error {
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

// ignoreNotFound returns nil for store.ErrNotFound, and any other error unchanged.
func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
