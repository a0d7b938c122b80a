package provider

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

// listing is a data source that lists all objects of a kind, filtered by path and name.
type listing struct {
	lifecycle.DataSourceBase
	typeName, plural string
	list             func(ctx context.Context, c accountstore.API, pathPrefix *string) ([]listed, error)
}

// listed is one object of a listing.
type listed struct{ name, arn string }

var _ datasource.DataSourceWithConfigure = (*listing)(nil)

type listingModel struct {
	PathPrefix types.String `tfsdk:"path_prefix"`
	NameRegex  types.String `tfsdk:"name_regex"`
	ID         types.String `tfsdk:"id"`
	Names      types.List   `tfsdk:"names"`
	ARNs       types.List   `tfsdk:"arns"`
}

func (d *listing) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.typeName
}

func (d *listing) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the " + d.plural + " of the account, ordered by name, optionally filtered by " +
			"path " +
			"and name.",
		Attributes: map[string]schema.Attribute{
			"path_prefix": schema.StringAttribute{Optional: true,
				MarkdownDescription: "Only " + d.plural + " whose path " +
					"begins with this prefix, such as `/team/`."},
			"name_regex": schema.StringAttribute{Optional: true,
				MarkdownDescription: "Only " + d.plural + " whose name " +
					"matches this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax))."},
			"id": computed.String("The id of the account."),
			"names": schema.ListAttribute{ElementType: types.StringType, Computed: true,
				MarkdownDescription: "The names."},
			"arns": schema.ListAttribute{
				ElementType: types.StringType, Computed: true,
				MarkdownDescription: "The ARNs, in the order of `names`.",
			},
		},
	}
}

func (d *listing) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[listingModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	pattern, err := regexp.Compile(model.NameRegex.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("name_regex"),
			fmt.Sprintf("Invalid regular expression %q", model.NameRegex.ValueString()), err.Error())
		return
	}
	var found []listed
	if e := d.OpenIfExists(ctx, &resp.Diagnostics); e != nil {
		if found, err = d.list(ctx, e, model.PathPrefix.ValueStringPointer()); err != nil {
			apierror.Add(&resp.Diagnostics, "listing "+d.plural, err)
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	found = slices.DeleteFunc(found, func(n listed) bool { return !pattern.MatchString(n.name) })
	var names, arns []string
	for _, n := range found {
		names, arns = append(names, n.name), append(arns, n.arn)
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
