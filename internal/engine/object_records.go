package engine

import (
	"context"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// The first record of an audit trail lists the settings of the new store. An earlier version began audit trails without
// such a record. When the engine first writes to such a store, it records an inventory of all objects. From then on,
// every change of an object is in a record.

// The names of events without a call.
const (
	createStoreEvent = "CreateStore"
	// objectsEvent lists objects: an inventory, all objects under a new master key, or changes that are too many for the
	// record of their call.
	objectsEvent = "RecordObjects"
)

// maxRecordedObjects is the maximum number of objects in one record, so that records stay well below
// [audit.MaxEventSize].
const maxRecordedObjects = 500

// newObjectsEvent returns an event that lists objects.
func (e *Engine) newObjectsEvent(name, key string, objects []audit.ObjectChange) audit.Event {
	operator := OperatingSystemUser()
	if operator == "" {
		operator = "unknown"
	}
	event := e.newEvent(e.now(), Circumstances{})
	event.UserIdentity = audit.LocalOperator("aws", e.account)
	event.EventType, event.EventSource, event.EventName = audit.TypeServiceEvent, audit.SourceIAM, name
	event.ReadOnly = name == objectsEvent // these records change nothing by themselves
	event.AdditionalEventData = map[string]any{audit.KeyOperatingSystemUser: operator, key: objects}
	return event
}

// appendObjects writes records that list objects, under a key of additionalEventData. It returns the link of the last
// one.
func (t *auditTrail) appendObjects(tx store.Tx, keys *credential.Keyring, key string,
	objects []audit.ObjectChange) (last audit.Link, err error) {
	for chunk := range slices.Chunk(objects, maxRecordedObjects) {
		event := t.engine.newObjectsEvent(objectsEvent, key, chunk)
		if last, err = t.appendWith(tx, keys, event, nil); err != nil {
			return last, err
		}
	}
	return last, nil
}

// takeObjects returns the changes of a transaction for its next record. If they are too many, it writes further records
// for the others first.
func (t *auditTrail) takeObjects(tracker *changeTracker, keys *credential.Keyring) ([]audit.ObjectChange, error) {
	changes, err := tracker.take()
	if err != nil || len(changes) <= maxRecordedObjects {
		return changes, err
	}
	rest := len(changes) - maxRecordedObjects
	_, err = t.appendObjects(tracker, keys, audit.KeyObjects, changes[:rest])
	return changes[rest:], err
}

// isCovered reports whether the audit trail covers the objects of the account.
func isCovered(tx store.Tx) (bool, error) {
	for _, filter := range []AuditFilter{{Limit: 1}, {EventName: objectsEvent, Limit: 1}} {
		for entry, err := range tx.AuditEntries(filter) {
			if err != nil || entry.EventName == createStoreEvent || entry.EventName == objectsEvent {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// coverObjects begins to cover the objects of the account, unless the audit trail covers them already. If somebody
// makes it believe that the trail does not cover them, verification still reports the objects that no record explains.
func (e *Engine) coverObjects(tx store.Tx, keys *credential.Keyring) (link audit.Link, err error) {
	if covered, err := isCovered(tx); err != nil || covered {
		return link, err
	}
	last, err := lastLink(tx)
	if err != nil {
		return link, err
	}
	if last == nil {
		key := keys.DeriveKey(credential.Audit)
		// Only the settings of a new store precede its first record.
		var settings []audit.ObjectChange
		for _, name := range []string{storeSetting, accountSetting} {
			setting, err := settingObject.read(tx, name)
			if err != nil {
				return link, err
			}
			settings = append(settings, audit.ObjectChange{Kind: setting.Kind, ID: setting.ID, After: setting.Digest(key)})
		}
		return e.trail.appendWith(tx, keys, e.newObjectsEvent(createStoreEvent, audit.KeyObjects, settings), nil)
	}
	found, err := objectDigests(tx, keys)
	if err != nil {
		return link, err
	}
	return e.trail.appendObjects(tx, keys, audit.KeyFoundObjects, found)
}

// coverExisting covers the objects of an existing store.
func (e *Engine) coverExisting(ctx context.Context) error {
	covered := false
	err := e.store.Read(ctx, func(tx store.Tx) (err error) {
		covered, err = isCovered(tx)
		return err
	})
	if err != nil || covered {
		return err
	}
	var link audit.Link
	err = e.store.Write(ctx, func(tx store.Tx) error {
		keys, err := e.keysAt(tx)
		if err == nil {
			link, err = e.coverObjects(tx, keys)
		}
		return err
	})
	if err == nil {
		e.trail.markCommitted(link)
	}
	return err
}

// objectDigests returns all objects of the account with their digests under the key of a keyring, as the state after a
// change.
func objectDigests(tx store.Tx, keys *credential.Keyring) ([]audit.ObjectChange, error) {
	key := keys.DeriveKey(credential.Audit)
	var out []audit.ObjectChange
	for object, err := range (storedAccount{tx}).Objects() {
		if err != nil {
			return nil, err
		}
		out = append(out, audit.ObjectChange{
			Kind: object.Kind, ID: object.ID, Name: object.Name, After: object.Digest(key),
		})
	}
	return out, nil
}

// recordUnderNewKey records all objects under a new master key. reseal puts the new key into effect.
func (t *auditTrail) recordUnderNewKey(tx store.Tx, old, replacement *credential.Keyring,
	reseal func() error) (last audit.Link, err error) {
	before, err := objectDigests(tx, old)
	if err != nil {
		return last, err
	}
	if err := reseal(); err != nil {
		return last, err
	}
	after, err := objectDigests(tx, replacement)
	if err != nil {
		return last, err
	}
	earlier := make(map[[2]string]string, len(before))
	for _, object := range before {
		earlier[[2]string{object.Kind, object.ID}] = object.After
	}
	for i := range after {
		after[i].Before = earlier[[2]string{after[i].Kind, after[i].ID}]
	}
	return t.appendObjects(tx, replacement, audit.KeyObjects, after)
}
