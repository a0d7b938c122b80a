package provider

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/tagging"
)

func newPolicyDataSource() datasource.DataSource { return &policyDataSource{} }

type policyDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*policyDataSource)(nil)

type policyDataModel struct {
	ARN         types.String `tfsdk:"arn"`
	Name        types.String `tfsdk:"name"`
	PathPrefix  types.String `tfsdk:"path_prefix"`
	ID          types.String `tfsdk:"id"`
	PolicyID    types.String `tfsdk:"policy_id"`
	Path        types.String `tfsdk:"path"`
	Description types.String `tfsdk:"description"`
	Policy      types.String `tfsdk:"policy"`
	Attachments types.Int64  `tfsdk:"attachment_count"`
	Tags        types.Map    `tfsdk:"tags"`
}

func (d *policyDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = "iam_policy"
}

func (d *policyDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an existing managed policy of the account or of AWS, by its ARN or its name. " +
			"If both have a policy with this name, the result is that of the account.",
		Attributes: map[string]schema.Attribute{
			"arn": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "The ARN of the policy. Set either `arn` or `name`.",
				Validators: []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("arn"), path.MatchRoot("name"))},
			},
			"name": schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The name of " +
				"the policy. Set either `arn` or `name`."},
			"path_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "Together with `name`: only " +
				"a policy whose path begins with this prefix."},
			"id":          computed.String("The ARN of the policy."),
			"policy_id":   computed.String("The unique id of the policy, such as `ANPA…`."),
			"path":        computed.String("The path of the policy."),
			"description": computed.String("The description of the policy."),
			"policy":      computed.String("The document of the default version, as JSON."),
			"attachment_count": schema.Int64Attribute{Computed: true, MarkdownDescription: "The number of users, groups " +
				"and roles to which the policy is attached."},
			"tags": computed.Tags(),
		},
	}
}

func (d *policyDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[policyDataModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	object := "policy " + cmp.Or(model.ARN.ValueString(), model.Name.ValueString())
	c, ok := d.OpenExisting(ctx, object, &resp.Diagnostics)
	if !ok {
		return
	}
	if model.ARN.IsNull() {
		pages := iam.NewListPoliciesPaginator(c, &iam.ListPoliciesInput{PathPrefix: model.PathPrefix.ValueStringPointer()})
		all, err := paging.All(ctx, pages, func(page *iam.ListPoliciesOutput) []iamtypes.Policy { return page.Policies })
		if err != nil {
			apierror.Add(&resp.Diagnostics, "finding "+object, err)
			return
		}
		for _, p := range all {
			if strings.EqualFold(*p.PolicyName, model.Name.ValueString()) {
				model.ARN = types.StringPointerValue(p.Arn) // the policies of the account come before AWS's
				break
			}
		}
		if model.ARN.IsNull() {
			resp.Diagnostics.AddError("Not found: "+object,
				"The account has no managed policy with this name"+withPath(model.PathPrefix)+".")
			return
		}
	}
	got, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: model.ARN.ValueStringPointer()})
	if err != nil {
		lifecycle.AddReadError(&resp.Diagnostics, object, err)
		return
	}
	version, err := c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
		PolicyArn: model.ARN.ValueStringPointer(), VersionId: got.Policy.DefaultVersionId,
	})
	if err != nil {
		lifecycle.AddReadError(&resp.Diagnostics, object, err)
		return
	}
	document, err := url.PathUnescape(*version.PolicyVersion.Document)
	if err != nil {
		lifecycle.AddReadError(&resp.Diagnostics, object, err)
		return
	}
	p := got.Policy
	model.Name = types.StringPointerValue(p.PolicyName)
	model.ID = model.ARN
	model.PolicyID = types.StringPointerValue(p.PolicyId)
	model.Path = types.StringPointerValue(p.Path)
	model.Description, model.Policy = types.StringPointerValue(p.Description), types.StringValue(document)
	if p.AttachmentCount != nil {
		model.Attachments = types.Int64Value(int64(*p.AttachmentCount))
	}
	model.Tags = tagging.Map(tagging.Values(p.Tags))
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func withPath(prefix types.String) string {
	if prefix.IsNull() {
		return ""
	}
	return " below the path " + prefix.ValueString()
}
