package engine

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// newTestEngine opens a new account in a directory of the test.
func newTestEngine(t testing.TB) *Engine {
	t.Helper()
	e, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "iam.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// operator acts as the account's root user.
func operator(e *Engine) *Client { return e.As(LocalOperator("tester", Circumstances{})) }

// clientOf acts as a user, with a long-term key.
func clientOf(t testing.TB, e *Engine, userName string) *Client {
	t.Helper()
	key := credential.NewAccessKeyID("AKIA", e.account)
	write(t, e, func(tx store.Tx) error {
		user, err := tx.Identity(store.User, userName)
		if err != nil {
			return err
		}
		return tx.InsertAccessKey(store.AccessKey{ID: key, UserID: user.ID, Active: true, Created: e.now(), Secret: "sealed"})
	})
	return e.As(Caller{key: key})
}

// write changes the store past the engine, for what no operation makes yet.
func write(t testing.TB, e *Engine, change func(tx store.Tx) error) {
	t.Helper()
	if err := e.store.Write(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// storeLimits sets the account's quotas, as JSON.
func storeLimits(t *testing.T, e *Engine, limits string) {
	t.Helper()
	write(t, e, func(tx store.Tx) error { return tx.PutSetting(limitsSetting, []byte(limits)) })
}

// insertAWSPolicy makes one of AWS's managed policies, as an import does.
func insertAWSPolicy(t *testing.T, e *Engine, path, name string) (arn string) {
	t.Helper()
	p := store.Policy{
		ID: credential.NewID("ANPA"), Owner: awsOwner, Path: path, Name: name,
		Created: e.now(), Updated: e.now(), DefaultVersion: 1, LastVersion: 1,
	}
	write(t, e, func(tx store.Tx) error {
		return errors.Join(tx.InsertPolicy(p), tx.InsertPolicyVersion(store.PolicyVersion{
			PolicyID: p.ID, Number: 1, Document: allowAll, Created: time.Unix(0, 0).UTC(),
		}))
	})
	return e.policyARN(p)
}

const allowAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

// must gives what a call that has to succeed answers; where it fails, the test panics.
func must[T any](out T, err error) T {
	if err != nil {
		panic(err)
	}
	return out
}

// wantError checks an error's code and message. A message that ends in "…" is only the beginning.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got error %v, want %s", err, code)
	}
	begin, open := strings.CutSuffix(message, "…")
	if api.ErrorCode() != code || open && !strings.HasPrefix(api.ErrorMessage(), begin) || !open && api.ErrorMessage() != message {
		t.Errorf("got %v\nwant %s: %s", err, code, message)
	}
}

// wantOutcome checks that a call succeeded, or failed with "code: message".
func wantOutcome(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("got %v, want no error", err)
		}
		return
	}
	code, message, _ := strings.Cut(want, ": ")
	wantError(t, err, code, message)
}

// done is a call's error without its answer.
func done[T any](_ T, err error) error { return err }

var errStopped = errors.New("the reader has seen enough")

// AuditEvents returns the records of the audit trail as of one moment, without a call that would have a record itself.
func (e *Engine) AuditEvents(ctx context.Context, filter AuditFilter) iter.Seq2[audit.Link, error] {
	return func(yield func(audit.Link, error) bool) {
		err := e.trail.flush() // recent reads and refusals belong to it
		if err == nil {
			err = e.store.Read(ctx, func(tx store.Tx) error {
				for entry, err := range tx.AuditEntries(filter) {
					if err != nil {
						return err
					}
					if !yield(linkOf(entry), nil) {
						return errStopped
					}
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(audit.Link{}, err)
		}
	}
}
