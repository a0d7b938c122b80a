package engine

import (
	"context"
	"errors"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Client calls operations of the engine as one caller. Each operation is a method, in the file of its
// implementation. Several goroutines may use a Client at the same time.
type Client struct {
	engine *Engine
	caller Caller

	// quiet and limit are set by Retrying.
	quiet, limit time.Duration
}

// As returns a client that acts as the caller.
func (e *Engine) As(caller Caller) *Client { return &Client{engine: e, caller: caller} }

// Retrying returns a client that repeats a write that an access assertion refuses, after each change of the account. It
// gives up when the account has not changed for the time quiet, or after the time limit.
//
// Terraform applies changes concurrently and in no fixed order. A write that gives access may come before the write
// that denies a part of it, and succeeds after that one.
func (c *Client) Retrying(quiet, limit time.Duration) *Client {
	retrying := *c
	retrying.quiet, retrying.limit = quiet, limit
	return &retrying
}

// retries decides whether a call is repeated.
type retries struct {
	client   *Client
	deadline time.Time
	revision int64 // of the account before the last attempt
}

// newRetries prepares the retries of a call. It returns nil if the client does not retry.
func (c *Client) newRetries(ctx context.Context) *retries {
	if c.quiet == 0 {
		return nil
	}
	r := &retries{client: c, deadline: time.Now().Add(c.limit)}
	var err error
	if r.revision, err = c.engine.revision(ctx); err != nil {
		return nil
	}
	return r
}

// pollInterval is the time between two reads of the account's revision.
const pollInterval = 20 * time.Millisecond

// again reports whether the call that returned err is to be repeated. It waits for a change of the account.
func (r *retries) again(ctx context.Context, err error) bool {
	var api smithy.APIError
	if r == nil || !errors.As(err, &api) || api.ErrorCode() != AccessAssertionViolation {
		return false
	}
	quiet := time.Now().Add(r.client.quiet)
	for {
		revision, err := r.client.engine.revision(ctx)
		now := time.Now()
		switch {
		case err != nil:
			return false
		case revision != r.revision:
			r.revision = revision
			return true
		case now.After(quiet) || now.After(r.deadline):
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pollInterval):
		}
	}
}

// revision returns the number of committed changes of the account.
func (e *Engine) revision(ctx context.Context) (revision int64, err error) {
	err = e.store.Read(ctx, func(tx store.Tx) error {
		revision, err = tx.Revision()
		return err
	})
	return revision, err
}
