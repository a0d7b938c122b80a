package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newSessionRevocationResource() resource.Resource {
	return lifecycle.New[sessionRevocationModel](lifecycle.Definition[sessionRevocationModel]{
		TypeName: "iam_session_revocation", Schema: sessionRevocationSchema, IsAction: true,
	})
}

type sessionRevocationModel struct {
	User      types.String `tfsdk:"user"`
	Role      types.String `tfsdk:"role"`
	AccessKey types.String `tfsdk:"access_key"`
	Triggers  types.Map    `tfsdk:"triggers"`
	RevokedAt types.String `tfsdk:"revoked_at"`
}

func sessionRevocationSchema() schema.Schema {
	of := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: description + " Changing this creates a new revocation.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators: []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("user"),
				path.MatchRoot("role"), path.MatchRoot("access_key"))},
		}
	}
	return schema.Schema{
		MarkdownDescription: "Ends all current sessions of a user, a role or an access key at once, for example when " +
			"a person leaves. It does not affect later sessions, so also remove the credentials that start them. " +
			"Destroying the resource does nothing.",
		Attributes: map[string]schema.Attribute{
			"user": of("The name of the user whose sessions end, including sessions of roles that they assumed."),
			"role": of("The name of the role whose sessions end."),
			"access_key": of("The id of the access key whose sessions end: a long-term key (`AKIA…`) or the key of one " +
				"session (`ASIA…`)."),
			"triggers": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,
				PlanModifiers:       []planmodifier.Map{mapplanmodifier.RequiresReplace()},
				MarkdownDescription: "Any values. Changing this creates a new revocation, which ends the sessions again.",
			},
			"revoked_at": lifecycle.ConstantAttribute("The time of the revocation (RFC 3339)."),
		},
	}
}

func (m *sessionRevocationModel) Describe() string { return "session revocation" }

func (m *sessionRevocationModel) Identity() map[string]any { return nil }

func (m *sessionRevocationModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{}
}

func (m *sessionRevocationModel) Create(ctx context.Context, op *lifecycle.Operation) (err error) {
	switch {
	case !m.User.IsNull():
		_, err = op.RevokeUserSessions(ctx, &engine.RevokeUserSessionsInput{UserName: m.User.ValueString()})
	case !m.Role.IsNull():
		_, err = op.RevokeRoleSessions(ctx, &engine.RevokeRoleSessionsInput{RoleName: m.Role.ValueString()})
	default:
		in := &engine.RevokeAccessKeySessionsInput{AccessKeyID: m.AccessKey.ValueString()}
		_, err = op.RevokeAccessKeySessions(ctx, in)
	}
	m.RevokedAt = types.StringValue(op.Now().UTC().Format(time.RFC3339))
	return err
}

func (m *sessionRevocationModel) Read(context.Context, *lifecycle.Operation) error { return nil }

// Update does nothing: each changed argument replaces the resource.
func (m *sessionRevocationModel) Update(context.Context, *lifecycle.Operation, *sessionRevocationModel) error {
	return nil
}

func (m *sessionRevocationModel) Remove(context.Context, *lifecycle.Operation) error { return nil }
