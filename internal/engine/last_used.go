package engine

import (
	"errors"
	"sync"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// When access keys and roles were last used is kept to the minute: a key that is busy is written once in one.
const (
	region        = "us-east-1" // as IAM and STS have it, which know no other
	lastUsedEvery = time.Minute
	usesHeld      = 10_000 // what is held until it is written; more are not noted
)

// use is the use of an access key or a role.
type use struct {
	keyID, roleID string
	at            time.Time
	service       string
}

// uses holds what a call that only reads has to note until the trail is next written.
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
	if _, there := u.held[id]; there || len(u.held) < usesHeld {
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

// noteUse notes that the caller's key or role is used: at once where the call writes, else with the trail.
func (c *call) noteUse(writes bool) error {
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

// noteRefused is noteUse for a call that was refused or failed, which is a use as well if it is known whose.
func (c *call) noteRefused() {
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
	return one, c.now.Sub(last) >= lastUsedEvery
}

// write keeps a use, unless a later one is known or the key or role is gone.
func (u use) write(tx store.Tx) error {
	if u.roleID != "" {
		role, err := tx.IdentityByID(u.roleID)
		if err != nil || !role.LastUsed.Before(u.at) {
			return unlessMissing(err)
		}
		return tx.SetRoleLastUsed(u.roleID, u.at, region)
	}
	key, err := tx.AccessKey(u.keyID)
	if err != nil || !key.LastUsed.Before(u.at) {
		return unlessMissing(err)
	}
	key.LastUsed, key.LastUsedService, key.LastUsedRegion = u.at, u.service, region
	return tx.UpdateAccessKey(key)
}

// unlessMissing is an error of the store's, unless it says that something is not there.
func unlessMissing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
