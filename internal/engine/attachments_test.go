package engine

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestAttachUserPolicy_AllKindsOfIdentities(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	storeLimits(t, e, `{"attached_policies_per_user":3,"attached_policies_per_group":3,"attached_policies_per_role":3}`)
	c := operator(e)
	one, two, three := createAllowAllPolicy(t, c, "one"), createAllowAllPolicy(t, c, "Two"),
		createAllowAllPolicy(t, c, "three")
	viewOnly := insertAWSPolicy(t, e, "/job-function/", "ViewOnlyAccess")
	serviceRole := insertAWSPolicy(t, e, "/aws-service-role/", "AmazonECSServiceRolePolicy")
	quota := map[string]string{"user": "PoliciesPerUser", "group": "PoliciesPerGroup", "role": "PoliciesPerRole"}
	for _, kind := range identityKinds(t, c) {
		t.Run(kind.name, func(t *testing.T) {
			must(kind.create("x", "/"))
			for _, step := range []struct {
				do        func(name, arn string) error
				name, arn string
				want      string
			}{
				{kind.attach, "x", one, ""},
				{kind.attach, "X", viewOnly, ""},
				{kind.attach, "x", two, ""},
				{kind.attach, "x", one, ""}, // already attached, at the limit
				{kind.attach, "x", three, "LimitExceeded: Cannot exceed quota for " + quota[kind.name] + ": 3"},
				{kind.attach, "x", serviceRole, "PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role."},
				{kind.attach, "x", one + "x", "NoSuchEntity: Policy " + one + "x does not exist or is not attachable."},
				{kind.attach, "x", "arn:aws:iam::000000000000:policy/ONE",
					"NoSuchEntity: Policy arn:aws:iam::000000000000:policy/ONE does not exist or is not attachable."},
				{kind.attach, "x", "arn:aws:iam::000000000000:policy/other/one",
					"NoSuchEntity: Policy arn:aws:iam::000000000000:policy/other/one does not exist or is not attachable."},
				{kind.attach, "x", "arn:aws:iam::111122223333:policy/one",
					"NoSuchEntity: Policy arn:aws:iam::111122223333:policy/one does not exist or is not attachable."},
				{kind.attach, "x", "arn:aws:iam::aws:policy/ViewOnlyAccess",
					"NoSuchEntity: Policy arn:aws:iam::aws:policy/ViewOnlyAccess does not exist or is not attachable."},
				{kind.attach, "x", "longpolicynamebutnoarn", "ValidationError: ARN longpolicynamebutnoarn is not valid."},
				{kind.attach, "x", "arn:aws:iam::000000000000:not_a_policy/one",
					"InvalidInput: ARN arn:aws:iam::000000000000:not_a_policy/one is not valid."},
				{kind.attach, "x", "arn:aws:s3::000000000000:policy/one",
					"InvalidInput: ARN arn:aws:s3::000000000000:policy/one is not valid."},
				{kind.attach, "y", one, "NoSuchEntity: The " + kind.name + " with name y cannot be found."},
				{kind.detach, "x", three, "NoSuchEntity: Policy " + three + " was not found."},
				{kind.detach, "x", one + "x", "NoSuchEntity: Policy " + one + "x was not found."},
				{kind.detach, "y", one, "NoSuchEntity: The " + kind.name + " with name y cannot be found."},
			} {
				wantOutcome(t, step.do(step.name, step.arn), step.want)
			}
			list := func(prefix *string) []string {
				return allPages(t, func(marker *string, maxItems *int32) ([]string, *string, error) {
					page, next, err := kind.attached("x", prefix, marker, maxItems)
					return apiNames(page, func(p iamtypes.AttachedPolicy) *string { return p.PolicyArn }), next, err
				})
			}
			if got := list(nil); !slices.Equal(got, []string{one, two, viewOnly}) {
				t.Errorf("the attached policies are %q", got)
			}
			if got := list(aws.String("/job-function/")); !slices.Equal(got, []string{viewOnly}) {
				t.Errorf("the attached policies with the path prefix are %q", got)
			}
			wantOutcome(t, kind.detach("x", one), "")
			wantOutcome(t, kind.detach("x", one), "NoSuchEntity: Policy "+one+" was not found.")
			_, _, err := kind.attached("y", nil, nil, nil)
			wantOutcome(t, err, "NoSuchEntity: The "+kind.name+" with name y cannot be found.")
			must(kind.create("z", "/"))
			if none, _, err := kind.attached("z", nil, nil, nil); err != nil || none == nil || len(none) > 0 {
				t.Errorf("for an identity without policies the list is %#v, %v", none, err)
			}
		})
	}
}

func TestListEntitiesForPolicy_Filters(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	arn, unused := createAllowAllPolicy(t, c, "shared"), createAllowAllPolicy(t, c, "unused")
	for _, kind := range identityKinds(t, c) {
		for _, at := range []string{"/b", "/team/A", "/c"} {
			path, name := splitPathName(at)
			must(kind.create(name, path))
		}
		must("", kind.attach("A", arn))
		must("", kind.attach("b", arn))
	}
	for _, name := range []string{"A", "c"} {
		must(c.PutUserPermissionsBoundary(ctx,
			&iam.PutUserPermissionsBoundaryInput{UserName: &name, PermissionsBoundary: &arn}))
	}
	must(c.PutRolePermissionsBoundary(ctx,
		&iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("c"), PermissionsBoundary: &arn}))

	for name, test := range map[string]struct {
		in   iam.ListEntitiesForPolicyInput
		want []string
	}{
		"no filter": {iam.ListEntitiesForPolicyInput{},
			[]string{"group A", "group b", "user A", "user b", "user c", "role A", "role b", "role c"}},
		"users only": {iam.ListEntitiesForPolicyInput{EntityFilter: iamtypes.EntityTypeUser},
			[]string{"user A", "user b", "user c"}},
		"roles only": {iam.ListEntitiesForPolicyInput{EntityFilter: iamtypes.EntityTypeRole},
			[]string{"role A", "role b", "role c"}},
		"groups only": {iam.ListEntitiesForPolicyInput{EntityFilter: iamtypes.EntityTypeGroup},
			[]string{"group A", "group b"}},
		"policies only": {iam.ListEntitiesForPolicyInput{EntityFilter: iamtypes.EntityTypeLocalManagedPolicy}, nil},
		"as attachment": {iam.ListEntitiesForPolicyInput{PolicyUsageFilter: "PermissionsPolicy"},
			[]string{"group A", "group b", "user A", "user b", "role A", "role b"}},
		"as boundary": {iam.ListEntitiesForPolicyInput{PolicyUsageFilter: "PermissionsBoundary"},
			[]string{"user A", "user c", "role c"}},
		"path prefix": {iam.ListEntitiesForPolicyInput{PathPrefix: aws.String("/team/")},
			[]string{"group A", "user A", "role A"}},
		"path and kind": {iam.ListEntitiesForPolicyInput{PathPrefix: aws.String("/team/"),
			EntityFilter: iamtypes.EntityTypeRole}, []string{"role A"}},
		"unused policy": {iam.ListEntitiesForPolicyInput{PolicyArn: &unused}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			list := func(marker *string, maxItems *int32) ([]string, *string, error) {
				in := test.in
				in.Marker, in.MaxItems = marker, maxItems
				if in.PolicyArn == nil {
					in.PolicyArn = &arn
				}
				out, err := c.ListEntitiesForPolicy(ctx, &in)
				if err != nil {
					return nil, nil, err
				}
				if out.PolicyGroups == nil || out.PolicyUsers == nil || out.PolicyRoles == nil {
					t.Errorf("an empty list is nil: %+v", out)
				}
				var all []string
				for _, g := range out.PolicyGroups {
					all = append(all, "group "+*g.GroupName)
				}
				for _, u := range out.PolicyUsers {
					all = append(all, "user "+*u.UserName)
				}
				for _, r := range out.PolicyRoles {
					all = append(all, "role "+*r.RoleName)
				}
				return all, checkPage(t, out.IsTruncated, out.Marker), nil
			}
			if got := allPages(t, list); !slices.Equal(got, test.want) {
				t.Errorf("page by page: got %q, want %q", got, test.want)
			}
			if got, next, err := list(nil, nil); err != nil || next != nil || !slices.Equal(got, test.want) {
				t.Errorf("in one page: got %q, %v, want %q", got, err, test.want)
			}
		})
	}
	_, err := c.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: aws.String(arn + "x")})
	wantError(t, err, "NoSuchEntity", "Policy "+arn+"x was not found.")
}

func TestPutUserPermissionsBoundary_UsersAndRoles(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	one, two := createAllowAllPolicy(t, c, "one"), insertAWSPolicy(t, e, "/", "PowerUserAccess")
	serviceRole := insertAWSPolicy(t, e, "/aws-service-role/", "AmazonECSServiceRolePolicy")
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x")}))
	must(c.CreateRole(ctx,
		&iam.CreateRoleInput{RoleName: aws.String("x"), AssumeRolePolicyDocument: aws.String(trustEC2)}))
	for _, kind := range []struct {
		name   string
		put    func(name, arn string) error
		remove func(name string) error
		get    func() *iamtypes.AttachedPermissionsBoundary
		create func(arn string) error
	}{
		{
			"user",
			func(name, arn string) error {
				return errorOf(c.PutUserPermissionsBoundary(ctx,
					&iam.PutUserPermissionsBoundaryInput{UserName: &name, PermissionsBoundary: &arn}))
			},
			func(name string) error {
				return errorOf(c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: &name}))
			},
			func() *iamtypes.AttachedPermissionsBoundary {
				return must(c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("x")})).User.PermissionsBoundary
			},
			func(arn string) error {
				return errorOf(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("new"), PermissionsBoundary: &arn}))
			},
		},
		{
			"role",
			func(name, arn string) error {
				return errorOf(c.PutRolePermissionsBoundary(ctx,
					&iam.PutRolePermissionsBoundaryInput{RoleName: &name, PermissionsBoundary: &arn}))
			},
			func(name string) error {
				return errorOf(c.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &name}))
			},
			func() *iamtypes.AttachedPermissionsBoundary {
				return must(c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("x")})).Role.PermissionsBoundary
			},
			func(arn string) error {
				return errorOf(c.CreateRole(ctx,
					&iam.CreateRoleInput{RoleName: aws.String("new"), AssumeRolePolicyDocument: aws.String(trustEC2),
						PermissionsBoundary: &arn}))
			},
		},
	} {
		t.Run(kind.name, func(t *testing.T) {
			for _, arn := range []string{one, two} {
				wantOutcome(t, kind.put("x", arn), "")
				if got := kind.get(); got == nil || *got.PermissionsBoundaryArn != arn || got.PermissionsBoundaryType != "Policy" {
					t.Errorf("the boundary is %+v, want %s", got, arn)
				}
			}
			for arn, want := range map[string]string{
				one + "x": "NoSuchEntity: Scope ARN: " + one + "x does not exist or is not attachable.",
				"arn:aws:iam::000000000000:not_a_policy/invalid": "InvalidInput: ARN " +
					"arn:aws:iam::000000000000:not_a_policy/invalid is not valid.",
				serviceRole: "PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role.",
			} {
				wantOutcome(t, kind.put("x", arn), want)
				wantOutcome(t, kind.create(arn), want)
			}
			wantOutcome(t, kind.put("y", one), "NoSuchEntity: The "+kind.name+" with name y cannot be found.")
			wantOutcome(t, kind.remove("y"), "NoSuchEntity: The "+kind.name+" with name y cannot be found.")
			wantOutcome(t, kind.remove("x"), "")
			wantOutcome(t, kind.remove("x"), "") // has no boundary
			if got := kind.get(); got != nil {
				t.Errorf("the removed boundary is still %+v", got)
			}
		})
	}
}
