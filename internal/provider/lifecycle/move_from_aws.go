package lifecycle

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// movedFromAWS lets a moved block take over the state of an aws_iam_… resource. It keeps the
// attributes that both have. The object must be in the account already, as after iam account
// import: Terraform reads it next.
func movedFromAWS(name string) []resource.StateMover {
	return []resource.StateMover{{
		StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			if req.SourceTypeName != name || !strings.HasSuffix(req.SourceProviderAddress, "hashicorp/aws") ||
				req.SourceRawState == nil {
				return
			}
			value, err := req.SourceRawState.UnmarshalWithOpts(resp.TargetState.Schema.Type().TerraformType(ctx),
				tfprotov6.UnmarshalOpts{
					ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true},
				})
			if err != nil {
				resp.Diagnostics.AddError("State cannot be moved",
					"Reading the state of a resource of type "+name+": "+err.Error())
				return
			}
			resp.TargetState.Raw = value
		},
	}}
}
