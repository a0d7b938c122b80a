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

// auditKeysSetting names the setting with the audit keys of earlier master keys, by the ids of
// those master keys. The audit keys are sealed under the present master key.
const auditKeysSetting = "audit-keys"

// RotateMasterKeyInput contains the new key if the engine was opened with [Options.MasterKey].
type RotateMasterKeyInput struct {
	// MasterKey is the text of the new key. It is required if the engine was opened with
	// [Options.MasterKey], and must be passed there from then on. It must be empty for a store with a
	// key file, because the engine then generates the key.
	MasterKey string
}

// RotateMasterKeyOutput contains the ids of both keys.
type RotateMasterKeyOutput struct {
	OldKeyID, NewKeyID string

	ResultMetadata middleware.Metadata
}

// RotateMasterKey replaces the store's master key and seals every secret under the new one. Only
// the local operator may call it.
//
// An interruption at any point does no harm. First the engine adds the new key to the key file.
// Then one transaction seals the secrets and makes the new key the store's master key. Last, the
// engine removes the old key from the key file. Until the transaction commits, the old key remains
// the store's master key.
//
// Session tokens and encoded authorization messages are not in the store, so they become invalid.
// The store keeps the old audit key, so that the audit trail can still be verified.
//
// Other processes that have the store open read the key file again. A process that was opened with
// [Options.MasterKey] cannot use secrets until it restarts with the new key.
func (c *Client) RotateMasterKey(ctx context.Context, in *RotateMasterKeyInput) (*RotateMasterKeyOutput, error) {
	return do(ctx, c, rotateMasterKey, in)
}

var rotateMasterKey = registerExtension("Replaces the master key and seals every secret under the new one.",
	[]model.Member{
		sensitive(member("MasterKey", &textShape, "The text of the new key, if the store has no key file.")),
	},
	[]model.Member{
		idMember("OldKey", &idShape, "The id of the replaced key."),
		idMember("NewKey", &idShape, "The id of the new key."),
	},
	operation[RotateMasterKeyInput, RotateMasterKeyOutput]{
		name: "RotateMasterKey", writes: true, audience: localOperatorOnly,
		prepare: func(c *call, in *RotateMasterKeyInput) error {
			replacement, err := c.engine.newMasterKey(c.ctx, in.MasterKey)
			c.prepared = replacement
			return keyChangeError(err)
		},
		run: func(c *call, _ *RotateMasterKeyInput) (*RotateMasterKeyOutput, error) {
			old, replacement, err := c.rotatedKeys()
			if err != nil {
				return nil, keyChangeError(err)
			}
			c.addAuditSubject(old.KeyID())
			c.addAuditSubject(replacement.KeyID())
			return &RotateMasterKeyOutput{OldKeyID: old.KeyID(), NewKeyID: replacement.KeyID()}, nil
		},
		describe: func(_ *call, _ *RotateMasterKeyInput, out *RotateMasterKeyOutput, event *audit.Event) {
			if out != nil {
				event.RequestParameters = map[string]any{"oldKeyId": out.OldKeyID, "newKeyId": out.NewKeyID}
				event.ResponseElements = nil
			}
		},
		// The rotation's audit record is the last one under the old key. It contains the id of the new
		// key, so the old key authenticates the change. The first records under the new key contain the
		// digests of all objects under both keys.
		afterRecord: func(c *call, _ *RotateMasterKeyInput, out *RotateMasterKeyOutput) error {
			old, replacement, err := c.rotatedKeys()
			if err == nil {
				tx := c.tx.(*changeTracker).Tx // the records under the new key contain all changes
				c.link, err = c.engine.trail.recordUnderNewKey(tx, old, replacement, func() error {
					if err := resealSecrets(tx, old, replacement); err != nil {
						return err
					}
					return tx.PutSetting(masterKeySetting, []byte(replacement.KeyID()))
				})
			}
			return keyChangeError(err)
		},
		afterCommit: func(c *call, _ *RotateMasterKeyInput, _ *RotateMasterKeyOutput) error {
			e := c.engine
			if e.keyFromOptions {
				e.setKeyring(c.prepared.(*credential.Keyring))
				return nil
			}
			if err := e.removeOldMasterKeys(c.ctx); err != nil {
				return fmt.Errorf("the master key was replaced, but removing the old key from the key file %q failed: %w",
					KeyFile(e.path), err)
			}
			return nil
		},
	})

// keyChangeError adds the attempted operation to an error that is not an API error.
func keyChangeError(err error) error {
	var api smithy.APIError
	if err == nil || errors.As(err, &api) {
		return err
	}
	return fmt.Errorf("replacing the master key: %w", err)
}

// newMasterKey generates the new key, or reads it from the text of the input.
func (e *Engine) newMasterKey(ctx context.Context, text string) (*credential.Keyring, error) {
	switch {
	case e.keyFromOptions && text == "":
		return nil, validationError("the text of the new master key is missing: the account was opened with the text of " +
			"its master key, not with a key file")
	case e.keyFromOptions:
		return parseNewMasterKey(text)
	case text != "":
		return nil, validationError("a new master key was given, but the store has the key file %q: omit the new key, and "+
			"a generated one is written to the key file", KeyFile(e.path))
	}
	return e.addMasterKey(ctx)
}

// rotatedKeys returns the store's key and its replacement.
func (c *call) rotatedKeys() (old, replacement *credential.Keyring, err error) {
	replacement = c.prepared.(*credential.Keyring)
	if old, err = c.engine.keysAt(c.tx); err != nil {
		return nil, nil, err
	}
	if old.KeyID() == replacement.KeyID() {
		return nil, nil, validationError("the new master key is the same as the present one: give another key")
	}
	if !c.engine.keyFromOptions {
		stored, err := readKeyFile(KeyFile(c.engine.path))
		if err != nil {
			return nil, nil, err
		}
		if !stored.Has(replacement.KeyID()) {
			return nil, nil, validationError("another process replaced the master key at the same time: try again")
		}
	}
	return old, replacement, nil
}

// parseNewMasterKey returns the first key in a text of master keys.
func parseNewMasterKey(text string) (*credential.Keyring, error) {
	keys, err := credential.ParseKeyring(text)
	if err != nil {
		return nil, err
	}
	return keys.OnlyCurrent(), nil
}

// The engine changes the key file only within write transactions. All processes together run one
// write transaction at a time, so no rotation removes the key of another.

// addMasterKey generates a key and appends it to the key file.
func (e *Engine) addMasterKey(ctx context.Context) (replacement *credential.Keyring, err error) {
	err = e.store.Write(ctx, func(store.Tx) error {
		stored, err := readKeyFile(KeyFile(e.path))
		if err != nil {
			return err
		}
		replacement = credential.NewKeyring()
		combined, err := credential.ParseKeyring(stored.Encode() + replacement.Encode())
		if err != nil {
			return err
		}
		return replaceKeyFile(KeyFile(e.path), combined)
	})
	return replacement, err
}

// resealSecrets seals every secret in the store under the replacement of the old key.
func resealSecrets(tx store.Tx, old, replacement *credential.Keyring) error {
	reseal := func(purpose credential.Purpose, record string, sealed *string) error {
		plain, err := old.Open(purpose, record, *sealed)
		if err != nil {
			return fmt.Errorf("opening the %s of %q: %w", purpose, record, err)
		}
		*sealed, err = replacement.Seal(purpose, record, plain)
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
		if err := reseal(credential.AccessKeySecret, key.ID, &key.Secret); err != nil {
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
		if err := reseal(credential.MFASeed, deviceRecord(device), &device.Seed); err != nil {
			return err
		}
		if err := tx.UpdateMFADevice(device); err != nil {
			return err
		}
	}
	return resealAuditKeys(tx, old, replacement)
}

// resealAuditKeys adds the audit key of the old master key to the earlier audit keys, and seals all
// of them under the replacement.
func resealAuditKeys(tx store.Tx, old, replacement *credential.Keyring) error {
	sealed, err := earlierAuditKeys(tx)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(sealed)) {
		plain, err := old.Open(credential.Audit, id, sealed[id])
		if err != nil {
			return fmt.Errorf("opening the audit key of master key %s: %w", id, err)
		}
		if sealed[id], err = replacement.Seal(credential.Audit, id, plain); err != nil {
			return err
		}
	}
	sealed[old.KeyID()], err = replacement.Seal(credential.Audit, old.KeyID(), old.DeriveKey(credential.Audit))
	if err != nil {
		return err
	}
	text, err := json.Marshal(sealed)
	if err != nil {
		return err
	}
	return tx.PutSetting(auditKeysSetting, text)
}

// earlierAuditKeys returns the sealed audit keys of earlier master keys, by the ids of those master
// keys.
func earlierAuditKeys(tx store.Tx) (map[string]string, error) {
	sealed := map[string]string{}
	text, err := tx.Setting(auditKeysSetting)
	if errors.Is(err, store.ErrNotFound) {
		return sealed, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &sealed)
	}
	return sealed, err
}

// removeOldMasterKeys removes all keys except the store's present one from the key file.
func (e *Engine) removeOldMasterKeys(ctx context.Context) error {
	return e.store.Write(ctx, func(tx store.Tx) error {
		keys, err := e.keysAt(tx)
		if err != nil {
			return err
		}
		return replaceKeyFile(KeyFile(e.path), keys)
	})
}

// auditKey returns the key of the audit records that were written under the master key with this
// id. The result is false if the store does not know that master key.
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
