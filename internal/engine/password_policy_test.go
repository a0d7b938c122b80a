package engine

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestUpdateAccountPasswordPolicy_ReplacesAll(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	const none = "NoSuchEntity: The Password Policy with domain name 000000000000 cannot be found."
	wantOutcome(t, errorOf(c.GetAccountPasswordPolicy(ctx, nil)), none)
	wantOutcome(t, errorOf(c.DeleteAccountPasswordPolicy(ctx, nil)),
		"NoSuchEntity: The account policy with name PasswordPolicy cannot be found.")

	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: aws.Int32(20), MaxPasswordAge: aws.Int32(90), RequireSymbols: true,
		PasswordReusePrevention: aws.Int32(3), HardExpiry: aws.Bool(true),
	}))
	p := must(c.GetAccountPasswordPolicy(ctx, nil)).PasswordPolicy
	if *p.MinimumPasswordLength != 20 || *p.MaxPasswordAge != 90 || !p.ExpirePasswords || !p.RequireSymbols ||
		*p.PasswordReusePrevention != 3 || !*p.HardExpiry {
		t.Errorf("got password policy %+v", p)
	}
	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{RequireNumbers: true}))
	p = must(c.GetAccountPasswordPolicy(ctx, nil)).PasswordPolicy
	if *p.MinimumPasswordLength != 6 || p.MaxPasswordAge != nil || p.ExpirePasswords || p.RequireSymbols ||
		!p.RequireNumbers || p.PasswordReusePrevention != nil || p.HardExpiry != nil {
		t.Errorf("after a second update, got password policy %+v", p)
	}
	must(c.DeleteAccountPasswordPolicy(ctx, nil))
	wantOutcome(t, errorOf(c.GetAccountPasswordPolicy(ctx, nil)), none)
}
