package engine

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Everything sealed in a store is sealed under one master key, whose id is the setting masterKeySetting: a rotation seals
// it all anew in the transaction that changes the setting. A key file may hold further keys, of a rotation that was
// begun or of one that was not tidied up after; an engine holds the store's key alone.

// keyring is the master key as this process knows it. Within a transaction, [Engine.keysAt] is the one to ask.
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

// keysAt is the master key under which the store's secrets are sealed in a transaction. Where another process changed it,
// the key file is read again; without one, this process can do no more.
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

// onlyKey is the keyring of one of the keys in another.
func onlyKey(keys *credential.Keyring, id string) (*credential.Keyring, error) {
	for line := range strings.Lines(keys.Encode()) {
		one, err := credential.ParseKeyring(line)
		if err != nil || one.KeyID() == id {
			return one, err
		}
	}
	return nil, fmt.Errorf("%w: %s", credential.ErrUnknownKey, id)
}

// seal encrypts what is kept in a record of the store, or given to a caller to bring back.
func (c *call) seal(purpose credential.Purpose, record string, plain []byte) (string, error) {
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return "", err
	}
	return keys.Seal(purpose, record, plain)
}

// open decrypts what seal encrypted for the same purpose and record.
func (c *call) open(purpose credential.Purpose, record, sealed string) ([]byte, error) {
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return nil, err
	}
	return keys.Open(purpose, record, sealed)
}
