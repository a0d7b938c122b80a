// Package accountstore opens the database files of accounts. It is the only package of the provider
// that opens the embedded engine; the others call an [API].
package accountstore

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// Store is the database file of an account. It opens the file at the first call. It creates the
// file only together with the first object, so a plan creates no file.
type Store struct {
	options       engine.Options
	caller        engine.Caller
	Run           string // the id of the Terraform run, which audit records contain
	Configuration string // the id of the Terraform configuration, likewise; it may be empty

	circumstances engine.Circumstances

	reported sync.Map // the id of a reported audit event -> the object that reported it

	waiting atomic.Int32                    // the number of calls in Settled
	empty   atomic.Pointer[account.Account] // the account of Live while the store does not exist, always the same value

	mu     sync.Mutex
	opened *openAccount
	file   os.FileInfo // the opened file
	warned bool        // that the store is read-only
}

// Pool contains the stores that one provider process uses.
type Pool struct {
	version string // of the provider
	run     string // the id of the Terraform run, which audit records contain

	mu     sync.Mutex
	stores []*Store
}

// NewPool returns a pool without stores.
func NewPool(version, run string) *Pool { return &Pool{version: version, run: run} }

// StoreFor returns the store for the options. It reuses an existing store, and closes the store's
// file if the file was replaced.
func (p *Pool) StoreFor(options engine.Options, terraformVersion string) (*Store, error) {
	absolute, err := filepath.Abs(options.Path)
	if err != nil {
		return nil, fmt.Errorf("resolving the path %q: %w", options.Path, err)
	}
	options.Path = absolute
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.stores {
		if s.options.Path == options.Path && s.options.AccountID == options.AccountID &&
			s.options.MasterKey == options.MasterKey {
			err := s.closeIfReplaced()
			return s, err
		}
	}
	s := &Store{options: options, Run: p.run, Configuration: configurationID()}
	s.circumstances = engine.Circumstances{UserAgent: fmt.Sprintf("Terraform/%s %s%s", terraformVersion,
		AgentPrefix, p.version), Run: s.Run, Configuration: s.Configuration}
	s.caller = engine.LocalOperator(engine.OperatingSystemUser(), s.circumstances)
	p.stores = append(p.stores, s)
	return s, nil
}

// CloseAll closes the stores.
func (p *Pool) CloseAll() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for _, s := range p.stores {
		err = errors.Join(err, s.close())
	}
	return err
}

// endRunTimeout limits the time to record the end of a run. Terraform kills a provider that takes two seconds to end.
const endRunTimeout = time.Second

// Path returns the path of the store's file.
func (s *Store) Path() string { return s.options.Path }

// AddError adds the error of opening or reading the store.
func (s *Store) AddError(diags *diag.Diagnostics, err error) {
	diags.AddError("Account cannot be opened", fmt.Sprintf("Opening the account in %q: %s", s.options.Path, err))
}

// WarnIfReadOnly adds a warning, once for each store, if the account was opened and cannot be written.
func (s *Store) WarnIfReadOnly(diags *diag.Diagnostics) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil || !s.opened.readOnly || s.warned {
		return
	}
	s.warned = true
	diags.AddWarning("Reads of the account are not recorded", fmt.Sprintf("Terraform cannot write to %q or its "+
		"directory. Data sources can read the account, but the audit trail does not record it.", s.options.Path))
}

// PathVariable is the environment variable with the store's path. The provider block takes
// precedence.
const PathVariable = "IAM_STORE"

// AgentPrefix is the start of the user agent of the provider's calls. It distinguishes them from
// other calls in the audit trail.
const AgentPrefix = "terraform-provider-iam/"

// closeIfReplaced closes the store if its file was deleted or replaced. The next call then opens
// the new file.
func (s *Store) closeIfReplaced() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil {
		return nil
	}
	if now, err := os.Stat(s.options.Path); err == nil && os.SameFile(now, s.file) {
		return nil
	}
	closing := s.opened
	s.opened = nil
	return closing.close()
}

func (s *Store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil {
		return nil
	}
	closing := s.opened
	s.opened = nil
	return errors.Join(closing.endRun(), closing.close())
}

// endRun records the end of the run if the run changed the account. If the process is killed, the record is missing,
// and the next run knows that the state may lack objects of this run.
func (o *openAccount) endRun() error {
	if !o.changed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), endRunTimeout)
	defer cancel()
	_, err := o.EndRun(ctx, nil)
	return err
}

// A refused write is repeated as long as other changes of the same apply may make it possible. Terraform starts the
// next change within milliseconds, so a write that no change can help fails a second later than it could.
const (
	violationQuiet = 3 * time.Second
	conflictQuiet  = 1500 * time.Millisecond
	retryLimit     = 2 * time.Minute
	// settleQuiet is the time without a change after which an apply counts as complete.
	settleQuiet = time.Second
)

// openAccount is the account in an open store.
type openAccount struct {
	API      // acts as the local operator
	id       string
	readOnly bool
	changed  func() bool // reports whether this process has changed the account
	actAs    func(ctx context.Context, accessKeyID, secret string) (API, error)
	close    func() error
}

func (s *Store) newOpenAccount(e *engine.Engine) *openAccount {
	client := e.As(s.caller).Retrying(engine.RetryPolicy{
		ViolationQuiet: violationQuiet, ConflictQuiet: conflictQuiet, Limit: retryLimit,
	})
	return &openAccount{
		API: client, id: e.AccountID(), readOnly: e.ReadOnly(), changed: client.Changed,
		close: e.Close,
		actAs: func(ctx context.Context, accessKeyID, secret string) (API, error) {
			caller, err := e.Authenticate(ctx, accessKeyID, "", func(stored string) bool {
				return subtle.ConstantTimeCompare([]byte(stored), []byte(secret)) == 1
			}, s.circumstances)
			if err != nil {
				return nil, err
			}
			return e.As(caller), nil
		},
	}
}

// Existing opens the store and returns its API for the local operator. The error is fs.ErrNotExist
// if the store does not exist.
func (s *Store) Existing(ctx context.Context) (API, error) {
	return apiOf(s.open(ctx, true))
}

// OpenOrCreate opens the store, or creates it if it does not exist, and returns its API for the
// local operator.
func (s *Store) OpenOrCreate(ctx context.Context) (API, error) {
	return apiOf(s.open(ctx, false))
}

// ActAs returns the API for the user with an access key.
func (s *Store) ActAs(ctx context.Context, accessKeyID, secret string) (API, error) {
	opened, err := s.open(ctx, true)
	if err != nil {
		return nil, err
	}
	return opened.actAs(ctx, accessKeyID, secret)
}

func apiOf(opened *openAccount, err error) (API, error) {
	if err != nil {
		return nil, err
	}
	return opened.API, nil
}

func (s *Store) open(ctx context.Context, existing bool) (*openAccount, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened != nil {
		return s.opened, nil
	}
	options := s.options
	options.Existing = existing
	opened, err := engine.Open(context.WithoutCancel(ctx), options)
	if err != nil {
		return nil, err
	}
	if s.file, err = os.Stat(options.Path); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	s.opened = s.newOpenAccount(opened)
	return s.opened, nil
}

// AccountID returns the id of the account. It is known even before the store exists.
func (s *Store) AccountID(ctx context.Context) (string, error) {
	opened, err := s.open(ctx, true)
	switch {
	case err == nil:
		return opened.id, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	case s.options.AccountID != "":
		return s.options.AccountID, nil
	}
	return engine.DefaultAccountID, nil
}

// Live returns the current account. It is empty while the store does not exist.
func (s *Store) Live(ctx context.Context) (*account.Account, error) {
	c, err := s.Existing(ctx)
	if err == nil {
		return Account(ctx, c)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	id, err := s.AccountID(ctx)
	if err != nil {
		return nil, err
	}
	empty := s.empty.Load()
	if empty == nil || empty.ID() != id {
		empty = engine.EmptyAccount(id)
		s.empty.Store(empty)
	}
	return empty, nil
}

// maxWaiting limits the calls that wait in [Store.Settled], because Terraform makes only ten calls at once by default.
const maxWaiting = 4

// Settled waits until the account has not changed for a short time, and returns it. settled is false if too many calls
// wait already, or if the account kept changing.
func (s *Store) Settled(ctx context.Context) (of *account.Account, settled bool, err error) {
	if s.waiting.Add(1) > maxWaiting {
		s.waiting.Add(-1)
		return nil, false, nil
	}
	defer s.waiting.Add(-1)
	const interval = 50 * time.Millisecond
	deadline := time.Now().Add(retryLimit)
	var last *account.Account
	for quiet := time.Now(); time.Since(quiet) < settleQuiet; {
		if of, err = s.Live(ctx); err != nil {
			return nil, false, err
		}
		if of != last { // the engine returns the same value until the account changes
			last, quiet = of, time.Now()
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return of, false, nil
		}
		time.Sleep(interval)
	}
	return of, true, nil
}

// Account reads the current account.
func Account(ctx context.Context, c engine.AccountAPI) (*account.Account, error) {
	out, err := c.GetAccount(ctx, nil)
	if err != nil {
		return nil, err
	}
	return out.Account, nil
}

// StoreID reads the id of the store.
func StoreID(ctx context.Context, c engine.AccountAPI) (string, error) {
	out, err := c.DescribeStore(ctx, nil)
	if err != nil {
		return "", err
	}
	return out.StoreID, nil
}

// Changes reads the audit records about a subject that follow the record with the number after. It
// also returns the number of the last record.
func Changes(ctx context.Context, c engine.AuditAPI, subject string, after int64) ([]audit.Event, int64, error) {
	out, err := c.ListResourceChanges(ctx, &engine.ListResourceChangesInput{Subject: subject, After: after})
	if err != nil {
		return nil, 0, err
	}
	events, err := out.Events()
	return events, out.Last, err
}

// Secret reads the secret of a user's access key.
func Secret(ctx context.Context, c engine.SecretsAPI, userName, accessKeyID string) (string, error) {
	out, err := c.RevealAccessKey(ctx, &engine.RevealAccessKeyInput{UserName: userName, AccessKeyID: accessKeyID})
	if err != nil {
		return "", err
	}
	return out.SecretAccessKey, nil
}

// ClaimEvent reports whether an object may report an audit event. The first object that claims an event reports it,
// each time that it is read. No other object of the process reports the event again.
func (s *Store) ClaimEvent(eventID, object string) bool {
	by, _ := s.reported.LoadOrStore(eventID, object)
	return by == object
}
