package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/textset"
)

// newUserGroupMembershipResource returns the resource of a user's membership in some groups. It
// does not change the user's other memberships. Its identity lists all groups, because only they
// distinguish several resources for one user.
func newUserGroupMembershipResource() resource.Resource {
	return lifecycle.New[userGroupMembershipModel](lifecycle.Definition[userGroupMembershipModel]{
		TypeName: "iam_user_group_membership", MovedFrom: "aws_iam_user_group_membership",
		Schema: userGroupMembershipSchema,
		Identity: []lifecycle.IdentityAttribute{
			{Name: "user", Description: "The name of the user."},
			{Name: "groups", Description: "The names of the groups.", List: true},
		},
		MutableIdentity: true, // the groups may change
		ImportState: func(ctx context.Context, _ *lifecycle.Base, req resource.ImportStateRequest,
			resp *resource.ImportStateResponse) {
			importUserGroupMembership(ctx, req, resp)
		},
		Plan: func(ctx context.Context, c *lifecycle.Change[userGroupMembershipModel]) {
			c.Plan.ID = c.Plan.id()
			known, _ := textset.Known(c.Plan.Groups)
			c.CheckCount(ctx, path.Root("groups"), len(known), func(l engine.Limits) int { return l.GroupsPerUser },
				c.Diags)
		},
		DriftIfDifferent: true,
	})
}

type userGroupMembershipModel struct {
	User   types.String `tfsdk:"user"`
	Groups types.Set    `tfsdk:"groups"`
	ID     types.String `tfsdk:"id"`
}

func userGroupMembershipSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Adds a user to some groups and does not change the user's other groups, so one user can " +
			"have several of these resources. To manage all users of a group, use `iam_group_memberships_exclusive`.",
		Attributes: map[string]schema.Attribute{
			"user": schema.StringAttribute{
				Required: true, MarkdownDescription: lifecycle.OwnerDescription("user", "creates a new membership"),
			},
			"groups": schema.SetAttribute{
				ElementType: types.StringType, Required: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
				MarkdownDescription: "The names of the groups.",
			},
			"id": lifecycle.IDAttribute("The names of the user and of the groups, separated by slashes."),
		},
	}
}

func importUserGroupMembership(ctx context.Context, req resource.ImportStateRequest,
	resp *resource.ImportStateResponse) {
	var user string
	var groups []string
	if req.ID != "" {
		parts := strings.Split(req.ID, "/")
		if len(parts) < 2 || slices.Contains(parts, "") {
			resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf("%q is not of the form user/group/group…",
				req.ID))
			return
		}
		user, groups = parts[0], parts[1:]
	} else {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("user"), &user)...)
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("groups"), &groups)...)
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user"), user)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("groups"), groups)...)
}

func (m *userGroupMembershipModel) Describe() string {
	return fmt.Sprintf("group membership of user %q", m.User.ValueString())
}

func (m *userGroupMembershipModel) id() types.String {
	names, unknown := textset.Known(m.Groups)
	if unknown || m.User.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(strings.Join(append([]string{m.User.ValueString()}, names...), "/"))
}

func (m *userGroupMembershipModel) Identity() map[string]any {
	names, _ := textset.Known(m.Groups)
	return map[string]any{"user": m.User.ValueString(), "groups": names}
}

func (m *userGroupMembershipModel) AuditSubject(ctx context.Context, op *lifecycle.Operation) lifecycle.AuditSubject {
	names, _ := textset.Known(m.Groups)
	return lifecycle.AuditSubject{
		Description: m.Describe(), ID: policyowner.Users.AuditID(ctx, op, m.User.ValueString()),
		Calls: []string{"RemoveUserFromGroup"},
		About: func(event audit.Event) bool {
			group, _ := event.RequestParameters["groupName"].(string)
			return slices.ContainsFunc(names, func(other string) bool { return strings.EqualFold(other, group) })
		},
	}
}

func (m *userGroupMembershipModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	m.ID = m.id()
	return m.join(ctx, op)
}

// join adds the user to the groups.
func (m *userGroupMembershipModel) join(ctx context.Context, c accountstore.API) error {
	names, _ := textset.Known(m.Groups)
	for _, group := range names {
		if _, err := c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: m.User.ValueStringPointer(),
			GroupName: &group}); err != nil {
			return err
		}
	}
	return nil
}

// leave removes the user from the groups, except from those in except and from those that another resource of the
// configuration keeps.
func (m *userGroupMembershipModel) leave(ctx context.Context, op *lifecycle.Operation, except []string) error {
	names, _ := textset.Known(m.Groups)
	for _, group := range names {
		if slices.Contains(except, group) {
			continue
		}
		membership := planned.MemberObject(m.User.ValueString(), group)
		stays, err := op.Stays(ctx, membership)
		if err != nil {
			return err
		}
		if stays {
			continue
		}
		_, err = op.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: m.User.ValueStringPointer(),
			GroupName: &group})
		if apierror.UnlessMissing(err) != nil {
			return err
		}
		if !op.Planned.IsMade(membership) {
			continue
		}
		// Another resource has added the user meanwhile. Adding the user again does nothing if the user is in the group.
		if _, err := op.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: m.User.ValueStringPointer(),
			GroupName: &group}); err != nil {
			return err
		}
	}
	return nil
}

func (m *userGroupMembershipModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	current, err := groupsOf(ctx, op, m.User.ValueStringPointer())
	if err != nil {
		return err
	}
	before, _ := textset.Known(m.Groups)
	var names []string
	for _, group := range before {
		if slices.ContainsFunc(current, func(other string) bool { return strings.EqualFold(other, group) }) {
			names = append(names, group)
		}
	}
	if len(names) == 0 {
		return &iamtypes.NoSuchEntityException{Message: aws.String("The user " + m.User.ValueString() +
			" is in none of the groups.")}
	}
	if len(names) < len(before) {
		m.Groups = textset.Of(names)
	}
	m.ID = m.id()
	return nil
}

func (m *userGroupMembershipModel) Update(ctx context.Context, op *lifecycle.Operation,
	before *userGroupMembershipModel) error {
	m.ID = m.id()
	names, _ := textset.Known(m.Groups)
	// The user first leaves the old groups, so that it never has the access of both. An access assertion refuses that if
	// only an old group denies some access: the user then joins the new groups first, which may deny it too.
	err := before.leave(ctx, op, names)
	refused := apierror.IsAssertionViolation(err)
	if err != nil && !refused {
		return err
	}
	if err := m.join(ctx, op); err != nil || !refused {
		return err
	}
	return before.leave(ctx, op, names)
}

func (m *userGroupMembershipModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	return m.leave(ctx, op, nil)
}
