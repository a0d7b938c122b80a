package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// The audit trail may lose reads and refusals of the last second before the process is killed. It
// never loses a change or a use of a credential, since those commit together with their record.
const (
	flushDelay    = time.Second
	maxHeldEvents = 1000 // different events; audit.Aggregator counts further ones without details
)

// trail writes the audit trail. Changes and uses of credentials are appended within their own
// transaction. Reads and refusals are held for a moment and written together.
type auditTrail struct {
	engine *Engine

	mu      sync.Mutex
	chain   string // of this process
	written int64  // the last of its records that is certainly committed
	held    *audit.Aggregator
	due     bool // a flush is scheduled
	closed  bool
	timer   *time.Timer

	flushing sync.Mutex
	unsaved  []audit.Event // taken from held and not written yet
}

func newAuditTrail(e *Engine) *auditTrail {
	return &auditTrail{engine: e, held: audit.NewAggregator(maxHeldEvents)}
}

// append writes one record at the end of the audit trail. subjects are the unique ids and ARNs by
// which the record is found. After the commit, the caller passes the link to committed.
func (t *auditTrail) append(tx store.Tx, event audit.Event, subjects []string) (audit.Link, error) {
	body, err := audit.Encode(event)
	if err != nil {
		return audit.Link{}, err
	}
	keys, err := t.engine.keysAt(tx)
	if err != nil {
		return audit.Link{}, err
	}
	chain, key, seq := t.writer(keys)
	last, err := lastLink(tx)
	if err != nil {
		return audit.Link{}, err
	}
	// If the store ends before the last committed record, somebody cut the audit trail. The gap in
	// the numbers then shows it.
	switch head, err := tx.ChainHead(chain); {
	case err == nil:
		seq = max(seq, head.Seq)
	case !errors.Is(err, store.ErrNotFound):
		return audit.Link{}, err
	}
	link := audit.Next(key, last, chain, seq+1, event.EventTime, body)
	slices.Sort(subjects)
	number, err := tx.AppendAudit(store.AuditEntry{
		Chain: link.Chain, Seq: link.Seq, Time: link.Time, Body: link.Body, MAC: link.MAC,
		EventName: event.EventName, Principal: event.UserIdentity.ARN, Subjects: slices.Compact(subjects),
	})
	if err == nil && number != link.Number {
		err = errors.New("writing the audit record of " + event.EventName + ": another record took its place")
	}
	return link, err
}

// committed notes a link whose transaction is committed.
func (t *auditTrail) committed(link audit.Link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if link.Chain == t.chain {
		t.written = max(t.written, link.Seq)
	}
}

// writer returns the chain of this process, its key, and the number of its last committed record. A
// new master key starts a new chain.
func (t *auditTrail) writer(keys *credential.Keyring) (chain string, key []byte, written int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if audit.KeyID(t.chain) != keys.KeyID() {
		t.chain, t.written = audit.NewChainID(keys.KeyID()), 0
	}
	return t.chain, keys.DeriveKey(credential.Audit), t.written
}

// lastLink returns the last record of the audit trail, or nil if there is none.
func lastLink(tx store.Tx) (*audit.Link, error) {
	for entry, err := range tx.AuditEntries(store.AuditFilter{Descending: true, Limit: 1}) {
		if err != nil {
			return nil, err
		}
		link := linkOf(entry)
		return &link, nil
	}
	return nil, nil
}

func linkOf(e store.AuditEntry) audit.Link {
	return audit.Link{Number: e.Number, Chain: e.Chain, Seq: e.Seq, Time: e.Time, Body: e.Body, MAC: e.MAC}
}

// fold counts an event in an equal one that is held, and reports whether there is one. Only the
// fields that equal events share are read, see [audit.Aggregator].
func (t *auditTrail) fold(event audit.Event) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held.Fold(t.engine.clock(), event)
}

// hold keeps an event to be written a moment later, together with others.
func (t *auditTrail) hold(event audit.Event) {
	if _, err := audit.Encode(event); err != nil { // it would block all others
		event.RequestParameters, event.ResponseElements, event.AdditionalEventData = nil, nil, nil
		event.ErrorMessage = "This record was shortened: " + err.Error()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held.Add(t.engine.clock(), event)
	t.flushSoon()
}

// flushSoon schedules a flush unless one is scheduled. The caller holds mu.
func (t *auditTrail) flushSoon() {
	if t.due || t.closed {
		return
	}
	t.due = true
	t.timer = time.AfterFunc(flushDelay, func() {
		t.mu.Lock()
		t.due = false
		t.mu.Unlock()
		if t.flush() != nil { // such as a full disk: the events stay, and the next flush tries again
			t.mu.Lock()
			t.flushSoon()
			t.mu.Unlock()
		}
	})
}

// close flushes for the last time.
func (t *auditTrail) close() error {
	t.mu.Lock()
	t.closed = true
	if t.timer != nil {
		t.timer.Stop()
	}
	t.mu.Unlock()
	return t.flush()
}

// flush writes the held events.
func (t *auditTrail) flush() error {
	t.flushing.Lock()
	defer t.flushing.Unlock()
	for {
		if len(t.unsaved) == 0 {
			t.mu.Lock()
			t.unsaved = t.held.Drain()
			t.mu.Unlock()
		}
		if len(t.unsaved) == 0 {
			return nil
		}
		var last audit.Link
		used := t.engine.uses.drain()
		err := t.engine.store.Write(context.Background(), func(tx store.Tx) (err error) {
			for _, use := range used {
				if err := use.write(tx); err != nil {
					return err
				}
			}
			for _, event := range t.unsaved {
				if last, err = t.append(tx, event, resourceARNs(event)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		t.committed(last)
		t.unsaved = nil
	}
}
