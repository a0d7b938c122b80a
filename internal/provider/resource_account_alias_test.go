package provider

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestAccountAliasResource_Lifecycle(t *testing.T) {
	a := newTestAccount(t)
	const config = `resource "iam_account_alias" "a" { account_alias = "acme-prod" }`
	a.run(
		apply(config),
		resource.TestStep{
			ResourceName:      "iam_account_alias.a",
			ImportState:       true,
			ImportStateId:     "acme-prod",
			ImportStateVerify: true,
		},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("mine")}))
			}),
			Config: config, ExpectError: wrappedPattern(`Account alias already exists.*id = "mine"`),
		},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: aws.String("mine")}))
			}),
			Config: config,
		},
	)
	if remaining := require(a.client().ListAccountAliases(t.Context(), nil)).AccountAliases; len(remaining) != 0 {
		t.Errorf("aliases remain after the destroy: %v", remaining)
	}
}

func TestAccountAliasResource_RejectsInvalidAlias(t *testing.T) {
	newTestAccount(t).run(
		planFails(`resource "iam_account_alias" "p" { account_alias = "Acme" }`, `lower-case letters`),
		planFails(`resource "iam_account_alias" "p" { account_alias = "acme-Prod" }`, `lower-case letters`),
		planFails(`resource "iam_account_alias" "p" { account_alias = "acme-" }`, `lower-case letters`),
	)
}
