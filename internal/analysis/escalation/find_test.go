package escalation

import (
	"context"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// userWith returns the user x with statements.
func userWith(statements ...string) account.User {
	return account.User{Name: "x", Inline: inline(statements...)}
}

func withBoundary(u account.User, arn string) account.User { u.Boundary = arn; return u }
func withGroups(u account.User, groups ...string) account.User {
	u.Groups = groups
	return u
}
func withAttached(u account.User, arns ...string) account.User { u.Attached = arns; return u }
func withTags(u account.User, key, value string) account.User {
	u.Tags = []account.Tag{{Key: key, Value: value}}
	return u
}

const (
	limit   = prefix + "policy/limit"
	mfaOnly = `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
)

// limitPolicy is a boundary that leaves only IAM.
func limitPolicy(statements ...string) account.Policy {
	return managed("limit", doc(append([]string{allow("iam:*", "*", "")}, statements...)...))
}

func TestFind_Steps(t *testing.T) {
	all := allow("*", "*", "")
	lists := func(changes ...account.Change) []account.Change { return changes }
	noUserY := deny("iam:CreateAccessKey", userY, "")
	for _, test := range []struct {
		name    string
		changes []account.Change
		want    string // empty if there is no path
	}{
		// Permissions boundaries.
		{"boundary deleted", lists(limitPolicy(), withBoundary(userWith(all), limit)), "x iam:DeleteUserPermissionsBoundary"},
		{"boundary put", lists(limitPolicy(deny("iam:DeleteUserPermissionsBoundary", "*", "")),
			withBoundary(userWith(all), limit)), "x iam:PutUserPermissionsBoundary"},
		{"boundary rewritten", lists(limitPolicy(deny("iam:*Boundary", "*", "")), withBoundary(userWith(all), limit)),
			"x iam:CreatePolicyVersion"},
		{"boundary holds", lists(limitPolicy(deny("iam:*Boundary", "*", ""), deny("iam:*PolicyVersion", "*", "")),
			withBoundary(userWith(all), limit)), ""},
		{"grant within the boundary", lists(managed("limit", doc(allow("iam:PutUserPolicy", "*", ""), allow("s3:*", "*",
			""))),
			withBoundary(userWith(allow("iam:PutUserPolicy", "*", "")), limit)), ""},
		{"role of another with a boundary", lists(limitPolicy(), account.Role{Name: "y", Trust: trustsUser, Boundary: limit},
			userWith(allow("iam:PutRolePolicy", "*", ""), allow("iam:DeleteRolePermissionsBoundary", "*", ""))),
			"x sts:AssumeRole, x iam:PutRolePolicy, x iam:DeleteRolePermissionsBoundary"},
		{"delegation that requires a boundary", lists(limitPolicy(),
			userWith(allow("iam:PutUserPolicy", "*", `,"Condition":{"StringEquals":{"iam:PermissionsBoundary":"`+limit+`"}}`),
				allow("iam:CreateAccessKey", "*", "")),
			account.User{Name: "y"}), ""},
		// Denials.
		{"deny detached", lists(managed("no", doc(deny("s3:*", "*", ""), deny("iam:Put*", "*", ""))),
			withAttached(userWith(all), prefix+"policy/no")), "x iam:DetachUserPolicy"},
		{"deny deleted", lists(withAttached(userWith(deny("iam:Put*", "*", "")), admin)), "x iam:DeleteUserPolicy"},
		{"deny of a group", lists(account.Group{Name: "g", Inline: inline(deny("iam:Put*", "*", ""))},
			withGroups(userWith(all), "g")), "x iam:DeleteGroupPolicy"},
		{"group left", lists(account.Group{Name: "g", Inline: inline(deny("iam:Put*", "*", ""), deny("iam:DeleteGroupPolicy",
			"*", ""))}, withGroups(userWith(all), "g")), "x iam:RemoveUserFromGroup"},
		{"deny holds", lists(withAttached(userWith(deny("iam:*", "*", "")), admin)), ""},
		{"grant and then the denial", lists(withAttached(userWith(allow("iam:*", "*", ""), deny("s3:*", "*", ""),
			deny("iam:CreateAccessKey", "*", ""))), account.User{Name: "z"}),
			"x iam:PutUserPolicy, x iam:DeleteUserPolicy"},
		// Keys, passwords and MFA.
		{"key reactivated", append(administratorY, userWith(allow("iam:UpdateAccessKey", userY, ""))),
			"x iam:UpdateAccessKey"},
		{"user without MFA", lists(account.User{Name: "y", Inline: inline(allow("*", "*", mfaOnly))},
			userWith(allow("iam:CreateAccessKey", userY, ""))), ""},
		{"MFA device added", lists(account.User{Name: "y", Inline: inline(allow("*", "*", mfaOnly))},
			userWith(allow("iam:CreateAccessKey", userY, ""), allow("iam:CreateVirtualMFADevice", "*", ""),
				allow("iam:EnableMFADevice", userY, ""))),
			"x iam:CreateAccessKey, x iam:CreateVirtualMFADevice, x iam:EnableMFADevice"},
		{"own MFA", lists(userWith(allow("iam:PutUserPolicy", "*", mfaOnly))), "x iam:PutUserPolicy"},
		{"MFA in a chain", lists(account.User{Name: "y"}, account.Role{Name: "y", Attached: []string{admin},
			Trust: account.Text(strings.Replace(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+
				userY+`"},"Action":"sts:AssumeRole"MFA}]}`, "MFA", mfaOnly, 1))},
			userWith(allow("iam:CreateAccessKey", userY, ""))), ""},
		// Groups and policies.
		{"join and change a group", lists(account.Group{Name: "g"},
			userWith(allow("iam:AddUserToGroup", "*", ""), allow("iam:PutGroupPolicy", "*", ""))),
			"x iam:AddUserToGroup, x iam:PutGroupPolicy"},
		{"group that also denies", lists(account.Group{Name: "g", Attached: []string{admin},
			Inline: inline(deny("s3:DeleteBucket", "*", ""))}, userWith(allow("iam:AddUserToGroup", "*", ""))),
			"x iam:AddUserToGroup"},
		{"older version", lists(managed("p", doc(all), doc(allow("s3:*", "*", ""))),
			withAttached(userWith(allow("iam:SetDefaultPolicyVersion", policyP, "")), policyP)),
			"x iam:SetDefaultPolicyVersion"},
		{"older version of another policy", lists(managed("p", doc(all), doc(allow("s3:*", "*", ""))),
			userWith(allow("iam:SetDefaultPolicyVersion", policyP, ""))), ""},
		{"too many versions", lists(managed("p", doc(all), doc(all), doc(all), doc(all), doc(allow("s3:*", "*", ""))),
			withAttached(userWith(allow("iam:CreatePolicyVersion", policyP, "")), policyP)), ""},
		{"a version deleted first", lists(managed("p", doc(deny("s3:*", "*", "")), doc(deny("s3:*", "*", "")),
			doc(deny("s3:*", "*", "")), doc(deny("s3:*", "*", "")), doc(allow("s3:*", "*", ""))),
			withAttached(userWith(allow("iam:*PolicyVersion", policyP, "")), policyP)),
			"x iam:DeletePolicyVersion, x iam:CreatePolicyVersion"},
		{"only some policies", lists(managed("boss", doc(all)), harmless, userWith(allow("iam:AttachUserPolicy", userX,
			`,"Condition":{"ArnLike":{"iam:PolicyARN":"`+prefix+`policy/*"}}`))), "x iam:AttachUserPolicy"},
		// Roles and identity providers.
		{"chain", lists(userWith(), account.Role{Name: "y", Trust: trustsUser, Inline: inline(allow("iam:CreateAccessKey",
			"*", ""))}, account.User{Name: "y", Attached: []string{admin}}), "x sts:AssumeRole, y iam:CreateAccessKey"},
		{"service-linked role", lists(userWith(allow("iam:UpdateAssumeRolePolicy", "*", "")), account.Role{Name: "y",
			Path: "/aws-service-role/ec2.amazonaws.com/", Trust: trustsEC2, Attached: []string{admin}}), ""},
		{"role of Identity Center", lists(userWith(allow("iam:UpdateAssumeRolePolicy", "*", "")), account.Role{Name: "y",
			Path: "/aws-reserved/sso.amazonaws.com/", Trust: trustsEC2, Attached: []string{admin}}), ""},
		{"SAML provider changed", lists(userWith(allow("iam:UpdateSAMLProvider", "*", "")), roleOf(trusts(
			`{"Federated":"`+prefix+`saml-provider/corp"}`, "sts:AssumeRoleWithSAML"), admin)),
			"x iam:UpdateSAMLProvider, provider sts:AssumeRoleWithSAML"},
		{"client added to a provider", lists(userWith(allow("iam:AddClientIDToOpenIDConnectProvider", "*", "")),
			roleOf(trusts(
				`{"Federated":"`+prefix+`oidc-provider/id.example.com"}`, "sts:AssumeRoleWithWebIdentity"), admin)),
			"x iam:AddClientIDToOpenIDConnectProvider, provider sts:AssumeRoleWithWebIdentity"},
		{"provider of nothing", lists(userWith(allow("iam:UpdateSAMLProvider", "*", "")), roleOf(trusts(
			`{"Federated":"`+prefix+`saml-provider/corp"}`, "sts:AssumeRoleWithSAML"))), ""},
		// Services.
		{"role passed", lists(userWith(allow("iam:PassRole", roleY, ""), allow("ec2:RunInstances", "*", "")),
			roleOf(trustsEC2, admin)), "x iam:PassRole, x ec2:RunInstances"},
		{"role passed to another service", lists(userWith(allow("iam:PassRole", roleY,
			`,"Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}`), allow("ec2:RunInstances", "*", "")),
			roleOf(trustsEC2, admin)), ""},
		{"service that is not trusted", lists(userWith(allow("iam:PassRole", roleY, ""), allow("lambda:*", "*", "")),
			roleOf(trustsEC2, admin)), ""},
		{"resource of a service", lists(userWith(allow("iam:PassRole", roleY, ""),
			allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*", "")), roleOf(trustsEC2, admin)),
			"x iam:PassRole, x ec2:RunInstances"},
		{"resource of another service", lists(userWith(allow("iam:PassRole", roleY, ""),
			allow("ec2:RunInstances", "arn:aws:s3:::x", "")), roleOf(trustsEC2, admin)), ""},
		// Tags.
		{"own tag", lists(userWith(allow("iam:TagUser", userX, ""), allow("iam:PutUserPolicy", "*",
			`,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"admins"}}`))), "x iam:TagUser, x iam:PutUserPolicy"},
		{"own tag that is replaced", lists(withTags(userWith(allow("iam:TagUser", userX, ""), allow("iam:PutUserPolicy", "*",
			`,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"admins"}}`)), "team", "dev")),
			"x iam:TagUser, x iam:PutUserPolicy"},
		{"tag that may not be set", lists(userWith(allow("iam:TagUser", userX,
			`,"Condition":{"StringNotEquals":{"aws:RequestTag/team":"admins"}}`), allow("iam:PutUserPolicy", "*",
			`,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"admins"}}`))), ""},
		{"tag of a target", append(administratorY, userWith(allow("iam:TagUser", "*", ""), allow("iam:CreateAccessKey", "*",
			`,"Condition":{"StringEquals":{"aws:ResourceTag/owner":"x"}}`))), "x iam:TagUser, x iam:CreateAccessKey"},
		{"tag of a trusted principal", lists(userWith(allow("iam:TagUser", userX, "")), account.Role{Name: "y",
			Attached: []string{admin}, Trust: account.Text(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
				`"Principal":{"AWS":"` + userX + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":` +
				`{"aws:PrincipalTag/team":"admins"}}}]}`)}), "x iam:TagUser, x sts:AssumeRole"},
		{"session tags are not the role's", lists(userWith(allow("sts:AssumeRole", "*", "")), account.Role{Name: "y",
			Trust: account.Text(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + userX +
				`"},"Action":["sts:AssumeRole","sts:TagSession"]}]}`),
			Inline: inline(allow("*", "*", `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"admins"}}`))}), ""},
		// Keys that a request does not have.
		{"key of another service", lists(userWith(allow("*", "*", `,"Condition":{"StringEquals":{"s3:prefix":"x"}}`))), ""},
		{"key of the environment", lists(userWith(allow("iam:PutUserPolicy", "*",
			`,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`))), "x iam:PutUserPolicy"},
		{"region of IAM", lists(userWith(allow("iam:PutUserPolicy", "*",
			`,"Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`))), "x iam:PutUserPolicy"},
		{"other region", lists(userWith(allow("iam:PutUserPolicy", "*",
			`,"Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`))), ""},
		{"other account", lists(userWith(allow("iam:PutUserPolicy", "*",
			`,"Condition":{"StringNotEquals":{"aws:ResourceAccount":"123456789012"}}`))), ""},
		{"deny of a target", append(administratorY, userWith(allow("iam:CreateAccessKey", "*", ""), noUserY)), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := find(t, newAccount(t, test.changes...), "user/x", Administrator())
			got := ""
			if len(r.Paths) > 0 {
				got = outline(&r.Paths[0])
			}
			if got != test.want || len(r.Already)+len(r.Open) > 0 {
				t.Errorf("found %s, want %q", describeResult(r), test.want)
			}
			for i := range r.Paths {
				checkPath(t, &r.Paths[i])
			}
		})
	}
}

// checkPath checks that a path says everything about its steps.
func checkPath(t *testing.T, p *Path) {
	t.Helper()
	for _, s := range p.Steps {
		if s.Result == "" {
			t.Errorf("a step of %s has no result", outline(p))
		}
		for _, r := range s.Requests {
			if len(r.Statements) == 0 {
				t.Errorf("no statement allows %s", r.Action)
			}
		}
	}
}

func TestFind_PathDetails(t *testing.T) {
	acc := newAccount(t, userWith(allow("iam:CreateAccessKey", userY, mfaOnly), allow("iam:DeleteAccessKey", userY, "")),
		account.User{Name: "y", Attached: []string{admin}})
	r := find(t, acc, "user/x", Administrator())
	if len(r.Paths) != 1 || len(r.Paths[0].Steps) != 1 {
		t.Fatal(describeResult(r))
	}
	p := r.Paths[0]
	step := p.Steps[0]
	request := step.Requests[0]
	if p.From.String() != userX || p.Reaches.String() != userY || step.Actor.String() != userX ||
		step.Result != "has credentials of the user y" || request.Resource != userY ||
		len(request.If) != 1 || request.If[0].String() != `aws:MultiFactorAuthPresent is "true"` ||
		request.Statements[0].Policy != "inline policy own of user x" || request.Statements[0].Index != 0 {
		t.Errorf("path %+v", p)
	}
	if step.Assumes != "The user y has fewer than two access keys, "+
		"or the actor deletes one of them first, which iam:DeleteAccessKey allows" {
		t.Errorf("the step assumes %q", step.Assumes)
	}
}

func TestFind_Targets(t *testing.T) {
	acc := newAccount(t, userWith(allow("sts:AssumeRole", "*", "")),
		account.Role{Name: "y", Trust: trustsAccount, Inline: inline(allow("s3:GetObject", "arn:aws:s3:::data/*", ""),
			allow("sts:AssumeRole", "*", ""))},
		account.Role{Name: "z", Trust: trusts(`{"AWS":"`+roleY+`"}`, "sts:AssumeRole")})
	z, err := acc.Principal(prefix + "role/z")
	if err != nil {
		t.Fatal(err)
	}
	get := authz.MustAction("s3:GetObject")
	for _, test := range []struct {
		target Target
		want   string
	}{
		{Administrator(), "[]"},
		{Principal(z), "[x sts:AssumeRole, y sts:AssumeRole]"},
		{Access(get, "arn:aws:s3:::data/1"), "[x sts:AssumeRole]"},
		{Access(get, "arn:aws:s3:::other/1"), "[]"},
	} {
		if got := describeResult(find(t, acc, "user/x", test.target)); got != test.want {
			t.Errorf("%s: %s, want %s", test.target, got, test.want)
		}
	}
	if got := describeResult(find(t, acc, "role/y", Access(get, "arn:aws:s3:::data/1"))); got != "[already "+roleY+"]" {
		t.Errorf("the role: %s", got)
	}
}

func TestFind_Unknown(t *testing.T) {
	acc := newAccount(t, account.User{Name: "x", Unknown: account.Unknown{Attached: true}},
		account.User{Name: "y", Attached: []string{prefix + "policy/missing"}})
	if r := find(t, acc, "user/x", Administrator()); len(r.Open) == 0 || len(r.Paths)+len(r.Already) > 0 {
		t.Errorf("unknown policies: %s", describeResult(r))
	}
	if r := find(t, acc, "user/y", Administrator()); len(r.Open) != 1 || !strings.Contains(r.Open[0].Reason, "missing") {
		t.Errorf("missing policy: %s", describeResult(r))
	}
}

func TestFind_EveryPrincipal(t *testing.T) {
	acc := newAccount(t, account.User{Name: "a", Attached: []string{admin}}, userWith(allow("iam:PutUserPolicy", userX,
		"")),
		account.User{Name: "z"}, account.Role{Name: "r", Trust: trustsEC2, Inline: inline(allow("iam:CreateAccessKey", "*",
			""))},
		account.Role{Name: "s", Path: "/aws-service-role/x/", Trust: trustsEC2, Attached: []string{admin}})
	var calls []int
	r, err := Find(t.Context(), acc, Options{Progress: func(done, total int) { calls = append(calls, done, total) }})
	if err != nil {
		t.Fatal(err)
	}
	if got := describeResult(r); got != "[already "+prefix+"user/a; x iam:PutUserPolicy; r iam:CreateAccessKey]" {
		t.Error(got)
	}
	if len(calls) != 8 || calls[6] != 4 || calls[7] != 4 {
		t.Errorf("progress %v", calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, acc, Options{}); err == nil {
		t.Error("no error after a cancellation")
	}
}
