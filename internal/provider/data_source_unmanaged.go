package provider

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newUnmanagedDataSource() datasource.DataSource { return &unmanagedDataSource{} }

type unmanagedDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*unmanagedDataSource)(nil)

type unmanagedModel struct {
	Types      types.Set    `tfsdk:"types"`
	PathPrefix types.String `tfsdk:"path_prefix"`
	ID         types.String `tfsdk:"id"`
	Objects    types.List   `tfsdk:"objects"`
}

var unmanagedType = computed.RowType("type", "name", "arn", "unique_id", "created", "created_by", "import_id",
	"import_block")

type unmanagedRow struct {
	Type      types.String `tfsdk:"type"`
	Name      types.String `tfsdk:"name"`
	ARN       types.String `tfsdk:"arn"`
	UniqueID  types.String `tfsdk:"unique_id"`
	Created   types.String `tfsdk:"created"`
	CreatedBy types.String `tfsdk:"created_by"`
	ImportID  types.String `tfsdk:"import_id"`
	Import    types.String `tfsdk:"import_block"`
}

var unmanagedTypes = []string{"iam_user", "iam_group", "iam_role", "iam_policy"}

func (d *unmanagedDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = "iam_unmanaged"
}

func (d *unmanagedDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the users, groups, roles and managed policies that no Terraform run has created " +
			"or imported, in any configuration, according to the account's audit trail. The trail records an import at " +
			"the first plan after the import was applied.",
		Attributes: map[string]schema.Attribute{
			"types": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(unmanagedTypes...))},
				MarkdownDescription: "Only these resource types: `iam_user`, `iam_group`, `iam_role`, `iam_policy`. Default: all.",
			},
			"path_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "Only objects whose path begins " +
				"with this prefix."},
			"id": computed.String("The id of the account."),
			"objects": computed.Rows("The unmanaged objects, by type and name.", map[string]string{
				"type": "The resource type.", "name": "The name.", "arn": "The ARN.", "unique_id": "The unique id.",
				"created":    "When the object was created (RFC 3339).",
				"created_by": "The caller who created it, or null if the trail has no record.",
				"import_id":  "The id for an import.", "import_block": "An `import` block for the object.",
			}),
		},
	}
}

// candidate is an object of the account that may be unmanaged.
type candidate struct {
	resourceType, name, path, arn, id, importID string
	created                                     time.Time
}

// candidates returns all users, groups, roles and customer managed policies of an account.
func candidates(of *account.Account) []candidate {
	var out []candidate
	for _, u := range of.Users() {
		out = append(out, candidate{
			"iam_user", u.Name,
			u.Path, of.ARN(account.UserKind, u.Path, u.Name), u.ID, u.Name, u.Created,
		})
	}
	for _, g := range of.Groups() {
		out = append(out, candidate{
			"iam_group", g.Name,
			g.Path, of.ARN(account.GroupKind, g.Path, g.Name), g.ID, g.Name, g.Created,
		})
	}
	for _, r := range of.Roles() {
		out = append(out, candidate{
			"iam_role", r.Name,
			r.Path, of.ARN(account.RoleKind, r.Path, r.Name), r.ID, r.Name, r.Created,
		})
	}
	for _, p := range of.ManagedPolicies() {
		_, resource, _ := strings.Cut(p.ARN, ":policy")
		cut := strings.LastIndex(resource, "/") + 1
		if strings.HasPrefix(p.ARN, "arn:aws:iam::"+of.ID()+":") { // nobody manages AWS's policies
			out = append(out, candidate{"iam_policy", resource[cut:], resource[:cut], p.ARN, p.ID, p.ARN, p.Created})
		}
	}
	return out
}

func (d *unmanagedDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[unmanagedModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	var wanted []string
	resp.Diagnostics.Append(model.Types.ElementsAs(ctx, &wanted, false)...)
	e := d.OpenIfExists(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	var out []unmanagedRow
	taken := map[string]bool{}
	if e != nil {
		now, err := accountstore.Account(ctx, e)
		if err != nil {
			d.Store.AddError(&resp.Diagnostics, err)
			return
		}
		for _, one := range candidates(now) {
			if len(wanted) > 0 && !slices.Contains(wanted, one.resourceType) ||
				!strings.HasPrefix(one.path, model.PathPrefix.ValueString()) {
				continue
			}
			managed, by, err := one.origin(ctx, e)
			if err != nil {
				apierror.Add(&resp.Diagnostics, "reading the audit records about "+one.arn, err)
				return
			}
			if !managed {
				out = append(out, one.row(by, one.address(taken)))
			}
		}
	}
	id, err := d.Store.AccountID(ctx)
	if err != nil {
		d.Store.AddError(&resp.Diagnostics, err)
		return
	}
	model.ID, model.Objects = types.StringValue(id), computed.RowList(ctx, unmanagedType, out, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// origin reports whether a Terraform run created or adopted the object, and otherwise who created it. An object
// that depends on it, such as an access key of a user, does not count.
func (c candidate) origin(ctx context.Context, e engine.AuditAPI) (managed bool, by string, err error) {
	create := map[string]string{
		"iam_user": "CreateUser", "iam_group": "CreateGroup", "iam_role": "CreateRole", "iam_policy": "CreatePolicy",
	}[c.resourceType]
	events, _, err := accountstore.Changes(ctx, e, c.id, 0)
	for _, event := range events {
		switch event.EventName {
		case create:
			by = lifecycle.CallerName(event)
			managed = managed || lifecycle.ByTerraform(event)
		case engine.AdoptedEvent:
			managed = managed || engine.AdoptsEntity(event)
		}
	}
	return managed, by, err
}

// invalidInLabel matches the characters that the name of a Terraform resource cannot contain.
var invalidInLabel = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// address returns a unique resource address for the object. The names a.b and a@b would both become a_b, so the
// second gets a number.
func (c candidate) address(taken map[string]bool) string {
	label := invalidInLabel.ReplaceAllString(c.name, "_")
	if label[0] >= '0' && label[0] <= '9' || label[0] == '-' {
		label = "_" + label
	}
	address := c.resourceType + "." + label
	for n := 2; taken[address]; n++ {
		address = fmt.Sprintf("%s.%s_%d", c.resourceType, label, n)
	}
	taken[address] = true
	return address
}

// templateEscaper escapes template sequences: the paths of an imported account may contain any printable character.
var templateEscaper = strings.NewReplacer("${", "$${", "%{", "%%{")

func (c candidate) row(by, address string) unmanagedRow {
	return unmanagedRow{
		Type:      types.StringValue(c.resourceType),
		Name:      types.StringValue(c.name),
		ARN:       types.StringValue(c.arn),
		UniqueID:  types.StringValue(c.id),
		Created:   types.StringValue(c.created.UTC().Format(time.RFC3339)),
		CreatedBy: computed.StringOrNull(by),
		ImportID:  types.StringValue(c.importID),
		Import: types.StringValue(fmt.Sprintf("import {\n  to = %s\n  id = %s\n}\n",
			address, templateEscaper.Replace(strconv.Quote(c.importID)))),
	}
}
