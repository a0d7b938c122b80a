package provider

import (
	"context"
	"crypto/subtle"
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
)

func newSessionCredentialsEphemeral() ephemeral.EphemeralResource {
	return &sessionCredentialsEphemeral{}
}

// sessionCredentialsEphemeral is a session of a role, which ends with the run.
type sessionCredentialsEphemeral struct{ asEphemeral }

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

func (e *sessionCredentialsEphemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "iam_session_credentials"
}

func (e *sessionCredentialsEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Temporary credentials of a role, for the time that Terraform runs: the session is ended when Terraform is done with it. The role is assumed as the user of an access key, " +
			"so the role's trust policy and the user's policies must allow it, as for anybody. Where they do so only once what is planned is applied, the session begins in apply.",
		Attributes: map[string]schema.Attribute{
			"role_arn":         schema.StringAttribute{Required: true, MarkdownDescription: "The ARN of the role."},
			"as_access_key_id": schema.StringAttribute{Required: true, MarkdownDescription: "The id of the long-term access key, `AKIA…`, of the user who assumes the role."},
			"session_name":     schema.StringAttribute{Optional: true, MarkdownDescription: "The name of the session. Default `terraform`."},
			"duration_seconds": schema.Int64Attribute{Optional: true, Validators: []validator.Int64{int64validator.Between(900, 43200)}, MarkdownDescription: "How long the session lasts at most. Default 3,600."},
			"policy":           schema.StringAttribute{Optional: true, MarkdownDescription: "A session policy, as JSON, which limits the session further."},
			"policy_arns":      schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "The ARNs of managed policies that limit the session further."},
			"external_id":      schema.StringAttribute{Optional: true, MarkdownDescription: "The external id that the trust policy asks for."},
			"tags":             schema.MapAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "The tags of the session. The trust policy must allow `sts:TagSession` then."},

			"access_key_id":     schema.StringAttribute{Computed: true, MarkdownDescription: "The session's access key id, `ASIA…`."},
			"secret_access_key": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The session's secret."},
			"session_token":     schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The session's token."},
			"expiration":        schema.StringAttribute{Computed: true, MarkdownDescription: "When the session ends at the latest (RFC 3339)."},
		},
	}
}

const sessionKeyID = "access_key_id" // in the private data

func (e *sessionCredentialsEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	model, ok := read[sessionCredentialsModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	opened, err := e.store.existing(ctx)
	if err != nil {
		storeError(&resp.Diagnostics, e.store, err)
		return
	}
	as, err := e.userOfKey(ctx, opened, model.AsAccessKey.ValueString())
	if err != nil {
		resp.Diagnostics.AddError("No such access key", fmt.Sprintf("Acting as the user of access key %s: %s", model.AsAccessKey.ValueString(), errorText(err)))
		return
	}
	in := &sts.AssumeRoleInput{
		RoleArn: model.RoleARN.ValueStringPointer(), RoleSessionName: aws.String(orElse(model.SessionName, "terraform")),
		Policy: model.Policy.ValueStringPointer(), ExternalId: model.ExternalID.ValueStringPointer(),
	}
	if !model.Duration.IsNull() {
		in.DurationSeconds = int32Of(model.Duration)
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
	if err != nil && e.waits(ctx, as, in) {
		unknown := types.StringUnknown()
		model.AccessKeyID, model.Secret, model.SessionToken, model.Expiration = unknown, unknown, unknown, unknown
		resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
		return
	}
	if err != nil {
		failed(&resp.Diagnostics, "assuming "+model.RoleARN.ValueString(), err)
		return
	}
	model.AccessKeyID, model.Secret = types.StringPointerValue(out.Credentials.AccessKeyId), types.StringPointerValue(out.Credentials.SecretAccessKey)
	model.SessionToken, model.Expiration = types.StringPointerValue(out.Credentials.SessionToken), types.StringValue(out.Credentials.Expiration.Format(time.RFC3339))
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, sessionKeyID, []byte(`"`+model.AccessKeyID.ValueString()+`"`))...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}

// waits reports whether a role may not be assumed as the account is, and may be as it is planned. ARNs are known at plan, so that
// Terraform asks for sessions of roles that are yet to be made.
func (e *sessionCredentialsEphemeral) waits(ctx context.Context, as *engine.Client, in *sts.AssumeRoleInput) bool {
	who, err := as.GetCallerIdentity(ctx, nil)
	if err != nil {
		return false
	}
	assumes := assertion.Block{Allow: true, Actions: []string{"sts:AssumeRole"}, Resources: []string{*in.RoleArn}, Context: []assertion.Key{
		{Name: "sts:RoleSessionName", Values: []string{*in.RoleSessionName}},
	}}
	if in.ExternalId != nil {
		assumes.Context = append(assumes.Context, assertion.Key{Name: "sts:ExternalId", Values: []string{*in.ExternalId}})
	}
	a := assertion.Assertion{Principal: *who.Arn, Blocks: []assertion.Block{assumes}}
	may := func(of *account.Account) bool {
		result, err := a.Check(of)
		return err == nil && len(result.Failures) == 0
	}
	live, err := e.store.live(ctx)
	if err != nil || may(live) { // it was refused for something else
		return false
	}
	planned, isPlanned, err := e.planned.view(ctx, append([]string{a.Principal}, a.Roles()...)...)
	return err == nil && isPlanned && may(planned)
}

// userOfKey is the client of who has an access key. The operator, who has the store, is told its secret, and signs in with it.
func (e *sessionCredentialsEphemeral) userOfKey(ctx context.Context, opened *engine.Engine, id string) (*engine.Client, error) {
	operator := opened.As(e.store.caller)
	used, err := operator.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id})
	if err != nil {
		return nil, err
	}
	secret, err := operator.RevealAccessKey(ctx, *used.UserName, id)
	if err != nil {
		return nil, err
	}
	caller, err := opened.Authenticate(ctx, id, "", func(kept string) bool { return subtle.ConstantTimeCompare([]byte(kept), []byte(secret)) == 1 }, e.store.circumstances)
	if err != nil {
		return nil, err
	}
	return opened.As(caller), nil
}

func (e *sessionCredentialsEphemeral) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	text, diags := req.Private.GetKey(ctx, sessionKeyID)
	resp.Diagnostics.Append(diags...)
	opened, err := e.store.existing(ctx)
	if err != nil {
		storeError(&resp.Diagnostics, e.store, err)
		return
	}
	id := string(text)
	if len(id) < 3 {
		return
	}
	if err := opened.As(e.store.caller).RevokeAccessKeySessions(ctx, id[1:len(id)-1]); err != nil {
		failed(&resp.Diagnostics, "ending the session", err)
	}
}
