// Command nothing is a Terraform provider that stores nothing. Its cost is the cost of Terraform and of the
// plugin framework. Its only resource has the attributes of iam_user and returns at once.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return nothing{} },
		providerserver.ServeOpts{
			Address: "registry.terraform.io/iam-as-code/nothing", ProtocolVersion: 6,
		})
	if err != nil {
		log.Fatal(err)
	}
}

type nothing struct{}

func (nothing) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "nothing"
}
func (nothing) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (nothing) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (nothing) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (nothing) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return user{} }}
}

type user struct{}

type model struct {
	Name         types.String `tfsdk:"name"`
	Path         types.String `tfsdk:"path"`
	Boundary     types.String `tfsdk:"permissions_boundary"`
	ForceDestroy types.Bool   `tfsdk:"force_destroy"`
	Tags         types.Map    `tfsdk:"tags"`
	TagsAll      types.Map    `tfsdk:"tags_all"`
	ID           types.String `tfsdk:"id"`
	ARN          types.String `tfsdk:"arn"`
	UniqueID     types.String `tfsdk:"unique_id"`
}

func (user) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nothing_user"
}

func (user) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	useState := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name": schema.StringAttribute{Required: true},
		"path": schema.StringAttribute{Optional: true, Computed: true,
			Default: stringdefault.StaticString("/")},
		"permissions_boundary": schema.StringAttribute{Optional: true},
		"force_destroy":        schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(false)},
		"tags":                 schema.MapAttribute{ElementType: types.StringType, Optional: true},
		"tags_all": schema.MapAttribute{
			ElementType: types.StringType, Computed: true,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.UseStateForUnknown()},
		},
		"id":        schema.StringAttribute{Computed: true, PlanModifiers: useState},
		"arn":       schema.StringAttribute{Computed: true, PlanModifiers: useState},
		"unique_id": schema.StringAttribute{Computed: true, PlanModifiers: useState},
	}}
}

func (user) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	m.TagsAll, m.ID, m.ARN, m.UniqueID = m.Tags, m.Name, m.Name, m.Name
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (user) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (user) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (user) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
