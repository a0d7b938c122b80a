package engine

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// accountSnapshots caches the account as recent transactions saw it, because authorization needs it
// for every call. The first call reads the whole account. Each later call reads only the entities
// that changed since the cached snapshot, in this process or another.
type accountSnapshots struct {
	fullRead sync.Mutex // locked while one call reads the whole account

	mu     sync.Mutex
	cached []snapshot // ordered by revision, the newest last

	emptyAccount *account.Account
	// lastChecked has the entities of the last write as validateReadable read them. While they are referenced, their
	// policies remain compiled for the next snapshot.
	lastChecked []*account.Account
}

// snapshot is the account at a revision of the store. It shares most of its memory with the previous snapshot.
type snapshot struct {
	revision int64
	account  *account.Account
}

// maxSnapshots limits the cache. A transaction that began before the newest revision was committed needs an older one.
const maxSnapshots = 16

// seenBy returns the account as a transaction sees it.
func (s *accountSnapshots) seenBy(e *Engine, tx store.Tx) (*account.Account, error) {
	revision, err := tx.Revision()
	if err != nil {
		return nil, err
	}
	found, ok := s.latest(revision)
	if ok && found.revision == revision {
		return e.withAWSPolicies(tx, found.account) // loading a set changes no revision if no policy of it is in use
	}
	if ok {
		found, ok, err = s.update(e, tx, found, revision)
		if err != nil {
			return nil, err
		}
	}
	if !ok {
		if found, err = s.read(e, tx, revision); err != nil {
			return nil, err
		}
	}
	if found.account, err = e.withAWSPolicies(tx, found.account); err != nil {
		return nil, err
	}
	// A write transaction sees changes that may never be committed, so its snapshot must not be cached.
	if tx.ReadOnly() {
		s.add(found)
	}
	return found.account, nil
}

// refresh caches the newest snapshot. Calls that write use it before their transaction begins. During the transaction,
// other writers would wait for the read, and the snapshot could not be cached.
func (s *accountSnapshots) refresh(ctx context.Context, e *Engine) error {
	return e.store.Read(ctx, func(tx store.Tx) error {
		_, err := s.seenBy(e, tx)
		return err
	})
}

// read reads the whole account. If several calls need it at the same time, only one of them reads it.
func (s *accountSnapshots) read(e *Engine, tx store.Tx, revision int64) (snapshot, error) {
	s.fullRead.Lock()
	defer s.fullRead.Unlock()
	if found, ok := s.latest(revision); ok && found.revision == revision {
		return found, nil
	}
	whole, err := e.wholeAccount(tx)
	result := snapshot{revision, whole}
	if err == nil && tx.ReadOnly() {
		s.add(result)
	}
	return result, err
}

// update applies the changes since an earlier snapshot to it. It reports false if the store no longer has the list of
// these changes.
func (s *accountSnapshots) update(e *Engine, tx store.Tx, earlier snapshot, revision int64) (snapshot, bool, error) {
	changed, known, err := tx.ChangedSince(earlier.revision)
	if err != nil || !known {
		return snapshot{}, false, err
	}
	var ids []string
	for _, entity := range changed {
		ids = append(ids, entity.ID)
		// Users refer to their groups by name. When a group was renamed, its members change too, since a new group may
		// already have the old name.
		if kind, arn, ok := earlier.account.ByID(entity.ID); ok && kind == account.GroupKind {
			members, err := e.membersIfRenamed(tx, entity.ID, arn)
			if err != nil {
				return snapshot{}, false, err
			}
			ids = append(ids, members...)
		}
	}
	changes := make([]account.Change, 0, len(ids))
	for _, id := range ids {
		change, err := e.accountChange(tx, id)
		if err != nil {
			return snapshot{}, false, err
		}
		changes = append(changes, change)
	}
	updated, err := earlier.account.With(changes...)
	return snapshot{revision, updated}, err == nil, err
}

// validateReadable refuses a call if the engine could not read the changed entities again.
// Authorization reads the whole account, so a single unreadable entity would lock every caller out.
// AWS's service model allows some values that this engine does not support.
func (c *call) validateReadable() error {
	empty := c.engine.snapshots.empty(c.engine.account)
	var checked []*account.Account
	for _, id := range c.tx.Changed() {
		change, err := c.engine.accountChange(c.tx, id)
		if err != nil {
			return err
		}
		entity, err := empty.With(change)
		if err != nil {
			return invalidInput("The engine does not support this value: %s", err)
		}
		checked = append(checked, entity)
		i, err := c.tx.IdentityByID(id)
		if errors.Is(err, store.ErrNotFound) || err == nil && i.Kind == store.Group {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := authz.ParsePrincipal(c.engine.identityARN(i)); err != nil {
			return invalidInput("The engine does not support this value: %s", err)
		}
	}
	c.engine.snapshots.setLastChecked(checked)
	return nil
}

// empty returns an empty account. All accounts that are derived from it share their compiled policies.
func (s *accountSnapshots) empty(id string) *account.Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.emptyAccount == nil {
		s.emptyAccount = account.New(id)
	}
	return s.emptyAccount
}

// maxLastChecked limits the entities that remain in memory after a large write, such as an import.
const maxLastChecked = 100

// setLastChecked replaces the entities whose policies remain compiled for the next snapshot.
func (s *accountSnapshots) setLastChecked(checked []*account.Account) {
	if len(checked) > maxLastChecked {
		checked = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastChecked = checked
}

// membersIfRenamed returns the ids of a group's members if the group's ARN differs from the earlier one.
func (e *Engine) membersIfRenamed(tx store.Tx, groupID, earlierARN string) ([]string, error) {
	group, err := tx.IdentityByID(groupID)
	if errors.Is(err, store.ErrNotFound) || err == nil && e.identityARN(group) == earlierARN {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	members, err := tx.Members(groupID, store.Page{})
	ids := make([]string, 0, len(members))
	for _, member := range members {
		ids = append(ids, member.ID)
	}
	return ids, err
}

// latest returns the newest cached snapshot that is not newer than a revision.
func (s *accountSnapshots) latest(revision int64) (snapshot, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, found := range slices.Backward(s.cached) {
		if found.revision <= revision {
			return found, true
		}
	}
	return snapshot{}, false
}

// add caches the snapshot of a committed revision.
func (s *accountSnapshots) add(committed snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, found := slices.BinarySearchFunc(s.cached, committed.revision, func(cached snapshot, revision int64) int {
		return int(cached.revision - revision)
	})
	if found {
		return
	}
	s.cached = slices.Insert(s.cached, at, committed)
	if len(s.cached) > maxSnapshots {
		s.cached = slices.Delete(s.cached, 0, 1)
	}
}
