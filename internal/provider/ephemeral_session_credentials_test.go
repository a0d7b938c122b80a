package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// TestSessionCredentialsEphemeral_WaitsForPlannedRole assumes a role that the same plan creates. The ARN of the role is
// known in the plan, so Terraform opens the ephemeral resource then, but the session must begin in apply.
func TestSessionCredentialsEphemeral_WaitsForPlannedRole(t *testing.T) {
	a := newTestAccount(t)
	const user = `
resource "iam_user" "u" { name = "alice" }
resource "iam_user" "v" { name = "bob" }
resource "iam_access_key" "k" { user = iam_user.u.name }
`
	session := func(trusted, more string) string {
		return user + fmt.Sprintf(`
resource "iam_role" "r" {
  name               = "deploy"
  assume_role_policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Principal = { AWS = iam_user.%s.arn },
      Action = ["sts:AssumeRole", "sts:TagSession"] }] })
}
ephemeral "iam_session_credentials" "c" {
  role_arn         = iam_role.r.arn
  as_access_key_id = iam_access_key.k.id
  %s
}
resource "iam_user_login_profile" "p" {
  user                = iam_user.v.name
  password_wo         = "Aa1-${ephemeral.iam_session_credentials.c.secret_access_key}"
  password_wo_version = 1
}`, trusted, more)
	}
	a.run(
		apply(user),
		apply(session("u", `tags = { team = "payments" }`)),
		resource.TestStep{
			PreConfig: func() {
				e := a.engine()
				defer func() { _ = e.Close() }()
				var sessionTags []string
				for link, err := range engine.AuditRecords(t.Context(),
					e.As(engine.LocalOperator("tester", engine.Circumstances{})),
					&engine.ListAuditRecordsInput{EventName: "AssumeRole"}) {
					if err != nil {
						t.Fatal(err)
					}
					if event := require(audit.Decode(link.Body)); event.ErrorCode == "" {
						sessionTags = append(sessionTags, fmt.Sprint(event.RequestParameters["tags"]))
					}
				}
				if len(sessionTags) == 0 || !strings.Contains(sessionTags[0], "payments") {
					t.Errorf("the tags of the sessions are %q, want one with the team payments", sessionTags)
				}
			},
			// The role trusts bob, and the key belongs to alice.
			Config: session("v", ""), ExpectError: wrappedPattern(`Assuming .*role/deploy failed.*AccessDenied`),
		},
	)
}
