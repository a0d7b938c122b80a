package provider

import (
	"context"
	"fmt"
	"strings"

	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// arnOf returns an ARN, which is unknown while its path or name is. It needs no store, so that the first plan knows all ARNs.
func (m *base) arnOf(ctx context.Context, kind account.Kind, path, name types.String, diags *diag.Diagnostics) types.String {
	if path.IsUnknown() || name.IsUnknown() {
		return types.StringUnknown()
	}
	id, err := m.store.accountID(ctx)
	if err != nil {
		storeError(diags, m.store, err)
		return types.StringUnknown()
	}
	return types.StringValue(account.New(id).ARN(kind, path.ValueString(), name.ValueString()))
}

// renamed returns the current name of an object that does not exist under the name in the state, or "" if it was deleted.
func (m *base) renamed(ctx context.Context, kind account.Kind, uniqueID types.String) string {
	e, err := m.store.existing(ctx)
	if err != nil || uniqueID.ValueString() == "" {
		return ""
	}
	now, err := accountOf(ctx, e)
	if err != nil {
		return ""
	}
	found, arn, ok := now.ByID(uniqueID.ValueString())
	if !ok || found != kind {
		return ""
	}
	return arn[strings.LastIndex(arn, "/")+1:]
}

// boundaryArgument returns the argument permissions_boundary.
func boundaryArgument(of string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Validators: policyARNIs(),
		MarkdownDescription: fmt.Sprintf("The ARN of the managed policy that is the permissions boundary of the %s.", of),
	}
}

// boundaryOf returns the ARN of a boundary, or null.
func boundaryOf(boundary *iamtypes.AttachedPermissionsBoundary) types.String {
	if boundary == nil {
		return types.StringNull()
	}
	return types.StringPointerValue(boundary.PermissionsBoundaryArn)
}
