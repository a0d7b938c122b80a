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

// accountSnapshots caches the account as recent transactions saw it, since authorization needs it at every call. The
// first call reads the whole account. After that, each call reads only what this process or another has changed since.
type accountSnapshots struct {
	reading sync.Mutex // held while the whole account is read

	mu     sync.Mutex
	cached []snapshot // by revision; the last is the newest that is known

	blank   *account.Account
	checked []*account.Account
}

// snapshot is the account at a revision of the store. It shares most of its memory with the snapshot before it.
type snapshot struct {
	revision int64
	account  *account.Account
}

// maxSnapshots limits the cache. A transaction that began before the newest revision was committed needs an older one.
const maxSnapshots = 16

// within returns the account as a transaction sees it.
func (s *accountSnapshots) within(e *Engine, tx store.Tx) (*account.Account, error) {
	revision, err := tx.Revision()
	if err != nil {
		return nil, err
	}
	found, ok := s.latest(revision)
	if ok && found.revision == revision {
		return found.account, nil
	}
	if ok {
		found, ok, err = s.follow(e, tx, found, revision)
		if err != nil {
			return nil, err
		}
	}
	if !ok {
		if found, err = s.read(e, tx, revision); err != nil {
			return nil, err
		}
	}
	// What a write transaction sees is not committed yet and may never be, so it is not cached.
	if tx.ReadOnly() {
		s.add(found)
	}
	return found.account, nil
}

// refresh caches the newest snapshot. Calls that write do this before their transaction begins: within it, other
// writers would wait while the account is read, and the result could not be cached.
func (s *accountSnapshots) refresh(ctx context.Context, e *Engine) error {
	return e.store.Read(ctx, func(tx store.Tx) error {
		_, err := s.within(e, tx)
		return err
	})
}

// read reads the whole account. When several calls need it at once, one of them reads it for all.
func (s *accountSnapshots) read(e *Engine, tx store.Tx, revision int64) (snapshot, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if found, ok := s.latest(revision); ok && found.revision == revision {
		return found, nil
	}
	whole, err := e.wholeAccount(tx)
	made := snapshot{revision, whole}
	if err == nil && tx.ReadOnly() {
		s.add(made)
	}
	return made, err
}

// follow applies to an earlier snapshot what changed since. It reports false where the store no longer knows that.
func (s *accountSnapshots) follow(e *Engine, tx store.Tx, from snapshot, revision int64) (snapshot, bool, error) {
	changed, known, err := tx.ChangedSince(from.revision)
	if err != nil || !known {
		return snapshot{}, false, err
	}
	var ids []string
	for _, one := range changed {
		ids = append(ids, one.ID)
		// Members refer to their group by name, and a new group may have the old name of a renamed one.
		if kind, arn, ok := from.account.ByID(one.ID); ok && kind == account.GroupKind {
			members, err := e.membersOfRenamed(tx, one.ID, arn)
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
	now, err := from.account.With(changes...)
	return snapshot{revision, now}, err == nil, err
}

// validateReadable refuses a call after which the account could not be read any more. Otherwise a value that the
// service's model allows and this engine does not support would lock every caller out.
func (c *call) validateReadable() error {
	empty := c.engine.snapshots.empty(c.engine.account)
	var checked []*account.Account
	for _, id := range c.tx.Changed() {
		change, err := c.engine.accountChange(c.tx, id)
		if err != nil {
			return err
		}
		one, err := empty.With(change)
		if err != nil {
			return invalidInput("This is not supported: %s", err)
		}
		checked = append(checked, one)
		i, err := c.tx.IdentityByID(id)
		if errors.Is(err, store.ErrNotFound) || err == nil && i.Kind == store.Group {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := authz.ParsePrincipal(c.engine.identityARN(i)); err != nil {
			return invalidInput("This is not supported: %s", err)
		}
	}
	c.engine.snapshots.keepChecked(checked)
	return nil
}

// empty returns the account with nothing in it. All accounts that are made from it share their compiled policies.
func (s *accountSnapshots) empty(id string) *account.Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.blank == nil {
		s.blank = account.New(id)
	}
	return s.blank
}

// keepChecked keeps what the last write checked, so that the next snapshot finds its policies compiled.
func (s *accountSnapshots) keepChecked(checked []*account.Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checked = checked
}

// membersOfRenamed returns the ids of a group's members if the group had another ARN before.
func (e *Engine) membersOfRenamed(tx store.Tx, groupID, before string) ([]string, error) {
	group, err := tx.IdentityByID(groupID)
	if errors.Is(err, store.ErrNotFound) || err == nil && e.identityARN(group) == before {
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

// latest returns the newest cached snapshot up to a revision.
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
func (s *accountSnapshots) add(made snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, found := slices.BinarySearchFunc(s.cached, made.revision, func(cached snapshot, revision int64) int {
		return int(cached.revision - revision)
	})
	if found {
		return
	}
	s.cached = slices.Insert(s.cached, at, made)
	if len(s.cached) > maxSnapshots {
		s.cached = slices.Delete(s.cached, 0, 1)
	}
}
