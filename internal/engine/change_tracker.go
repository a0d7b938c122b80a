package engine

import (
	"errors"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// changeTracker is a write transaction that remembers which objects it changes, and their digests from before the first
// change. The next audit record of the transaction contains the changes.
//
// It replaces every method of [store.Tx] that changes an object. Last uses, failed sign-ins and audit records are no
// objects. TestChangeTracker_ReplacesEveryChange fails if a method is missing.
type changeTracker struct {
	store.Tx
	engine *Engine

	keys    *credential.Keyring // nil before the first change
	key     []byte              // of the digests
	changes []trackedChange
	changed map[objectKey]bool
}

// objectKey identifies an object.
type objectKey struct {
	kind *objectKind
	id   string
}

// trackedChange is an object that the transaction has changed or is about to change.
type trackedChange struct {
	objectKey
	name, before string // both from before the first change
}

// trackChanges returns a transaction that remembers its changes.
func (e *Engine) trackChanges(tx store.Tx) *changeTracker {
	return &changeTracker{Tx: tx, engine: e, changed: map[objectKey]bool{}}
}

// keyring returns the master key of the store. No call changes it through a changeTracker.
func (t *changeTracker) keyring() (keys *credential.Keyring, err error) {
	if t.keys == nil {
		if t.keys, err = t.engine.keysAt(t.Tx); err == nil {
			t.key = t.keys.DeriveKey(credential.Audit)
		}
	}
	return t.keys, err
}

// digest returns the name and the digest of an object as the transaction sees it. Both are empty for a missing object.
func (t *changeTracker) digest(of objectKey) (name, digest string, err error) {
	if _, err := t.keyring(); err != nil {
		return "", "", err
	}
	object, err := of.kind.read(t.Tx, of.id)
	if err != nil {
		return "", "", ignoreNotFound(err)
	}
	return object.Name, object.Digest(t.key), nil
}

// willChange remembers the digest of an object that the transaction is about to change.
func (t *changeTracker) willChange(kind *objectKind, id string) error {
	key := objectKey{kind, id}
	if t.changed[key] {
		return nil
	}
	name, before, err := t.digest(key)
	if err == nil {
		t.add(trackedChange{key, name, before})
	}
	return err
}

// added remembers that the transaction added an object. It returns the error of the insertion.
func (t *changeTracker) added(kind *objectKind, id string, err error) error {
	if key := (objectKey{kind, id}); err == nil && !t.changed[key] {
		t.add(trackedChange{objectKey: key})
	}
	return err
}

func (t *changeTracker) add(change trackedChange) {
	t.changes = append(t.changes, change)
	t.changed[change.objectKey] = true
}

// take returns the changes since the last call, without those that were undone.
func (t *changeTracker) take() ([]audit.ObjectChange, error) {
	var out []audit.ObjectChange
	for _, change := range t.changes {
		name, after, err := t.digest(change.objectKey)
		if err != nil {
			return nil, err
		}
		if after == change.before {
			continue
		}
		if after == "" {
			name = change.name
		}
		out = append(out, audit.ObjectChange{
			Kind: change.kind.name, ID: change.id, Name: name, Before: change.before, After: after,
		})
	}
	t.changes = nil
	clear(t.changed)
	return out, nil
}

func (t *changeTracker) InsertIdentity(i store.Identity) error {
	return t.added(identityObject, i.ID, t.Tx.InsertIdentity(i))
}

func (t *changeTracker) UpdateIdentity(i store.Identity) error {
	if err := t.willChange(identityObject, i.ID); err != nil {
		return err
	}
	return t.Tx.UpdateIdentity(i)
}

func (t *changeTracker) DeleteIdentity(id string) error {
	// The history of passwords is deleted with a user.
	if err := errors.Join(t.willChange(identityObject, id), t.willChange(loginProfileObject, id)); err != nil {
		return err
	}
	return t.Tx.DeleteIdentity(id)
}

func (t *changeTracker) InsertPolicy(p store.Policy) error {
	return t.added(policyObject, p.ID, t.Tx.InsertPolicy(p))
}

func (t *changeTracker) UpdatePolicy(p store.Policy) error {
	if err := t.willChange(policyObject, p.ID); err != nil {
		return err
	}
	return t.Tx.UpdatePolicy(p)
}

func (t *changeTracker) DeletePolicy(id string) error {
	versions, err := t.PolicyVersions(id)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if err := t.willChange(policyVersionObject, objectID(id, versionID(v.Number))); err != nil {
			return err
		}
	}
	if err := t.willChange(policyObject, id); err != nil {
		return err
	}
	return t.Tx.DeletePolicy(id)
}

func (t *changeTracker) InsertPolicyVersion(v store.PolicyVersion) error {
	return t.added(policyVersionObject, objectID(v.PolicyID, versionID(v.Number)), t.Tx.InsertPolicyVersion(v))
}

func (t *changeTracker) DeletePolicyVersion(policyID string, version int) error {
	if err := t.willChange(policyVersionObject, objectID(policyID, versionID(version))); err != nil {
		return err
	}
	return t.Tx.DeletePolicyVersion(policyID, version)
}

func (t *changeTracker) PutInlinePolicy(p store.InlinePolicy) error {
	if err := t.willChange(inlinePolicyObject, objectID(p.IdentityID, ascii.Fold(p.Name))); err != nil {
		return err
	}
	return t.Tx.PutInlinePolicy(p)
}

func (t *changeTracker) DeleteInlinePolicy(identityID, name string) error {
	if err := t.willChange(inlinePolicyObject, objectID(identityID, ascii.Fold(name))); err != nil {
		return err
	}
	return t.Tx.DeleteInlinePolicy(identityID, name)
}

func (t *changeTracker) Attach(identityID, policyID string) error {
	if err := t.willChange(attachmentObject, objectID(identityID, policyID)); err != nil {
		return err
	}
	return t.Tx.Attach(identityID, policyID)
}

func (t *changeTracker) Detach(identityID, policyID string) error {
	if err := t.willChange(attachmentObject, objectID(identityID, policyID)); err != nil {
		return err
	}
	return t.Tx.Detach(identityID, policyID)
}

func (t *changeTracker) AddMember(groupID, userID string) error {
	if err := t.willChange(membershipObject, objectID(userID, groupID)); err != nil {
		return err
	}
	return t.Tx.AddMember(groupID, userID)
}

func (t *changeTracker) RemoveMember(groupID, userID string) error {
	if err := t.willChange(membershipObject, objectID(userID, groupID)); err != nil {
		return err
	}
	return t.Tx.RemoveMember(groupID, userID)
}

func (t *changeTracker) InsertAccessKey(k store.AccessKey) error {
	return t.added(accessKeyObject, k.ID, t.Tx.InsertAccessKey(k))
}

func (t *changeTracker) UpdateAccessKey(k store.AccessKey) error {
	if err := t.willChange(accessKeyObject, k.ID); err != nil {
		return err
	}
	return t.Tx.UpdateAccessKey(k)
}

func (t *changeTracker) DeleteAccessKey(id string) error {
	if err := t.willChange(accessKeyObject, id); err != nil {
		return err
	}
	return t.Tx.DeleteAccessKey(id)
}

func (t *changeTracker) InsertLoginProfile(p store.LoginProfile) error {
	if err := t.willChange(loginProfileObject, p.UserID); err != nil { // the user may have earlier passwords
		return err
	}
	return t.Tx.InsertLoginProfile(p)
}

func (t *changeTracker) UpdateLoginProfile(p store.LoginProfile) error {
	if err := t.willChange(loginProfileObject, p.UserID); err != nil {
		return err
	}
	return t.Tx.UpdateLoginProfile(p)
}

func (t *changeTracker) DeleteLoginProfile(userID string) error {
	if err := t.willChange(loginProfileObject, userID); err != nil {
		return err
	}
	return t.Tx.DeleteLoginProfile(userID)
}

func (t *changeTracker) InsertMFADevice(d store.MFADevice) error {
	return t.added(mfaDeviceObject, ascii.Fold(d.Name), t.Tx.InsertMFADevice(d))
}

func (t *changeTracker) UpdateMFADevice(d store.MFADevice) error {
	if err := t.willChange(mfaDeviceObject, ascii.Fold(d.Name)); err != nil {
		return err
	}
	return t.Tx.UpdateMFADevice(d)
}

func (t *changeTracker) DeleteMFADevice(name string) error {
	if err := t.willChange(mfaDeviceObject, ascii.Fold(name)); err != nil {
		return err
	}
	return t.Tx.DeleteMFADevice(name)
}

func (t *changeTracker) InsertAccessAssertion(a store.AccessAssertion) error {
	return t.added(accessAssertionObject, a.ID, t.Tx.InsertAccessAssertion(a))
}

func (t *changeTracker) UpdateAccessAssertion(a store.AccessAssertion) error {
	if err := t.willChange(accessAssertionObject, a.ID); err != nil {
		return err
	}
	return t.Tx.UpdateAccessAssertion(a)
}

func (t *changeTracker) DeleteAccessAssertion(id string) error {
	if err := t.willChange(accessAssertionObject, id); err != nil {
		return err
	}
	return t.Tx.DeleteAccessAssertion(id)
}

func (t *changeTracker) PutSetting(name string, value []byte) error {
	if err := t.willChangeSetting(name); err != nil {
		return err
	}
	return t.Tx.PutSetting(name, value)
}

func (t *changeTracker) DeleteSetting(name string) error {
	if err := t.willChangeSetting(name); err != nil {
		return err
	}
	return t.Tx.DeleteSetting(name)
}

func (t *changeTracker) willChangeSetting(name string) error {
	if isKeySetting(name) {
		return nil
	}
	return t.willChange(settingObject, name)
}

func (t *changeTracker) PutRevocation(r store.Revocation) error {
	if err := t.willChange(revocationObject, r.Subject); err != nil {
		return err
	}
	return t.Tx.PutRevocation(r)
}

func (t *changeTracker) DropRevocations(now time.Time) error {
	revocations, err := t.Revocations()
	if err != nil {
		return err
	}
	for _, r := range revocations {
		if r.Forget.Before(now) {
			if err := t.willChange(revocationObject, r.Subject); err != nil {
				return err
			}
		}
	}
	return t.Tx.DropRevocations(now)
}
