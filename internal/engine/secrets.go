package engine

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Every secret in a store is encrypted (sealed) under one master key. The setting masterKeySetting
// has its id. A rotation seals all secrets again in the transaction that changes the setting. The
// key file may have further keys, of a rotation that was interrupted; the engine only keeps the
// store's key.

// keyring returns the master key as this process knows it. Within a transaction, [Engine.keysAt] is
// the one to call.
func (e *Engine) keyring() *credential.Keyring {
	e.keysMu.RLock()
	defer e.keysMu.RUnlock()
	return e.keys
}

func (e *Engine) setKeyring(keys *credential.Keyring) {
	e.keysMu.Lock()
	defer e.keysMu.Unlock()
	e.keys = keys
}

// keysAt returns the master key of the store as a transaction sees it. If another process changed
// it, keysAt reads the key file again. Without a key file, this process can no longer use secrets.
func (e *Engine) keysAt(tx store.Tx) (*credential.Keyring, error) {
	id, err := tx.Setting(masterKeySetting)
	if err != nil {
		return nil, err
	}
	if keys := e.keyring(); keys.KeyID() == string(id) {
		return keys, nil
	}
	if e.givenKey {
		return nil, fmt.Errorf("the store's master key is now %s, and this process was given %s: start it anew with the new one", id, e.keyring().KeyID())
	}
	all, err := readKeyFile(KeyFile(e.path))
	if err != nil {
		return nil, fmt.Errorf("the store's master key is now %s: %w", id, err)
	}
	keys, err := onlyKey(all, string(id))
	if err != nil {
		return nil, fmt.Errorf("the store's master key is now %s, and the key file %s does not have it: %w", id, KeyFile(e.path), err)
	}
	e.setKeyring(keys)
	return keys, nil
}

// onlyKey returns a keyring with one of the keys of another.
func onlyKey(keys *credential.Keyring, id string) (*credential.Keyring, error) {
	for line := range strings.Lines(keys.Encode()) {
		one, err := credential.ParseKeyring(line)
		if err != nil || one.KeyID() == id {
			return one, err
		}
	}
	return nil, fmt.Errorf("%w: %s", credential.ErrUnknownKey, id)
}

// seal encrypts a text for a record of the store, or for a caller that brings it back.
func (c *call) seal(purpose credential.Purpose, record string, plain []byte) (string, error) {
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return "", err
	}
	return keys.Seal(purpose, record, plain)
}

// open decrypts a text of seal for the same purpose and record.
func (c *call) open(purpose credential.Purpose, record, sealed string) ([]byte, error) {
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return nil, err
	}
	return keys.Open(purpose, record, sealed)
}
