package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func newAccessKeySecretEphemeral() ephemeral.EphemeralResource { return &accessKeySecretEphemeral{} }

// accessKeySecretEphemeral reads the secret of a key that there is. It makes nothing: Terraform opens it in plan and apply.
type accessKeySecretEphemeral struct{ asEphemeral }

var _ ephemeral.EphemeralResourceWithConfigure = (*accessKeySecretEphemeral)(nil)

type accessKeySecretModel struct {
	AccessKeyID types.String `tfsdk:"access_key_id"`
	User        types.String `tfsdk:"user"`
	Secret      types.String `tfsdk:"secret_access_key"`
}

func (e *accessKeySecretEphemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "iam_access_key_secret"
}

func (e *accessKeySecretEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The secret of an access key, for a write-only argument of another provider, such as that of a secret store: it is neither in the state nor in a plan. The audit trail says each time that it was read.",
		Attributes: map[string]schema.Attribute{
			"access_key_id":     schema.StringAttribute{Required: true, MarkdownDescription: "The id of the key, `AKIA…`."},
			"user":              schema.StringAttribute{Computed: true, MarkdownDescription: "The name of the user whose key it is."},
			"secret_access_key": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The secret."},
		},
	}
}

func (e *accessKeySecretEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	model, ok := read[accessKeySecretModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	opened, err := e.store.existing(ctx)
	if err != nil {
		storeError(&resp.Diagnostics, e.store, err)
		return
	}
	c, id := opened.As(e.store.caller), model.AccessKeyID.ValueString()
	used, err := c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id})
	if err != nil {
		resp.Diagnostics.AddError("No such access key", fmt.Sprintf("Finding access key %s in account %s: %s", id, opened.AccountID(), errorText(err)))
		return
	}
	secret, err := c.RevealAccessKey(ctx, *used.UserName, id)
	if err != nil {
		failed(&resp.Diagnostics, "reading the secret of access key "+id, err)
		return
	}
	model.User, model.Secret = types.StringPointerValue(used.UserName), types.StringValue(secret)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}
