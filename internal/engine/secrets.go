package engine

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// The engine encrypts (seals) every secret in a store under one master key. The setting
// masterKeySetting contains the id of that key. A rotation seals all secrets under a new key in the
// transaction that changes the setting. After an interrupted rotation, the key file may contain
// further keys; the engine uses only the key with the id of the setting.

// keyring returns the master key that this process read last. Within a transaction, call
// [Engine.keysAt] instead.
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

// keysAt returns the master key of the store as a transaction sees it. If another process replaced
// the key, keysAt reads the key file again. If the key came from the options, there is no key file:
// keysAt then fails, and this process can no longer use secrets.
func (e *Engine) keysAt(tx store.Tx) (*credential.Keyring, error) {
	id, err := tx.Setting(masterKeySetting)
	if err != nil {
		return nil, err
	}
	if keys := e.keyring(); keys.KeyID() == string(id) {
		return keys, nil
	}
	if e.keyFromOptions {
		return nil, fmt.Errorf("the store's master key is now %s, but this process has master key %s: "+
			"restart it with the present master key", id, e.keyring().KeyID())
	}
	all, err := readKeyFile(KeyFile(e.path))
	if err != nil {
		return nil, fmt.Errorf("reading the master key %s, to which the store has changed: %w", id, err)
	}
	keys, err := onlyKey(all, string(id))
	if err != nil {
		return nil, fmt.Errorf("the store's master key is now %s, but the key file %q does not contain it: %w",
			id, KeyFile(e.path), err)
	}
	e.setKeyring(keys)
	return keys, nil
}

// onlyKey returns a keyring that contains only the key with this id.
func onlyKey(keys *credential.Keyring, id string) (*credential.Keyring, error) {
	for line := range strings.Lines(keys.Encode()) {
		key, err := credential.ParseKeyring(line)
		if err != nil || key.KeyID() == id {
			return key, err
		}
	}
	return nil, fmt.Errorf("%w: %s", credential.ErrUnknownKey, id)
}

// seal encrypts a text. Only [call.open] with the same purpose and record can decrypt it.
func (c *call) seal(purpose credential.Purpose, record string, plain []byte) (string, error) {
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return "", err
	}
	return keys.Seal(purpose, record, plain)
}

// open decrypts a text that [call.seal] encrypted for the same purpose and record.
func (c *call) open(purpose credential.Purpose, record, sealed string) ([]byte, error) {
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return nil, err
	}
	return keys.Open(purpose, record, sealed)
}
