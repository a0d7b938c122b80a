package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func newAccountPasswordPolicyResource() resource.Resource { return &accountPasswordPolicyResource{} }

type accountPasswordPolicyResource struct {
	kept[accountPasswordPolicyModel, *accountPasswordPolicyModel]
}

var (
	_ resource.ResourceWithConfigure   = (*accountPasswordPolicyResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*accountPasswordPolicyResource)(nil)
	_ resource.ResourceWithImportState = (*accountPasswordPolicyResource)(nil)
	_ resource.ResourceWithIdentity    = (*accountPasswordPolicyResource)(nil)
	_ resource.ResourceWithMoveState   = (*accountPasswordPolicyResource)(nil)
	_ keptObject                       = (*accountPasswordPolicyModel)(nil)
)

type accountPasswordPolicyModel struct {
	AllowUsersToChange types.Bool   `tfsdk:"allow_users_to_change_password"`
	HardExpiry         types.Bool   `tfsdk:"hard_expiry"`
	MaxAge             types.Int64  `tfsdk:"max_password_age"`
	MinimumLength      types.Int64  `tfsdk:"minimum_password_length"`
	ReusePrevention    types.Int64  `tfsdk:"password_reuse_prevention"`
	RequireLowercase   types.Bool   `tfsdk:"require_lowercase_characters"`
	RequireNumbers     types.Bool   `tfsdk:"require_numbers"`
	RequireSymbols     types.Bool   `tfsdk:"require_symbols"`
	RequireUppercase   types.Bool   `tfsdk:"require_uppercase_characters"`
	ExpirePasswords    types.Bool   `tfsdk:"expire_passwords"`
	ID                 types.String `tfsdk:"id"`
}

// passwordPolicyID is the same for all accounts, as in the AWS provider.
const passwordPolicyID = "iam-account-password-policy" // #nosec G101 -- no password

func (r *accountPasswordPolicyResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "iam_account_password_policy"
}

func (r *accountPasswordPolicyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	flag := func(value bool, description string) schema.Attribute {
		return schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(value), MarkdownDescription: description}
	}
	number := func(least, most, value int64, description string) schema.Attribute {
		return schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(value), MarkdownDescription: description,
			Validators: []validator.Int64{int64validator.Any(int64validator.OneOf(value), int64validator.Between(least, most))},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What the passwords of users have to be, of which an account has at most one policy. The API sets it whole: what is not given is its default. " +
			"The rules of a standard as a whole are set with `iam password-policy`.",
		Attributes: map[string]schema.Attribute{
			"allow_users_to_change_password": flag(true, "Whether users may change their own passwords. Default `true`."),
			"hard_expiry":                    flag(false, "Whether a user whose password has expired cannot choose another one. Default `false`."),
			"max_password_age":               number(1, 1095, 0, "After how many days a password expires: 1 to 1,095. Default 0, never."),
			"minimum_password_length":        number(6, 128, 6, "How long a password has to be: 6 to 128. Default 6."),
			"password_reuse_prevention":      number(1, 24, 0, "How many earlier passwords may not come again: 1 to 24. Default 0, none."),
			"require_lowercase_characters":   flag(false, "Whether a lower-case letter is needed."),
			"require_numbers":                flag(false, "Whether a digit is needed."),
			"require_symbols":                flag(false, "Whether a symbol is needed."),
			"require_uppercase_characters":   flag(false, "Whether an upper-case letter is needed."),
			"expire_passwords":               schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether passwords expire: `max_password_age` is given."},
			"id":                             idAttribute("Always `" + passwordPolicyID + "`."),
		},
	}
}

func (r *accountPasswordPolicyResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"account_id": identityschema.StringAttribute{OptionalForImport: true, Description: "The id of the account."},
	}}
}

func (r *accountPasswordPolicyResource) MoveState(context.Context) []resource.StateMover {
	return movedFromAWS("aws_iam_account_password_policy")
}

func (r *accountPasswordPolicyResource) ImportState(ctx context.Context, _ resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), passwordPolicyID)...)
}

func (r *accountPasswordPolicyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	plan, _, ok := r.planning(ctx, req, &resp.Diagnostics)
	if !ok || plan == nil {
		return
	}
	plan.ID = types.StringValue(passwordPolicyID)
	plan.ExpirePasswords = types.BoolUnknown()
	if !plan.MaxAge.IsUnknown() {
		plan.ExpirePasswords = types.BoolValue(plan.MaxAge.ValueInt64() > 0)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

func (m *accountPasswordPolicyModel) what() string { return "account password policy" }

func (m *accountPasswordPolicyModel) identity() map[string]string { return nil }

// concerns has no subject: the trail knows the policy by nothing but the names of its calls, which changes of the account
// itself have none of.
func (m *accountPasswordPolicyModel) concerns(context.Context, *keeper) concerning {
	return concerning{what: m.what()}
}

func (m *accountPasswordPolicyModel) create(ctx context.Context, k *keeper) error {
	return m.set(ctx, k)
}

func (m *accountPasswordPolicyModel) read(ctx context.Context, k *keeper) error {
	got, err := k.GetAccountPasswordPolicy(ctx, nil)
	if err == nil {
		*m = passwordPolicyState(got.PasswordPolicy)
	}
	return err
}

func (m *accountPasswordPolicyModel) update(ctx context.Context, k *keeper, _ *accountPasswordPolicyModel) error {
	return m.set(ctx, k)
}

func (m *accountPasswordPolicyModel) remove(ctx context.Context, k *keeper) error {
	_, err := k.DeleteAccountPasswordPolicy(ctx, nil)
	return err
}

// set sets the policy whole.
func (m *accountPasswordPolicyModel) set(ctx context.Context, c api) error {
	in := &iam.UpdateAccountPasswordPolicyInput{
		AllowUsersToChangePassword: m.AllowUsersToChange.ValueBool(), HardExpiry: aws.Bool(m.HardExpiry.ValueBool()),
		MinimumPasswordLength:      int32Of(m.MinimumLength),
		RequireLowercaseCharacters: m.RequireLowercase.ValueBool(), RequireNumbers: m.RequireNumbers.ValueBool(),
		RequireSymbols: m.RequireSymbols.ValueBool(), RequireUppercaseCharacters: m.RequireUppercase.ValueBool(),
	}
	if m.MaxAge.ValueInt64() > 0 {
		in.MaxPasswordAge = int32Of(m.MaxAge)
	}
	if m.ReusePrevention.ValueInt64() > 0 {
		in.PasswordReusePrevention = int32Of(m.ReusePrevention)
	}
	_, err := c.UpdateAccountPasswordPolicy(ctx, in)
	return err
}

func passwordPolicyState(p *iamtypes.PasswordPolicy) accountPasswordPolicyModel {
	number := func(value *int32) types.Int64 { return types.Int64Value(int64(aws.ToInt32(value))) }
	return accountPasswordPolicyModel{
		AllowUsersToChange: types.BoolValue(p.AllowUsersToChangePassword), HardExpiry: types.BoolValue(aws.ToBool(p.HardExpiry)),
		MaxAge: number(p.MaxPasswordAge), MinimumLength: number(p.MinimumPasswordLength), ReusePrevention: number(p.PasswordReusePrevention),
		RequireLowercase: types.BoolValue(p.RequireLowercaseCharacters), RequireNumbers: types.BoolValue(p.RequireNumbers),
		RequireSymbols: types.BoolValue(p.RequireSymbols), RequireUppercase: types.BoolValue(p.RequireUppercaseCharacters),
		ExpirePasswords: types.BoolValue(p.ExpirePasswords), ID: types.StringValue(passwordPolicyID),
	}
}
