package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// newTestEngine creates an account in a temporary directory and closes it when the test ends.
func newTestEngine(t testing.TB) *Engine {
	t.Helper()
	return openTestEngine(t, Options{Path: filepath.Join(t.TempDir(), "iam.db")})
}

// openTestEngine opens an account and closes it when the test ends.
func openTestEngine(t testing.TB, options Options) *Engine {
	t.Helper()
	e, err := Open(t.Context(), options)
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

// operator returns the client of the local operator, who acts as the account's root user.
func operator(e *Engine) *Client { return e.As(LocalOperator("tester", Circumstances{})) }

// clientOf returns the client of a user with a new long-term key.
func clientOf(t testing.TB, e *Engine, userName string) *Client {
	t.Helper()
	key := credential.NewAccessKeyID("AKIA", e.account)
	writeStore(t, e, func(tx store.Tx) error {
		user, err := tx.Identity(store.User, userName)
		if err != nil {
			return err
		}
		return tx.InsertAccessKey(store.AccessKey{ID: key, UserID: user.ID, Active: true, Created: e.now(), Secret: "sealed"})
	})
	return e.As(Caller{longTermKeyID: key})
}

// writeStore changes the store directly, to create a state that no operation of the engine creates.
func writeStore(t testing.TB, e *Engine, change func(tx store.Tx) error) {
	t.Helper()
	if err := e.store.Write(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// storeLimits sets the account's quotas from JSON.
func storeLimits(t *testing.T, e *Engine, limits string) {
	t.Helper()
	writeStore(t, e, func(tx store.Tx) error { return tx.PutSetting(limitsSetting, []byte(limits)) })
}

// insertAWSPolicy stores a policy of AWS that allows everything, with audit records, and returns its
// ARN.
func insertAWSPolicy(t *testing.T, e *Engine, path, name string) (arn string) {
	t.Helper()
	p := store.Policy{
		ID: credential.NewID("ANPA"), Owner: awsOwner, Path: path, Name: name,
		Created: e.now(), Updated: e.now(), DefaultVersion: 1, LastVersion: 1,
	}
	writeStore(t, e, func(tx store.Tx) error {
		tracked := e.trackChanges(tx)
		err := errors.Join(tracked.InsertPolicy(p), tracked.InsertPolicyVersion(store.PolicyVersion{
			PolicyID: p.ID, Number: 1, Document: allowAll, Created: time.Unix(0, 0).UTC(),
		}))
		if err != nil {
			return err
		}
		changes, err := tracked.take()
		if err != nil {
			return err
		}
		_, err = e.trail.appendObjects(tx, e.keyring(), audit.KeyObjects, changes)
		return err
	})
	return e.policyARN(p)
}

const allowAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

// must returns the result of a call. It panics if the call failed.
func must[T any](out T, err error) T {
	if err != nil {
		panic(err)
	}
	return out
}

// wantError checks an error's code and message. If the wanted message ends in "…", only the text
// before it is compared.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got error %v, want %s", err, code)
	}
	prefix, prefixOnly := strings.CutSuffix(message, "…")
	matches := api.ErrorMessage() == message || prefixOnly && strings.HasPrefix(api.ErrorMessage(), prefix)
	if api.ErrorCode() != code || !matches {
		t.Errorf("got %v\nwant %s: %s", err, code, message)
	}
}

// wantOutcome checks the error of a call: none if want is empty, and otherwise the "code: message"
// of want.
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

// errorOf returns only the error of a call, for tests that do not need its output.
func errorOf[T any](_ T, err error) error { return err }

var errStopped = errors.New("the caller of the iterator stopped")

// AuditEvents returns the records of the audit trail from one snapshot of the store. Unlike a call
// of an operation, it writes no audit record itself.
func (e *Engine) AuditEvents(ctx context.Context, filter AuditFilter) iter.Seq2[audit.Link, error] {
	return func(yield func(audit.Link, error) bool) {
		err := e.trail.flush() // recent reads and refused calls are not written yet
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

// statement returns a policy with one statement. moreElements is JSON for further elements, with a
// leading comma.
func statement(effect, action, resource, moreElements string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Action":%q,"Resource":%q%s}]}`, effect, action,
		resource, moreElements)
}

// newPopulatedEngine creates an account with the user /team/ann in the group g and the role r. All
// of them have policies.
func newPopulatedEngine(t *testing.T) *Engine {
	t.Helper()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	must(c.CreateUser(ctx,
		&iam.CreateUserInput{UserName: aws.String("ann"), Path: aws.String("/team/"),
			Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}}}))
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g")}))
	must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: aws.String("ann"), GroupName: aws.String("g")}))
	must(c.PutUserPolicy(ctx,
		&iam.PutUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("own"),
			PolicyDocument: aws.String(statement("Allow", "s3:*", "arn:aws:s3:::${aws:PrincipalTag/team}/*", ""))}))
	must(c.PutGroupPolicy(ctx,
		&iam.PutGroupPolicyInput{GroupName: aws.String("g"), PolicyName: aws.String("no-delete"),
			PolicyDocument: aws.String(statement("Deny", "s3:Delete*", "*",
				`,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`))}))
	shared := must(c.CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("Shared"),
			PolicyDocument: aws.String(statement("Allow", "ec2:*", "*", ""))})).Policy.Arn
	must(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("g"), PolicyArn: shared}))
	must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("ann"), PolicyArn: shared}))
	must(c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("r"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` +
			e.iamARN("user/team/ann") + `"},"Action":"sts:AssumeRole"}]}`),
	}))
	must(c.PutRolePermissionsBoundary(ctx,
		&iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("r"), PermissionsBoundary: shared}))
	must(c.AttachRolePolicy(ctx,
		&iam.AttachRolePolicyInput{RoleName: aws.String("r"),
			PolicyArn: aws.String(insertAWSPolicy(t, e, "/", "AdministratorAccess"))}))
	return e
}
