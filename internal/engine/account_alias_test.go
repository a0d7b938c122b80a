package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestCreateAccountAlias_ReplacesAlias(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	aliases := func() string { return strings.Join(must(c.ListAccountAliases(ctx, nil)).AccountAliases, ",") }
	if all := must(c.ListAccountAliases(ctx, nil)).AccountAliases; all == nil || len(all) != 0 {
		t.Errorf("got aliases %#v, want an empty list", all)
	}
	must(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("one")}))
	wantOutcome(t, errorOf(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("one")})),
		"EntityAlreadyExists: The account alias one already exists.")
	must(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("two")}))
	if aliases() != "two" {
		t.Errorf("got alias %q, want two", aliases())
	}
	wantOutcome(t, errorOf(c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: aws.String("one")})),
		"NoSuchEntity: The account alias one cannot be found.")
	must(c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: aws.String("two")}))
	if aliases() != "" {
		t.Errorf("got alias %q, want none", aliases())
	}
}
