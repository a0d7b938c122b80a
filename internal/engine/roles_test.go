package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func TestGetRole_Output(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	boundary := createAllowAllPolicy(t, c, "limit")
	const trust = "{\n  \"Version\": \"2008-10-17\",\n  \"Statement\": [ " +
		`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}` + " ]\n}"
	created := must(c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("Deploy"), Path: aws.String("/ci/"), AssumeRolePolicyDocument: aws.String(trust),
		Description:        aws.String("deploys"),
		MaxSessionDuration: aws.Int32(7200), PermissionsBoundary: &boundary, Tags: tagsOf("team=red"),
	})).Role
	if *created.Arn != "arn:aws:iam::000000000000:role/ci/Deploy" ||
		decodeDocument(t, created.AssumeRolePolicyDocument) != trust || showTags(created.Tags) != "team=red" ||
		*created.PermissionsBoundary.PermissionsBoundaryArn != boundary || created.MaxSessionDuration != nil ||
		created.Description != nil || created.RoleLastUsed != nil {
		t.Errorf("CreateRole returned %+v", created)
	}
	got := must(c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("deploy")})).Role
	if *got.Description != "deploys" || *got.MaxSessionDuration != 7200 || showTags(got.Tags) != "team=red" ||
		got.PermissionsBoundary == nil ||
		got.RoleLastUsed == nil || got.RoleLastUsed.LastUsedDate != nil || got.RoleLastUsed.Region != nil {
		t.Errorf("GetRole returned %+v", got)
	}
	used := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	writeStore(t, e, func(tx store.Tx) error { return tx.SetRoleLastUsed(*created.RoleId, used, "us-east-1") })
	if got := must(c.GetRole(ctx,
		&iam.GetRoleInput{RoleName: aws.String("deploy")})).Role.RoleLastUsed; !got.LastUsedDate.Equal(used) ||
		*got.Region != "us-east-1" {
		t.Errorf("got last use %+v", got)
	}
	listed := must(c.ListRoles(ctx, nil)).Roles[0]
	if listed.RoleLastUsed != nil || listed.Tags != nil || listed.PermissionsBoundary != nil ||
		*listed.Description != "deploys" || *listed.MaxSessionDuration != 7200 ||
		decodeDocument(t, listed.AssumeRolePolicyDocument) != trust {
		t.Errorf("ListRoles returned %+v", listed)
	}
	must(c.CreateRole(ctx,
		&iam.CreateRoleInput{RoleName: aws.String("plain"), AssumeRolePolicyDocument: aws.String(trustEC2)}))
	if plain := must(c.GetRole(ctx,
		&iam.GetRoleInput{RoleName: aws.String("plain")})).Role; *plain.MaxSessionDuration != 3600 || plain.Tags != nil ||
		plain.Description != nil {
		t.Errorf("for a role without optional members, GetRole returned %+v", plain)
	}
	profiles := must(c.ListInstanceProfilesForRole(ctx,
		&iam.ListInstanceProfilesForRoleInput{RoleName: aws.String("plain")}))
	if profiles.InstanceProfiles == nil || len(profiles.InstanceProfiles) > 0 || profiles.IsTruncated {
		t.Errorf("got instance profiles %+v, want an empty list", profiles)
	}
	_, err := c.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: aws.String("none")})
	wantError(t, err, "NoSuchEntity", "The role with name none cannot be found.")
}

func TestUpdateRole_ChangesGivenMembersOnly(t *testing.T) {
	t.Parallel()
	c, ctx := operator(newTestEngine(t)), t.Context()
	must(c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(trustEC2), Description: aws.String("old"),
		MaxSessionDuration: aws.Int32(7200),
	}))
	show := func() string {
		role := must(c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("r")})).Role
		return fmt.Sprintf("%q %d", aws.ToString(role.Description), *role.MaxSessionDuration)
	}
	for _, step := range []struct {
		in   iam.UpdateRoleInput
		want string
	}{
		{iam.UpdateRoleInput{}, `"old" 7200`},
		{iam.UpdateRoleInput{MaxSessionDuration: aws.Int32(3600)}, `"old" 3600`},
		{iam.UpdateRoleInput{Description: aws.String("new")}, `"new" 3600`},
		{iam.UpdateRoleInput{Description: aws.String("")}, `"" 3600`},
	} {
		step.in.RoleName = aws.String("r")
		must(c.UpdateRole(ctx, &step.in))
		if got := show(); got != step.want {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
	updated := must(c.UpdateRoleDescription(ctx,
		&iam.UpdateRoleDescriptionInput{RoleName: aws.String("R"), Description: aws.String("last")})).Role
	if *updated.Description != "last" || *updated.RoleName != "r" || show() != `"last" 3600` {
		t.Errorf("got %s and %s", *updated.Description, show())
	}
	missing := "NoSuchEntity: The role with name none cannot be found."
	wantOutcome(t, errorOf(c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: aws.String("none")})), missing)
	wantOutcome(t,
		errorOf(c.UpdateRoleDescription(ctx,
			&iam.UpdateRoleDescriptionInput{RoleName: aws.String("none"), Description: aws.String("")})), missing)
	wantOutcome(t,
		errorOf(c.UpdateAssumeRolePolicy(ctx,
			&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("none"), PolicyDocument: aws.String(trustEC2)})), missing)
}

func TestServiceLinkedRole_RefusesChanges(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	arn := createAllowAllPolicy(t, c, "p")
	_, err := c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("AWSServiceRoleForECS"), Path: aws.String("/aws-service-role/ecs.amazonaws.com/"),
		AssumeRolePolicyDocument: aws.String(trustEC2),
	})
	wantError(t, err, "InvalidInput", "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles")

	writeStore(t, e, func(tx store.Tx) error {
		return tx.InsertIdentity(store.Identity{
			Kind: store.Role, ID: credential.NewID("AROA"), Path: "/aws-service-role/ecs.amazonaws.com/",
			Name:    "AWSServiceRoleForECS",
			Created: e.now(), Trust: trustEC2, MaxSessionDuration: 3600,
		})
	})
	role := aws.String("AWSServiceRoleForECS")
	for name, err := range map[string]error{
		"UpdateRole": errorOf(c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: role})),
		"UpdateRoleDescription": errorOf(c.UpdateRoleDescription(ctx,
			&iam.UpdateRoleDescriptionInput{RoleName: role, Description: aws.String("x")})),
		"UpdateAssumeRolePolicy": errorOf(c.UpdateAssumeRolePolicy(ctx,
			&iam.UpdateAssumeRolePolicyInput{RoleName: role, PolicyDocument: aws.String(trustEC2)})),
		"DeleteRole": errorOf(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: role})),
		"PutRolePolicy": errorOf(c.PutRolePolicy(ctx,
			&iam.PutRolePolicyInput{RoleName: role, PolicyName: aws.String("p"), PolicyDocument: aws.String(allowAll)})),
		"DeleteRolePolicy": errorOf(c.DeleteRolePolicy(ctx,
			&iam.DeleteRolePolicyInput{RoleName: role, PolicyName: aws.String("p")})),
		"AttachRolePolicy": errorOf(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: role, PolicyArn: &arn})),
		"DetachRolePolicy": errorOf(c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: role, PolicyArn: &arn})),
		"PutBoundary": errorOf(c.PutRolePermissionsBoundary(ctx,
			&iam.PutRolePermissionsBoundaryInput{RoleName: role, PermissionsBoundary: &arn})),
		"DeleteBoundary": errorOf(c.DeleteRolePermissionsBoundary(ctx,
			&iam.DeleteRolePermissionsBoundaryInput{RoleName: role})),
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, err, "UnmodifiableEntity",
				"Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role is only modifiable by AWS")
		})
	}
	wantOutcome(t, errorOf(c.TagRole(ctx, &iam.TagRoleInput{RoleName: role, Tags: tagsOf("a=b")})), "")
}

func TestCreateRole_MalformedTrustPolicy(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	must(c.CreateRole(ctx,
		&iam.CreateRoleInput{RoleName: aws.String("old"), AssumeRolePolicyDocument: aws.String(trustEC2)}))
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g")}))
	trustPolicy := func(principal string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":` + principal +
			`,"Action":"sts:AssumeRole"}}`
	}
	for name, test := range map[string]struct{ document, want string }{
		"invalid JSON": {"{", "MalformedPolicyDocument: 1:2: The JSON cannot be read: …"},
		"resource":     {strings.Replace(trustEC2, `"Action"`, `"Resource":"*","Action"`, 1), "MalformedPolicyDocument: 1:…"},
		"other action": {strings.Replace(trustEC2, "sts:AssumeRole", "s3:GetObject", 1), "MalformedPolicyDocument: 1:…"},
		"no principal": {strings.Replace(trustEC2, `"Principal":{"Service":"ec2.amazonaws.com"},`, "", 1),
			"MalformedPolicyDocument: 1:…"},
		"unknown user": {trustPolicy(`{"AWS":"arn:aws:iam::000000000000:user/none"}`),
			`MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:user/none"`},
		"unknown role": {trustPolicy(`{"AWS":["arn:aws:iam::000000000000:root","arn:aws:iam::000000000000:role/none"]}`),
			`MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/none"`},
		"other case": {trustPolicy(`{"AWS":"arn:aws:iam::000000000000:role/OLD"}`),
			`MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/OLD"`},
		"other path": {trustPolicy(`{"AWS":"arn:aws:iam::000000000000:role/x/old"}`),
			`MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/x/old"`},
		"other kind": {trustPolicy(`{"AWS":"arn:aws:iam::000000000000:user/old"}`),
			`MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:user/old"`},
		"unknown id": {trustPolicy(`{"AWS":"AROAAAAAAAAAAAAAAAAAA"}`),
			`MalformedPolicyDocument: Invalid principal in policy: "AWS":"AROAAAAAAAAAAAAAAAAAA"`},
		"group": {trustPolicy(`{"AWS":"arn:aws:iam::000000000000:group/g"}`), "MalformedPolicyDocument: 1:…"},
		"itself": {trustPolicy(`{"AWS":"arn:aws:iam::000000000000:role/new"}`),
			`MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/new"`},
		"too long": {sizedTrust(2049), "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"},
	} {
		t.Run(name, func(t *testing.T) {
			wantOutcome(t,
				errorOf(c.CreateRole(ctx,
					&iam.CreateRoleInput{RoleName: aws.String("new"), AssumeRolePolicyDocument: &test.document})), test.want)
			wantOutcome(t,
				errorOf(c.UpdateAssumeRolePolicy(ctx,
					&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("old"), PolicyDocument: &test.document})), test.want)
		})
	}
	wantOutcome(t,
		errorOf(c.UpdateAssumeRolePolicy(ctx,
			&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("old"), PolicyDocument: aws.String(sizedTrust(2048))})), "")
	storeLimits(t, e, `{"assume_role_policy_size":4096}`)
	wantOutcome(t,
		errorOf(c.UpdateAssumeRolePolicy(ctx,
			&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("old"), PolicyDocument: aws.String(sizedTrust(4096))})), "")
}

// sizedTrust returns a trust policy with this number of characters.
func sizedTrust(size int) string {
	const begin, end = `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` +
		`"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole",` +
		`"Condition":{"StringEquals":{"aws:SourceArn":"`, `"}}}}`
	return begin + strings.Repeat("x", size-len(begin)-len(end)) + end
}
