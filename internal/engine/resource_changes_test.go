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
		t.Errorf("of an empty trail: %s, %d", got, last)
	}
	ann := must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")})).User
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))
	must(c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")}))
	_ = done(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")})) // refused
	if err := e.trail.flush(); err != nil {
		t.Fatal(err)
	}
	got, seen := changes(*ann.UserId, 0)
	if got != "CreateUser" || seen != 5 { // with that of the first question
		t.Errorf("made, read and made again: %s, %d", got, seen)
	}
	must(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("ann"), NewUserName: aws.String("anna")}))
	must(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("anna")}))
	if got, _ := changes(*ann.UserId, seen); got != "UpdateUser DeleteUser" {
		t.Errorf("since then: %s", got)
	}
}

func TestRevealAccessKey_LocalOperatorOnly(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allowAll)
	addUser(t, e, "bob")
	ann, _ := withKey(t, e, "ann")
	made := must(ann.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("bob")})).AccessKey
	revealed, err := operator(e).RevealAccessKey(ctx, &RevealAccessKeyInput{UserName: "bob", AccessKeyID: *made.AccessKeyId})
	if err != nil || revealed.SecretAccessKey != *made.SecretAccessKey {
		t.Errorf("the operator got another secret, or %v", err)
	}
	_, err = operator(e).RevealAccessKey(ctx, &RevealAccessKeyInput{UserName: "ann", AccessKeyID: *made.AccessKeyId})
	wantOutcome(t, err, "NoSuchEntity: …")
	revealed, err = ann.RevealAccessKey(ctx, &RevealAccessKeyInput{UserName: "bob", AccessKeyID: *made.AccessKeyId})
	wantOutcome(t, err, "AccessDenied: RevealAccessKey is for the local operator…")
	if revealed != nil {
		t.Error("a user is told a secret")
	}
	if got := strings.Join(eventNames(t, e, AuditFilter{EventName: "RevealAccessKey"}), " "); got != "RevealAccessKey RevealAccessKey RevealAccessKey" {
		t.Errorf("the trail has %s", got)
	}
}

func TestDescribeStore_IDIsStable(t *testing.T) {
	t.Parallel()
	e, other := newTestEngine(t), newTestEngine(t)
	again, err := Open(t.Context(), Options{Path: e.path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	storeID := func(e *Engine) string { return must(operator(e).DescribeStore(t.Context(), nil)).StoreID }
	if storeID(e) == "" || storeID(again) != storeID(e) || storeID(other) == storeID(e) {
		t.Errorf("the stores are %q, %q and another %q", storeID(e), storeID(again), storeID(other))
	}
}
