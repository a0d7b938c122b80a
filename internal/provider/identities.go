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

// What users, groups, roles and managed policies have in common.

// arnOf is the ARN of something, as far as its path and name are known. It needs no store, so that all ARNs are known in the
// first plan.
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

// renamed finds what name something has that is not there under the name in the state; empty where it is gone.
func (m *base) renamed(ctx context.Context, kind account.Kind, uniqueID types.String) string {
	e, err := m.store.existing(ctx)
	if err != nil || uniqueID.ValueString() == "" {
		return ""
	}
	now, err := e.Account(ctx)
	if err != nil {
		return ""
	}
	found, arn, ok := now.ByID(uniqueID.ValueString())
	if !ok || found != kind {
		return ""
	}
	return arn[strings.LastIndex(arn, "/")+1:]
}

func boundaryArgument(of string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Validators: policyARNIs(),
		MarkdownDescription: fmt.Sprintf("The ARN of the managed policy that is the permissions boundary of the %s.", of),
	}
}

func boundaryOf(boundary *iamtypes.AttachedPermissionsBoundary) types.String {
	if boundary == nil {
		return types.StringNull()
	}
	return types.StringPointerValue(boundary.PermissionsBoundaryArn)
}
