package accesscheck

import (
	"fmt"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// change is a change of an account, with the expected outline of all findings.
type change struct {
	before, after []account.Change
	// checks are the checks to run, all but new_access if there are none.
	checks []Check
	want   string
}

var attachSelf = allow("iam:AttachRolePolicy", prefix+"role/ci", "")

func withTrust(name string, trust account.Document) account.Role {
	return account.Role{Name: name, Trust: trust}
}

const (
	other  = `{"AWS":"arn:aws:iam::999999999999:root"}`
	github = `{"Federated":"` + prefix + `oidc-provider/token.actions.githubusercontent.com"}`
	okta   = `{"Federated":"` + prefix + `oidc-provider/example.okta.com"}`
	saml   = `{"Federated":"` + prefix + `saml-provider/corp"}`
	oidc   = "sts:AssumeRoleWithWebIdentity"
)

func subject(operator, value string) string {
	return fmt.Sprintf(`,"Condition":{%q:{"token.actions.githubusercontent.com:sub":%q}}`, operator, value)
}

var changes = map[string]change{
	"no change": {before: []account.Change{role("ci", inline("p", attachSelf)...)},
		after: []account.Change{role("ci", inline("p", attachSelf)...)}},
	"another spelling": {before: []account.Change{role("ci", inline("p", attachSelf)...)},
		after: []account.Change{role("ci", account.InlinePolicy{Name: "p",
			Document: account.Text(`{"Statement":` + attachSelf + `, "Version":"2012-10-17"}`)})}},

	"new path": {before: []account.Change{role("ci")}, after: []account.Change{role("ci", inline("p", attachSelf)...)},
		want: "privilege_escalation ci"},
	"new principal with a path": {after: []account.Change{role("ci", inline("p", attachSelf)...)},
		want: "privilege_escalation ci"},
	"another path": {before: []account.Change{role("ci", inline("p", attachSelf)...)},
		after: []account.Change{role("ci", inline("p", allow("iam:PutRolePolicy", prefix+"role/ci", ""))...)}},
	"administrator before": {
		before: []account.Change{account.Role{Name: "ci", Trust: role("").Trust, Attached: []string{adminARN}}},
		after:  []account.Change{role("ci", inline("p", attachSelf)...)}},
	"path by the trust of another role": {
		before: []account.Change{account.User{Name: "x", Inline: inline("p", allow("sts:AssumeRole", "*", ""))},
			account.Role{Name: "admin", Trust: role("").Trust, Attached: []string{adminARN}}},
		after: []account.Change{account.User{Name: "x", Inline: inline("p", allow("sts:AssumeRole", "*", ""))},
			account.Role{Name: "admin", Trust: trusts(`{"AWS":"`+accountID+`"}`, "sts:AssumeRole", ""),
				Attached: []string{adminARN}}},
		want: "privilege_escalation x"},
	"denial removed": {before: []account.Change{role("ci", inline("p", attachSelf, deny("iam:*", "*"))...)},
		after: []account.Change{role("ci", inline("p", attachSelf)...)}, want: "privilege_escalation ci"},
	"removed principal": {before: []account.Change{role("ci", inline("p", attachSelf)...)}},

	"administrator": {before: []account.Change{role("ci")},
		after: []account.Change{role("ci", inline("p", allow("*", "*", ""))...)}, want: "admin_grant ci"},
	"administrator after a path": {before: []account.Change{role("ci", inline("p", attachSelf)...)},
		after: []account.Change{role("ci", inline("p", allow("*", "*", ""))...)}, want: "admin_grant ci"},
	"administrator by a group": {
		before: []account.Change{account.Group{Name: "admins", Attached: []string{adminARN}}, account.User{Name: "x"}},
		after: []account.Change{account.Group{Name: "admins", Attached: []string{adminARN}},
			account.User{Name: "x", Groups: []string{"admins"}}}, want: "admin_grant x"},

	"public": {before: []account.Change{role("r")},
		after: []account.Change{withTrust("r", trusts(`"*"`, "sts:AssumeRole", ""))}, want: "public_trust r"},
	"public with an external id": {before: []account.Change{role("r")},
		after: []account.Change{withTrust("r", trusts(`{"AWS":"*"}`, "sts:AssumeRole",
			`,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`))}, want: "public_trust r"},
	"public before": {before: []account.Change{withTrust("r", trusts(`"*"`, "sts:AssumeRole", ""))},
		after: []account.Change{withTrust("r", trusts(`{"AWS":"*"}`, "sts:AssumeRole",
			`,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`))}},
	"everybody of an organization": {before: []account.Change{role("r")},
		after: []account.Change{withTrust("r", trusts(`"*"`, "sts:AssumeRole",
			`,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`))}, want: "cross_account_trust r"},
	"any identity provider": {after: []account.Change{withTrust("r", trusts(`"*"`, oidc, ""))}, want: "public_trust r"},
	"GitHub without a subject": {after: []account.Change{withTrust("r", trusts(github, oidc,
		`,"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`))},
		want: "public_trust r"},
	"GitHub with any subject": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringLike", "repo:*")))}, want: "public_trust r"},
	"GitHub with any repository": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringLike", "repo:*:ref:refs/heads/main")))}, want: "public_trust r"},
	"GitHub with the wrong operator": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringNotEquals", "repo:me/app:ref:refs/heads/main")))}, want: "public_trust r"},
	"GitHub if the subject exists": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringEqualsIfExists", "repo:me/app:ref:refs/heads/main")))}, want: "cross_account_trust r"},
	"GitHub with an owner": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringLike", "repo:me/*")))}, want: "cross_account_trust r"},
	"GitHub with owners by wildcard": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringLike", "repo:m*/app:*")))}, want: "public_trust r"},
	"GitHub with an owner that is not ended": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringLike", "repo:me*")))}, want: "public_trust r"},
	"GitHub with a subject that every customer can have": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringEquals", "environment:production")))}, want: "public_trust r"},
	"GitHub with an owner that is known after apply": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringEquals", "repo:${terraform:var.owner}/app:ref:refs/heads/main")))}, want: "cross_account_trust r"},
	"GitHub with wildcards that may be known after apply": {after: []account.Change{withTrust("r", trusts(github, oidc,
		subject("StringLike", "repo:${terraform:var.owner}/app:*")))}, want: "cross_account_trust r, public_trust r?"},
	"GitHub alone": {checks: []Check{CrossAccountTrust}, after: []account.Change{withTrust("r", trusts(github, oidc, ""))},
		want: "cross_account_trust r"},
	"public alone": {checks: []Check{CrossAccountTrust}, want: "cross_account_trust r",
		after: []account.Change{withTrust("r", trusts(`"*"`, "sts:AssumeRole", ""))}},
	"organization that is known after apply": {before: []account.Change{role("r")},
		after: []account.Change{withTrust("r", trusts(`"*"`, "sts:AssumeRole",
			`,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"${terraform:data.aws_organizations_organization.o.id}"}}`))},
		want: "cross_account_trust r"},
	"GitHub by everyone": {after: []account.Change{withTrust("r", trusts(`"*"`, oidc,
		subject("StringLike", "repo:*")))}, want: "public_trust r"},
	"GitLab without a group": {after: []account.Change{withTrust("r", trusts(`{"Federated":"`+prefix+
		`oidc-provider/gitlab.com"}`, oidc, `,"Condition":{"StringLike":{"gitlab.com:sub":"project_path:*"}}`))},
		want: "public_trust r"},
	"Cognito without a pool": {after: []account.Change{withTrust("r", trusts(
		`{"Federated":"cognito-identity.amazonaws.com"}`, oidc, ""))}, want: "public_trust r"},
	"Cognito with a pool": {after: []account.Change{withTrust("r", trusts(
		`{"Federated":"cognito-identity.amazonaws.com"}`, oidc,
		`,"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-west-1:pool"}}`))},
		want: "cross_account_trust r"},
	"GitHub loses its subject": {
		before: []account.Change{withTrust("r", trusts(github, oidc, subject("StringLike", "repo:me/*")))},
		after:  []account.Change{withTrust("r", trusts(github, oidc, ""))}, want: "public_trust r"},

	"own identity provider": {after: []account.Change{withTrust("r", trusts(okta, oidc, ""))},
		want: "cross_account_trust r"},
	"SAML": {after: []account.Change{withTrust("r", trusts(saml, "sts:AssumeRoleWithSAML", ""))},
		want: "cross_account_trust r"},
	"another account": {before: []account.Change{role("r")},
		after: []account.Change{withTrust("r", trusts(other, "sts:AssumeRole", ""))}, want: "cross_account_trust r"},
	"two principals": {before: []account.Change{role("r")},
		after: []account.Change{withTrust("r", trusts(`{"AWS":["999999999999","arn:aws:iam::888888888888:role/x"]}`,
			"sts:AssumeRole", ""))}, want: "cross_account_trust r, cross_account_trust r"},
	"another one of two": {before: []account.Change{withTrust("r", trusts(other, "sts:AssumeRole", ""))},
		after: []account.Change{withTrust("r", trusts(`{"AWS":["999999999999","888888888888"]}`, "sts:AssumeRole", ""))},
		want:  "cross_account_trust r"},
	"another service": {before: []account.Change{role("r")},
		after: []account.Change{withTrust("r", trusts(`{"Service":"ec2.amazonaws.com"}`, "sts:AssumeRole", ""))}},
	"own account": {before: []account.Change{role("r")},
		after: []account.Change{withTrust("r", trusts(`{"AWS":"`+accountID+`"}`, "sts:AssumeRole", ""))}},
	"external id lost": {
		before: []account.Change{withTrust("r", trusts(other, "sts:AssumeRole",
			`,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`))},
		after: []account.Change{withTrust("r", trusts(other, "sts:AssumeRole", ""))}, want: "cross_account_trust r"},
	"external id added": {
		before: []account.Change{withTrust("r", trusts(other, "sts:AssumeRole", ""))},
		after: []account.Change{withTrust("r", trusts(other, "sts:AssumeRole",
			`,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`))}},
	"another role of the account": {
		before: []account.Change{withTrust("r", trusts(other, "sts:AssumeRole",
			`,"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::999999999999:role/a"}}`))},
		after: []account.Change{withTrust("r", trusts(other, "sts:AssumeRole",
			`,"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::999999999999:role/b"}}`))},
		want: "cross_account_trust r"},

	"new class": {before: []account.Change{role("ci")}, checks: []Check{NewAccess},
		after: []account.Change{role("ci", inline("p", allow("s3:GetObject", "*", ""), allow("s3:PutObject", "*", ""))...)},
		want:  "new_access ci, new_access ci"},
	"new role to assume": {checks: []Check{NewAccess},
		before: []account.Change{role("ci"), role("a"), role("b")},
		after: []account.Change{role("ci"), withTrust("a", trusts(`{"AWS":"`+prefix+`role/ci"}`, "sts:AssumeRole", "")),
			withTrust("b", trusts(`{"AWS":"`+prefix+`role/ci"}`, "sts:AssumeRole", ""))},
		want: "new_access ci"},
	"lost access": {before: []account.Change{role("ci", inline("p", allow("s3:GetObject", "*", ""))...)},
		checks: []Check{NewAccess}, after: []account.Change{role("ci")}},

	"unknown inline policy": {before: []account.Change{role("ci")},
		after: []account.Change{account.Role{Name: "ci", Trust: role("").Trust, Unknown: account.Unknown{Inline: true}}},
		want:  "privilege_escalation ci?, admin_grant ci?"},
	"unknown trust policy": {before: []account.Change{role("r")},
		after: []account.Change{withTrust("r", account.Tree(tree.Node{Kind: tree.Unknown}))},
		want:  "public_trust r?, cross_account_trust r?"},
	"path to a role that is known after apply": {before: []account.Change{role("ci")},
		after: []account.Change{role("ci", inline("p", allow("iam:AttachRolePolicy",
			prefix+"role/${terraform:random_pet.name.id}", ""))...)}, want: "privilege_escalation ci?"},
	"trust that is known after apply": {
		before: []account.Change{role("admin", inline("p", allow("*", "*", ""))...)},
		after: []account.Change{account.Role{Name: "admin", Inline: inline("p", allow("*", "*", "")),
			Trust: trusts(`{"AWS":"`+accountID+`"}`, "sts:AssumeRole",
				`,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"${terraform:random_pet.name.id}"}}`)}},
		want: "privilege_escalation admin?"},
	"bucket that is known after apply": {before: []account.Change{role("ci")}, checks: []Check{NewAccess},
		after: []account.Change{role("ci", inline("p", allow("s3:PutObject", "arn:aws:s3:::${terraform:aws_s3_bucket.b.id}/*",
			""))...)}, want: "new_access ci"},
	"unknown owner": {before: []account.Change{role("ci")},
		after: []account.Change{role("ci"), account.Pending{Key: "a", To: account.RoleKind,
			Inline: inline("p", attachSelf)}}, want: "privilege_escalation ci?"},
}

var withoutGains = []Check{PrivilegeEscalation, AdminGrant, PublicTrust, CrossAccountTrust}

func (c *change) accounts(t testing.TB) (before, after *account.Account) {
	return newAccount(t, c.before...), newAccount(t, c.after...)
}

func TestFind_Changes(t *testing.T) {
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			before, after := test.accounts(t)
			checks := test.checks
			if checks == nil {
				checks = withoutGains
			}
			r := find(t, before, after, checks...)
			if got := outline(r); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			for i := range r.Findings {
				f := &r.Findings[i]
				kind := "role"
				if strings.Contains(f.Principal, ":user/") {
					kind = "user"
				}
				if want := fmt.Sprintf("%s/%s/%s/", f.Check, kind, account.NameOf(f.Principal)); !strings.HasPrefix(f.ID, want) ||
					len(f.ID) != len(want)+16 {
					t.Errorf("got the id %s, want %s and a digest", f.ID, want)
				}
				if f.Summary == "" || len(f.Causes) == 0 {
					t.Errorf("%s has no summary or no cause: %+v", f.ID, f)
				}
				t.Log(f.ID, f.Summary, f.Details, f.Causes)
			}
			for _, o := range r.Open {
				t.Log(o)
			}
		})
	}
}

func TestFind_NothingWithoutChange(t *testing.T) {
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			_, after := test.accounts(t)
			_, again := test.accounts(t)
			if r := find(t, after, after); len(r.Findings)+len(r.Open) > 0 {
				t.Errorf("the same account: got %s", outline(r))
			}
			if r := find(t, after, again); len(r.Findings) > 0 {
				t.Errorf("an equal account: got %s", outline(r))
			}
		})
	}
}
