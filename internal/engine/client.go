package engine

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Client calls operations of the engine as one caller. Each operation is a method, in the file of its
// implementation. Several goroutines may use a Client at the same time.
type Client struct {
	engine *Engine
	caller Caller

	// retry is set by Retrying.
	retry RetryPolicy
	// changed is set by the first call that changes an object.
	changed *atomic.Bool
}

// As returns a client that acts as the caller.
func (e *Engine) As(caller Caller) *Client {
	return &Client{engine: e, caller: caller, changed: new(atomic.Bool)}
}

// Changed reports whether a call of this client, or of a client that it was made from, has changed the account.
func (c *Client) Changed() bool { return c.changed.Load() }

// RetryPolicy says how long a client repeats a write that other writes may make possible. It gives up when the account
// has not changed for a quiet time. The zero policy repeats nothing.
type RetryPolicy struct {
	// ViolationQuiet is the quiet time after the refusal by an access assertion.
	ViolationQuiet time.Duration
	// ConflictQuiet is the quiet time after the other errors. It is what a plain mistake costs, so it should be short.
	ConflictQuiet time.Duration
	// Limit is the maximum time for all attempts of a call.
	Limit time.Duration
}

// Retrying returns a client that repeats a refused write after each change of the account.
//
// Terraform applies changes concurrently and in no fixed order. A write that gives access may come before the write
// that denies a part of it, an attachment before the detachment that makes room for it, a name before the rename that
// frees it, the deletion of a user before that of its access key, and a link before the object that it refers to. The
// first write succeeds after the second one.
func (c *Client) Retrying(policy RetryPolicy) *Client {
	retrying := *c
	retrying.retry = policy
	return &retrying
}

// retries decides whether a call is repeated.
type retries struct {
	client    *Client
	operation string
	deadline  time.Time
	seen      accountChanges // before the last attempt
}

// accountChanges identifies a state of the account.
type accountChanges struct {
	revision int64 // of the store; it does not count changes of credentials
	changes  int64 // by this engine; it counts changes of credentials, too
}

// newRetries prepares the retries of a call. It returns nil if the client does not retry.
func (c *Client) newRetries(ctx context.Context, operation string) *retries {
	if c.retry == (RetryPolicy{}) {
		return nil
	}
	r := &retries{client: c, operation: operation, deadline: time.Now().Add(c.retry.Limit)}
	var err error
	if r.seen, err = c.engine.accountChanges(ctx); err != nil {
		return nil
	}
	return r
}

// quiet returns the quiet time after an error. It is 0 if no other write can make the call possible.
func (r *retries) quiet(err error) time.Duration {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return 0
	}
	switch api.ErrorCode() {
	case AccessAssertionViolation:
		return r.client.retry.ViolationQuiet
	case "LimitExceeded", "EntityAlreadyExists", "DeleteConflict":
		return r.client.retry.ConflictQuiet
	case "NoSuchEntity": // other operations change or delete what is missing
		for _, prefix := range []string{"Add", "Attach", "Create", "Enable", "Put"} {
			if strings.HasPrefix(r.operation, prefix) {
				return r.client.retry.ConflictQuiet
			}
		}
	}
	return 0
}

// pollInterval is the time between two reads of the account's revision.
const pollInterval = 20 * time.Millisecond

// again reports whether the call that returned err is to be repeated. It waits for a change of the account.
func (r *retries) again(ctx context.Context, err error) bool {
	if r == nil {
		return false
	}
	quiet := r.quiet(err)
	if quiet == 0 {
		return false
	}
	end := time.Now().Add(quiet)
	for {
		current, err := r.client.engine.accountChanges(ctx)
		now := time.Now()
		switch {
		case err != nil || now.After(r.deadline):
			return false
		case current != r.seen:
			r.seen = current
			return true
		case now.After(end):
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pollInterval):
		}
	}
}

// accountChanges returns the present state of the account.
func (e *Engine) accountChanges(ctx context.Context) (accountChanges, error) {
	current := accountChanges{changes: e.changes.Load()}
	err := e.store.Read(ctx, func(tx store.Tx) (err error) {
		current.revision, err = tx.Revision()
		return err
	})
	return current, err
}
