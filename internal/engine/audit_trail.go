package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// If the process is killed, the audit trail may lack reads and refused calls of the last second. It
// never lacks a change or the use of a credential, because those commit together with their record.
const (
	flushDelay    = time.Second
	maxHeldEvents = 1000 // distinct events; audit.Aggregator counts further ones without details
)

// auditTrail writes the audit trail. It appends the records of changes and of uses of credentials
// within the transactions of their calls. It holds the events of reads and refused calls for a
// second, and then writes them together.
type auditTrail struct {
	engine *Engine

	mu             sync.Mutex
	chain          string // the chain of this process
	lastCommitted  int64  // the number within the chain of the last record that is certainly committed
	held           *audit.Aggregator
	flushScheduled bool
	closed         bool
	timer          *time.Timer

	flushMu sync.Mutex
	unsaved []audit.Event // removed from held, but not written yet
}

func newAuditTrail(e *Engine) *auditTrail {
	return &auditTrail{engine: e, held: audit.NewAggregator(maxHeldEvents)}
}

// append writes one record at the end of the audit trail, with the changes of objects since the last
// record of the transaction. Searches find the record by its subjects, which are unique ids and ARNs.
// After the commit, the caller passes the link to [auditTrail.markCommitted].
func (t *auditTrail) append(tx store.Tx, event audit.Event, subjects []string) (audit.Link, error) {
	tracker, ok := tx.(*changeTracker)
	if !ok { // the event changes no object
		keys, err := t.engine.keysAt(tx)
		if err != nil {
			return audit.Link{}, err
		}
		return t.appendWith(tx, keys, event, subjects)
	}
	keys, err := tracker.keyring()
	if err != nil {
		return audit.Link{}, err
	}
	changes, err := t.takeObjects(tracker, keys)
	if err != nil {
		return audit.Link{}, err
	}
	if len(changes) > 0 {
		event.AdditionalEventData = setEntry(event.AdditionalEventData, audit.KeyObjects, changes)
	}
	return t.appendWith(tx, keys, event, subjects)
}

// appendWith writes one record under the master key of a keyring.
func (t *auditTrail) appendWith(tx store.Tx, keys *credential.Keyring, event audit.Event,
	subjects []string) (audit.Link, error) {
	body, err := audit.Encode(event)
	if err != nil {
		return audit.Link{}, err
	}
	chain, key, seq := t.currentChain(keys)
	last, err := lastLink(tx)
	if err != nil {
		return audit.Link{}, err
	}
	// If the store lacks the last committed record, somebody removed the end of the audit trail. The
	// next record continues with the number after the removed one, so that verification finds the gap.
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
		err = fmt.Errorf("writing the audit record of %s: the store numbered it %d, expected %d", event.EventName, number,
			link.Number)
	}
	return link, err
}

// markCommitted remembers that the transaction of a link was committed.
func (t *auditTrail) markCommitted(link audit.Link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if link.Chain == t.chain {
		t.lastCommitted = max(t.lastCommitted, link.Seq)
	}
}

// currentChain returns the chain of this process, its key, and the number of its last committed record.
// Under a new master key, the process starts a new chain.
func (t *auditTrail) currentChain(keys *credential.Keyring) (chain string, key []byte, lastCommitted int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if audit.KeyID(t.chain) != keys.KeyID() {
		t.chain, t.lastCommitted = audit.NewChainID(keys.KeyID()), 0
	}
	return t.chain, keys.DeriveKey(credential.Audit), t.lastCommitted
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

// linkOf returns a stored audit record as a link of its chain.
func linkOf(e store.AuditEntry) audit.Link {
	return audit.Link{Number: e.Number, Chain: e.Chain, Seq: e.Seq, Time: e.Time, Body: e.Body, MAC: e.MAC}
}

// fold increases the count of an equal held event, and reports whether there is one. It reads only
// the fields that [audit.Aggregator] compares.
func (t *auditTrail) fold(event audit.Event) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held.Fold(t.engine.clock(), event)
}

// hold stores an event in memory until the next flush writes it. A read-only store loses the event.
func (t *auditTrail) hold(event audit.Event) {
	if t.engine.ReadOnly() {
		return
	}
	if _, err := audit.Encode(event); err != nil { // flush would fail, and with it all other events
		event.RequestParameters, event.ResponseElements, event.AdditionalEventData = nil, nil, nil
		event.ErrorMessage = "The details of this record were omitted: " + err.Error()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held.Add(t.engine.clock(), event)
	t.scheduleFlush()
}

// scheduleFlush schedules a flush unless one is scheduled. The caller must hold mu.
func (t *auditTrail) scheduleFlush() {
	if t.flushScheduled || t.closed {
		return
	}
	t.flushScheduled = true
	t.timer = time.AfterFunc(flushDelay, func() {
		t.mu.Lock()
		t.flushScheduled = false
		t.mu.Unlock()
		if t.flush() != nil { // for example on a full disk; the events remain for the next flush
			t.mu.Lock()
			t.scheduleFlush()
			t.mu.Unlock()
		}
	})
}

// close writes the held events and stops further scheduled flushes.
func (t *auditTrail) close() error {
	t.mu.Lock()
	t.closed = true
	if t.timer != nil {
		t.timer.Stop()
	}
	t.mu.Unlock()
	return t.flush()
}

// flush writes the held events and the pending uses of credentials.
func (t *auditTrail) flush() error {
	t.flushMu.Lock()
	defer t.flushMu.Unlock()
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
		t.markCommitted(last)
		t.unsaved = nil
	}
}
