package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestGetAccountAuthorizationDetails_Contents(t *testing.T) {
	e := newPopulatedEngine(t)
	all := must(operator(e).GetAccountAuthorizationDetails(t.Context(), nil))
	user, group, role := all.UserDetailList[0], all.GroupDetailList[0], all.RoleDetailList[0]
	if *user.UserName != "ann" || *user.Path != "/team/" || !slices.Equal(user.GroupList, []string{"g"}) ||
		*user.Tags[0].Value != "red" ||
		*user.UserPolicyList[0].PolicyName != "own" || *user.AttachedManagedPolicies[0].PolicyName != "Shared" ||
		user.PermissionsBoundary != nil {
		t.Errorf("got user %+v", user)
	}
	if !strings.HasPrefix(*user.UserPolicyList[0].PolicyDocument, "%7B%22Version%22%3A%222012-10-17%22") {
		t.Errorf("got inline policy %s, want percent-encoded JSON", *user.UserPolicyList[0].PolicyDocument)
	}
	if *group.GroupPolicyList[0].PolicyName != "no-delete" || len(group.AttachedManagedPolicies) != 1 {
		t.Errorf("got group %+v", group)
	}
	if *role.PermissionsBoundary.PermissionsBoundaryArn != e.iamARN("policy/Shared") ||
		!strings.Contains(*role.AssumeRolePolicyDocument, "user%2Fteam%2Fann") ||
		role.InstanceProfileList == nil || role.RoleLastUsed == nil || role.RolePolicyList == nil {
		t.Errorf("got role %+v", role)
	}
	var policies []string
	for _, p := range all.Policies {
		policies = append(policies,
			fmt.Sprintf("%s %d %d %s %d", *p.Arn, *p.AttachmentCount, *p.PermissionsBoundaryUsageCount, *p.DefaultVersionId,
				len(p.PolicyVersionList)))
	}
	if want := []string{e.iamARN("policy/Shared") + " 2 1 v1 1",
		"arn:aws:iam::aws:policy/AdministratorAccess 1 0 v1 1"}; !slices.Equal(policies, want) {
		t.Errorf("got policies %q, want %q", policies, want)
	}

	for _, test := range []struct {
		filter []iamtypes.EntityType
		want   string
	}{
		{[]iamtypes.EntityType{"User"}, "ann"},
		{[]iamtypes.EntityType{"Role", "Group"}, "g r"},
		{[]iamtypes.EntityType{"LocalManagedPolicy"}, "Shared"},
		{[]iamtypes.EntityType{"AWSManagedPolicy"}, "AdministratorAccess"},
		{nil, "ann g r Shared AdministratorAccess"},
	} {
		for _, size := range []int32{1, 2, 5, 1000} {
			var got []string
			pages := iam.NewGetAccountAuthorizationDetailsPaginator(operator(e),
				&iam.GetAccountAuthorizationDetailsInput{Filter: test.filter, MaxItems: aws.Int32(size)})
			for pages.HasMorePages() {
				page := must(pages.NextPage(t.Context()))
				before := len(got)
				for _, u := range page.UserDetailList {
					got = append(got, *u.UserName)
				}
				for _, g := range page.GroupDetailList {
					got = append(got, *g.GroupName)
				}
				for _, r := range page.RoleDetailList {
					got = append(got, *r.RoleName)
				}
				for _, p := range page.Policies {
					got = append(got, *p.PolicyName)
				}
				if len(got)-before > int(size) {
					t.Errorf("got a page of %d entities, want at most %d", len(got)-before, size)
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("with filter %v and pages of %d, got %q, want %q", test.filter, size, got, test.want)
			}
		}
	}
	for _, marker := range []string{"x", "OS9h"} { // invalid base64; "9/a" of a section that does not exist
		_, err := operator(e).GetAccountAuthorizationDetails(t.Context(),
			&iam.GetAccountAuthorizationDetailsInput{Marker: &marker})
		wantOutcome(t, err, "ValidationError: Invalid Marker…")
	}
}
