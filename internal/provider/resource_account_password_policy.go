package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newAccountPasswordPolicyResource() resource.Resource {
	return lifecycle.New[accountPasswordPolicyModel](lifecycle.Definition[accountPasswordPolicyModel]{
		TypeName: "iam_account_password_policy", MovedFrom: "aws_iam_account_password_policy",
		Schema: accountPasswordPolicySchema, Plan: planAccountPasswordPolicy,
		Identity: []lifecycle.IdentityAttribute{}, // an account has only one
		ImportState: func(ctx context.Context, _ *lifecycle.Base, _ resource.ImportStateRequest,
			resp *resource.ImportStateResponse) {
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), passwordPolicyID)...)
		},
	})
}

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

// passwordPolicyID is the id of the password policy of every account, as in the AWS provider.
const passwordPolicyID = "iam-account-password-policy" // #nosec G101 -- no password

func accountPasswordPolicySchema() schema.Schema {
	flag := func(value bool, description string) schema.Attribute {
		return schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(value),
			MarkdownDescription: description}
	}
	number := func(least, most, value int64, description string) schema.Attribute {
		return schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(value), MarkdownDescription: description,
			Validators: []validator.Int64{int64validator.Any(int64validator.OneOf(value),
				int64validator.Between(least, most))},
		}
	}
	return schema.Schema{
		MarkdownDescription: "The rules for the passwords of users. An account has at most one password policy. " +
			"An argument that you leave out has its default. The command `iam password-policy` sets all rules of a " +
			"standard at once.",
		Attributes: map[string]schema.Attribute{
			"allow_users_to_change_password": flag(true, "Whether users may change their own passwords. Default "+
				"`true`."),
			"hard_expiry": flag(false, "Whether users with an expired password cannot choose a new one. Default `false`."),
			"max_password_age": number(1, 1095, 0, "The number of days after which a password expires, 1 to 1,095. "+
				"Default 0: never."),
			"minimum_password_length": number(6, 128, 6, "The minimum length of a password, 6 to 128. Default 6."),
			"password_reuse_prevention": number(1, 24, 0, "The number of previous passwords that a user cannot reuse, 1 "+
				"to 24. Default 0: none."),
			"require_lowercase_characters": flag(false, "Whether a password needs a lower-case letter. Default `false`."),
			"require_numbers":              flag(false, "Whether a password needs a digit. Default `false`."),
			"require_symbols":              flag(false, "Whether a password needs a symbol. Default `false`."),
			"require_uppercase_characters": flag(false, "Whether a password needs an upper-case letter. Default `false`."),
			"expire_passwords": schema.BoolAttribute{Computed: true,
				MarkdownDescription: "Whether passwords expire, because `max_password_age` is set."},
			"id": lifecycle.IDAttribute("Always `" + passwordPolicyID + "`."),
		},
	}
}

// planAccountPasswordPolicy computes the attributes that follow from the arguments.
func planAccountPasswordPolicy(ctx context.Context, c *lifecycle.Change[accountPasswordPolicyModel]) {
	c.Plan.ID = types.StringValue(passwordPolicyID)
	c.Plan.ExpirePasswords = types.BoolUnknown()
	if !c.Plan.MaxAge.IsUnknown() {
		c.Plan.ExpirePasswords = types.BoolValue(c.Plan.MaxAge.ValueInt64() > 0)
	}
	c.Diags.Append(c.Planned.PlanPasswordPolicy(ctx, engine.PasswordPolicyOf(c.Plan.input()))...)
}

func (m *accountPasswordPolicyModel) Describe() string { return "account password policy" }

func (m *accountPasswordPolicyModel) Identity() map[string]any { return nil }

// AuditSubject is empty: the audit trail has no subject for the password policy.
func (m *accountPasswordPolicyModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{Description: m.Describe()}
}

func (m *accountPasswordPolicyModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	return m.set(ctx, op)
}

func (m *accountPasswordPolicyModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	got, err := op.GetAccountPasswordPolicy(ctx, nil)
	if err == nil {
		*m = passwordPolicyState(got.PasswordPolicy)
	}
	return err
}

func (m *accountPasswordPolicyModel) Update(ctx context.Context, op *lifecycle.Operation,
	_ *accountPasswordPolicyModel) error {
	return m.set(ctx, op)
}

func (m *accountPasswordPolicyModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	_, err := op.DeleteAccountPasswordPolicy(ctx, nil)
	return err
}

// set sets every rule of the policy.
func (m *accountPasswordPolicyModel) set(ctx context.Context, c accountstore.API) error {
	_, err := c.UpdateAccountPasswordPolicy(ctx, m.input())
	return err
}

// input returns the policy in the form of the API.
func (m *accountPasswordPolicyModel) input() *iam.UpdateAccountPasswordPolicyInput {
	in := &iam.UpdateAccountPasswordPolicyInput{
		AllowUsersToChangePassword: m.AllowUsersToChange.ValueBool(), HardExpiry: aws.Bool(m.HardExpiry.ValueBool()),
		MinimumPasswordLength:      lifecycle.Int32Of(m.MinimumLength),
		RequireLowercaseCharacters: m.RequireLowercase.ValueBool(), RequireNumbers: m.RequireNumbers.ValueBool(),
		RequireSymbols: m.RequireSymbols.ValueBool(), RequireUppercaseCharacters: m.RequireUppercase.ValueBool(),
	}
	if m.MaxAge.ValueInt64() > 0 {
		in.MaxPasswordAge = lifecycle.Int32Of(m.MaxAge)
	}
	if m.ReusePrevention.ValueInt64() > 0 {
		in.PasswordReusePrevention = lifecycle.Int32Of(m.ReusePrevention)
	}
	return in
}

func passwordPolicyState(p *iamtypes.PasswordPolicy) accountPasswordPolicyModel {
	number := func(value *int32) types.Int64 { return types.Int64Value(int64(aws.ToInt32(value))) }
	return accountPasswordPolicyModel{
		AllowUsersToChange: types.BoolValue(p.AllowUsersToChangePassword),
		HardExpiry:         types.BoolValue(aws.ToBool(p.HardExpiry)),
		MaxAge:             number(p.MaxPasswordAge), MinimumLength: number(p.MinimumPasswordLength),
		ReusePrevention:  number(p.PasswordReusePrevention),
		RequireLowercase: types.BoolValue(p.RequireLowercaseCharacters),
		RequireNumbers:   types.BoolValue(p.RequireNumbers),
		RequireSymbols:   types.BoolValue(p.RequireSymbols),
		RequireUppercase: types.BoolValue(p.RequireUppercaseCharacters),
		ExpirePasswords:  types.BoolValue(p.ExpirePasswords), ID: types.StringValue(passwordPolicyID),
	}
}
