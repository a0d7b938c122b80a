package lifecycle

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// movedFromAWS returns the state mover for a resource type of the AWS provider. It copies the
// attributes that both types have. Terraform then reads the object, so the object must already be
// in the account, for example after iam account import.
func movedFromAWS(awsType string) []resource.StateMover {
	return []resource.StateMover{{
		StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			if req.SourceTypeName != awsType || !strings.HasSuffix(req.SourceProviderAddress, "hashicorp/aws") ||
				req.SourceRawState == nil {
				return
			}
			value, err := req.SourceRawState.UnmarshalWithOpts(resp.TargetState.Schema.Type().TerraformType(ctx),
				tfprotov6.UnmarshalOpts{
					ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true},
				})
			if err != nil {
				resp.Diagnostics.AddError("State cannot be moved",
					"Reading the state of a resource of type "+awsType+" failed: "+err.Error())
				return
			}
			resp.TargetState.Raw = value
		},
	}}
}
