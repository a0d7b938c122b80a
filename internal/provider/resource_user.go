package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/tagging"
)

func newUserResource() resource.Resource {
	return newResource[userModel](definition[userModel]{
		typeName: "iam_user", movedFrom: "aws_iam_user", schema: userSchema, plan: planUser,
		identity:        []identityAttribute{{name: "name", description: "The name of the user."}},
		mutableIdentity: true, // a user can be renamed
	})
}

type userModel struct {
	Name         types.String `tfsdk:"name"`
	Path         types.String `tfsdk:"path"`
	Boundary     types.String `tfsdk:"permissions_boundary"`
	ForceDestroy types.Bool   `tfsdk:"force_destroy"`
	Tags         types.Map    `tfsdk:"tags"`

	TagsAll  types.Map    `tfsdk:"tags_all"`
	ID       types.String `tfsdk:"id"`
	ARN      types.String `tfsdk:"arn"`
	UniqueID types.String `tfsdk:"unique_id"`
}

func userSchema() schema.Schema {
	tags, tagsAll := tagging.Attributes()
	return schema.Schema{
		MarkdownDescription: "A user. It can be renamed and moved to another path in place: its unique id and all that hangs on it stay.",
		Attributes: map[string]schema.Attribute{
			"name":                 nameArgument("user", 64),
			"path":                 pathArgument("user"),
			"permissions_boundary": boundaryArgument("user"),
			"force_destroy": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether destroying the user also destroys what hangs on it and is not in this configuration: access keys, password, MFA devices, " +
					"inline policies, attachments and memberships. Default `false`: the error then names what is in the way.",
			},
			"tags":      tags,
			"tags_all":  tagsAll,
			"id":        idAttribute("The name."),
			"arn":       schema.StringAttribute{Computed: true, MarkdownDescription: "The ARN. It is known when Terraform plans."},
			"unique_id": constantAttribute("The unique id, such as `AIDA…`."),
		},
	}
}

// planUser computes the attributes that follow from the arguments.
func planUser(ctx context.Context, c *change[userModel]) {
	c.plan.ID = c.plan.Name
	c.plan.ARN = c.arnOf(ctx, account.UserKind, c.plan.Path, c.plan.Name, c.diags)
	c.plan.TagsAll = tagging.WithDefaults(c.plan.Tags, c.defaultTags)
}

func (m *userModel) describe() string { return fmt.Sprintf("user %q", m.Name.ValueString()) }

func (m *userModel) identity() map[string]any {
	return map[string]any{"name": m.Name.ValueString()}
}

// userCalls are the calls by which a user itself, and nothing that hangs on it, is managed.
var userCalls = []string{
	"CreateUser", "UpdateUser", "DeleteUser", "TagUser", "UntagUser", "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary",
}

func (m *userModel) auditSubject(context.Context, *operation) auditSubject {
	return auditSubject{what: m.describe(), id: m.UniqueID.ValueString(), own: userCalls, others: true, adopts: true}
}

func (m *userModel) create(ctx context.Context, op *operation) error {
	made, err := op.CreateUser(ctx, &iam.CreateUserInput{
		UserName: m.Name.ValueStringPointer(), Path: m.Path.ValueStringPointer(),
		PermissionsBoundary: m.Boundary.ValueStringPointer(), Tags: tagging.ForAPI(ctx, m.TagsAll, op.diags),
	})
	if err != nil {
		return err
	}
	m.UniqueID, m.ARN = types.StringPointerValue(made.User.UserId), types.StringPointerValue(made.User.Arn)
	return nil
}

func (m *userModel) read(ctx context.Context, op *operation) error {
	got, err := op.GetUser(ctx, &iam.GetUserInput{UserName: m.Name.ValueStringPointer()})
	if isMissing(err) {
		if name := op.renamed(ctx, account.UserKind, m.UniqueID); name != "" {
			got, err = op.GetUser(ctx, &iam.GetUserInput{UserName: &name})
		}
	}
	if err == nil {
		m.is(op.base, got.User)
	}
	return err
}

// is takes over what the API says of the user.
func (m *userModel) is(r *base, user *iamtypes.User) {
	m.Name, m.ID, m.Path = types.StringPointerValue(user.UserName), types.StringPointerValue(user.UserName), types.StringPointerValue(user.Path)
	m.ARN, m.UniqueID = types.StringPointerValue(user.Arn), types.StringPointerValue(user.UserId)
	m.Boundary = boundaryOf(user.PermissionsBoundary)
	tags := tagging.Values(user.Tags)
	m.Tags, m.TagsAll = tagging.WithoutDefaults(m.Tags, tags, r.defaultTags), tagging.Map(tags)
	if m.ForceDestroy.IsNull() { // imported
		m.ForceDestroy = types.BoolValue(false)
	}
}

func (m *userModel) update(ctx context.Context, op *operation, before *userModel) error {
	name := m.Name.ValueStringPointer()
	if !m.Name.Equal(before.Name) || !m.Path.Equal(before.Path) {
		if _, err := op.UpdateUser(ctx, &iam.UpdateUserInput{UserName: before.Name.ValueStringPointer(), NewUserName: name, NewPath: m.Path.ValueStringPointer()}); err != nil {
			return err
		}
	}
	switch {
	case m.Boundary.Equal(before.Boundary):
	case m.Boundary.IsNull():
		if _, err := op.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: name}); err != nil {
			return err
		}
	default:
		if _, err := op.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: name, PermissionsBoundary: m.Boundary.ValueStringPointer()}); err != nil {
			return err
		}
	}
	gone, set := tagging.Changes(ctx, before.TagsAll, m.TagsAll, op.diags)
	if len(gone) > 0 {
		if _, err := op.UntagUser(ctx, &iam.UntagUserInput{UserName: name, TagKeys: gone}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := op.TagUser(ctx, &iam.TagUserInput{UserName: name, Tags: set}); err != nil {
			return err
		}
	}
	return nil
}

func (m *userModel) remove(ctx context.Context, op *operation) error {
	if m.ForceDestroy.ValueBool() {
		if err := unlessMissing(emptyUser(ctx, op, m.Name.ValueString())); err != nil {
			return fmt.Errorf("emptying it: %w", err)
		}
	}
	_, err := op.DeleteUser(ctx, &iam.DeleteUserInput{UserName: m.Name.ValueStringPointer()})
	return err
}

// emptyUser takes away all that hangs on a user.
func emptyUser(ctx context.Context, c api, name string) error {
	user := aws.String(name)
	for _, step := range []func() error{
		func() error {
			return eachOf(ctx, iam.NewListAccessKeysPaginator(c, &iam.ListAccessKeysInput{UserName: user}),
				func(page *iam.ListAccessKeysOutput) []iamtypes.AccessKeyMetadata { return page.AccessKeyMetadata },
				func(key iamtypes.AccessKeyMetadata) error {
					_, err := c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: user, AccessKeyId: key.AccessKeyId})
					return err
				})
		},
		func() error {
			_, err := c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: user})
			return unlessMissing(err)
		},
		func() error {
			return eachOf(ctx, iam.NewListMFADevicesPaginator(c, &iam.ListMFADevicesInput{UserName: user}),
				func(page *iam.ListMFADevicesOutput) []iamtypes.MFADevice { return page.MFADevices },
				func(device iamtypes.MFADevice) error {
					_, err := c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: user, SerialNumber: device.SerialNumber})
					if unlessMissing(err) != nil {
						return err
					}
					_, err = c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: device.SerialNumber})
					return err
				})
		},
		func() error { return users.empty(ctx, c, user) },
		func() error {
			return eachOf(ctx, iam.NewListGroupsForUserPaginator(c, &iam.ListGroupsForUserInput{UserName: user}),
				func(page *iam.ListGroupsForUserOutput) []iamtypes.Group { return page.Groups },
				func(group iamtypes.Group) error {
					_, err := c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: user, GroupName: group.GroupName})
					return err
				})
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
