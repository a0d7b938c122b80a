package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestAccessKeySecretEphemeral_SetsWriteOnlyArgument(t *testing.T) {
	a := newTestAccount(t)
	const config = `
resource "iam_user" "u" { name = "alice" }
resource "iam_access_key" "k" { user = iam_user.u.name }
ephemeral "iam_access_key_secret" "s" { access_key_id = iam_access_key.k.id }
resource "iam_user_login_profile" "p" {
  user                = iam_user.u.name
  password_wo         = "Aa1-${ephemeral.iam_access_key_secret.s.secret_access_key}"
  password_wo_version = 1
}`
	var id string
	a.run(
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{capture("iam_access_key.k", "id", &id)}},
		resource.TestStep{
			PreConfig: func() {
				secret := require(a.client().RevealAccessKey(t.Context(),
					&engine.RevealAccessKeyInput{UserName: "alice", AccessKeyID: id})).SecretAccessKey
				e := a.engine()
				defer func() { _ = e.Close() }()
				if _, err := e.As(engine.Anonymous(engine.Circumstances{})).SignIn(t.Context(),
					&engine.SignInInput{UserName: "alice", Password: "Aa1-" + secret}); err != nil {
					t.Errorf("the ephemeral secret is not the secret of the key: %v", err)
				}
			},
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		planFails(config+`
ephemeral "iam_access_key_secret" "none" { access_key_id = "AKIAIOSFODNN7EXAMPLE" }`,
			`Access key "AKIAIOSFODNN7EXAMPLE" not found`),
	)
}
