package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

func TestSetLimits_AppliesAndRestores(t *testing.T) {
	e := newTestEngine(t)
	c := operator(e)
	if _, err := c.SetLimits(t.Context(),
		&SetLimitsInput{Limits: map[string]int{"groups": 1, "policy_size": 9000}}); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"one", "two"} {
		_, err := c.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String(name)})
		if refused := err != nil; refused != (i == 1) {
			t.Errorf("creating group %q returned %v", name, err)
		}
	}
	if _, err := c.SetLimits(t.Context(), &SetLimitsInput{Limits: map[string]int{"groups": 0}}); err != nil {
		t.Fatal(err)
	}
	want := DefaultLimits()
	want.PolicySize = 9000
	if got, err := c.GetLimits(t.Context(), nil); err != nil || got.Limits != want {
		t.Errorf("got limits %+v, %v; want %+v", got, err, want)
	}
	recorded := 0
	for link, err := range e.AuditEvents(t.Context(), AuditFilter{EventName: "SetLimits"}) {
		if err != nil {
			t.Fatal(err)
		}
		if event, err := audit.Decode(link.Body); err != nil || event.RequestParameters["groups"] == nil {
			t.Errorf("the record %s does not contain the limit groups: %v", link.Body, err)
		}
		recorded++
	}
	if recorded != 2 {
		t.Errorf("got %d audit records, want 2", recorded)
	}
}

func TestSetLimits_InvalidLimits(t *testing.T) {
	e := newTestEngine(t)
	for _, test := range []struct {
		name   string
		values map[string]int
		want   string
	}{
		{"unknown name", map[string]int{"user": 1}, `"user" is not the name of a limit; expected one of users, groups, `},
		{"negative value", map[string]int{"users": -1}, "The limit users cannot be -1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := operator(e).SetLimits(t.Context(), &SetLimitsInput{Limits: test.values})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %s", err, test.want)
			}
		})
	}
}

func TestSetLimits_LocalOperatorOnly(t *testing.T) {
	e := newTestEngine(t)
	admin := operator(e)
	if _, err := admin.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("mallory")}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
		UserName: aws.String("mallory"), PolicyName: aws.String("all"),
		PolicyDocument: aws.String(`{"Version": "2012-10-17",` +
			` "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`),
	}); err != nil {
		t.Fatal(err)
	}
	c := clientOf(t, e, "mallory")
	if _, err := c.SetLimits(t.Context(), &SetLimitsInput{Limits: map[string]int{"users": 1}}); err == nil ||
		!strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("SetLimits returned %v, want AccessDenied", err)
	}
	if _, err := c.GetLimits(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("GetLimits returned %v, want AccessDenied", err)
	}
}
