package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// auditKeysSetting keeps the keys that earlier parts of the audit trail were made with, by the id of the master key that
// they were derived from, sealed under the one of today.
const auditKeysSetting = "audit-keys"

// RotateMasterKey puts a new master key in the place of the store's and seals every secret anew; only the local operator
// may. With a key file the new key is made here, and masterKey is empty. Where the key is given from outside, masterKey is
// the text of the new one, which every later start has to be given.
//
// It may be stopped at any point: until the secrets are sealed anew the old key counts, and the new one waits beside it in
// the key file; from then on the new one does. Session tokens, and authorization messages to be decoded, are not kept
// anywhere and end. What the audit trail was made with before stays known, so that it can still be verified.
//
// Other processes that have the store open read the key file again. One that was given its key from outside refuses
// to work with secrets until it is started with the new one.
func (c *Client) RotateMasterKey(ctx context.Context, masterKey string) error {
	e := c.engine
	if c.caller.operator == "" {
		return accessDenied("Only the local operator may change the master key: it takes the key file in hand.")
	}
	if e.givenKey != (masterKey != "") {
		if e.givenKey {
			return validationError("the master key was given to this process, so give it the new one too")
		}
		return validationError("the master key is kept in %s, which the new one is written to: none can be given", KeyFile(e.path))
	}
	var fresh *credential.Keyring
	var err error
	if e.givenKey {
		fresh, err = givenKey(masterKey)
	} else {
		fresh, err = e.addMasterKey(ctx)
	}
	if err != nil {
		return fmt.Errorf("changing the master key: %w", err)
	}
	link, err := e.adoptMasterKey(ctx, c.caller, fresh)
	if err != nil {
		return fmt.Errorf("changing the master key: %w", err)
	}
	e.trail.committed(link)
	if e.givenKey {
		return nil
	}
	if err := e.dropMasterKeys(ctx); err != nil {
		return fmt.Errorf("the master key was changed, but the old one is still in %s: %w", KeyFile(e.path), err)
	}
	return nil
}

// givenKey reads a new master key that comes from outside: the first of the text.
func givenKey(text string) (*credential.Keyring, error) {
	keys, err := credential.ParseKeyring(text)
	if err != nil {
		return nil, err
	}
	return keys.OnlyCurrent(), nil
}

// The key file is changed within write transactions only, of which there is one at a time among all processes, so that
// no rotation takes away another's key.

// addMasterKey makes a new key and puts it into the key file, after those that are there.
func (e *Engine) addMasterKey(ctx context.Context) (fresh *credential.Keyring, err error) {
	err = e.store.Write(ctx, func(store.Tx) error {
		there, err := readKeyFile(KeyFile(e.path))
		if err != nil {
			return err
		}
		fresh = credential.NewKeyring()
		both, err := credential.ParseKeyring(there.Encode() + fresh.Encode())
		if err != nil {
			return err
		}
		return replaceKeyFile(KeyFile(e.path), both)
	})
	return fresh, err
}

// adoptMasterKey makes a key the store's: it seals all secrets anew, in one transaction.
func (e *Engine) adoptMasterKey(ctx context.Context, operator Caller, fresh *credential.Keyring) (link audit.Link, err error) {
	err = e.store.Write(ctx, func(tx store.Tx) error {
		old, err := e.keysAt(tx)
		if err != nil {
			return err
		}
		if old.KeyID() == fresh.KeyID() {
			return errors.New("that is the master key already")
		}
		if !e.givenKey {
			there, err := readKeyFile(KeyFile(e.path))
			if err != nil {
				return err
			}
			if !there.Has(fresh.KeyID()) {
				return errors.New("another change of the master key came in between: try again")
			}
		}
		now := e.now()
		c := &call{ctx: ctx, engine: e, caller: operator, now: now, tx: tx, requestID: newUUID()}
		event := e.newEvent(now, operator.circumstances)
		event.UserIdentity = c.userIdentity()
		event.EventSource, event.EventName, event.EventType = audit.SourceIAM, "RotateMasterKey", audit.TypeServiceEvent
		event.RequestParameters = map[string]any{"oldKeyId": old.KeyID(), "newKeyId": fresh.KeyID()}
		event.AdditionalEventData = addTo(event.AdditionalEventData, audit.KeyOperatingSystemUser, operator.operator)
		// The record is the last that is made with the old key: it vouches for the new one.
		if link, err = e.trail.append(tx, event, []string{old.KeyID(), fresh.KeyID()}); err != nil {
			return err
		}
		if err := reseal(tx, old, fresh); err != nil {
			return err
		}
		return tx.PutSetting(masterKeySetting, []byte(fresh.KeyID()))
	})
	if err == nil && e.givenKey {
		e.setKeyring(fresh)
	}
	return link, err
}

// reseal seals every secret in the store under another key.
func reseal(tx store.Tx, old, fresh *credential.Keyring) error {
	again := func(purpose credential.Purpose, record string, sealed *string) error {
		plain, err := old.Open(purpose, record, *sealed)
		if err != nil {
			return fmt.Errorf("the %s of %s: %w", purpose, record, err)
		}
		*sealed, err = fresh.Seal(purpose, record, plain)
		return err
	}
	var keys []store.AccessKey
	for key, err := range tx.EachAccessKey() {
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	for _, key := range keys {
		if err := again(credential.AccessKeySecret, key.ID, &key.Secret); err != nil {
			return err
		}
		if err := tx.UpdateAccessKey(key); err != nil {
			return err
		}
	}
	devices, err := tx.MFADevices(store.AnyDevice, store.Page{})
	if err != nil {
		return err
	}
	for _, device := range devices {
		if err := again(credential.MFASeed, deviceRecord(device), &device.Seed); err != nil {
			return err
		}
		if err := tx.UpdateMFADevice(device); err != nil {
			return err
		}
	}
	return resealAuditKeys(tx, old, fresh)
}

// resealAuditKeys adds the old master key's audit key to those that are kept, and seals all of them anew.
func resealAuditKeys(tx store.Tx, old, fresh *credential.Keyring) error {
	kept, err := auditKeys(tx)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(kept)) {
		plain, err := old.Open(credential.Audit, id, kept[id])
		if err != nil {
			return fmt.Errorf("the audit key of %s: %w", id, err)
		}
		if kept[id], err = fresh.Seal(credential.Audit, id, plain); err != nil {
			return err
		}
	}
	if kept[old.KeyID()], err = fresh.Seal(credential.Audit, old.KeyID(), old.DeriveKey(credential.Audit)); err != nil {
		return err
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return tx.PutSetting(auditKeysSetting, text)
}

// auditKeys are the earlier audit keys by the id of their master keys, sealed.
func auditKeys(tx store.Tx) (map[string]string, error) {
	kept := map[string]string{}
	text, err := tx.Setting(auditKeysSetting)
	if errors.Is(err, store.ErrNotFound) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	return kept, err
}

// dropMasterKeys takes every key but the store's out of the key file.
func (e *Engine) dropMasterKeys(ctx context.Context) error {
	return e.store.Write(ctx, func(tx store.Tx) error {
		keys, err := e.keysAt(tx)
		if err != nil {
			return err
		}
		return replaceKeyFile(KeyFile(e.path), keys)
	})
}

// auditKey is the key that records of the trail were made with under a master key, by that key's id; false where it is not
// known.
func (e *Engine) auditKey(keyID string) ([]byte, bool) {
	var found []byte
	err := e.store.Read(context.Background(), func(tx store.Tx) error {
		keys, err := e.keysAt(tx)
		if err != nil {
			return err
		}
		if keys.KeyID() == keyID {
			found = keys.DeriveKey(credential.Audit)
			return nil
		}
		kept, err := auditKeys(tx)
		if err != nil || kept[keyID] == "" {
			return err
		}
		found, err = keys.Open(credential.Audit, keyID, kept[keyID])
		return err
	})
	return found, err == nil && found != nil
}
