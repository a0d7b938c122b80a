package provider

import (
	"context"
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
)

func newAuditEventsDataSource() datasource.DataSource { return &auditEventsDataSource{} }

type auditEventsDataSource struct{ asDataSource }

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

var auditEventType = columns("event_id", "event_time", "event_source", "event_name", "who", "principal_arn", "access_key_id", "source_ip_address",
	"user_agent", "run", "error_code", "error_message", "json")

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

func (d *auditEventsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_audit_events"
}

func (d *auditEventsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	filter := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Records of the account's audit trail, newest first, in the form of AWS CloudTrail. They are not verified: `iam audit verify` does that.",
		Attributes: map[string]schema.Attribute{
			"since":      filter("Only records of this time or later (RFC 3339)."),
			"until":      filter("Only records before this time (RFC 3339)."),
			"event_name": filter("Only records of this operation, such as `CreateUser`."),
			"principal":  filter("Only what the caller of this ARN did."),
			"subject":    filter("Only records about this: the unique id or ARN of a user, group, role or policy."),
			"limit": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.Between(1, 10000)},
				MarkdownDescription: "At most so many records: 1 to 10,000. Default 100.",
			},
			"id": answer("The id of the account."),
			"events": rowsOf("The records, newest first.", map[string]string{
				"event_id": "The record's id.", "event_time": "When it happened (RFC 3339).", "event_source": "The service, such as `iam.amazonaws.com`.",
				"event_name": "The operation.", "who": "The caller as people know it: the operating system's user for the local operator, else the ARN.",
				"principal_arn": "The caller's ARN.", "access_key_id": "The access key that was used.", "source_ip_address": "Where the call came from.",
				"user_agent": "The program that made the call.", "run": "The run of Terraform, or what else ties calls together.",
				"error_code": "Why it was refused; null where it was done.", "error_message": "The error's message.", "json": "The whole record.",
			}),
		},
	}
}

func (d *auditEventsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := read[auditEventsModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	filter := engine.AuditFilter{
		EventName: model.EventName.ValueString(), Principal: model.Principal.ValueString(), Subject: model.Subject.ValueString(), Limit: 100, Descending: true,
		Since: timeOf(model.Since, path.Root("since"), &resp.Diagnostics), Until: timeOf(model.Until, path.Root("until"), &resp.Diagnostics),
	}
	if !model.Limit.IsNull() {
		filter.Limit = int(model.Limit.ValueInt64())
	}
	e := d.look(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	var out []auditEventRow
	if e != nil {
		for link, err := range e.AuditEvents(ctx, filter) {
			var row auditEventRow
			if err == nil {
				row, err = auditRow(link)
			}
			if err != nil {
				failed(&resp.Diagnostics, "reading the audit trail", err)
				return
			}
			out = append(out, row)
		}
	}
	id, err := d.store.accountID(ctx)
	if err != nil {
		storeError(&resp.Diagnostics, d.store, err)
		return
	}
	model.ID, model.Events = types.StringValue(id), rows(ctx, auditEventType, out, &resp.Diagnostics)
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
		EventSource: types.StringValue(event.EventSource), EventName: types.StringValue(event.EventName), Who: types.StringValue(whoDid(event)),
		PrincipalARN: ifAny(event.UserIdentity.ARN), AccessKeyID: ifAny(event.UserIdentity.AccessKeyID), SourceIP: ifAny(event.SourceIPAddress),
		UserAgent: ifAny(event.UserAgent), Run: ifAny(run), ErrorCode: ifAny(event.ErrorCode), ErrorMessage: ifAny(event.ErrorMessage), JSON: types.StringValue(string(link.Body)),
	}, nil
}

// ifAny is a text, or null for none.
func ifAny(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// timeOf reads a time; the zero time where none is given.
func timeOf(text types.String, at path.Path, diags *diag.Diagnostics) time.Time {
	if text.IsNull() {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text.ValueString())
	if err != nil {
		diags.AddAttributeError(at, "Not a time", err.Error()+". Write it as 2026-11-26T08:00:00Z.")
	}
	return t
}
