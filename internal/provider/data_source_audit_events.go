package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newAuditEventsDataSource() datasource.DataSource { return &auditEventsDataSource{} }

type auditEventsDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*auditEventsDataSource)(nil)

type auditEventsModel struct {
	Since     types.String `tfsdk:"since"`
	Until     types.String `tfsdk:"until"`
	EventName types.String `tfsdk:"event_name"`
	Principal types.String `tfsdk:"principal"`
	Subject   types.String `tfsdk:"subject"`
	Limit     types.Int64  `tfsdk:"limit"`
	ID        types.String `tfsdk:"id"`
	Events    types.List   `tfsdk:"events"`
}

var auditEventType = computed.RowType("event_id", "event_time", "event_source", "event_name", "who", "principal_arn",
	"access_key_id", "source_ip_address", "user_agent", "run", "error_code", "error_message", "json")

type auditEventRow struct {
	EventID      types.String `tfsdk:"event_id"`
	EventTime    types.String `tfsdk:"event_time"`
	EventSource  types.String `tfsdk:"event_source"`
	EventName    types.String `tfsdk:"event_name"`
	Who          types.String `tfsdk:"who"`
	PrincipalARN types.String `tfsdk:"principal_arn"`
	AccessKeyID  types.String `tfsdk:"access_key_id"`
	SourceIP     types.String `tfsdk:"source_ip_address"`
	UserAgent    types.String `tfsdk:"user_agent"`
	Run          types.String `tfsdk:"run"`
	ErrorCode    types.String `tfsdk:"error_code"`
	ErrorMessage types.String `tfsdk:"error_message"`
	JSON         types.String `tfsdk:"json"`
}

func (d *auditEventsDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = "iam_audit_events"
}

func (d *auditEventsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	filter := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists records of the account's audit trail, newest first, in the format of AWS " +
			"CloudTrail. It does not verify the trail; use `iam audit verify` for that.",
		Attributes: map[string]schema.Attribute{
			"since":      filter("Only records from this time on (RFC 3339)."),
			"until":      filter("Only records before this time (RFC 3339)."),
			"event_name": filter("Only records of this operation, such as `CreateUser`."),
			"principal":  filter("Only calls by the caller with this ARN."),
			"subject":    filter("Only records about the user, group, role or policy with this unique id or ARN."),
			"limit": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.Between(1, 10000)},
				MarkdownDescription: "The maximum number of records, 1 to 10,000. Default 100.",
			},
			"id": computed.String("The id of the account."),
			"events": computed.Rows("The records, newest first.", map[string]string{
				"event_id":          "The id of the record.",
				"event_time":        "The time of the call (RFC 3339).",
				"event_source":      "The service, such as `iam.amazonaws.com`.",
				"event_name":        "The operation.",
				"who":               "The caller: the operating system user of the local operator, otherwise the ARN.",
				"principal_arn":     "The ARN of the caller.",
				"access_key_id":     "The access key of the call.",
				"source_ip_address": "The source address of the call.",
				"user_agent":        "The program that made the call.",
				"run":               "The id of the Terraform run, or of another group of calls.",
				"error_code":        "The error code of a failed call, or null.",
				"error_message":     "The error message of a failed call, or null.",
				"json":              "The complete record as JSON.",
			}),
		},
	}
}

func (d *auditEventsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[auditEventsModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	in := &engine.ListAuditRecordsInput{
		EventName:  model.EventName.ValueString(),
		Principal:  model.Principal.ValueString(),
		Subject:    model.Subject.ValueString(),
		Descending: true,
	}
	if since := timeOf(model.Since, path.Root("since"), &resp.Diagnostics); !since.IsZero() {
		in.Since = &since
	}
	if until := timeOf(model.Until, path.Root("until"), &resp.Diagnostics); !until.IsZero() {
		in.Until = &until
	}
	limit := 100
	if !model.Limit.IsNull() {
		limit = int(model.Limit.ValueInt64())
	}
	e := d.OpenIfExists(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	var out []auditEventRow
	if e != nil {
		for link, err := range engine.AuditRecords(ctx, e, in) {
			if len(out) == limit {
				break
			}
			var row auditEventRow
			if err == nil {
				row, err = auditRow(link)
			}
			if err != nil {
				apierror.Add(&resp.Diagnostics, "reading the audit trail", err)
				return
			}
			out = append(out, row)
		}
	}
	id, err := d.Store.AccountID(ctx)
	if err != nil {
		d.Store.AddError(&resp.Diagnostics, err)
		return
	}
	model.ID, model.Events = types.StringValue(id), computed.RowList(ctx, auditEventType, out, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func auditRow(link audit.Link) (auditEventRow, error) {
	event, err := audit.Decode(link.Body)
	if err != nil {
		return auditEventRow{}, err
	}
	run, _ := event.AdditionalEventData[audit.KeyRun].(string)
	return auditEventRow{
		EventID: types.StringValue(event.EventID), EventTime: types.StringValue(event.EventTime.UTC().Format(time.RFC3339)),
		EventSource:  types.StringValue(event.EventSource),
		EventName:    types.StringValue(event.EventName),
		Who:          types.StringValue(lifecycle.CallerName(event)),
		PrincipalARN: computed.StringOrNull(event.UserIdentity.ARN),
		AccessKeyID:  computed.StringOrNull(event.UserIdentity.AccessKeyID),
		SourceIP:     computed.StringOrNull(event.SourceIPAddress),
		UserAgent:    computed.StringOrNull(event.UserAgent),
		Run:          computed.StringOrNull(run),
		ErrorCode:    computed.StringOrNull(event.ErrorCode),
		ErrorMessage: computed.StringOrNull(event.ErrorMessage),
		JSON:         types.StringValue(string(link.Body)),
	}, nil
}

// timeOf parses a time. It returns the zero time for null.
func timeOf(text types.String, at path.Path, diags *diag.Diagnostics) time.Time {
	if text.IsNull() {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text.ValueString())
	if err != nil {
		diags.AddAttributeError(at, fmt.Sprintf("Invalid time %q", text.ValueString()),
			"Expected an RFC 3339 time such as \"2026-11-26T08:00:00Z\": "+err.Error()+".")
	}
	return t
}
