// Package listing builds the data sources and list resources that list all objects of a kind. It reads the account and
// never changes it.
package listing

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

// DataSource lists the names and ARNs of all objects of a kind, filtered by path and name. TypeName
// is the type of the data source, and Plural is the word for its objects in descriptions. List
// lists the objects.
type DataSource struct {
	lifecycle.DataSourceBase
	TypeName, Plural string
	List             func(ctx context.Context, c accountstore.API, pathPrefix *string) ([]Object, error)
}

// Object is one object of a list.
type Object struct{ Name, ARN string }

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

type dataSourceModel struct {
	PathPrefix types.String `tfsdk:"path_prefix"`
	NameRegex  types.String `tfsdk:"name_regex"`
	ID         types.String `tfsdk:"id"`
	Names      types.List   `tfsdk:"names"`
	ARNs       types.List   `tfsdk:"arns"`
}

// Metadata sets the type name.
func (d *DataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.TypeName
}

// Schema returns the attributes.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the " + d.Plural + " of the account, ordered by name, optionally filtered by " +
			"path and name.",
		Attributes: map[string]schema.Attribute{
			"path_prefix": schema.StringAttribute{Optional: true,
				MarkdownDescription: "Only " + d.Plural + " whose path begins with this prefix, such as `/team/`."},
			"name_regex": schema.StringAttribute{Optional: true,
				MarkdownDescription: "Only " + d.Plural + " whose name " +
					"matches this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax))."},
			"id":    computed.String("The id of the account."),
			"names": computed.Strings("The names."),
			"arns":  computed.Strings("The ARNs, in the order of `names`."),
		},
	}
}

// Read lists the objects.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[dataSourceModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	pattern, err := regexp.Compile(model.NameRegex.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("name_regex"),
			fmt.Sprintf("Invalid regular expression %q", model.NameRegex.ValueString()), err.Error())
		return
	}
	var found []Object
	if e := d.OpenIfExists(ctx, &resp.Diagnostics); e != nil {
		if found, err = d.List(ctx, e, model.PathPrefix.ValueStringPointer()); err != nil {
			apierror.Add(&resp.Diagnostics, "listing "+d.Plural, err)
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	found = slices.DeleteFunc(found, func(n Object) bool { return !pattern.MatchString(n.Name) })
	var names, arns []string
	for _, n := range found {
		names, arns = append(names, n.Name), append(arns, n.ARN)
	}
	id, err := d.Store.AccountID(ctx)
	if err != nil {
		d.Store.AddError(&resp.Diagnostics, err)
		return
	}
	model.ID = types.StringValue(id)
	model.Names, model.ARNs = computed.StringList(names), computed.StringList(arns)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
