package provider

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newCredentialReportDataSource() datasource.DataSource { return &credentialReportDataSource{} }

type credentialReportDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*credentialReportDataSource)(nil)

type credentialReportModel struct {
	ID        types.String `tfsdk:"id"`
	Generated types.String `tfsdk:"generated_time"`
	CSV       types.String `tfsdk:"csv"`
	Users     types.List   `tfsdk:"users"`
}

func (d *credentialReportDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = "iam_credential_report"
}

func (d *credentialReportDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the credential report: the credentials of each user, with their age and last " +
			"use. The account generates a new report if the latest is older than four hours.",
		Attributes: map[string]schema.Attribute{
			"id":             computed.String("The id of the account."),
			"generated_time": computed.String("When the report was generated (RFC 3339)."),
			"csv":            computed.String("The report as CSV text in the format of AWS."),
			"users": schema.ListAttribute{
				ElementType: types.MapType{ElemType: types.StringType}, Computed: true,
				MarkdownDescription: "The rows of the report. Each is a map by the [column " +
					"names](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html), such as " +
					"`user`, `mfa_active` and `access_key_1_last_rotated`.",
			},
		},
	}
}

func (d *credentialReportDataSource) Read(
	ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse,
) {
	c, ok := d.OpenExisting(ctx, "credential report", &resp.Diagnostics)
	if !ok {
		return
	}
	// With a read-only account, GetCredentialReport generates the report.
	if _, err := c.GenerateCredentialReport(ctx, nil); err != nil && !engine.IsReadOnlyStore(err) {
		apierror.Add(&resp.Diagnostics, "generating the credential report", err)
		return
	}
	got, err := c.GetCredentialReport(ctx, nil)
	if err != nil {
		apierror.Add(&resp.Diagnostics, "reading the credential report", err)
		return
	}
	lines, err := csv.NewReader(bytes.NewReader(got.Content)).ReadAll()
	if err == nil && len(lines) == 0 {
		err = errors.New("the report is empty")
	}
	if err != nil {
		resp.Diagnostics.AddError("Invalid credential report", fmt.Sprintf("Reading the report as CSV failed: %v. "+
			"Expected a header row and one row for each user.", err))
		return
	}
	users := []map[string]string{}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		users = append(users, row)
	}
	id, err := d.Store.AccountID(ctx)
	if err != nil {
		d.Store.AddError(&resp.Diagnostics, err)
		return
	}
	model := credentialReportModel{
		ID:        types.StringValue(id),
		Generated: types.StringValue(got.GeneratedTime.Format(time.RFC3339)),
		CSV:       types.StringValue(string(got.Content)),
	}
	list, diags := types.ListValueFrom(ctx, types.MapType{ElemType: types.StringType}, users)
	resp.Diagnostics.Append(diags...)
	model.Users = list
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
