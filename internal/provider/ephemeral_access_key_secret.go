package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newAccessKeySecretEphemeral() ephemeral.EphemeralResource { return &accessKeySecretEphemeral{} }

// accessKeySecretEphemeral reads the secret of an existing access key. It creates nothing, because Terraform opens
// it both in plan and in apply.
type accessKeySecretEphemeral struct{ lifecycle.EphemeralBase }

var _ ephemeral.EphemeralResourceWithConfigure = (*accessKeySecretEphemeral)(nil)

type accessKeySecretModel struct {
	AccessKeyID types.String `tfsdk:"access_key_id"`
	User        types.String `tfsdk:"user"`
	Secret      types.String `tfsdk:"secret_access_key"`
}

func (e *accessKeySecretEphemeral) Metadata(
	_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse,
) {
	resp.TypeName = "iam_access_key_secret"
}

func (e *accessKeySecretEphemeral) Schema(
	_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the secret of an access key, for example for a write-only argument of a secret " +
			"store's provider. The secret is stored neither in the state nor in a plan. The audit trail records each read.",
		Attributes: map[string]schema.Attribute{
			"access_key_id": schema.StringAttribute{Required: true, MarkdownDescription: "The id of the key, `AKIA…`."},
			"user": schema.StringAttribute{Computed: true, MarkdownDescription: "The name of the user who " +
				"has the key."},
			"secret_access_key": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The secret."},
		},
	}
}

func (e *accessKeySecretEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	model, ok := lifecycle.Read[accessKeySecretModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	c, err := e.Store.Existing(ctx)
	if err != nil {
		e.Store.AddError(&resp.Diagnostics, err)
		return
	}
	id := model.AccessKeyID.ValueString()
	used, err := c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id})
	if err != nil {
		accountID, _ := e.Store.AccountID(ctx)
		resp.Diagnostics.AddError(fmt.Sprintf("Access key %q not found", id), fmt.Sprintf("Looking for the access key "+
			"in account %s failed: %s", accountID, apierror.Text(err)))
		return
	}
	secret, err := accountstore.Secret(ctx, c, *used.UserName, id)
	if err != nil {
		apierror.Add(&resp.Diagnostics, "reading the secret of access key "+id, err)
		return
	}
	model.User, model.Secret = types.StringPointerValue(used.UserName), types.StringValue(secret)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}
