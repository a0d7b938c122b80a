package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newSessionCredentialsEphemeral() ephemeral.EphemeralResource {
	return &sessionCredentialsEphemeral{}
}

// sessionCredentialsEphemeral is a session of a role. Close ends it with the Terraform run.
type sessionCredentialsEphemeral struct{ lifecycle.EphemeralBase }

var (
	_ ephemeral.EphemeralResourceWithConfigure = (*sessionCredentialsEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithClose     = (*sessionCredentialsEphemeral)(nil)
)

type sessionCredentialsModel struct {
	RoleARN     types.String `tfsdk:"role_arn"`
	AsAccessKey types.String `tfsdk:"as_access_key_id"`
	SessionName types.String `tfsdk:"session_name"`
	Duration    types.Int64  `tfsdk:"duration_seconds"`
	Policy      types.String `tfsdk:"policy"`
	PolicyARNs  types.Set    `tfsdk:"policy_arns"`
	ExternalID  types.String `tfsdk:"external_id"`
	Tags        types.Map    `tfsdk:"tags"`

	AccessKeyID  types.String `tfsdk:"access_key_id"`
	Secret       types.String `tfsdk:"secret_access_key"`
	SessionToken types.String `tfsdk:"session_token"`
	Expiration   types.String `tfsdk:"expiration"`
}

func (e *sessionCredentialsEphemeral) Metadata(
	_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse,
) {
	resp.TypeName = "iam_session_credentials"
}

func (e *sessionCredentialsEphemeral) Schema(
	_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Creates temporary credentials of a role while Terraform runs, and ends the session when " +
			"Terraform no longer needs it. The user of an access key assumes the role, " +
			"so the trust policy of the role and the policies of the user must allow it. If only the planned account " +
			"allows it, the session begins in apply.",
		Attributes: map[string]schema.Attribute{
			"role_arn": schema.StringAttribute{Required: true, MarkdownDescription: "The ARN of the role."},
			"as_access_key_id": schema.StringAttribute{Required: true, MarkdownDescription: "The id of the long-term " +
				"access key, `AKIA…`. Its user assumes the role."},
			"session_name": schema.StringAttribute{Optional: true, MarkdownDescription: "The name of the session. " +
				"Default `terraform`."},
			"duration_seconds": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.Between(900, 43200)},
				MarkdownDescription: "The maximum duration of the session, in seconds: 900 to 43,200. Default 3,600.",
			},
			"policy": schema.StringAttribute{Optional: true, MarkdownDescription: "A session policy, as JSON, " +
				"that limits the session."},
			"policy_arns": schema.SetAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "The ARNs of managed policies that limit the session.",
			},
			"external_id": schema.StringAttribute{Optional: true, MarkdownDescription: "The external id that the " +
				"trust policy requires."},
			"tags": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "The session tags. The trust policy must then also allow `sts:TagSession`.",
			},

			"access_key_id": schema.StringAttribute{Computed: true, MarkdownDescription: "The access key id of the " +
				"session, `ASIA…`."},
			"secret_access_key": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The " +
				"secret access key of the session."},
			"session_token": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The " +
				"session token."},
			"expiration": schema.StringAttribute{Computed: true, MarkdownDescription: "The latest end of the " +
				"session (RFC 3339)."},
		},
	}
}

// privateAccessKeyID names the entry of the private data with the session's access key id.
const privateAccessKeyID = "access_key_id"

func (e *sessionCredentialsEphemeral) Open(
	ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse,
) {
	model, ok := lifecycle.Read[sessionCredentialsModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	opened, err := e.Store.Existing(ctx)
	if err != nil {
		e.Store.AddError(&resp.Diagnostics, err)
		return
	}
	as, err := e.userOfKey(ctx, opened, model.AsAccessKey.ValueString())
	if err != nil {
		resp.Diagnostics.AddError(fmt.Sprintf("Access key %q cannot assume a role", model.AsAccessKey.ValueString()),
			fmt.Sprintf("Authenticating as the user of the access key failed: %s", apierror.Text(err)))
		return
	}
	in := &sts.AssumeRoleInput{
		RoleArn:         model.RoleARN.ValueStringPointer(),
		RoleSessionName: aws.String(cmp.Or(model.SessionName.ValueString(), "terraform")),
		Policy:          model.Policy.ValueStringPointer(), ExternalId: model.ExternalID.ValueStringPointer(),
	}
	if !model.Duration.IsNull() {
		in.DurationSeconds = lifecycle.Int32Of(model.Duration)
	}
	var arns []string
	resp.Diagnostics.Append(model.PolicyARNs.ElementsAs(ctx, &arns, false)...)
	for _, arn := range arns {
		in.PolicyArns = append(in.PolicyArns, ststypes.PolicyDescriptorType{Arn: &arn})
	}
	var tags map[string]string
	resp.Diagnostics.Append(model.Tags.ElementsAs(ctx, &tags, false)...)
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		in.Tags = append(in.Tags, ststypes.Tag{Key: &name, Value: aws.String(tags[name])})
	}
	if resp.Diagnostics.HasError() {
		return
	}
	out, err := as.AssumeRole(ctx, in)
	if err != nil && e.allowedOnlyWhenPlanned(ctx, as, in) {
		unknown := types.StringUnknown()
		model.AccessKeyID, model.Secret, model.SessionToken, model.Expiration = unknown, unknown, unknown, unknown
		resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
		return
	}
	if err != nil {
		apierror.Add(&resp.Diagnostics, "assuming "+model.RoleARN.ValueString(), err)
		return
	}
	model.AccessKeyID = types.StringPointerValue(out.Credentials.AccessKeyId)
	model.Secret = types.StringPointerValue(out.Credentials.SecretAccessKey)
	model.SessionToken = types.StringPointerValue(out.Credentials.SessionToken)
	model.Expiration = types.StringValue(out.Credentials.Expiration.Format(time.RFC3339))
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, privateAccessKeyID,
		[]byte(`"`+model.AccessKeyID.ValueString()+`"`))...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}

// allowedOnlyWhenPlanned reports whether only the planned account allows assuming the role, not the live
// account. ARNs are known at plan, so Terraform opens sessions of roles that do not exist yet.
func (e *sessionCredentialsEphemeral) allowedOnlyWhenPlanned(
	ctx context.Context, as accountstore.API, in *sts.AssumeRoleInput,
) bool {
	caller, err := as.GetCallerIdentity(ctx, nil)
	if err != nil {
		return false
	}
	assumes := assertion.Block{
		Allow: true, Actions: []string{"sts:AssumeRole"}, Resources: []string{*in.RoleArn},
		Context: []assertion.Key{{Name: "sts:RoleSessionName", Values: []string{*in.RoleSessionName}}},
	}
	if in.ExternalId != nil {
		assumes.Context = append(assumes.Context, assertion.Key{Name: "sts:ExternalId", Values: []string{*in.ExternalId}})
	}
	a := assertion.Assertion{Principal: *caller.Arn, Blocks: []assertion.Block{assumes}}
	isAllowed := func(of *account.Account) bool {
		result, err := a.Check(of)
		return err == nil && len(result.Failures) == 0
	}
	live, err := e.Store.Live(ctx)
	if err != nil || isAllowed(live) { // the refusal has another reason
		return false
	}
	planned, isPlanned, err := e.Planned.View(ctx, append([]string{a.Principal}, a.Roles()...)...)
	return err == nil && isPlanned && isAllowed(planned)
}

// userOfKey returns a client of the user who has an access key. The local operator reads the secret of the key and
// authenticates with it.
func (e *sessionCredentialsEphemeral) userOfKey(
	ctx context.Context, operator accountstore.API, id string,
) (accountstore.API, error) {
	used, err := operator.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id})
	if err != nil {
		return nil, err
	}
	secret, err := accountstore.Secret(ctx, operator, *used.UserName, id)
	if err != nil {
		return nil, err
	}
	return e.Store.ActAs(ctx, id, secret)
}

func (e *sessionCredentialsEphemeral) Close(
	ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse,
) {
	text, diags := req.Private.GetKey(ctx, privateAccessKeyID)
	resp.Diagnostics.Append(diags...)
	opened, err := e.Store.Existing(ctx)
	if err != nil {
		e.Store.AddError(&resp.Diagnostics, err)
		return
	}
	id := string(text)
	if len(id) < 3 {
		return
	}
	in := &engine.RevokeAccessKeySessionsInput{AccessKeyID: id[1 : len(id)-1]}
	if _, err := opened.RevokeAccessKeySessions(ctx, in); err != nil {
		apierror.Add(&resp.Diagnostics, "ending the session", err)
	}
}
