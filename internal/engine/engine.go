package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// DefaultAccountID is the account id of a new store if [Options] has none. It is fixed, so that ARNs
// are known before the store exists. No AWS account has this id.
const DefaultAccountID = "000000000000"

// Options are the options of [Open] and [Restore].
type Options struct {
	// Path is the path of the database file. [KeyFile] returns the path of its key file.
	Path string
	// Existing makes Open return fs.ErrNotExist if there is no store, instead of creating one.
	Existing bool
	// AccountID is the account id of a new store. The default is [DefaultAccountID]. Open refuses an
	// existing store with another account id.
	AccountID string
	// MasterKey has the master keys in the form of a key file. If it is set, the engine uses no key file.
	MasterKey string
	// Now is the clock, for tests. The default is time.Now.
	Now func() time.Time
}

// Engine is the IAM service of one account. Several goroutines may use an Engine at the same time, and
// several processes may use the same store.
type Engine struct {
	store   store.Store
	file    storeFile
	account string
	clock   func() time.Time
	path    string
	storeID string

	keysMu         sync.RWMutex
	keys           *credential.Keyring
	keyFromOptions bool // from Options.MasterKey, so that there is no key file

	uses        pendingUses
	trail       *auditTrail
	snapshots   accountSnapshots
	gate        assertionGate
	changes     atomic.Int64 // the number of committed calls that changed objects
	awsPolicies awsPolicySets
}

// ReadOnly reports whether the process can only read the store. Then operations that write fail, and
// reads leave no audit records.
func (e *Engine) ReadOnly() bool { return e.file.ReadOnly() }

var accountIDPattern = regexp.MustCompile(`^\d{12}$`)

// The names of the settings that every store has.
const (
	storeSetting     = "store-id"
	accountSetting   = "account-id"
	masterKeySetting = "master-key-id"
)

// Open opens an account. It creates the store if it does not exist.
func Open(ctx context.Context, options Options) (*Engine, error) {
	if options.AccountID != "" && !accountIDPattern.MatchString(options.AccountID) {
		return nil,
			fmt.Errorf("opening %q: the account id %q is invalid; expected twelve digits", options.Path, options.AccountID)
	}
	opened, err := openStore(ctx, options)
	if err != nil {
		return nil, err
	}
	e := &Engine{store: opened, file: opened, path: options.Path, clock: options.Now}
	if e.clock == nil {
		e.clock = time.Now
	}
	e.trail = newAuditTrail(e)
	if err := e.initialize(ctx, options); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the account in %q: %w", options.Path, err), opened.Close())
	}
	return e, nil
}

// initialize reads the account id and the id of the master key from the store. For a new store, it
// chooses and stores them.
func (e *Engine) initialize(ctx context.Context, options Options) error {
	var account, keyID string
	err := e.store.Read(ctx, func(tx store.Tx) (err error) {
		account, keyID, err = storedIDs(tx)
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
		var link audit.Link
		err = e.store.Write(ctx, func(tx store.Tx) error {
			// Another process may have created the account in the meantime.
			if otherAccount, otherKeyID, err := storedIDs(tx); err != nil || otherAccount != "" {
				account, keyID = otherAccount, otherKeyID
				return err
			}
			keyID = keys.KeyID()
			e.account = account
			err := errors.Join(
				// short, because the state of each Terraform resource contains it
				tx.PutSetting(storeSetting, []byte(rand.Text()[:16])),
				tx.PutSetting(accountSetting, []byte(account)),
				tx.PutSetting(masterKeySetting, []byte(keyID)),
			)
			if err == nil {
				link, err = e.coverObjects(tx, keys)
			}
			return err
		})
		if err != nil {
			return err
		}
		e.trail.markCommitted(link)
	}

	if options.AccountID != "" && account != options.AccountID {
		return fmt.Errorf("the store has account %s, expected account %s", account, options.AccountID)
	}
	if e.keys, err = onlyKey(keys, keyID); err != nil {
		return fmt.Errorf(
			"the secrets of the store are encrypted with master key %s, but %s has master key %s: provide master key %s",
			keyID, keySource(options), keys.KeyID(), keyID)
	}
	e.account, e.keyFromOptions = account, options.MasterKey != ""
	if !e.ReadOnly() {
		if err := e.coverExisting(ctx); err != nil {
			return err
		}
	}
	return e.store.Read(ctx, func(tx store.Tx) error {
		id, err := tx.Setting(storeSetting)
		e.storeID = string(id)
		return err
	})
}

// storedIDs returns the account id of a store and the id of its master key. Both are empty for a new
// store.
func storedIDs(tx store.Tx) (account, keyID string, err error) {
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

// AccountID returns the id of the engine's account.
func (e *Engine) AccountID() string { return e.account }

// Close writes the held audit records and closes the store.
func (e *Engine) Close() error { return errors.Join(e.trail.close(), e.store.Close()) }

// now returns the present time in UTC and in whole seconds, which is the precision of the API's times.
func (e *Engine) now() time.Time { return e.clock().UTC().Truncate(time.Second) }

// newUUID returns a random id for a request or an event (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
