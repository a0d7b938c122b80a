package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

const planChecksTrust = `jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", ` +
	`Principal = { AWS = [%s] }, Action = "sts:AssumeRole" }] })`

const planChecksPolicy = `jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", ` +
	`Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*" }] })`

// TestPlanChecks_AbsentReferences checks that a plan fails that names something that does not exist.
func TestPlanChecks_AbsentReferences(t *testing.T) {
	for name, tc := range map[string]struct{ config, want string }{
		"principal of a trust policy": {`resource "iam_role" "r" {
  name               = "r"
  assume_role_policy = ` + fmt.Sprintf(planChecksTrust, `"arn:aws:iam::000000000000:user/nobody"`) + `
}`, `The principal "arn:aws:iam::000000000000:user/nobody" of a trust policy does not exist`},
		"boundary": {`resource "iam_user" "u" {
  name                 = "u"
  permissions_boundary = "arn:aws:iam::000000000000:policy/absent"
}`, `The policy "[^"]*absent" that an iam_user names does not exist`},
		"attached policy": {`resource "iam_user" "v" { name = "v" }
resource "iam_user_policy_attachment" "a" {
  user       = iam_user.v.name
  policy_arn = "arn:aws:iam::000000000000:policy/absent"
}`, `The policy "[^"]*absent" that an iam_user_policy_attachment names does not exist`},
		"group": {`resource "iam_user" "v" { name = "v" }
resource "iam_user_group_membership" "m" {
  user   = iam_user.v.name
  groups = ["absent"]
}`, `The group "[^"]*absent" that an iam_user_group_membership names does not exist`},
		"members of an exclusive set": {`resource "iam_group" "g" { name = "g" }
resource "iam_group_memberships_exclusive" "m" {
  group_name = iam_group.g.name
  users      = ["absent"]
}`, `The user "[^"]*absent" that an iam_group_memberships_exclusive names does not exist`},
		"owner of a key": {`resource "iam_access_key" "k" { user = "absent" }`,
			`The user "[^"]*absent" that an iam_access_key names does not exist`},
		"owner of an inline policy": {`resource "iam_role_policy" "p" {
  role   = "absent"
  name   = "p"
  policy = ` + planChecksPolicy + `
}`, `The role "[^"]*absent" that an iam_role_policy names does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newTestAccount(t).run(planFails(tc.config, tc.want))
		})
	}
}

// TestPlanChecks_Quotas checks that a plan fails that exceeds a quota.
func TestPlanChecks_Quotas(t *testing.T) {
	for name, tc := range map[string]struct{ config, want string }{
		"attached policies": {planChecksAttachments(11), `PoliciesPerUser`},
		"access keys": {`resource "iam_user" "many" { name = "many" }
resource "iam_access_key" "k" {
  count = 3
  user  = iam_user.many.name
}`, `The user "many" would have 3 access keys`},
		"inline policies": {`resource "iam_user" "many" { name = "many" }
resource "iam_user_policy" "i" {
  count  = 2
  user   = iam_user.many.name
  name   = "i${count.index}"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow",
    Action = [for i in range(60) : "s3:GetObject${i}"], Resource = "arn:aws:s3:::a/*" }] })
}`, `Maximum policy size of 2048 bytes exceeded for user many`},
		"password": {`resource "iam_user" "many" { name = "many" }
resource "iam_user_login_profile" "l" {
  user                = iam_user.many.name
  password_wo         = "short"
  password_wo_version = 1
}`, `The password of user "many" violates the account's password policy`},
		"planned password policy": {`resource "iam_user" "many" { name = "many" }
resource "iam_account_password_policy" "p" { minimum_password_length = 30 }
resource "iam_user_login_profile" "l" {
  user                = iam_user.many.name
  password_wo         = "Long3nough!forAWS"
  password_wo_version = 1
}`, `violates the planned password policy`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newTestAccount(t).run(planFails(tc.config, tc.want))
		})
	}
}

func planChecksAttachments(count int) string {
	return fmt.Sprintf(`
resource "iam_user" "many" { name = "many" }
resource "iam_policy" "p" {
  count  = 11
  name   = "p${count.index}"
  policy = %s
}
resource "iam_user_policy_attachment" "a" {
  count      = %d
  user       = iam_user.many.name
  policy_arn = iam_policy.p[count.index].arn
}
`, planChecksPolicy, count)
}

// TestPlanChecks_LaterChanges checks that a plan passes if Terraform plans later what an earlier change needs.
func TestPlanChecks_LaterChanges(t *testing.T) {
	attach := func(label string, policy int) string {
		return fmt.Sprintf(`
resource "iam_user_policy_attachment" %q {
  user       = iam_user.many.name
  policy_arn = iam_policy.p[%d].arn
}
`, label, policy)
	}
	for range repetitions(3) {
		newTestAccount(t).run(
			apply(planChecksAttachments(9)+attach("old", 9)),
			planSucceeds(planChecksAttachments(9)+attach("new", 10)),
			planFails(planChecksAttachments(9)+attach("old", 9)+attach("new", 10), "would have 11 attached managed policies"),
		)
		newTestAccount(t).run(planSucceeds(`
resource "iam_user_group_membership" "m" {
  user   = "late"
  groups = ["later"]
}
resource "iam_user" "u" {
  name = "late"
}
resource "iam_group" "g" {
  name = "later"
}
`))
	}
}

func planSucceeds(config string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true}
}

// TestPlanChecks_RemovedReferent checks that a plan fails that removes something that a resource still names.
func TestPlanChecks_RemovedReferent(t *testing.T) {
	link := `
resource "iam_user" "u" { name = "u" }
resource "iam_user_group_membership" "m" {
  user   = iam_user.u.name
  groups = ["team"]
%s
}
`
	group := `resource "iam_group" "g" { name = "team" }`
	newTestAccount(t).run(
		apply(group+fmt.Sprintf(link, "depends_on = [iam_group.g]")),
		planFails(fmt.Sprintf(link, ""), `This plan removes the group "team", and an iam_user_group_membership still names`),
		apply(group+fmt.Sprintf(link, "depends_on = [iam_group.g]")),
	)
}

// TestPlanChecks_GonePrincipal checks that a role whose trust policy names a deleted user has no perpetual difference.
func TestPlanChecks_GonePrincipal(t *testing.T) {
	user := `resource "iam_user" "ana" { name = "ana" }`
	role := `
resource "iam_role" "r" {
  name               = "r"
  assume_role_policy = ` + fmt.Sprintf(planChecksTrust,
		`"arn:aws:iam::000000000000:user/ana", "arn:aws:iam::000000000000:root"`) + `
%s
}
`
	with := user + fmt.Sprintf(role, "depends_on = [iam_user.ana]")
	newTestAccount(t).run(
		apply(with),
		apply(fmt.Sprintf(role, "")),
		unchanged(fmt.Sprintf(role, "")),
		apply(with),
		unchanged(with),
	)
}

// TestPlanChecks_Texts checks that a plan names the tag and the character that the account would refuse.
func TestPlanChecks_Texts(t *testing.T) {
	role := `resource "iam_role" "r" {
  name               = "r"
  assume_role_policy = ` + fmt.Sprintf(planChecksTrust, `"arn:aws:iam::000000000000:root"`) + `
%s
}`
	for name, tc := range map[string]struct{ config, want string }{
		"description of a role": {fmt.Sprintf(role, `description = "Builds \u2014 and ships"`),
			`The description contains U\+2014 "—"`},
		"tag key": {`resource "iam_user" "u" {
  name = "u"
  tags = { "a#b" = "v" }
}`, `The tag key "a#b" contains U\+0023 "#"`},
		"tag value": {fmt.Sprintf(role, `tags = { k = "semi;colon" }`),
			`The value "semi;colon" of the tag "k" contains U\+003B ";"`},
		"reserved prefix": {`resource "iam_policy" "p" {
  name   = "p"
  tags   = { "aws:owner" = "x" }
  policy = ` + planChecksPolicy + `
}`, `The tag "aws:owner" has the prefix aws:`},
		"keys that differ in case": {fmt.Sprintf(role, `tags = { Env = "prod", env = "x" }`),
			`The tag keys "Env" and "env" differ only in case`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newTestAccount(t).run(planFails(tc.config, tc.want))
		})
	}
	t.Run("changed case", func(t *testing.T) {
		t.Parallel()
		newTestAccount(t).run(
			apply(fmt.Sprintf(role, `tags = { Env = "prod" }`)),
			apply(fmt.Sprintf(role, `tags = { env = "prod" }`)),
			unchanged(fmt.Sprintf(role, `tags = { env = "prod" }`)),
		)
	})
}
