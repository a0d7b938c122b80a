package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// auditKeysSetting has the audit keys of earlier master keys, by the ids of those master keys. They
// are sealed under the present master key.
const auditKeysSetting = "audit-keys"

// RotateMasterKeyInput may have the new key.
type RotateMasterKeyInput struct {
	// MasterKey is the text of the new key for a store whose key is given from outside. Every later start needs it.
	// It is empty for a store with a key file: the new key is then made.
	MasterKey string
}

// RotateMasterKeyOutput names the keys by their ids.
type RotateMasterKeyOutput struct {
	OldKeyID, NewKeyID string

	ResultMetadata middleware.Metadata
}

// RotateMasterKey replaces the store's master key and seals every secret again. It is for the local operator.
//
// It may be interrupted at any point. Until the secrets are sealed again the old key is the store's, and the new one waits
// beside it in the key file; from then on the new one is the store's. Session tokens, and authorization messages to be
// decoded, are not stored and become useless. The old audit key stays known, so that the audit trail can still be
// verified.
//
// Other processes that have the store open read the key file again. A process that was given its key from outside
// refuses to work with secrets until it is started with the new one.
func (c *Client) RotateMasterKey(ctx context.Context, in *RotateMasterKeyInput) (*RotateMasterKeyOutput, error) {
	return do(ctx, c, rotateMasterKey, in)
}

var rotateMasterKey = registerExtension("Replaces the master key and seals every secret again.",
	[]model.Member{sensitive(member("MasterKey", &sentenceShape, "The text of the new key, if keys are given from outside."))},
	[]model.Member{
		idMember("OldKey", &idShape, "The id of the replaced key."),
		idMember("NewKey", &idShape, "The id of the new key."),
	},
	operation[RotateMasterKeyInput, RotateMasterKeyOutput]{
		name: "RotateMasterKey", writes: true, audience: localOperatorOnly,
		prepare: func(c *call, in *RotateMasterKeyInput) error {
			fresh, err := c.engine.newMasterKey(c.ctx, in.MasterKey)
			c.prepared = fresh
			return keyChangeError(err)
		},
		run: func(c *call, _ *RotateMasterKeyInput) (*RotateMasterKeyOutput, error) {
			old, fresh, err := c.rotatedKeys()
			if err != nil {
				return nil, keyChangeError(err)
			}
			c.addAuditSubject(old.KeyID())
			c.addAuditSubject(fresh.KeyID())
			return &RotateMasterKeyOutput{OldKeyID: old.KeyID(), NewKeyID: fresh.KeyID()}, nil
		},
		describe: func(_ *call, _ *RotateMasterKeyInput, out *RotateMasterKeyOutput, event *audit.Event) {
			if out != nil {
				event.RequestParameters = map[string]any{"oldKeyId": out.OldKeyID, "newKeyId": out.NewKeyID}
				event.ResponseElements = nil
			}
		},
		// The record is the last one that is made with the old key: it vouches for the new one.
		afterRecord: func(c *call, _ *RotateMasterKeyInput, out *RotateMasterKeyOutput) error {
			old, fresh, err := c.rotatedKeys()
			if err == nil {
				err = reseal(c.tx, old, fresh)
			}
			if err != nil {
				return keyChangeError(err)
			}
			return c.tx.PutSetting(masterKeySetting, []byte(fresh.KeyID()))
		},
		afterCommit: func(c *call, _ *RotateMasterKeyInput, _ *RotateMasterKeyOutput) error {
			e := c.engine
			if e.givenKey {
				e.setKeyring(c.prepared.(*credential.Keyring))
				return nil
			}
			if err := e.removeOldMasterKeys(c.ctx); err != nil {
				return fmt.Errorf("the master key was changed, but the old one is still in %s: %w", KeyFile(e.path), err)
			}
			return nil
		},
	})

// changingKey adds to an error what was attempted.
func keyChangeError(err error) error {
	var api smithy.APIError
	if err == nil || errors.As(err, &api) {
		return err
	}
	return fmt.Errorf("changing the master key: %w", err)
}

// newMasterKey makes the new key, or reads the one that is given from outside.
func (e *Engine) newMasterKey(ctx context.Context, given string) (*credential.Keyring, error) {
	switch {
	case e.givenKey && given == "":
		return nil, validationError("the master key was given to this process, so give it the new one too")
	case e.givenKey:
		return givenKey(given)
	case given != "":
		return nil, validationError("the master key is kept in %s, which the new one is written to: none can be given", KeyFile(e.path))
	}
	return e.addMasterKey(ctx)
}

// rotatedKeys returns the store's key and the one that replaces it.
func (c *call) rotatedKeys() (old, fresh *credential.Keyring, err error) {
	fresh = c.prepared.(*credential.Keyring)
	if old, err = c.engine.keysAt(c.tx); err != nil {
		return nil, nil, err
	}
	if old.KeyID() == fresh.KeyID() {
		return nil, nil, validationError("that is the master key already")
	}
	if !c.engine.givenKey {
		stored, err := readKeyFile(KeyFile(c.engine.path))
		if err != nil {
			return nil, nil, err
		}
		if !stored.Has(fresh.KeyID()) {
			return nil, nil, validationError("another change of the master key came in between: try again")
		}
	}
	return old, fresh, nil
}

// givenKey reads a new master key from outside: the first one of the text.
func givenKey(text string) (*credential.Keyring, error) {
	keys, err := credential.ParseKeyring(text)
	if err != nil {
		return nil, err
	}
	return keys.OnlyCurrent(), nil
}

// The key file is only changed within write transactions. There is one of those at a time among all
// processes, so that no rotation removes the key of another.

// addMasterKey creates a key and appends it to the key file.
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

// resealAuditKeys adds the audit key of the old master key to the stored ones, and seals all of
// them again.
func resealAuditKeys(tx store.Tx, old, fresh *credential.Keyring) error {
	kept, err := earlierAuditKeys(tx)
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

// auditKeys returns the sealed earlier audit keys by the ids of their master keys.
func earlierAuditKeys(tx store.Tx) (map[string]string, error) {
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

// dropMasterKeys removes all keys except the store's from the key file.
func (e *Engine) removeOldMasterKeys(ctx context.Context) error {
	return e.store.Write(ctx, func(tx store.Tx) error {
		keys, err := e.keysAt(tx)
		if err != nil {
			return err
		}
		return replaceKeyFile(KeyFile(e.path), keys)
	})
}

// auditKey returns the key that audit records were made with under a master key, by that key's id; false where it is not
// known.
func (e *Engine) auditKey(tx store.Tx, keyID string) ([]byte, bool) {
	keys, err := e.keysAt(tx)
	if err != nil {
		return nil, false
	}
	if keys.KeyID() == keyID {
		return keys.DeriveKey(credential.Audit), true
	}
	sealed, err := earlierAuditKeys(tx)
	if err != nil || sealed[keyID] == "" {
		return nil, false
	}
	found, err := keys.Open(credential.Audit, keyID, sealed[keyID])
	return found, err == nil
}
