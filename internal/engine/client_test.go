package engine

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// testRetries are long enough for every test that expects a success.
var testRetries = RetryPolicy{ViolationQuiet: time.Minute, ConflictQuiet: time.Minute, Limit: time.Minute}

// A retrying client repeats a write until another write has removed the reason of its refusal.
func TestRetrying_WaitsForOtherWrite(t *testing.T) {
	t.Parallel()
	type step func(ctx context.Context, c *Client) error
	createUser := func(name string) step {
		return func(ctx context.Context, c *Client) error {
			return errorOf(c.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}))
		}
	}
	rename := func(name, next string) step {
		return func(ctx context.Context, c *Client) error {
			return errorOf(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: &name, NewUserName: &next}))
		}
	}
	createKey := func(ctx context.Context, c *Client) error {
		return errorOf(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")}))
	}
	deleteKey := func(ctx context.Context, c *Client) error {
		keys, err := c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("ann")})
		if err != nil {
			return err
		}
		return errorOf(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("ann"),
			AccessKeyId: keys.AccessKeyMetadata[0].AccessKeyId}))
	}
	deleteUser := func(ctx context.Context, c *Client) error {
		return errorOf(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("ann")}))
	}
	join := func(ctx context.Context, c *Client) error {
		return errorOf(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: aws.String("ann"),
			GroupName: aws.String("g")}))
	}
	createGroup := func(ctx context.Context, c *Client) error {
		return errorOf(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g")}))
	}
	for name, tt := range map[string]struct {
		before       []step
		first, other step
	}{
		"quota of access keys":    {[]step{createUser("ann"), createKey, createKey}, createKey, deleteKey},
		"name of a renamed user":  {[]step{createUser("a"), createUser("b")}, rename("a", "b"), rename("b", "c")},
		"user with an access key": {[]step{createUser("ann"), createKey}, deleteUser, deleteKey},
		"missing group":           {[]step{createUser("ann")}, join, createGroup},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, ctx := newTestEngine(t), t.Context()
			for _, before := range tt.before {
				wantOutcome(t, before(ctx, operator(e)), "")
			}
			if tt.first(ctx, operator(e)) == nil {
				t.Fatal("the first call succeeded without retries")
			}
			done := make(chan error)
			go func() { done <- tt.first(ctx, operator(e).Retrying(testRetries)) }()
			time.Sleep(2 * pollInterval)
			wantOutcome(t, createUser("unrelated")(ctx, operator(e)), "") // does not help
			wantOutcome(t, tt.other(ctx, operator(e)), "")
			wantOutcome(t, <-done, "")
		})
	}
}

// A plain mistake costs at most the quiet time, and nothing if no other write can help.
func TestRetrying_CostOfMistake(t *testing.T) {
	t.Parallel()
	e, ctx := newTestEngine(t), t.Context()
	const quiet = 200 * time.Millisecond
	c := operator(e).Retrying(RetryPolicy{ViolationQuiet: time.Minute, ConflictQuiet: quiet, Limit: time.Minute})
	ann, missing := aws.String("ann"), aws.String("missing")
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: ann}))
	for name, tt := range map[string]struct {
		call  func() error
		waits bool
	}{
		"existing name": {func() error { return errorOf(c.CreateUser(ctx, &iam.CreateUserInput{UserName: ann})) }, true},
		"delete missing": {func() error {
			return errorOf(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: missing}))
		}, false},
		"read missing": {func() error { return errorOf(c.GetUser(ctx, &iam.GetUserInput{UserName: missing})) }, false},
		"missing of link": {func() error {
			return errorOf(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: ann, GroupName: missing}))
		}, true},
		"update missing": {func() error {
			return errorOf(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: missing, NewPath: aws.String("/x/")}))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if tt.call() == nil {
				t.Fatal("the call succeeded")
			}
			if took := time.Since(start); tt.waits != (took >= quiet) || took > 20*quiet {
				t.Errorf("the call took %s", took)
			}
		})
	}
}

func TestClient_Changed(t *testing.T) {
	t.Parallel()
	e, ctx := newTestEngine(t), t.Context()
	c := operator(e)
	must(c.ListUsers(ctx, nil))
	if errorOf(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("ann")})) == nil || c.Changed() {
		t.Error("a read or a failed write counts as a change")
	}
	id := *must(c.Retrying(testRetries).CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")})).User.UserId
	other := operator(e)
	must(other.AdoptResource(ctx, &AdoptResourceInput{UniqueID: id}))
	if !c.Changed() || other.Changed() {
		t.Errorf("got %t after a change and %t after a record, want true and false", c.Changed(), other.Changed())
	}
}
