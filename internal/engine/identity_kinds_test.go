package engine

import (
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// identityKind has the operations that users, groups and roles have in common, so that one test
// covers all three.
type identityKind struct {
	name   string // in error messages
	prefix string // of unique ids
	create func(name, path string) (id string, err error)
	get    func(name string) (gotName, arn string, err error)
	list   func(prefix, marker *string, maxItems *int32) (names []string, next *string, err error)
	remove func(name string) error

	putInline    func(name, policy, document string) error
	inline       func(name, policy string) (document *string, err error)
	listInline   func(name string, marker *string, maxItems *int32) (names []string, next *string, err error)
	deleteInline func(name, policy string) error

	attach, detach func(name, arn string) error
	attached       func(name string, prefix, marker *string, maxItems *int32) (attached []iamtypes.AttachedPolicy,
		next *string, err error)
}

// identityKinds returns the operations of all three kinds for one client.
func identityKinds(t *testing.T, c *Client) []identityKind {
	t.Helper()
	ctx := t.Context()
	return []identityKind{
		{
			name: "user", prefix: "AIDA",
			create: func(name, path string) (string, error) {
				out, err := c.CreateUser(ctx, &iam.CreateUserInput{UserName: &name, Path: &path})
				if err != nil {
					return "", err
				}
				return *out.User.UserId, nil
			},
			get: func(name string) (string, string, error) {
				out, err := c.GetUser(ctx, &iam.GetUserInput{UserName: &name})
				if err != nil {
					return "", "", err
				}
				return *out.User.UserName, *out.User.Arn, nil
			},
			list: func(prefix, marker *string, maxItems *int32) ([]string, *string, error) {
				out, err := c.ListUsers(ctx, &iam.ListUsersInput{PathPrefix: prefix, Marker: marker, MaxItems: maxItems})
				if err != nil {
					return nil, nil, err
				}
				return apiNames(out.Users, func(u iamtypes.User) *string { return u.UserName }),
					checkPage(t, out.IsTruncated, out.Marker), nil
			},
			remove: func(name string) error { return errorOf(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: &name})) },
			putInline: func(name, policy, document string) error {
				return errorOf(c.PutUserPolicy(ctx,
					&iam.PutUserPolicyInput{UserName: &name, PolicyName: &policy, PolicyDocument: &document}))
			},
			inline: func(name, policy string) (*string, error) {
				out, err := c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &name, PolicyName: &policy})
				if err != nil {
					return nil, err
				}
				return out.PolicyDocument, nil
			},
			listInline: func(name string, marker *string, maxItems *int32) ([]string, *string, error) {
				out, err := c.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &name, Marker: marker, MaxItems: maxItems})
				if err != nil {
					return nil, nil, err
				}
				return out.PolicyNames, checkPage(t, out.IsTruncated, out.Marker), nil
			},
			deleteInline: func(name, policy string) error {
				return errorOf(c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &name, PolicyName: &policy}))
			},
			attach: func(name, arn string) error {
				return errorOf(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: &arn}))
			},
			detach: func(name, arn string) error {
				return errorOf(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: &name, PolicyArn: &arn}))
			},
			attached: func(name string, prefix, marker *string, maxItems *int32) ([]iamtypes.AttachedPolicy, *string, error) {
				out, err := c.ListAttachedUserPolicies(ctx,
					&iam.ListAttachedUserPoliciesInput{UserName: &name, PathPrefix: prefix, Marker: marker, MaxItems: maxItems})
				if err != nil {
					return nil, nil, err
				}
				return out.AttachedPolicies, checkPage(t, out.IsTruncated, out.Marker), nil
			},
		},
		{
			name: "group", prefix: "AGPA",
			create: func(name, path string) (string, error) {
				out, err := c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &name, Path: &path})
				if err != nil {
					return "", err
				}
				return *out.Group.GroupId, nil
			},
			get: func(name string) (string, string, error) {
				out, err := c.GetGroup(ctx, &iam.GetGroupInput{GroupName: &name})
				if err != nil {
					return "", "", err
				}
				return *out.Group.GroupName, *out.Group.Arn, nil
			},
			list: func(prefix, marker *string, maxItems *int32) ([]string, *string, error) {
				out, err := c.ListGroups(ctx, &iam.ListGroupsInput{PathPrefix: prefix, Marker: marker, MaxItems: maxItems})
				if err != nil {
					return nil, nil, err
				}
				return apiNames(out.Groups, func(g iamtypes.Group) *string { return g.GroupName }),
					checkPage(t, out.IsTruncated, out.Marker), nil
			},
			remove: func(name string) error { return errorOf(c.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: &name})) },
			putInline: func(name, policy, document string) error {
				return errorOf(c.PutGroupPolicy(ctx,
					&iam.PutGroupPolicyInput{GroupName: &name, PolicyName: &policy, PolicyDocument: &document}))
			},
			inline: func(name, policy string) (*string, error) {
				out, err := c.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: &name, PolicyName: &policy})
				if err != nil {
					return nil, err
				}
				return out.PolicyDocument, nil
			},
			listInline: func(name string, marker *string, maxItems *int32) ([]string, *string, error) {
				out, err := c.ListGroupPolicies(ctx,
					&iam.ListGroupPoliciesInput{GroupName: &name, Marker: marker, MaxItems: maxItems})
				if err != nil {
					return nil, nil, err
				}
				return out.PolicyNames, checkPage(t, out.IsTruncated, out.Marker), nil
			},
			deleteInline: func(name, policy string) error {
				return errorOf(c.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: &name, PolicyName: &policy}))
			},
			attach: func(name, arn string) error {
				return errorOf(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: &name, PolicyArn: &arn}))
			},
			detach: func(name, arn string) error {
				return errorOf(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: &name, PolicyArn: &arn}))
			},
			attached: func(name string, prefix, marker *string, maxItems *int32) ([]iamtypes.AttachedPolicy, *string, error) {
				out, err := c.ListAttachedGroupPolicies(ctx,
					&iam.ListAttachedGroupPoliciesInput{GroupName: &name, PathPrefix: prefix, Marker: marker, MaxItems: maxItems})
				if err != nil {
					return nil, nil, err
				}
				return out.AttachedPolicies, checkPage(t, out.IsTruncated, out.Marker), nil
			},
		},
		{
			name: "role", prefix: "AROA",
			create: func(name, path string) (string, error) {
				out, err := c.CreateRole(ctx,
					&iam.CreateRoleInput{RoleName: &name, Path: &path, AssumeRolePolicyDocument: aws.String(trustEC2)})
				if err != nil {
					return "", err
				}
				return *out.Role.RoleId, nil
			},
			get: func(name string) (string, string, error) {
				out, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
				if err != nil {
					return "", "", err
				}
				return *out.Role.RoleName, *out.Role.Arn, nil
			},
			list: func(prefix, marker *string, maxItems *int32) ([]string, *string, error) {
				out, err := c.ListRoles(ctx, &iam.ListRolesInput{PathPrefix: prefix, Marker: marker, MaxItems: maxItems})
				if err != nil {
					return nil, nil, err
				}
				return apiNames(out.Roles, func(r iamtypes.Role) *string { return r.RoleName }),
					checkPage(t, out.IsTruncated, out.Marker), nil
			},
			remove: func(name string) error { return errorOf(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &name})) },
			putInline: func(name, policy, document string) error {
				return errorOf(c.PutRolePolicy(ctx,
					&iam.PutRolePolicyInput{RoleName: &name, PolicyName: &policy, PolicyDocument: &document}))
			},
			inline: func(name, policy string) (*string, error) {
				out, err := c.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &name, PolicyName: &policy})
				if err != nil {
					return nil, err
				}
				return out.PolicyDocument, nil
			},
			listInline: func(name string, marker *string, maxItems *int32) ([]string, *string, error) {
				out, err := c.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &name, Marker: marker, MaxItems: maxItems})
				if err != nil {
					return nil, nil, err
				}
				return out.PolicyNames, checkPage(t, out.IsTruncated, out.Marker), nil
			},
			deleteInline: func(name, policy string) error {
				return errorOf(c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &name, PolicyName: &policy}))
			},
			attach: func(name, arn string) error {
				return errorOf(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &arn}))
			},
			detach: func(name, arn string) error {
				return errorOf(c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &name, PolicyArn: &arn}))
			},
			attached: func(name string, prefix, marker *string, maxItems *int32) ([]iamtypes.AttachedPolicy, *string, error) {
				out, err := c.ListAttachedRolePolicies(ctx,
					&iam.ListAttachedRolePoliciesInput{RoleName: &name, PathPrefix: prefix, Marker: marker, MaxItems: maxItems})
				if err != nil {
					return nil, nil, err
				}
				return out.AttachedPolicies, checkPage(t, out.IsTruncated, out.Marker), nil
			},
		},
	}
}

const trustEC2 = `{"Version":"2012-10-17",` +
	`"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`

// apiNames returns the names of the items in an SDK list.
func apiNames[T any](items []T, name func(T) *string) []string {
	names := []string{}
	for _, item := range items {
		names = append(names, *name(item))
	}
	return names
}

// checkPage checks that a page has a marker if and only if it is truncated, and returns the marker.
func checkPage(t *testing.T, truncated bool, marker *string) *string {
	t.Helper()
	if truncated != (marker != nil) {
		t.Errorf("IsTruncated is %v, but Marker is %v", truncated, marker)
	}
	return marker
}

// allPages reads a list page by page, two items at a time.
func allPages[T any](t *testing.T, list func(marker *string, maxItems *int32) ([]T, *string, error)) []T {
	t.Helper()
	var all []T
	var marker *string
	for range 100 {
		page, next, err := list(marker, aws.Int32(2))
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > 2 {
			t.Fatalf("got a page of %d items, want at most 2", len(page))
		}
		all = append(all, page...)
		if next == nil {
			return all
		}
		marker = next
	}
	t.Fatal("the list has more than 100 pages")
	return nil
}

// decodeDocument removes the percent-encoding from a document of an output.
func decodeDocument(t *testing.T, document *string) string {
	t.Helper()
	text, err := url.PathUnescape(*document)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
