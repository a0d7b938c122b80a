package engine

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestSetPasswordProfile_Profiles(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann", allow("iam:UpdateAccountPasswordPolicy"))
	addUser(t, e, "bob")
	ann, _ := newKeyClient(t, e, "ann")
	bob, _ := newKeyClient(t, e, "bob")
	wantOutcome(t, errorOf(bob.SetPasswordProfile(ctx, &SetPasswordProfileInput{Profile: "cis"})),
		"AccessDenied: User: arn:aws:iam::000000000000:user/bob is not authorized to perform: "+
			"iam:UpdateAccountPasswordPolicy on resource: *…")
	wantOutcome(t, errorOf(c.SetPasswordProfile(ctx, &SetPasswordProfileInput{Profile: "best"})),
		`ValidationError: "best" is not a password profile; …`)
	wantOutcome(t, errorOf(ann.SetPasswordProfile(ctx, &SetPasswordProfileInput{Profile: "nist-800-63b-4"})), "")
	if got := must(c.GetPasswordProfile(ctx, nil)).Profile; got != "nist-800-63b-4" {
		t.Errorf("got profile %q", got)
	}
	create := &iam.CreateLoginProfileInput{UserName: aws.String("ann"), Password: aws.String("passwordpassword")}
	if err := errorOf(c.CreateLoginProfile(ctx, create)); !hasErrorCode(err, "PasswordPolicyViolation") {
		t.Errorf("creating a password of the blocklist returned %v", err)
	}
	events := auditEventsNamed(t, e, "SetPasswordProfile")
	if len(events) != 3 || events[0].UserIdentity.UserName == "" {
		t.Errorf("the audit trail contains %+v, want 3 events with the caller's name", events)
	}

	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{}))
	if got := must(c.GetPasswordProfile(ctx, nil)).Profile; got != "" {
		t.Errorf("after UpdateAccountPasswordPolicy, got profile %q, want none", got)
	}
	wantOutcome(t, errorOf(c.SetPasswordProfile(ctx, &SetPasswordProfileInput{Profile: "aws-default"})), "")
	if got := must(c.GetPasswordProfile(ctx, nil)).Profile; got != "aws-default" {
		t.Errorf("got profile %q, want aws-default", got)
	}
	wantOutcome(t, errorOf(c.SetPasswordProfile(ctx, &SetPasswordProfileInput{Profile: "aws-default"})), "")
	if err := errorOf(c.GetAccountPasswordPolicy(ctx, nil)); !hasErrorCode(err, "NoSuchEntity") {
		t.Errorf("with AWS's default, GetAccountPasswordPolicy returned %v", err)
	}
}
