package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// accountStore is the database file of an account. It opens the file at the first call, and creates the file only to
// create something in it: a plan leaves no file behind.
type accountStore struct {
	options engine.Options
	caller  engine.Caller
	run     string

	circumstances engine.Circumstances

	mu     sync.Mutex
	opened *engine.Engine
	file   os.FileInfo // the file that was opened
}

// storeOf returns the store for the options. It is the one that is open already, unless its file was replaced.
func (p *iamProvider) storeOf(options engine.Options, terraformVersion string) (*accountStore, error) {
	where, err := filepath.Abs(options.Path)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", options.Path, err)
	}
	options.Path = where
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.stores {
		if s.options.Path == options.Path && s.options.AccountID == options.AccountID && s.options.MasterKey == options.MasterKey {
			err := s.reopenIfReplaced()
			return s, err
		}
	}
	s := &accountStore{options: options, run: p.run}
	s.circumstances = engine.Circumstances{UserAgent: fmt.Sprintf("Terraform/%s %s%s", terraformVersion, agentPrefix, p.version), Run: p.run}
	s.caller = engine.LocalOperator(engine.OperatingSystemUser(), s.circumstances)
	p.stores = append(p.stores, s)
	return s, nil
}

// agentPrefix begins the user agent of the provider's calls, by which the audit trail tells them from others.
const agentPrefix = "terraform-provider-iam/"

// reopenIfReplaced closes the store if its file was deleted or replaced, so that the next call opens the new one.
func (s *accountStore) reopenIfReplaced() error {
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
	return closing.Close()
}

func (s *accountStore) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil {
		return nil
	}
	closing := s.opened
	s.opened = nil
	return closing.Close()
}

// existing opens the store. If there is none, the error is fs.ErrNotExist.
func (s *accountStore) existing(ctx context.Context) (*engine.Engine, error) {
	return s.open(ctx, true)
}

// toCreate opens the store, and creates it if there is none.
func (s *accountStore) toCreate(ctx context.Context) (*engine.Engine, error) {
	return s.open(ctx, false)
}

func (s *accountStore) open(ctx context.Context, existing bool) (*engine.Engine, error) {
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
	s.opened = opened
	return opened, nil
}

// accountID returns the id of the account, also before the store exists.
func (s *accountStore) accountID(ctx context.Context) (string, error) {
	e, err := s.existing(ctx)
	switch {
	case err == nil:
		return e.AccountID(), nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	case s.options.AccountID != "":
		return s.options.AccountID, nil
	}
	return engine.DefaultAccountID, nil
}

// live returns the account as it is now. Before the store exists, it is empty.
func (s *accountStore) live(ctx context.Context) (*account.Account, error) {
	e, err := s.existing(ctx)
	if err == nil {
		return e.Account(ctx)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	id, err := s.accountID(ctx)
	return account.New(id), err
}
