package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// DefaultAccountID is the account id of a new store for which none is chosen. It is fixed, so that
// ARNs are known before the store exists. No AWS account has it.
const DefaultAccountID = "000000000000"

// Options says which account to open, and how.
type Options struct {
	// Path names the database file. The key file is beside it; see [KeyFile].
	Path string
	// Existing refuses to create a store. The error is then fs.ErrNotExist.
	Existing bool
	// AccountID is the account id of a new store; empty for [DefaultAccountID]. Open refuses an
	// existing store with another account id.
	AccountID string
	// MasterKey is the text of the master keys. It replaces the key file.
	MasterKey string
	// Now is the clock, for tests. Nil is time.Now.
	Now func() time.Time
}

// Engine is the IAM service of one account. Several goroutines may use it at once, and other
// processes may use the same store.
type Engine struct {
	store   store.Store
	file    storeFile
	account string
	clock   func() time.Time
	path    string
	id      string

	keysMu         sync.RWMutex
	keys           *credential.Keyring
	keyFromOptions bool // by Options.MasterKey, in place of the key file

	uses      pendingUses
	trail     *auditTrail
	snapshots accountSnapshots
}

var accountID = regexp.MustCompile(`^\d{12}$`)

// The settings of every store.
const (
	storeSetting     = "store-id"
	accountSetting   = "account-id"
	masterKeySetting = "master-key-id"
)

// Open opens an account. It creates the store if there is none.
func Open(ctx context.Context, options Options) (*Engine, error) {
	if options.AccountID != "" && !accountID.MatchString(options.AccountID) {
		return nil, fmt.Errorf("opening %s for account %q: an account id has twelve digits", options.Path, options.AccountID)
	}
	opened, err := openStore(ctx, options)
	if err != nil {
		return nil, err
	}
	e := &Engine{store: opened, file: opened, path: options.Path, clock: options.Now}
	if e.clock == nil {
		e.clock = time.Now
	}
	if err := e.initialize(ctx, options); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the account in %s: %w", options.Path, err), opened.Close())
	}
	e.trail = newAuditTrail(e)
	return e, nil
}

// initialize reads the account id and the id of the master key from the store. For a new store, it
// chooses and stores them.
func (e *Engine) initialize(ctx context.Context, options Options) error {
	var account, keyID string
	err := e.store.Read(ctx, func(tx store.Tx) (err error) {
		account, keyID, err = identityOf(tx)
		return err
	})
	if err != nil {
		return err
	}

	keys, err := loadKeys(options, keyID != "")
	if err != nil {
		return err
	}
	if account == "" {
		account = options.AccountID
		if account == "" {
			account = DefaultAccountID
		}
		err = e.store.Write(ctx, func(tx store.Tx) error {
			// Another process may have created the account meanwhile.
			if already, id, err := identityOf(tx); err != nil || already != "" {
				account, keyID = already, id
				return err
			}
			keyID = keys.KeyID()
			return errors.Join(
				tx.PutSetting(storeSetting, []byte(rand.Text()[:16])), // short, as each resource of Terraform's remembers it
				tx.PutSetting(accountSetting, []byte(account)),
				tx.PutSetting(masterKeySetting, []byte(keyID)),
			)
		})
		if err != nil {
			return err
		}
	}

	if options.AccountID != "" && account != options.AccountID {
		return fmt.Errorf("the store is that of account %s, not %s", account, options.AccountID)
	}
	if e.keys, err = onlyKey(keys, keyID); err != nil {
		return fmt.Errorf("its secrets are sealed under master key %s, and %s holds %s: without that key they cannot be read",
			keyID, keySource(options), keys.KeyID())
	}
	e.account, e.keyFromOptions = account, options.MasterKey != ""
	return e.store.Read(ctx, func(tx store.Tx) error {
		id, err := tx.Setting(storeSetting)
		e.id = string(id)
		return err
	})
}

func identityOf(tx store.Tx) (account, keyID string, err error) {
	text, err := tx.Setting(accountSetting)
	if errors.Is(err, store.ErrNotFound) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	key, err := tx.Setting(masterKeySetting)
	return string(text), string(key), err
}

// AccountID returns the account that the engine serves.
func (e *Engine) AccountID() string { return e.account }

// Close writes the held audit records and closes the store.
func (e *Engine) Close() error { return errors.Join(e.trail.close(), e.store.Close()) }

// now returns the time in whole seconds, like the API's times.
func (e *Engine) now() time.Time { return e.clock().UTC().Truncate(time.Second) }

// newUUID returns a random id for a request or an event (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
