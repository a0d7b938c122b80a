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

// live keeps the account in memory, since decisions about callers need it at every call. The first of them
// reads all of it; after that each call reads what has changed since, in this process or another.
type live struct {
	reading sync.Mutex // held while everything is read

	mu   sync.Mutex
	kept []revision // by number; the last is the newest that is known
}

// revision is the account after a number of committed changes. It shares nearly all with the one before.
type revision struct {
	number  int64
	account *account.Account
}

// keptRevisions is how many are kept: a transaction that began before the newest was committed needs one of
// the others.
const keptRevisions = 16

// at is the account as it is within the call's transaction.
func (l *live) at(c *call) (*account.Account, error) {
	number, err := c.tx.Revision()
	if err != nil {
		return nil, err
	}
	is, ok := l.latest(number)
	if ok && is.number == number {
		return is.account, nil
	}
	if ok {
		is, ok, err = l.follow(c, is, number)
		if err != nil {
			return nil, err
		}
	}
	if !ok {
		if is, err = l.read(c, number); err != nil {
			return nil, err
		}
	}
	// What a writer sees is not committed yet, and may never be: it is for this call alone.
	if c.tx.ReadOnly() {
		l.keep(is)
	}
	return is.account, nil
}

// refresh brings what is kept up to date. Calls that write do it before their transaction begins: in it, others
// would have to wait while the account is read, and what is found there cannot be kept.
func (l *live) refresh(ctx context.Context, e *Engine) error {
	return e.store.Read(ctx, func(tx store.Tx) error {
		c := &call{ctx: ctx, engine: e}
		c.begin(tx)
		_, err := l.at(c)
		return err
	})
}

// read reads everything. Of several that begin at once, one does.
func (l *live) read(c *call, number int64) (revision, error) {
	l.reading.Lock()
	defer l.reading.Unlock()
	if is, ok := l.latest(number); ok && is.number == number {
		return is, nil
	}
	whole, err := c.engine.wholeAccount(c.tx)
	is := revision{number, whole}
	if err == nil && c.tx.ReadOnly() {
		l.keep(is)
	}
	return is, err
}

// follow brings an earlier revision up to date. It reports false where the store no longer knows what changed
// since.
func (l *live) follow(c *call, from revision, number int64) (revision, bool, error) {
	changed, known, err := c.tx.ChangedSince(from.number)
	if err != nil || !known {
		return revision{}, false, err
	}
	var ids []string
	for _, one := range changed {
		ids = append(ids, one.ID)
		// The members of a group have it by its name, which may be one that another group had before.
		if kind, arn, ok := from.account.ByID(one.ID); ok && kind == account.GroupKind {
			members, err := c.membersOfRenamed(one.ID, arn)
			if err != nil {
				return revision{}, false, err
			}
			ids = append(ids, members...)
		}
	}
	changes := make([]account.Change, 0, len(ids))
	for _, id := range ids {
		change, err := c.engine.accountChange(c.tx, id)
		if err != nil {
			return revision{}, false, err
		}
		changes = append(changes, change)
	}
	now, err := from.account.With(changes...)
	return revision{number, now}, err == nil, err
}

// understood refuses a call after which the account could not be read any more, so that nobody locks everyone out with
// something that is allowed by the service's model and means nothing here.
func (c *call) understood() error {
	for _, id := range c.tx.Changed() {
		change, err := c.engine.accountChange(c.tx, id)
		if err != nil {
			return err
		}
		if _, err := account.New(c.engine.account).With(change); err != nil {
			return invalidInput("This is not supported: %s", err)
		}
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
	return nil
}

// membersOfRenamed gives the ids of a group's users where the group had another ARN before.
func (c *call) membersOfRenamed(groupID, before string) ([]string, error) {
	group, err := c.tx.IdentityByID(groupID)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.engine.identityARN(group) == before {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	members, err := c.tx.Members(groupID, store.Page{})
	var ids []string
	for _, member := range members {
		ids = append(ids, member.ID)
	}
	return ids, err
}

// latest is the newest kept revision up to a number.
func (l *live) latest(number int64) (revision, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, is := range slices.Backward(l.kept) {
		if is.number <= number {
			return is, true
		}
	}
	return revision{}, false
}

// keep takes a committed revision for the next calls. It never takes the place of a newer one.
func (l *live) keep(is revision) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, found := slices.BinarySearchFunc(l.kept, is.number, func(r revision, number int64) int { return int(r.number - number) })
	if found {
		return
	}
	l.kept = slices.Insert(l.kept, at, is)
	if len(l.kept) > keptRevisions {
		l.kept = slices.Delete(l.kept, 0, 1)
	}
}
