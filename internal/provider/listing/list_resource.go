package listing

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

// ListResource lists all objects of a resource type for `terraform query` (Terraform 1.14), managed
// by Terraform or not. TypeName is the resource type, and Plural is the word for its objects in
// descriptions.
type ListResource struct {
	lifecycle.ResourceBase
	TypeName, Plural  string
	IdentityAttribute string // the attribute of the identity besides account_id
	// Objects lists the objects.
	Objects func(ctx context.Context, c accountstore.API, pathPrefix *string) ([]Object, error)
	// IdentityValue returns the value of the identity attribute.
	IdentityValue func(Object) string
	// State returns all attributes of the resource.
	State func(ctx context.Context, r *lifecycle.Base, c accountstore.API, of Object) (any, error)
}

var _ list.ListResourceWithConfigure = (*ListResource)(nil)

// Metadata sets the type name.
func (l *ListResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = l.TypeName
}

// ListResourceConfigSchema returns the arguments.
func (l *ListResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all " + l.Plural + " of the account, ordered by name, with the identities to " +
			"import them.",
		Attributes: map[string]schema.Attribute{
			"path_prefix": schema.StringAttribute{Optional: true,
				MarkdownDescription: "Only " + l.Plural + " whose path " +
					"begins with this prefix, such as `/team/`."},
		},
	}
}

type listResourceModel struct {
	PathPrefix types.String `tfsdk:"path_prefix"`
}

// List lists the objects with their identities and, if the request asks for it, their resources.
func (l *ListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	model, ok := lifecycle.Read[listResourceModel](ctx, req.Config, &diags)
	if !ok {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	e := (&lifecycle.DataSourceBase{Base: l.Base}).OpenIfExists(ctx, &diags)
	var found []Object
	var c accountstore.API
	if e != nil {
		c = e
		var err error
		if found, err = l.Objects(ctx, c, model.PathPrefix.ValueStringPointer()); err != nil {
			apierror.Add(&diags, "listing "+l.Plural, err)
		}
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(yield func(list.ListResult) bool) {
		for i, object := range found {
			if req.Limit > 0 && int64(i) >= req.Limit {
				return
			}
			result := req.NewListResult(ctx)
			result.DisplayName = object.Name
			l.SetIdentity(ctx, result.Identity, map[string]any{l.IdentityAttribute: l.IdentityValue(object)},
				&result.Diagnostics)
			if req.IncludeResource {
				state, err := l.State(ctx, &l.Base, c, object)
				if apierror.IsMissing(err) { // deleted after it was listed
					continue
				}
				if err != nil {
					apierror.Add(&result.Diagnostics, "reading "+object.ARN, err)
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

// ByName is the IdentityValue of resources whose identity is the name.
func ByName(of Object) string { return of.Name }

// ByARN is the IdentityValue of resources whose identity is the ARN.
func ByARN(of Object) string { return of.ARN }
