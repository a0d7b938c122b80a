package engine

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// GetAccountAuthorizationDetails returns all users, groups, roles and managed policies with their
// relations. Of AWS's own policies, it returns only those in use.
func (c *Client) GetAccountAuthorizationDetails(ctx context.Context, in *iam.GetAccountAuthorizationDetailsInput,
	_ ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	return do(ctx, c, getAccountAuthorizationDetails, in)
}

var getAccountAuthorizationDetails = register(operation[iam.GetAccountAuthorizationDetailsInput,
	iam.GetAccountAuthorizationDetailsOutput]{
	name:   "GetAccountAuthorizationDetails",
	access: onAll[iam.GetAccountAuthorizationDetailsInput],
	run: func(c *call, in *iam.GetAccountAuthorizationDetailsInput) (*iam.GetAccountAuthorizationDetailsOutput, error) {
		page, err := pageOf(in.Marker, in.MaxItems, nil)
		if err != nil {
			return nil, err
		}
		section, after, err := parseDetailsMarker(page.After)
		if err != nil {
			return nil, err
		}
		out := &iam.GetAccountAuthorizationDetailsOutput{
			UserDetailList: []iamtypes.UserDetail{}, GroupDetailList: []iamtypes.GroupDetail{},
			RoleDetailList: []iamtypes.RoleDetail{}, Policies: []iamtypes.ManagedPolicyDetail{},
		}
		var items []detail
		for ; section < len(detailSections) && len(items) < page.Limit; section++ {
			current := detailSections[section]
			if len(in.Filter) == 0 || slices.Contains(in.Filter, current.entity) {
				more, err := current.list(c, store.Page{After: after, Limit: page.Limit - len(items)})
				if err != nil {
					return nil, err
				}
				for _, item := range more {
					item.section = section
					items = append(items, item)
				}
			}
			after = ""
		}
		items, out.IsTruncated, out.Marker = cutPage(page, items, detail.marker)
		for _, item := range items {
			if err := item.appendTo(out, c); err != nil {
				return nil, err
			}
		}
		return out, nil
	},
})

// detailSections lists the kinds of entities in the order of the output's pages.
var detailSections = []struct {
	entity iamtypes.EntityType
	list   func(*call, store.Page) ([]detail, error)
}{
	{iamtypes.EntityTypeUser, identityDetails(store.User)},
	{iamtypes.EntityTypeGroup, identityDetails(store.Group)},
	{iamtypes.EntityTypeRole, identityDetails(store.Role)},
	{iamtypes.EntityTypeLocalManagedPolicy, policyDetails(store.PolicyFilter{Owner: aws.String("")})},
	{iamtypes.EntityTypeAWSManagedPolicy, policyDetails(store.PolicyFilter{Owner: aws.String(awsOwner), Attached: true})},
}

// detail is an identity or a policy of the output. section is an index of detailSections.
type detail struct {
	section  int
	identity store.Identity
	policy   store.Policy
}

// marker returns the marker for a page that begins after this entity.
func (d detail) marker() string {
	return strconv.Itoa(d.section) + "/" + d.identity.Name + d.policy.Name // one of the names is empty
}

// parseDetailsMarker returns the section and the name in a marker.
func parseDetailsMarker(text string) (section int, after string, err error) {
	if text == "" {
		return 0, "", nil
	}
	number, after, _ := strings.Cut(text, "/")
	if section, err = strconv.Atoi(number); err != nil || section < 0 || section >= len(detailSections) {
		return 0, "", errInvalidMarker()
	}
	return section, after, nil
}

func identityDetails(kind store.Kind) func(*call, store.Page) ([]detail, error) {
	return func(c *call, page store.Page) ([]detail, error) {
		found, err := c.tx.Identities(kind, page)
		var out []detail
		for _, i := range found {
			out = append(out, detail{identity: i})
		}
		return out, err
	}
}

func policyDetails(filter store.PolicyFilter) func(*call, store.Page) ([]detail, error) {
	return func(c *call, page store.Page) ([]detail, error) {
		found, err := c.tx.Policies(filter, page)
		var out []detail
		for _, p := range found {
			out = append(out, detail{policy: p})
		}
		return out, err
	}
}

// appendTo appends the entity, with its relations, to its list in the output.
func (d detail) appendTo(out *iam.GetAccountAuthorizationDetailsOutput, c *call) error {
	switch d.identity.Kind {
	case store.User:
		user, err := c.userDetail(d.identity)
		out.UserDetailList = append(out.UserDetailList, user)
		return err
	case store.Group:
		group, err := c.groupDetail(d.identity)
		out.GroupDetailList = append(out.GroupDetailList, group)
		return err
	case store.Role:
		role, err := c.roleDetail(d.identity)
		out.RoleDetailList = append(out.RoleDetailList, role)
		return err
	}
	managed, err := c.policyDetail(d.policy)
	out.Policies = append(out.Policies, managed)
	return err
}

func (c *call) userDetail(i store.Identity) (iamtypes.UserDetail, error) {
	groups, err := c.tx.GroupsOf(i.ID, store.Page{})
	inline, err1 := c.inlineDetails(i.ID)
	attached, err2 := c.attachedDetails(i.ID)
	boundary, err3 := c.apiBoundary(i.Boundary)
	out := iamtypes.UserDetail{
		Arn: aws.String(c.engine.identityARN(i)), UserId: aws.String(i.ID), UserName: aws.String(i.Name),
		Path:       aws.String(i.Path),
		CreateDate: aws.Time(i.Created), Tags: apiTags(i.Tags), PermissionsBoundary: boundary,
		AttachedManagedPolicies: attached, GroupList: []string{},
	}
	if len(inline) > 0 { // AWS omits an empty list, but only for users
		out.UserPolicyList = inline
	}
	for _, group := range groups {
		out.GroupList = append(out.GroupList, group.Name)
	}
	return out, errors.Join(err, err1, err2, err3)
}

func (c *call) groupDetail(i store.Identity) (iamtypes.GroupDetail, error) {
	inline, err1 := c.inlineDetails(i.ID)
	attached, err2 := c.attachedDetails(i.ID)
	return iamtypes.GroupDetail{
		Arn: aws.String(c.engine.identityARN(i)), GroupId: aws.String(i.ID), GroupName: aws.String(i.Name),
		Path:       aws.String(i.Path),
		CreateDate: aws.Time(i.Created), GroupPolicyList: inline, AttachedManagedPolicies: attached,
	}, errors.Join(err1, err2)
}

func (c *call) roleDetail(i store.Identity) (iamtypes.RoleDetail, error) {
	inline, err1 := c.inlineDetails(i.ID)
	attached, err2 := c.attachedDetails(i.ID)
	boundary, err3 := c.apiBoundary(i.Boundary)
	trust, err4 := c.trustWithARNs(i.Trust)
	out := iamtypes.RoleDetail{
		Arn: aws.String(c.engine.identityARN(i)), RoleId: aws.String(i.ID), RoleName: aws.String(i.Name),
		Path:       aws.String(i.Path),
		CreateDate: aws.Time(i.Created), Tags: apiTags(i.Tags), PermissionsBoundary: boundary,
		AssumeRolePolicyDocument: apiDocument(trust), RolePolicyList: inline, AttachedManagedPolicies: attached,
		InstanceProfileList: []iamtypes.InstanceProfile{}, RoleLastUsed: apiRoleLastUsed(i),
	}
	return out, errors.Join(err1, err2, err3, err4)
}

// policyDetail returns a managed policy with all its versions. Like AWS, it omits the description.
func (c *call) policyDetail(p store.Policy) (iamtypes.ManagedPolicyDetail, error) {
	out := iamtypes.ManagedPolicyDetail{
		Arn: aws.String(c.engine.policyARN(p)), PolicyId: aws.String(p.ID), PolicyName: aws.String(p.Name),
		Path:       aws.String(p.Path),
		CreateDate: aws.Time(p.Created), UpdateDate: aws.Time(p.Updated), IsAttachable: true,
		AttachmentCount:               aws.Int32(int32(p.Attachments)), // #nosec G115 -- a number of identities
		PermissionsBoundaryUsageCount: aws.Int32(int32(p.Boundaries)),  // #nosec G115 -- likewise
		DefaultVersionId:              aws.String(versionID(p.DefaultVersion)),
		PolicyVersionList:             []iamtypes.PolicyVersion{},
	}
	versions, err := c.tx.PolicyVersions(p.ID)
	for _, v := range versions {
		out.PolicyVersionList = append(out.PolicyVersionList, iamtypes.PolicyVersion{
			VersionId: aws.String(versionID(v.Number)), IsDefaultVersion: v.Number == p.DefaultVersion,
			CreateDate: aws.Time(v.Created), Document: apiDocument(v.Document),
		})
	}
	return out, err
}

func (c *call) inlineDetails(identityID string) ([]iamtypes.PolicyDetail, error) {
	found, err := c.tx.InlinePolicies(identityID, store.Page{})
	out := []iamtypes.PolicyDetail{}
	for _, p := range found {
		out = append(out, iamtypes.PolicyDetail{PolicyName: aws.String(p.Name), PolicyDocument: apiDocument(p.Document)})
	}
	return out, err
}

func (c *call) attachedDetails(identityID string) ([]iamtypes.AttachedPolicy, error) {
	found, err := c.tx.AttachedPolicies(identityID, store.Page{})
	out := []iamtypes.AttachedPolicy{}
	for _, p := range found {
		out = append(out,
			iamtypes.AttachedPolicy{PolicyName: aws.String(p.Name), PolicyArn: aws.String(c.engine.policyARN(p))})
	}
	return out, err
}
