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
	if got, last := changes("AIDA", 0); got != "" || last != 1 {
		t.Errorf("for a new audit trail, got changes %q and last record %d", got, last)
	}
	ann := must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")})).User
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))
	must(c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")}))
	_ = errorOf(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")})) // fails, since ann exists
	if err := e.trail.flush(); err != nil {
		t.Fatal(err)
	}
	got, last := changes(*ann.UserId, 0)
	if got != "CreateUser" || last != 6 { // the first ListResourceChanges has a record too
		t.Errorf("got changes %q and last record %d, want CreateUser and 6", got, last)
	}
	must(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("ann"), NewUserName: aws.String("anna")}))
	must(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("anna")}))
	if got, _ := changes(*ann.UserId, last); got != "UpdateUser DeleteUser" {
		t.Errorf("after record %d, got changes %q", last, got)
	}
}
