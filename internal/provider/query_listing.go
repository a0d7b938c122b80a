package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

// resourceListing lists all objects of a resource type for terraform query (Terraform 1.14),
// managed or not.
type resourceListing struct {
	lifecycle.ResourceBase
	typeName, plural string
	identity         string // the attribute of the identity besides account_id
	list             func(ctx context.Context, c accountstore.API, pathPrefix *string) ([]listed, error)
	// name returns the value of the identity attribute, and state the complete resource.
	name  func(listed) string
	state func(ctx context.Context, r *lifecycle.Base, c accountstore.API, of listed) (any, error)
}

var _ list.ListResourceWithConfigure = (*resourceListing)(nil)

func (l *resourceListing) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = l.typeName
}

func (l *resourceListing) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all " + l.plural + " of the account, ordered by name, with the identities to " +
			"import them.",
		Attributes: map[string]schema.Attribute{
			"path_prefix": schema.StringAttribute{Optional: true,
				MarkdownDescription: "Only " + l.plural + " whose path " +
					"begins with this prefix, such as `/team/`."},
		},
	}
}

type resourceListingModel struct {
	PathPrefix types.String `tfsdk:"path_prefix"`
}

func (l *resourceListing) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	model, ok := lifecycle.Read[resourceListingModel](ctx, req.Config, &diags)
	if !ok {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	e := (&lifecycle.DataSourceBase{Base: l.Base}).OpenIfExists(ctx, &diags)
	var found []listed
	var c accountstore.API
	if e != nil {
		c = e
		var err error
		if found, err = l.list(ctx, c, model.PathPrefix.ValueStringPointer()); err != nil {
			apierror.Add(&diags, "listing "+l.plural, err)
		}
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(yield func(list.ListResult) bool) {
		for i, one := range found {
			if req.Limit > 0 && int64(i) >= req.Limit {
				return
			}
			result := req.NewListResult(ctx)
			result.DisplayName = one.name
			l.SetIdentity(ctx, result.Identity, map[string]any{l.identity: l.name(one)}, &result.Diagnostics)
			if req.IncludeResource {
				state, err := l.state(ctx, &l.Base, c, one)
				if apierror.IsMissing(err) { // deleted since it was listed
					continue
				}
				if err != nil {
					apierror.Add(&result.Diagnostics, "reading "+one.arn, err)
				} else {
					result.Diagnostics.Append(result.Resource.Set(ctx, state)...)
				}
			}
			if !yield(result) {
				return
			}
		}
	}
}

func byName(of listed) string { return of.name }
func byARN(of listed) string  { return of.arn }
