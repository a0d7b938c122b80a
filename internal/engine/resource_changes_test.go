package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestListResourceChanges_BySubject(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	changes := func(subject string, after int64) (string, int64) {
		out := must(c.ListResourceChanges(ctx, &ListResourceChangesInput{Subject: subject, After: after}))
		var names []string
		for _, event := range must(out.Events()) {
			names = append(names, event.EventName)
		}
		return strings.Join(names, " "), out.Last
	}
	if got, last := changes("AIDA", 0); got != "" || last != 0 {
		t.Errorf("for an empty audit trail, got changes %q and last record %d", got, last)
	}
	ann := must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")})).User
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))
	must(c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")}))
	_ = errorOf(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")})) // fails, since ann exists
	if err := e.trail.flush(); err != nil {
		t.Fatal(err)
	}
	got, last := changes(*ann.UserId, 0)
	if got != "CreateUser" || last != 5 { // the first ListResourceChanges has a record too
		t.Errorf("got changes %q and last record %d, want CreateUser and 5", got, last)
	}
	must(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("ann"), NewUserName: aws.String("anna")}))
	must(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("anna")}))
	if got, _ := changes(*ann.UserId, last); got != "UpdateUser DeleteUser" {
		t.Errorf("after record %d, got changes %q", last, got)
	}
}

func TestRevealAccessKey_LocalOperatorOnly(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allowAll)
	addUser(t, e, "bob")
	ann, _ := withKey(t, e, "ann")
	created := must(ann.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("bob")})).AccessKey
	revealed, err := operator(e).RevealAccessKey(ctx, &RevealAccessKeyInput{UserName: "bob", AccessKeyID: *created.AccessKeyId})
	if err != nil || revealed.SecretAccessKey != *created.SecretAccessKey {
		t.Errorf("the operator got another secret or the error %v", err)
	}
	_, err = operator(e).RevealAccessKey(ctx, &RevealAccessKeyInput{UserName: "ann", AccessKeyID: *created.AccessKeyId})
	wantOutcome(t, err, "NoSuchEntity: …")
	revealed, err = ann.RevealAccessKey(ctx, &RevealAccessKeyInput{UserName: "bob", AccessKeyID: *created.AccessKeyId})
	wantOutcome(t, err, "AccessDenied: RevealAccessKey is for the local operator…")
	if revealed != nil {
		t.Error("RevealAccessKey returned a secret to a user")
	}
	if got := strings.Join(eventNames(t, e, AuditFilter{EventName: "RevealAccessKey"}), " "); got != "RevealAccessKey RevealAccessKey RevealAccessKey" {
		t.Errorf("the audit trail contains %s, want three events", got)
	}
}

func TestDescribeStore_StableID(t *testing.T) {
	t.Parallel()
	e, other := newTestEngine(t), newTestEngine(t)
	reopened, err := Open(t.Context(), Options{Path: e.path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reopened.Close() }()
	storeID := func(e *Engine) string { return must(operator(e).DescribeStore(t.Context(), nil)).StoreID }
	if storeID(e) == "" || storeID(reopened) != storeID(e) || storeID(other) == storeID(e) {
		t.Errorf("the store has the id %q, %q when opened again, and another store has %q", storeID(e), storeID(reopened), storeID(other))
	}
}
